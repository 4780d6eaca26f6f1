/** Words of what is opened: a photo's prices, the cart, the checkout. */
import { catalogue } from '../../common/i18n.js';

await catalogue('guest_shop_cart');
