/** The names of an order's states, for the buyer and the studio alike. */
import { addMessages } from './i18n.js';

addMessages({
  ru: {
    'order.status.draft': 'Черновик',
    'order.status.placed': 'Ждёт оплаты',
    'order.status.paid': 'Оплачен',
    'order.status.fulfilled': 'Выполнен',
    'order.status.cancelled': 'Отменён',
    'order.status.refunded': 'Деньги возвращены',
    'order.title': 'Заказ {number}',
    'order.total': 'Итого',
    'order.lines': 'Состав заказа',
    'order.quantity': '{n} шт.',
    'order.covered': 'Входит во «всю съёмку»',
    'sum.items': 'Сумма',
    'sum.promo': 'Промокод {code}',
    'sum.tax': 'Налог {percent}',
    'sum.tax.held': 'В том числе налог {percent}: {amount}',
    'payment.manual': 'По договорённости со студией',
    'payment.stripe': 'Картой онлайн',
    'payment.yookassa': 'Онлайн через ЮKassa',
  },
  en: {
    'order.status.draft': 'Draft',
    'order.status.placed': 'Awaiting payment',
    'order.status.paid': 'Paid',
    'order.status.fulfilled': 'Fulfilled',
    'order.status.cancelled': 'Cancelled',
    'order.status.refunded': 'Refunded',
    'order.title': 'Order {number}',
    'order.total': 'Total',
    'order.lines': 'What was ordered',
    'order.quantity': '× {n}',
    'order.covered': 'Included in the whole session',
    'sum.items': 'Subtotal',
    'sum.promo': 'Promo code {code}',
    'sum.tax': 'Tax {percent}',
    'sum.tax.held': 'Including tax {percent}: {amount}',
    'payment.manual': 'Arranged with the studio',
    'payment.stripe': 'By card online',
    'payment.yookassa': 'Online by YooKassa',
  },
});

/** An address in one line. @param {{ street: string, postal_code: string, city: string, country: string | null }} address */
export function addressWords({ street, postal_code: postal, city, country }) {
  return [street, `${postal} ${city}`, country].filter(Boolean).join(', ');
}
