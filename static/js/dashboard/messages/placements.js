/** Words of the customer's pages: orders and the form of one. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_placements');
