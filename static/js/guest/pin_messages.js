/** Words of the page that asks for a gallery's PIN. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'pin.title': 'Введите PIN-код',
    'pin.text': 'Фотограф закрыл эту галерею PIN-кодом. Спросите его там же, где получили ссылку.',
    'pin.label': 'PIN-код',
    'pin.open': 'Открыть',
    'pin.pin_wrong': 'Неверный PIN-код. Проверьте и попробуйте ещё раз.',
    'pin.too_many_attempts': {
      one: 'Слишком много попыток. Подождите {n} секунду.',
      few: 'Слишком много попыток. Подождите {n} секунды.',
      many: 'Слишком много попыток. Подождите {n} секунд.',
      other: 'Слишком много попыток. Подождите {n} секунды.',
    },
    'pin.failed': 'Не получилось проверить PIN-код. Проверьте связь и попробуйте ещё раз.',
  },
  en: {
    'pin.title': 'Type in the PIN',
    'pin.text': 'The photographer has closed this gallery with a PIN. Ask for it where you got the link.',
    'pin.label': 'PIN',
    'pin.open': 'Open',
    'pin.pin_wrong': 'The PIN is wrong. Check it and try again.',
    'pin.too_many_attempts': { one: 'Too many tries. Wait {n} second.', other: 'Too many tries. Wait {n} seconds.' },
    'pin.failed': 'The PIN could not be checked. Check the connection and try again.',
  },
});
