/** Words of the page of one's own account. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_account');
