/** Words about the studio's own address. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_own_address');
