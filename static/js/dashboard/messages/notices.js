/** Words of what happened in the sessions. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_notices');
