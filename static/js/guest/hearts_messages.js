/** What is said of hearts, of the couple's selection and of lists that are shared. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_hearts');
