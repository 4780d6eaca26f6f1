/** Words of photo sessions: the list, one session, sharing, photos, analytics, the studio's card. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_studio');
