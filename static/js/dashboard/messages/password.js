/** Words of the dialog that changes a password. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_password');
