/** Words of the view in which guests send photos, and of what they may do with them, loaded with it. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_send');
