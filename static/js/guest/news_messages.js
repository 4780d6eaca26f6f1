/** What a guest reads who wants to hear of new photos; loaded when it is needed. */
import { catalogue } from '../common/i18n.js';

await catalogue('guest_news');
