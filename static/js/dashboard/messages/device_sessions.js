/** Words of the page of device sessions. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_device_sessions');
