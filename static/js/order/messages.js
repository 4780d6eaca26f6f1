/** Words of the page of one order. */
import { catalogue } from '../common/i18n.js';

await catalogue('order');
