/** Every word that a guest reads, in Russian and English. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest');
