/** Words of the page of API keys. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_api_keys');
