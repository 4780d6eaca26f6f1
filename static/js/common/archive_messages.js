/** Words of the dialog that offers several photos as one ZIP. */
import { addMessages } from './i18n.js';

addMessages({
  ru: {
    'zip.title': 'Фотографии одним архивом',
    'zip.counting': 'Считаем размер…',
    'zip.note': 'Файл ZIP. Если связь прервётся, загрузка продолжится с того же места.',
    'zip.download': 'Скачать ZIP',
    'zip.failed': 'Не получилось собрать архив. Проверьте связь и попробуйте ещё раз.',
  },
  en: {
    'zip.title': 'Photos as one archive',
    'zip.counting': 'Working out the size…',
    'zip.note': 'A ZIP file. If the connection breaks, the download goes on where it stopped.',
    'zip.download': 'Download ZIP',
    'zip.failed': 'The archive could not be made. Check your connection and try again.',
  },
});
