/** Words about devices and where they are. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'device.phone': 'Телефон',
    'device.tablet': 'Планшет',
    'device.computer': 'Компьютер',
    'device.unknown': 'Неизвестное устройство',
    'device.on': '{browser}, {os}',
    'place.unknown': 'Место неизвестно',
    'fact.device': 'Устройство',
    'fact.browser': 'Браузер',
    'fact.place': 'Место',
    'fact.ip': 'IP-адрес',
    'fact.when': 'Когда',
    'fact.started': 'Вход',
    'fact.active': 'Активность',
  },
  en: {
    'device.phone': 'Phone',
    'device.tablet': 'Tablet',
    'device.computer': 'Computer',
    'device.unknown': 'Unknown device',
    'device.on': '{browser} on {os}',
    'place.unknown': 'Place unknown',
    'fact.device': 'Device',
    'fact.browser': 'Browser',
    'fact.place': 'Place',
    'fact.ip': 'IP address',
    'fact.when': 'When',
    'fact.started': 'Signed in',
    'fact.active': 'Last active',
  },
});
