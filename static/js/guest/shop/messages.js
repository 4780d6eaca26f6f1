/** Words of the shop that stand around the photos; the rest comes with cart_messages.js. */
import { catalogue } from '../../common/i18n.js';

await catalogue('guest_shop');
