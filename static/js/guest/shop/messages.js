/** Words of the shop that stand around the photos; the rest comes with cart_messages.js. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'cart.title': 'Корзина',
    'cart.open': { one: 'Корзина, {n} товар', few: 'Корзина, {n} товара', many: 'Корзина, {n} товаров', other: 'Корзина, {n} товара' },
    'cart.count': { one: '{n} товар', few: '{n} товара', many: '{n} товаров', other: '{n} товара' },
    'cart.add': 'В корзину',
    'cart.photo': 'В корзину: фотография {i}',
    'cart.all': 'Купить все мои',
    'cart.selected': 'Выбранные в корзину',
    'cart.added': {
      one: 'В корзине {n} фотография',
      few: 'В корзину добавлены {n} фотографии',
      many: 'В корзину добавлено {n} фотографий',
      other: 'В корзину добавлено {n} фотографии',
    },
    'cart.gone': {
      one: 'Фотограф убрал {n} фотографию, и она пропала из корзины.',
      few: 'Фотограф убрал {n} фотографии, и они пропали из корзины.',
      many: 'Фотограф убрал {n} фотографий, и они пропали из корзины.',
      other: 'Фотограф убрал {n} фотографии, и они пропали из корзины.',
    },
    'cart.recovered': 'Заказ {number} оформлен. Ссылка на него в корзине',
    'cart.network': 'Связь пропала. Проверьте её и попробуйте ещё раз.',
    'cart.failed': 'Не получилось. Попробуйте ещё раз чуть позже.',
    'checkout.title': 'Оформление',
  },

  en: {
    'cart.title': 'Cart',
    'cart.open': { one: 'Cart, {n} item', other: 'Cart, {n} items' },
    'cart.count': { one: '{n} item', other: '{n} items' },
    'cart.add': 'Add to cart',
    'cart.photo': 'Add to cart: photo {i}',
    'cart.all': 'Buy all of mine',
    'cart.selected': 'Add the selected photos to the cart',
    'cart.added': { one: '{n} photo added to the cart', other: '{n} photos added to the cart' },
    'cart.gone': {
      one: 'The photographer took {n} photo away, so it left your cart.',
      other: 'The photographer took {n} photos away, so they left your cart.',
    },
    'cart.recovered': 'Order {number} was placed. Its link is in the cart',
    'cart.network': 'The connection is lost. Check it and try again.',
    'cart.failed': 'That did not work. Try again a little later.',
    'checkout.title': 'Checkout',
  },
});
