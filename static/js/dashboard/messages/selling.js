/** Words of the page on payment by hand, tax, delivery and promo codes. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_selling');
