/** Words of the page that a link of a message opens. */
import { catalogue } from '../common/i18n.js';

await catalogue('news');
