/** Words of stars, colour labels and rejections, and of what the couple hides. */
import { catalogue } from '../../common/i18n.js';

await catalogue('dashboard_marks');
