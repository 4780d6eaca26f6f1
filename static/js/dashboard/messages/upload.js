/** Words of the upload: what happens, what became of each file, and why one was not taken. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_upload');
