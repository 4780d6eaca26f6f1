/** The items that can be bought of one photo, each with its price; a press puts one into the cart at once. */
import './cart_messages.js';
import { h, icon, iconButton } from '../../common/dom.js';
import { bindText } from '../../common/i18n.js';
import { cropAt, placeholder } from '../tile.js';
import { showSheet } from '../../common/sheet.js';
import { packageRows } from './packages.js';
import { stepper } from './stepper.js';

/** @typedef {import('../types.js').Price} Price */

/** @param {import('./shop.js').Context} context @param {import('../types.js').Photo} photo */
export function openOptions(context, photo) {
  const { shop, cart, go } = context;
  const picture = h('span', { class: 'line-photo' }, h('img', { src: photo.thumb_url, alt: '', decoding: 'async' }));
  placeholder(picture, photo);
  /** @type {HTMLElement} */ (picture.firstElementChild).style.objectPosition = cropAt(photo);
  const total = h('span', {});
  const toCart = h(
    'button',
    {
      type: 'button',
      class: 'button button-primary button-wide',
      onClick: () => {
        dialog.close();
        go('cart');
      },
    },
    icon('cart'),
    h('span', { text: ['cart.go'] }),
    total,
  );
  const rows = h('ul', { class: 'options' });
  const dialog = h(
    'dialog',
    {
      class: 'dialog dialog-sheet',
      'aria-labelledby': 'options-title',
      onClose: () => {
        stop();
        dialog.remove();
      },
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'options-title', text: ['options.title'] }),
      iconButton('', ['close'], () => dialog.close(), 'close'),
    ),
    h(
      'div',
      { class: 'option-head' },
      picture,
      h(
        'p',
        {},
        h('span', { class: 'option-file' }, photo.filename),
        shop.watermarked && h('span', { class: 'option-note', text: ['options.watermarked'] }),
      ),
    ),
    rows,
    toCart,
  );

  /** @param {Price} price @param {string | null} photoId */
  function row(price, photoId) {
    const note = h('span', { class: 'option-note' });
    const quantity = () => cart.quantity(price.id, photoId);
    /** @param {number} next */
    const setTo = (next) => shop.set([{ price_id: price.id, photo_id: photoId, quantity: next }]);
    const words = h('span', {});
    const take = h(
      'button',
      { type: 'button', class: 'button button-quiet button-small option-take', onClick: () => void setTo(quantity() ? 0 : 1) },
      words,
      h('span', { class: 'visually-hidden' }, price.name),
    );
    const steps = stepper({ label: price.name, get: quantity, set: setTo });
    const element = h(
      'li',
      { class: 'option' },
      h('span', { class: 'option-words' }, h('span', { class: 'option-name' }, price.name), note),
      h('span', { class: 'option-price' }, shop.money(price.amount)),
      price.kind === 'print' ? steps.element : take,
    );

    function draw() {
      const covered = price.kind === 'digital' && shop.bundleChosen();
      if (price.kind === 'bundle' && cart.bundlePhotos) bindText(note, '', ['photos.count', { n: cart.bundlePhotos }]);
      else if (price.kind === 'print') note.textContent = price.size && !price.name.includes(price.size) ? price.size : '';
      else if (covered || price.kind === 'bundle') bindText(note, '', [covered ? 'cart.covered' : 'options.bundle']);
      note.hidden = price.kind === 'digital' && !covered;
      take.hidden = covered && quantity() === 0;
      take.setAttribute('aria-pressed', String(quantity() > 0));
      bindText(words, '', [quantity() ? 'options.taken' : 'options.take']);
      steps.draw();
    }
    return { element, draw };
  }

  const bundle = shop.bundle();
  const all = [...shop.ofPhoto().map((price) => row(price, photo.photo_id)), ...(bundle ? [row(bundle, null)] : [])];
  const packages = shop.packages().map((price) => packageRows(context, price, photo));
  rows.append(...all.map((each) => each.element), ...packages.flatMap((each) => each.elements));

  function draw() {
    for (const each of [...all, ...packages]) each.draw();
    total.textContent = cart.count && !cart.busy ? shop.money(cart.total) : '';
    toCart.disabled = cart.count === 0;
  }
  const stop = cart.on(draw);
  draw();

  // The viewer under the dialog listens to the same keys.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  showSheet(dialog);
}
