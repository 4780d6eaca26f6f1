/** What a guest reads who asks to be left out; loaded when it is needed. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_hide');
