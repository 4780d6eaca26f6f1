/** Words of what happened in the sessions. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'notices.title': 'Уведомления',
    'notices.lead': 'Что произошло в ваших съёмках.',
    'notices.none': 'Пока ничего не произошло',
    'notices.more': 'Показать ещё',
    'notices.gone': 'Съёмка удалена',
    'notices.first_visit': 'Первый гость открыл страницу',
    'notices.order': 'Новый заказ',
    'notices.upload_stalled': 'Загрузка остановилась: файлы не приходят полчаса',
    'notices.hide_request': 'Гость просит не показывать его',
    'notices.settings': 'О чём сообщать',
    'notices.settings.lead': 'Письма собираются вместе и приходят не чаще раза в десять минут.',
    'notices.no_mail': 'Почта на этой установке не настроена: уведомления видны только здесь.',
    'notices.by_mail': 'Письмом',
    'notices.in_panel': 'Здесь',
    'notices.saved': 'Сохранено',
  },
  en: {
    'notices.title': 'Notices',
    'notices.lead': 'What happened in your sessions.',
    'notices.none': 'Nothing has happened yet',
    'notices.more': 'Show more',
    'notices.gone': 'The session was erased',
    'notices.first_visit': 'The first guest has opened the page',
    'notices.order': 'A new order',
    'notices.upload_stalled': 'An upload stands still: no file has come for half an hour',
    'notices.hide_request': 'A guest asks to be left out',
    'notices.settings': 'What to tell you',
    'notices.settings.lead': 'Mails are gathered, and ten minutes apart at least.',
    'notices.no_mail': 'This installation sends no mail: notices are shown here only.',
    'notices.by_mail': 'By mail',
    'notices.in_panel': 'Here',
    'notices.saved': 'Saved',
  },
});
