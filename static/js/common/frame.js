/** The frame of a page: brand, language, main, footer. */
import { append, h } from './dom.js';
import { LANGUAGES, currentLanguage, languageName, onLanguageChange, setLanguage } from './i18n.js';

/**
 * How the studio shows itself on its guests' pages, as the server wrote it; null where it has said nothing.
 * @type {{ name: string, logo_url: string | null, contact: string | null, site: string | null } | null}
 */
const studio = JSON.parse(document.getElementById('brand')?.textContent || 'null');

/** The name at the end of a page's title. */
export const siteName = studio?.name ?? 'Pixora';

/** The studio's logo or name; else our mark and word. `src/http/brand.rs` writes the same. */
export function brand() {
  if (studio?.logo_url)
    return h('span', { class: 'brand' }, h('img', { class: 'brand-logo', src: studio.logo_url, alt: studio.name, height: 36 }));
  if (studio) return h('span', { class: 'brand' }, h('span', { translate: 'no' }, studio.name));
  const dot = h('span', { class: 'brand-mark', 'aria-hidden': 'true' });
  return h('span', { class: 'brand' }, dot, h('span', { translate: 'no' }, 'Pixora'));
}

/** The studio's site and how to reach it. */
function contact() {
  if (!studio?.site && !studio?.contact) return null;
  const { site, contact } = studio;
  const mail = contact && /^[^\s@]+@[^\s@]+$/.test(contact);
  const phone = contact && /^\+?[\d ()-]{5,}$/.test(contact);
  const href = mail ? `mailto:${contact}` : phone ? `tel:${contact.replace(/[^\d+]/g, '')}` : null;
  return h(
    'p',
    { class: 'studio-contact' },
    h('span', { translate: 'no' }, studio.name),
    site && h('a', { href: site, rel: 'noopener', target: '_blank' }, site.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '')),
    href ? h('a', { href }, contact) : contact && h('span', {}, contact),
  );
}

/** The languages, each by its own name. */
export function languageSwitch() {
  const names = LANGUAGES.map((language) => h('option', { value: language, lang: language, translate: 'no' }, languageName(language)));
  const select = /** @type {HTMLSelectElement} */ (
    h(
      'select',
      {
        class: 'language-select',
        label: ['language'],
        onChange: () => setLanguage(select.value).catch(() => (select.value = currentLanguage())),
      },
      ...names,
    )
  );
  select.value = currentLanguage();
  onLanguageChange(() => (select.value = currentLanguage()));
  return h('div', { class: 'language' }, select);
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
  const foot = h('footer', { class: 'site-footer' });
  append(foot, [contact(), footer]);
  document.getElementById('app')?.replaceChildren(skip, header, main, foot);
  return { main, header };
}
