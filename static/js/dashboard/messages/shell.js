/** Words of the dashboard's frame. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_shell');
