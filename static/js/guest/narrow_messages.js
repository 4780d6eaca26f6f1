/** Words of the chapters, photographers and order of the gallery. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_narrow');
