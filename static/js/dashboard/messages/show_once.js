/** Words of the dialog that shows a secret once. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_show_once');
