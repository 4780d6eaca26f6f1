/** Words of the second step of signing in. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_two_step');
