/** What is said of photos that the couple hides from other guests. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_hidden');
