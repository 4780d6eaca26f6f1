/** Words of the team: its members, invitations, and who takes part in a session. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_team');
