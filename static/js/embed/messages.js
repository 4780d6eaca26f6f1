/** Words that only the frame on another site has. */
import { catalogue } from '../common/i18n.js';

await catalogue('embed');
