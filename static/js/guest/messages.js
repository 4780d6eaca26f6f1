/** Every word that a guest reads. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest');
