/** Words of consents, their texts and erasures. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_privacy');
