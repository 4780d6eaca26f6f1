/** Words of the page of one's own account. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'account.title': 'Моя учётная запись',
    'account.text': 'Адрес, с которым вы входите, и то, чем вы подтверждаете, что это вы.',
    'account.email': 'Адрес почты',
    'account.email.none': 'Адреса почты нет, вы входите с телефоном {phone}.',
    'account.email.awaited': 'Ждёт подтверждения: {email}. Откройте ссылку из письма, она действует сутки. До этого вы входите как раньше.',
    'account.email.change': 'Сменить адрес',
    'account.email.add': 'Добавить адрес',
    'account.email.cancel': 'Не менять адрес',
    'account.email.cancelled': 'Адрес остаётся прежним',
    'account.email.off':
      'Сервер не отправляет писем, поэтому подтвердить новый адрес нельзя. Его может сменить тот, кто обслуживает сервер.',
    'account.email.new': 'Новый адрес',
    'account.email.password': 'Ваш пароль',
    'account.email.send': 'Прислать ссылку',
    'account.email.sent': 'Письмо со ссылкой отправлено на {email}',
    'account.email.hint': 'На новый адрес придёт ссылка. Когда вы её откроете, мы напишем и на прежний.',
    'account.password': 'Пароль',
    'account.password.text': 'После смены пароля другие устройства выйдут из учётной записи.',
  },
  en: {
    'account.title': 'My account',
    'account.text': 'The address that you sign in with, and how you prove that it is you.',
    'account.email': 'E-mail address',
    'account.email.none': 'There is no e-mail address. You sign in with the phone number {phone}.',
    'account.email.awaited':
      'Waiting to be confirmed: {email}. Open the link in the mail within 24 hours. Until then you sign in as before.',
    'account.email.change': 'Change the address',
    'account.email.add': 'Add an address',
    'account.email.cancel': 'Keep the old address',
    'account.email.cancelled': 'The address stays as it is',
    'account.email.off': 'This server sends no mail, so a new address cannot be confirmed. Whoever runs the server can change it.',
    'account.email.new': 'New address',
    'account.email.password': 'Your password',
    'account.email.send': 'Send the link',
    'account.email.sent': 'A mail with a link was sent to {email}',
    'account.email.hint': 'A link goes to the new address. Once you open it, the old address is told.',
    'account.password': 'Password',
    'account.password.text': 'When the password changes, other devices are signed out.',
  },
});
