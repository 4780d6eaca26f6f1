/** What somebody in the photos is called: by their name, or by a number. */
import '../messages/people.js';
import { t } from '../../common/i18n.js';

/** @param {{ name: string | null, number: number }} person */
export const called = ({ name, number }) => name ?? t('people.number', { n: number });
