/** Words of the dashboard's frame. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'nav': 'Разделы',
    'nav.menu': 'Меню',
    'nav.photo_sessions': 'Фотосессии',
    'nav.orders': 'Заказы',
    'nav.tickets': 'Обращения',
    'nav.support': 'Поддержка',
    'nav.settings': 'Настройки',
    'nav.prices': 'Цены',
    'nav.watermark': 'Водяной знак',
    'nav.studio': 'Оформление студии',
    'nav.webhooks': 'Вебхуки',
    'nav.device_sessions': 'Сеансы и устройства',
    'nav.api_keys': 'Ключи API',
    'nav.account': 'Аккаунт: {name}',
    'nav.sign_out': 'Выйти',

    'role.super_admin': 'Главный администратор',
    'role.admin': 'Администратор',
    'role.photographer': 'Фотограф',
    'role.customer': 'Заказчик',
    'role.operator': 'Оператор поддержки',

    'cancel': 'Отмена',
    'state.loading': 'Загружаем…',
    'error.network': 'Нет связи с сервером. Проверьте подключение и попробуйте ещё раз.',
    'error.timeout': 'Сервер не ответил вовремя. Попробуйте ещё раз.',
    'error.internal': 'Что-то пошло не так на сервере. Попробуйте ещё раз.',
  },

  en: {
    'nav': 'Sections',
    'nav.menu': 'Menu',
    'nav.photo_sessions': 'Photo sessions',
    'nav.orders': 'Orders',
    'nav.tickets': 'Tickets',
    'nav.support': 'Support',
    'nav.settings': 'Settings',
    'nav.prices': 'Prices',
    'nav.watermark': 'Watermark',
    'nav.studio': 'Studio branding',
    'nav.webhooks': 'Webhooks',
    'nav.device_sessions': 'Device sessions',
    'nav.api_keys': 'API keys',
    'nav.account': 'Account: {name}',
    'nav.sign_out': 'Sign out',

    'role.super_admin': 'Main administrator',
    'role.admin': 'Administrator',
    'role.photographer': 'Photographer',
    'role.customer': 'Customer',
    'role.operator': 'Support operator',

    'cancel': 'Cancel',
    'state.loading': 'Loading…',
    'error.network': 'No connection to the server. Check your network and try again.',
    'error.timeout': 'The server did not answer in time. Try again.',
    'error.internal': 'Something went wrong on the server. Try again.',
  },
});
