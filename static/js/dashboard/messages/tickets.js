/** Words of the tickets' pages. */
import './studio.js';
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_tickets');
