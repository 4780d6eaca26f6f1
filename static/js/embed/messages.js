/** Words that only the frame on another site has. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'embed.title': 'Найти свои фотографии',
    'embed.locked': 'Эта галерея открывается по PIN-коду, на своей странице.',
    'embed.open': 'Открыть галерею',
    'embed.off': 'Поиска по лицу здесь нет. Фотографии можно посмотреть на странице галереи.',
  },
  en: {
    'embed.title': 'Find your photos',
    'embed.locked': 'This gallery opens with a PIN, on a page of its own.',
    'embed.open': 'Open the gallery',
    'embed.off': 'There is no face search here. The photos can be seen on the page of the gallery.',
  },
});
