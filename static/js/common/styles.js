/** Stylesheets of parts of a page that are loaded when they are needed. */
import { h } from './dom.js';

/** A stylesheet, once: what needs it waits, so that nothing is seen without it. @param {'camera' | 'shop' | 'cart' | 'people' | 'hearts' | 'scrubber' | 'narrow' | 'comments'} name */
export function loadStyles(name) {
  const href = new URL(`../../css/${name}.css`, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return null;
  return new Promise((done, failed) => {
    const link = h('link', {
      rel: 'stylesheet',
      href,
      onLoad: done,
      onError: () => {
        link.remove();
        failed(new Error(`${name}.css did not come`));
      },
    });
    document.head.append(link);
  });
}
