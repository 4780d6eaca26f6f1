/** Words of comments on photos. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_comments');
