/** Words of the page that a link of a message opens. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'newspage.on': 'Сообщения включены',
    'newspage.on.text': 'Мы напишем, когда появятся новые фотографии с вами.',
    'newspage.asked': 'Сообщать о новых фотографиях?',
    'newspage.asked.text': 'Пока вы не согласитесь, мы ничего не пришлём. Через два дня без ответа всё стирается.',
    'newspage.yes': 'Да, сообщать',
    'newspage.gallery': 'Открыть фотографии',
    'newspage.stopped': 'Сообщений больше не будет',
    'newspage.erased': 'Стёрто: адресов — {addresses}, шаблонов лица — {vectors}.',
    'newspage.running': 'Следы в файлах сервера стираются прямо сейчас.',
    'newspage.complete': 'Следов в файлах сервера тоже не осталось.',
    'newspage.gone': 'По этой ссылке ничего нет',
    'newspage.failed': 'Не получилось',
    'newspage.again': 'Попробовать ещё раз',
  },
  en: {
    'newspage.on': 'You will hear of new photos',
    'newspage.on.text': 'We write when there are new photos of you.',
    'newspage.asked': 'Tell you of new photos?',
    'newspage.asked.text': 'Nothing is sent before you say yes. Without an answer everything is erased after two days.',
    'newspage.yes': 'Yes, tell me',
    'newspage.gallery': 'Open the photos',
    'newspage.stopped': 'No more messages',
    'newspage.erased': 'Erased: {addresses} address, {vectors} face templates.',
    'newspage.running': 'What remains in the server’s files is being erased now.',
    'newspage.complete': 'Nothing remains in the server’s files either.',
    'newspage.gone': 'There is nothing behind this link',
    'newspage.failed': 'That did not work',
    'newspage.again': 'Try again',
  },
});
