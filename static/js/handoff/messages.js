/** The words of the phone's page at the photobooth, in Russian and English. */
import { catalogue } from '../common/i18n.js';

await catalogue('handoff');
