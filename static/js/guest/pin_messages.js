/** Words of the page that asks for a gallery's PIN. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_pin');
