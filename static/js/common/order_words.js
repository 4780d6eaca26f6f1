/** The names of an order's states, for the buyer and the studio alike. */
import { catalogue } from './i18n.js';

await catalogue('common_order');
