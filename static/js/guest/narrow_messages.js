/** Words of the chapters, photographers and order of the gallery. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'narrow.chapters': 'Части дня',
    'narrow.all': 'Весь день',
    'narrow.credit': 'Чьи фотографии',
    'narrow.credit.any': 'Все фотографы',
    'narrow.credit.of': 'От {name}',
    'narrow.last': 'Сначала последние',
    'narrow.first': 'Сначала первые',
  },
  en: {
    'narrow.chapters': 'Parts of the day',
    'narrow.all': 'The whole day',
    'narrow.credit': 'Whose photos',
    'narrow.credit.any': 'All photographers',
    'narrow.credit.of': 'From {name}',
    'narrow.last': 'Last ones first',
    'narrow.first': 'First ones first',
  },
});
