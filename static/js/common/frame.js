/** The frame of a page: brand, language, main, footer. */
import { h } from './dom.js';
import { currentLanguage, onLanguageChange, setLanguage } from './i18n.js';

/** The mark and the word. */
export function brand() {
  const dot = h('span', { class: 'brand-mark', 'aria-hidden': 'true' });
  return h('span', { class: 'brand' }, dot, h('span', { translate: 'no' }, 'Pixora'));
}

/** Two buttons, the current one pressed. */
export function languageSwitch() {
  const buttons = /** @type {const} */ (['ru', 'en']).map((language) => {
    const element = h(
      'button',
      { type: 'button', class: 'language-button', lang: language, label: [`language.${language}`], onClick: () => setLanguage(language) },
      language.toUpperCase(),
    );
    const mark = () => element.setAttribute('aria-pressed', String(currentLanguage() === language));
    mark();
    onLanguageChange(mark);
    return element;
  });
  return h('div', { class: 'language', role: 'group', label: ['language'] }, ...buttons);
}

/**
 * The frame of a page: skip link, header, main, footer.
 * @param {{ home?: () => void, footer?: Node }} [options]
 */
export function frame({ home, footer } = {}) {
  const main = h('main', { id: 'main', tabindex: '-1' });
  const name = home
    ? h(
        'a',
        {
          class: 'brand-link',
          href: location.pathname + location.search,
          onClick: (/** @type {Event} */ event) => {
            event.preventDefault();
            home();
          },
        },
        brand(),
      )
    : brand();
  const header = h('header', { class: 'site-header' }, name, languageSwitch());
  const skip = h('a', {
    class: 'skip',
    href: '#main',
    text: ['skip'],
    onClick: (/** @type {Event} */ event) => {
      event.preventDefault();
      main.focus();
    },
  });
  document.getElementById('app')?.replaceChildren(skip, header, main, h('footer', { class: 'site-footer' }, footer));
  return { main, header };
}
