/** Words of the page on which placement orders are moved on. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_placement_desk');
