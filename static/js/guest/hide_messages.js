/** What a guest reads who asks to be left out; loaded when it is needed. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'hide.title': 'Не показывать меня',
    'hide.text':
      'Фотографии, на которых вас нашли, пропадут из галереи, поиска и архивов для всех гостей. Решает фотограф; в некоторых съёмках это происходит сразу.',
    'hide.later':
      'Если скрыть все, то и новые фотографии с вами не появятся. Для этого до удаления съёмки хранится, какие лица на фотографиях ваши; селфи не хранится.',
    'hide.all': 'Скрыть все и будущие',
    'hide.chosen': 'Скрыть только выбранные',
    'hide.choose': 'Сначала выберите фотографии',
    'hide.search': 'Сначала найдите себя по селфи',
    'hide.asked': {
      one: 'Просьба о {n} фотографии ждёт ответа фотографа.',
      few: 'Просьба о {n} фотографиях ждёт ответа фотографа.',
      many: 'Просьба о {n} фотографиях ждёт ответа фотографа.',
      other: 'Просьба о {n} фотографиях ждёт ответа фотографа.',
    },
    'hide.hidden': {
      one: 'Скрыта {n} фотография.',
      few: 'Скрыты {n} фотографии.',
      many: 'Скрыто {n} фотографий.',
      other: 'Скрыто {n} фотографии.',
    },
    'hide.refused': 'Фотограф не согласился. Обратитесь к нему напрямую.',
    'hide.withdrawn': 'Просьба отозвана.',
    'hide.held': {
      one: 'Ещё {n} новая не показана.',
      few: 'Ещё {n} новые не показаны.',
      many: 'Ещё {n} новых не показаны.',
      other: 'Ещё {n} новых не показаны.',
    },
    'hide.code': 'Сохраните код: по нему можно узнать, что стало с просьбой, и отозвать её.',
    'hide.back': 'Отозвать просьбу',
    'hide.again': 'Попросить снова',
    'hide.taken_back': 'Просьба отозвана',
    'hide.known': 'Есть код просьбы?',
    'hide.known.label': 'Код',
    'hide.known.show': 'Показать просьбу',
    'hide.known.wrong': 'Просьбы с таким кодом нет',
  },
  en: {
    'hide.title': 'Leave me out',
    'hide.text':
      'The photos that you were found in disappear from the gallery, searches and archives of all guests. The photographer decides; in some sessions it happens at once.',
    'hide.later':
      'With all of them, later photos of you are held back too. For that it is kept which faces in the photos are yours, until the session is erased; your selfie is not.',
    'hide.all': 'All of them, and later ones',
    'hide.chosen': 'Only the chosen ones',
    'hide.choose': 'Choose photos first',
    'hide.search': 'Find yourself by a selfie first',
    'hide.asked': {
      one: 'Your wish about {n} photo waits for the photographer.',
      other: 'Your wish about {n} photos waits for the photographer.',
    },
    'hide.hidden': { one: '{n} photo is hidden.', other: '{n} photos are hidden.' },
    'hide.refused': 'The photographer has said no. Please speak to them.',
    'hide.withdrawn': 'The wish was taken back.',
    'hide.held': { one: '{n} later photo is held back.', other: '{n} later photos are held back.' },
    'hide.code': 'Keep this code: it tells what became of your wish, and takes it back.',
    'hide.back': 'Take the wish back',
    'hide.again': 'Ask again',
    'hide.taken_back': 'The wish was taken back',
    'hide.known': 'Do you have the code of a wish?',
    'hide.known.label': 'Code',
    'hide.known.show': 'Show the wish',
    'hide.known.wrong': 'There is no wish with this code',
  },
});
