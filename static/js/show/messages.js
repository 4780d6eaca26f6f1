/** Words of the slideshow. */
import { catalogue } from '../common/i18n.js';

await catalogue('show');
