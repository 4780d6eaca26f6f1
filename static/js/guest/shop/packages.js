/** Packages where the cart and a photo's prices show them: what they hold, and how far they are filled. */
import './cart_messages.js';
import { button, h, icon, iconButton, toast } from '../../common/dom.js';
import { bindText, t } from '../../common/i18n.js';
import { partWords } from '../../common/order_words.js';
import { thumb } from '../../common/thumb.js';
import { stepper } from './stepper.js';

/** @typedef {import('../types.js').Price} Price */
/** @typedef {import('../types.js').CartLine} CartLine */
/** @typedef {import('../types.js').CartPackage} CartPackage */
/** @typedef {import('./shop.js').Context} Context */

/** "10 files + 5 prints 10×15 cm" @param {Price} price */
export const contents = (price) => (price.parts ?? []).map(partWords).join(' + ');

/** Where a guest chooses photos. @param {import('../types.js').App} app @returns {import('../types.js').ViewName} */
export const photosView = (app) => (app.result?.matches.length ? 'results' : 'all');

/** "7 of 10 files" @param {CartPackage['parts'][number]} part */
const progress = (part) => t('package.chosen', { n: part.chosen, part: partWords({ ...part, quantity: part.wanted }) });

/**
 * Packages that are not in the cart, to take one.
 * @param {Context} context @returns {{ element: HTMLElement, draw: () => void }}
 */
export function packageOffers({ shop, cart }) {
  const list = h('ul', { class: 'options' });
  const element = h('section', { class: 'package-offers' }, h('h2', { text: ['package.offers'] }), list);
  let shown = '';

  function draw() {
    const offered = shop.packages().filter((price) => cart.quantity(price.id, null) === 0);
    const key = JSON.stringify(offered);
    element.hidden = offered.length === 0;
    if (key === shown) return;
    shown = key;
    list.replaceChildren(
      ...offered.map((price) =>
        h(
          'li',
          { class: 'option' },
          h(
            'span',
            { class: 'option-words' },
            h('span', { class: 'option-name' }, price.name),
            h('span', { class: 'option-note' }, contents(price)),
          ),
          h('span', { class: 'option-price' }, shop.money(price.amount)),
          h(
            'button',
            {
              type: 'button',
              class: 'button button-quiet button-small option-take',
              onClick: () => void shop.set([{ price_id: price.id, photo_id: null, quantity: 1 }]),
            },
            h('span', { text: ['options.take'] }),
            h('span', { class: 'visually-hidden' }, price.name),
          ),
        ),
      ),
    );
  }
  return { element, draw };
}

/**
 * What is in a package of the cart: each part with its photos, and the way to choose them.
 * @param {Context} context @param {string} priceId of the package
 */
export function packageParts(context, priceId) {
  const { app, shop, cart, go } = context;
  const element = h('div', { class: 'package-parts' });
  /** The parts as they were drawn, so that the focus stays while nothing changes. */
  let shown = '';

  /** @param {CartPackage['parts'][number]} part */
  function partElement(part) {
    const lines = cart.lines.filter((line) => line.price_id === part.id);
    const room = part.wanted - part.chosen;
    if (part.wanted === 0) return h('p', { class: 'package-part note' }, partWords(part));
    return h(
      'div',
      { class: 'package-part', role: 'group', 'aria-label': progress(part) },
      h(
        'div',
        { class: 'package-part-head' },
        h('span', { class: room ? 'package-missing' : '' }, progress(part)),
        h('progress', { class: 'package-progress', max: part.wanted, value: part.chosen, 'aria-hidden': 'true' }),
        button('button button-quiet button-small', [room ? 'package.choose' : 'package.change'], () => choose(part), 'image'),
      ),
      lines.length > 0 && h('ul', { class: 'package-photos' }, ...lines.map((line) => photo(line, part))),
    );
  }

  /** @param {CartLine} line @param {CartPackage['parts'][number]} part */
  function photo(line, part) {
    const label = line.filename ?? line.name;
    const get = () => cart.quantity(line.price_id, line.photo_id);
    /** @param {number} quantity */
    const setTo = (quantity) => shop.set([{ price_id: line.price_id, photo_id: line.photo_id, quantity }]);
    const picture = h('span', { class: 'line-photo' }, thumb(line));
    const most = Math.min(100, line.quantity + part.wanted - part.chosen);
    const copies = part.kind === 'print' && part.wanted > 1 ? stepper({ label, least: 1, most, get, set: setTo }).element : null;
    const remove = iconButton('package-remove', ['cart.remove', { label }], () => void take(), 'close');

    async function take() {
      const next = element.querySelector('.package-part-head button');
      if (await setTo(0)) /** @type {HTMLElement | null} */ (next?.isConnected ? next : element.querySelector('button'))?.focus();
    }
    return h('li', { class: 'package-photo' }, h('span', { class: 'package-picture' }, picture, remove), copies);
  }

  /** @param {CartPackage['parts'][number]} part */
  function choose(part) {
    const price = shop.packages().find(({ id }) => id === priceId);
    if (!price) return;
    shop.fill(createFilling(context, price, part));
    go(photosView(app));
  }

  function draw() {
    const found = cart.packages.find((each) => each.price_id === priceId);
    const parts = found?.parts ?? [];
    const key = JSON.stringify([parts, found?.name, cart.lines.filter((line) => line.package_id === priceId)]);
    if (key === shown) return;
    shown = key;
    element.replaceChildren(...parts.map(partElement));
  }
  return { element, draw };
}

/**
 * The rows of a package in the prices of one photo: to take it, and, once it is taken, to put the photo into its parts.
 * @param {Context} context @param {Price} price @param {import('../types.js').Photo} photo
 */
export function packageRows(context, price, photo) {
  const { shop, cart } = context;
  const words = h('span', {});
  const take = h(
    'button',
    {
      type: 'button',
      class: 'button button-quiet button-small option-take',
      onClick: () => void shop.set([{ price_id: price.id, photo_id: null, quantity: 1 }]),
    },
    words,
    h('span', { class: 'visually-hidden' }, price.name),
  );
  const head = h(
    'li',
    { class: 'option' },
    h(
      'span',
      { class: 'option-words' },
      h('span', { class: 'option-name' }, price.name),
      h('span', { class: 'option-note' }, contents(price)),
    ),
    h('span', { class: 'option-price' }, shop.money(price.amount)),
    take,
  );
  const parts = (price.parts ?? []).filter(({ kind }) => kind !== 'bundle').map((part) => row(part));

  /** @param {import('../types.js').Part} part */
  function row(part) {
    const id = /** @type {string} */ (part.id);
    const count = h('span', { class: 'option-note' });
    const put = h('button', { type: 'button', class: 'button button-quiet button-small option-take' });
    put.addEventListener('click', () => void createFilling(context, price, part).press(photo.photo_id));
    const element = h('li', { class: 'option option-part' }, h('span', { class: 'option-words' }, count), h('span', {}), put);

    function drawRow() {
      const isTaken = cart.quantity(price.id, null) > 0;
      const wanted = part.quantity * cart.quantity(price.id, null);
      const chosen = cart.chosen(id);
      const isIn = cart.quantity(id, photo.photo_id) > 0;
      element.hidden = !isTaken;
      count.textContent = t('package.chosen', { n: chosen, part: partWords({ ...part, quantity: wanted }) });
      put.disabled = !isIn && chosen >= wanted;
      put.setAttribute('aria-pressed', String(isIn));
      put.setAttribute('aria-label', `${t(isIn ? 'package.in' : 'package.put')}: ${price.name}, ${partWords(part)}`);
      put.textContent = t(isIn ? 'package.in' : 'package.put');
    }
    return { element, draw: drawRow };
  }

  function draw() {
    const isTaken = cart.quantity(price.id, null) > 0;
    take.disabled = isTaken;
    take.setAttribute('aria-pressed', String(isTaken));
    bindText(words, '', [isTaken ? 'options.taken' : 'options.take']);
    for (const each of parts) each.draw();
  }
  return { elements: [head, ...parts.map((each) => each.element)], draw };
}

/**
 * @typedef {object} Filling
 * @property {HTMLElement} bar over the photos; it says how far the part is filled
 * @property {string} label the words of the button on a photo
 * @property {(photo: string) => boolean} holds
 * @property {(photo: string) => void} press puts the photo in or takes it out
 * @property {(photos: string[]) => Promise<void>} add puts in as many as fit
 * @property {() => void} draw
 */

/**
 * What a press on a photo does while a part of a package is filled.
 * @param {Context} context @param {Price} price of the package @param {Pick<import('../types.js').Part, 'id' | 'kind' | 'size' | 'quantity'>} part
 * @returns {Filling}
 */
export function createFilling({ shop, cart, go }, price, part) {
  const id = part.id ?? '';
  const count = h('span', { class: 'cart-bar-count' });
  const done = h('span', { class: 'cart-bar-total', text: ['package.done'] });
  const bar = h(
    'button',
    { type: 'button', class: 'button button-primary button-wide', onClick: () => go('cart') },
    icon('check'),
    count,
    done,
  );
  const wanted = () => part.quantity * cart.quantity(price.id, null);
  /** @param {string} photo */
  const holds = (photo) => cart.quantity(id, photo) > 0;
  /** @param {string[]} photos @param {number} quantity */
  const set = (photos, quantity) => shop.set(photos.map((photo) => ({ price_id: id, photo_id: photo, quantity })));

  /** @param {string[]} photos */
  async function add(photos) {
    const fresh = photos.filter((photo) => !holds(photo));
    const fit = fresh.slice(0, Math.max(0, wanted() - cart.chosen(id)));
    if (fit.length > 0 && !(await set(fit, 1))) return;
    if (fit.length < fresh.length) toast(['package.full']);
  }

  return {
    bar,
    holds,
    add,
    label: 'package.photo',
    press: (photo) => void (holds(photo) ? set([photo], 0) : add([photo])),
    draw() {
      count.textContent = `${price.name}: ${t('package.chosen', { n: cart.chosen(id), part: partWords({ ...part, quantity: wanted() }) })}`;
    },
  };
}
