/** Words of erasing something for good. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_erase');
