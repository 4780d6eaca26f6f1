/** Words of the dialog that changes a password. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'password.current': 'Нынешний пароль',
    'password.new': 'Новый пароль',
    'password.change': 'Сменить и завершить другие сеансы',
    'password.keep_keys': 'API-ключи продолжат работать (иначе они перестанут действовать)',
    'password.changed': 'Пароль изменён, другие сеансы завершены',
    'password.wrong': 'Это не нынешний пароль',
  },
  en: {
    'password.current': 'Current password',
    'password.new': 'New password',
    'password.change': 'Change and end other sessions',
    'password.keep_keys': 'Keep the API keys working (otherwise they end)',
    'password.changed': 'Password changed, other sessions ended',
    'password.wrong': 'This is not the current password',
  },
});
