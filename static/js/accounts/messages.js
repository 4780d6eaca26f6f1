/** Words of the doors: sign-in, set-up, the confirmation of a QR sign-in. */
import { catalogue } from '../common/i18n.js';

await catalogue('accounts');
