/** The heading of the browser's tab. */
import { onLanguageChange, t } from '../common/i18n.js';

/** @param {string} key a message */
export function titled(key) {
  const draw = () => {
    document.title = `${t(key)} · Pixora`;
  };
  draw();
  onLanguageChange(draw);
}
