/** What a guest reads who wants to hear of new photos; loaded when it is needed. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'news.title': 'Сообщать о новых фотографиях',
    'news.none': 'Здесь сообщения отправлять нельзя.',
    'news.address': 'Ваша почта',
    'news.address.wrong': 'Проверьте адрес, например anna@mail.example',
    'news.mail': 'Согласен, присылать на почту',
    'news.asked': 'Мы отправили вам письмо. Откройте в нём ссылку — и мы начнём сообщать о новых фотографиях с вами.',
    'news.on': 'Мы сообщаем вам о новых фотографиях с вами.',
    'news.stop': 'Больше не сообщать и всё стереть',
    'news.stopped': 'Готово. Стёрто: адресов — {addresses}, шаблонов лица — {vectors}.',
    'news.search': 'Сначала найдите себя по селфи',
    'news.later': 'Слишком много просьб. Попробуйте позже',
    'news.outdated': 'Условия изменились. Откройте это окно ещё раз',
    'news.failed': 'Не получилось. Попробуйте ещё раз',
  },
  en: {
    'news.title': 'Tell me of new photos',
    'news.none': 'Messages cannot be sent from here.',
    'news.address': 'Your e-mail address',
    'news.address.wrong': 'Check the address, for example anna@mail.example',
    'news.mail': 'I agree, write to me',
    'news.asked': 'We have sent you a mail. Open the link in it, and we will tell you of new photos of you.',
    'news.on': 'We tell you of new photos of you.',
    'news.stop': 'Stop, and erase everything',
    'news.stopped': 'Done. Erased: {addresses} address, {vectors} face templates.',
    'news.search': 'Find yourself by a selfie first',
    'news.later': 'Too many requests. Try again later',
    'news.outdated': 'The words have changed. Open this window once more',
    'news.failed': 'That did not work. Try again',
  },
});
