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
    'erase.order': 'Erase the buyer’s data',
    'erase.order.text': 'Name, address, telephone number and note go without a trace. Number, amounts and items stay.',
  },
});
