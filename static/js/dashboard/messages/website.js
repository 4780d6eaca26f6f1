/** Words about the studio's own web site. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_website');
