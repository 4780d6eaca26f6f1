/** The words of the phone's page at the photobooth. */
import { catalogue } from '../common/i18n.js';

await catalogue('handoff');
