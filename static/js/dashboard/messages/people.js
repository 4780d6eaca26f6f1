/** Words of the people in a session. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_people');
