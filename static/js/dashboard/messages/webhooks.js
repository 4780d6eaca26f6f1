/** Words of the webhooks page. */
import './studio.js';
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_webhooks');
