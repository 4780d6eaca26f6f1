/** Words of selling: orders, prices, the watermark. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_sales');
