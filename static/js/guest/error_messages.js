/** Words of a session that cannot be shown: they come with the page that says so. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_error');
