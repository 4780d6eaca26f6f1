/** Words of the page with what guests and the couple have chosen. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_choices');
