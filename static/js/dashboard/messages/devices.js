/** Words about devices and where they are. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_devices');
