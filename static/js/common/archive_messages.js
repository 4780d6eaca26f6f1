/** Words of the dialog that offers several photos as one ZIP. */
import { catalogue } from './i18n.js';

await catalogue('common_archive');
