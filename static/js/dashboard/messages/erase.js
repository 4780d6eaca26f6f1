/** Words of erasing something for good. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'erase.counting': 'Считаем, что будет удалено…',
    'erase.photos': { one: '{n} фотография', few: '{n} фотографии', many: '{n} фотографий', other: '{n} фотографии' },
    'erase.files': { one: '{n} файл', few: '{n} файла', many: '{n} файлов', other: '{n} файла' },
    'erase.vectors': {
      one: 'цифровой слепок {n} лица',
      few: 'цифровые слепки {n} лиц',
      many: 'цифровые слепки {n} лиц',
      other: 'цифровые слепки {n} лица',
    },
    'erase.type': 'Чтобы подтвердить, введите название: {name}',
    'erase.now': 'Удалить навсегда',
    'erase.running': 'Уже никому не видно. Удаляем файлы и остатки на диске. Окно можно закрыть.',
    'erase.in_hand':
      'Уже никому не видно. Одна из фотографий обрабатывалась, поэтому квитанция будет через десять минут. Окно можно закрыть.',
    'erase.done': 'Удалено. На диске ничего не осталось.',
    'erase.receipt': 'Сохранить квитанцию',

    'erase.session': 'Удалить съёмку',
    'erase.session.text':
      'Навсегда удалятся все фотографии, лица, согласия гостей, поиски и корзины. Из заказов исчезнет всё о покупателях, суммы останутся. Вернуть это нельзя.',
    'erase.photo': 'Удалить навсегда',
    'erase.photo.text': 'Фотография, её копии и лица на ней исчезнут без следа. Вернуть это нельзя.',
    'erase.person': 'Удалить навсегда',
    'erase.person.text':
      'Цифровые слепки этого лица исчезнут без следа, и по селфи этого человека здесь больше не найти. Сами фотографии останутся.',
    'erase.account': 'Удалить аккаунт',
    'erase.account.text':
      'Имя, адреса, пароль, входы, ключи и ваши обращения исчезнут без следа, и вы выйдете на всех устройствах. Вернуть это нельзя.',
    'erase.stays': 'Останется, но без имени:',
    'erase.goes.accounts': 'имя, адреса и пароль',
    'erase.goes.devices': { one: '{n} устройство', few: '{n} устройства', many: '{n} устройств', other: '{n} устройства' },
    'erase.goes.sign_ins': {
      one: '{n} запись о входе',
      few: '{n} записи о входе',
      many: '{n} записей о входе',
      other: '{n} записи о входе',
    },
    'erase.goes.api_keys': { one: '{n} ключ', few: '{n} ключа', many: '{n} ключей', other: '{n} ключа' },
    'erase.goes.tickets': {
      one: '{n} обращение с файлами',
      few: '{n} обращения с файлами',
      many: '{n} обращений с файлами',
      other: '{n} обращения с файлами',
    },
    'erase.goes.drafts': { one: '{n} черновик', few: '{n} черновика', many: '{n} черновиков', other: '{n} черновика' },
    'erase.goes.images': { one: '{n} картинка', few: '{n} картинки', many: '{n} картинок', other: '{n} картинки' },
    'erase.goes.mails': { one: '{n} письмо в пути', few: '{n} письма в пути', many: '{n} писем в пути', other: '{n} письма в пути' },
    'erase.stays.sessions': { one: '{n} съёмка студии', few: '{n} съёмки студии', many: '{n} съёмок студии', other: '{n} съёмки студии' },
    'erase.stays.replies': {
      one: '{n} ответ в чужом обращении',
      few: '{n} ответа в чужих обращениях',
      many: '{n} ответов в чужих обращениях',
      other: '{n} ответа в чужих обращениях',
    },
    'erase.stays.orders': {
      one: 'сумма и время {n} заказа',
      few: 'суммы и время {n} заказов',
      many: 'суммы и время {n} заказов',
      other: 'суммы и время {n} заказа',
    },
    'erase.order': 'Удалить данные покупателя',
    'erase.order.text': 'Имя, почта, телефон и заметка исчезнут без следа. Номер, суммы и состав заказа останутся.',
  },
  en: {
    'erase.counting': 'Counting what would go…',
    'erase.photos': { one: '{n} photo', other: '{n} photos' },
    'erase.files': { one: '{n} file', other: '{n} files' },
    'erase.vectors': { one: 'the fingerprint of {n} face', other: 'the fingerprints of {n} faces' },
    'erase.type': 'Type the name to confirm: {name}',
    'erase.now': 'Erase for good',
    'erase.running': 'Nobody sees it any more. Files and what is left on the disk are being removed. You may close this.',
    'erase.in_hand':
      'Nobody sees it any more. One of the photos was being processed, so the receipt comes in ten minutes. You may close this.',
    'erase.done': 'Erased. Nothing is left on the disk.',
    'erase.receipt': 'Save the receipt',

    'erase.session': 'Delete session',
    'erase.session.text':
      'All photos, faces, guests’ consents, searches and carts go for good. Orders lose all that says who bought; their amounts stay. This cannot be undone.',
    'erase.photo': 'Erase for good',
    'erase.photo.text': 'The photo, its copies and the faces in it go without a trace. This cannot be undone.',
    'erase.person': 'Erase for good',
    'erase.person.text':
      'The fingerprints of this face go without a trace, and nobody finds this person here by a selfie any more. The photos stay.',
    'erase.account': 'Erase the account',
    'erase.account.text':
      'Name, addresses, password, sign-ins, keys and your tickets go without a trace, and you are signed out everywhere. This cannot be undone.',
    'erase.stays': 'Stays, without a name:',
    'erase.goes.accounts': 'name, addresses and password',
    'erase.goes.devices': { one: '{n} device', other: '{n} devices' },
    'erase.goes.sign_ins': { one: '{n} record of a sign-in', other: '{n} records of sign-ins' },
    'erase.goes.api_keys': { one: '{n} key', other: '{n} keys' },
    'erase.goes.tickets': { one: '{n} ticket with its files', other: '{n} tickets with their files' },
    'erase.goes.drafts': { one: '{n} draft', other: '{n} drafts' },
    'erase.goes.images': { one: '{n} picture', other: '{n} pictures' },
    'erase.goes.mails': { one: '{n} mail on its way', other: '{n} mails on their way' },
    'erase.stays.sessions': { one: '{n} session of the studio', other: '{n} sessions of the studio' },
    'erase.stays.replies': { one: '{n} reply in another’s ticket', other: '{n} replies in others’ tickets' },
    'erase.stays.orders': { one: 'amount and time of {n} order', other: 'amounts and times of {n} orders' },
    'erase.order': 'Erase the buyer’s data',
    'erase.order.text': 'Name, address, telephone number and note go without a trace. Number, amounts and items stay.',
  },
});
