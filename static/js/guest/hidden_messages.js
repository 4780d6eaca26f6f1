/** What is said of photos that the couple hides from other guests. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'hidden.photo': 'Скрыть фотографию {i} от гостей',
    'hidden.one': 'Скрыть от гостей',
    'hidden.many': 'Скрыть выбранные от гостей',
    'hidden.open': 'Скрытые',
    'hidden.title': 'Скрыто от гостей',
    'hidden.text': 'Эти фотографии видите вы и фотограф. Гости не видят их нигде.',
    'hidden.count': { one: '{n} фотография', few: '{n} фотографии', many: '{n} фотографий', other: '{n} фотографии' },
    'hidden.show_all': 'Показать все гостям',
    'hidden.done': {
      one: '{n} фотография скрыта от гостей',
      few: '{n} фотографии скрыты от гостей',
      many: '{n} фотографий скрыто от гостей',
      other: '{n} фотографии скрыты от гостей',
    },
    'hidden.shown': {
      one: '{n} фотография снова видна гостям',
      few: '{n} фотографии снова видны гостям',
      many: '{n} фотографий снова видны гостям',
      other: '{n} фотографии снова видны гостям',
    },
    'hidden.overruled': 'Фотограф решил, что гости увидят эту фотографию. Если её нужно скрыть, напишите ему.',
    'hidden.refused': 'Фотограф больше не разрешает скрывать фотографии.',
    'hidden.failed': 'Не получилось. Проверьте связь и попробуйте ещё раз.',
  },
  en: {
    'hidden.photo': 'Hide photo {i} from guests',
    'hidden.one': 'Hide from guests',
    'hidden.many': 'Hide the selected from guests',
    'hidden.open': 'Hidden',
    'hidden.title': 'Hidden from guests',
    'hidden.text': 'You and the photographer see these photos. Guests see them nowhere.',
    'hidden.count': { one: '{n} photo', other: '{n} photos' },
    'hidden.show_all': 'Show all to guests',
    'hidden.done': { one: '{n} photo is hidden from guests', other: '{n} photos are hidden from guests' },
    'hidden.shown': { one: 'Guests see {n} photo again', other: 'Guests see {n} photos again' },
    'hidden.overruled': 'The photographer decided that guests see this photo. Ask them if it should be hidden.',
    'hidden.refused': 'The photographer no longer lets you hide photos.',
    'hidden.failed': 'That did not work. Check the connection and try again.',
  },
});
