/** Words of the search, the order, the bin and the chapters of the studio's list of photos. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_narrowing');
