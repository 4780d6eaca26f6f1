/** What a guardian reads; loaded where a session asks for one. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_guardian');
