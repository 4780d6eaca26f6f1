/** Small helpers to build elements without innerHTML and without style attributes, which the CSP forbids. */
import { bindText } from './i18n.js';

/** @typedef {import('./i18n.js').Text} Text */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Builds an element. Props: `class`; `text`, `label`, `alt`, `placeholder` take a message `[key, params]`;
 * `on*` a listener; `true` an empty attribute; null, undefined and false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') bindText(element, '', value);
    else if (name === 'label') bindText(element, 'aria-label', value);
    else if ((name === 'alt' || name === 'placeholder' || name === 'title') && Array.isArray(value))
      bindText(element, name, /** @type {Text} */ (value));
    else if (name.startsWith('on')) element.addEventListener(name.slice(2).toLowerCase(), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/** @param {Element} element @param {Child[]} children */
export function append(element, children) {
  for (const child of children) if (child) element.append(child);
}

/** Stroke icons on a 24 × 24 grid, drawn in the text's colour. @type {Record<string, string>} */
const ICONS = {
  face: 'M4 9V6.5A2.5 2.5 0 0 1 6.5 4H9M15 4h2.5A2.5 2.5 0 0 1 20 6.5V9M20 15v2.5a2.5 2.5 0 0 1-2.5 2.5H15M9 20H6.5A2.5 2.5 0 0 1 4 17.5V15M9 10v.8M15 10v.8M9 14.5c.8.9 1.8 1.3 3 1.3s2.2-.4 3-1.3',
  grid: 'M4.5 4.5h6v8h-6zM13.5 4.5h6v5h-6zM13.5 12.5h6v7h-6zM4.5 15.5h6v4h-6z',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  zoom: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.3 15.3L20 20M10.5 8v5M8 10.5h5',
  save: 'M12 4v11M7.5 10.8L12 15.3l4.5-4.5M5 19.5h14',
  archive: 'M4.5 4.5h15v4h-15zM5.5 8.5v11h13v-11M12 11v5.5M9.5 14l2.5 2.5 2.5-2.5',
  share: 'M12 15V4M8 7.5L12 3.5l4 4M6 11H5v9h14v-9h-1',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  camera:
    'M4 8.5A1.5 1.5 0 0 1 5.5 7h2.3l1.4-2h5.6l1.4 2h2.3A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5zM12 16a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z',
  image:
    'M5 4.5h14a.5.5 0 0 1 .5.5v14a.5.5 0 0 1-.5.5H5a.5.5 0 0 1-.5-.5V5a.5.5 0 0 1 .5-.5zM5 16.5l4.5-4.5 3.5 3.5 2.5-2.5 4 4M15.5 8.8v.01',
  clock: 'M12 7.5V12l3 2M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z',
  eyeoff:
    'M4 4l16 16M9.9 5.7A9 9 0 0 1 12 5.5c5 0 8 4.5 9 6.5-.4.8-1.2 2.1-2.4 3.3M6.2 7.7C4.5 9.1 3.5 10.9 3 12c1 2 4 6.5 9 6.5 1.5 0 2.9-.4 4-1M10 10.2a2.7 2.7 0 0 0 3.8 3.7',
  undo: 'M8 5L4 9l4 4M4.5 9H14a5.5 5.5 0 0 1 0 11H8',
  copy: 'M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.3-3.3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-5.7 0L5 13.3A4 4 0 0 0 10.7 19l1.2-1.2',
  alert: 'M12 8v5M12 16.2v.01M12 3.8l9 15.7H3z',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM20 14v.01M20 20v-3M14 20h3',
};

/** Adds icons that only some pages need. @param {Record<string, string>} paths by name, on the same grid */
export function addIcons(paths) {
  Object.assign(ICONS, paths);
}

const SVG = 'http://www.w3.org/2000/svg';

/** A decorative icon; the control around it carries the name. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name] ?? '');
  svg.append(path);
  return svg;
}

/** The markup of an icon for PhotoSwipe, which takes its buttons' content as a string. @param {string} name */
export function iconMarkup(name) {
  return icon(name).outerHTML;
}

/**
 * A button with an optional icon and a message as its text.
 * @param {string} className
 * @param {Text} text
 * @param {(event: Event) => void} onClick
 * @param {string} [iconName]
 */
export function button(className, text, onClick, iconName) {
  return h('button', { type: 'button', class: className, onClick }, iconName && icon(iconName), h('span', { text }));
}

/** A round button that shows only an icon; the message is its name. @param {string} className @param {Text} label @param {(event: Event) => void} onClick @param {string} iconName */
export function iconButton(className, label, onClick, iconName) {
  return h('button', { type: 'button', class: `icon-button ${className}`, label, title: label, onClick }, icon(iconName));
}

/** @type {HTMLElement | undefined} */
let toastRegion;
/** @type {number | undefined} */
let toastTimer;

/** Shows a short message at the bottom and reads it out. @param {Text | string} text a message, or words as they are */
export function toast(text) {
  toastRegion ??= document.body.appendChild(h('div', { class: 'toast', role: 'status', 'aria-live': 'polite' }));
  toastRegion.replaceChildren(typeof text === 'string' ? h('p', {}, text) : h('p', { text }));
  toastRegion.classList.add('is-shown');
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => toastRegion?.classList.remove('is-shown'), 4000);
}

/** Whether the reader asked for less movement. */
export function reducedMotion() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
