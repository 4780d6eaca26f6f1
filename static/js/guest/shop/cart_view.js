/** The cart: what is in it, how many of each, what it comes to. */
import './cart_messages.js';
import { button, h, icon, iconButton } from '../../common/dom.js';
import { t } from '../../common/i18n.js';
import { offerUndo } from '../../common/undo.js';
import { sumList } from '../../common/sums.js';
import { thumb } from '../../common/thumb.js';
import { createAttempts } from './attempt.js';
import { packageOffers, packageParts, photosView } from './packages.js';
import { promoField } from './promo.js';
import { stepper } from './stepper.js';

/** @typedef {import('../types.js').CartLine} CartLine */

/** A line in another language is drawn anew. @param {CartLine} line */
const idOf = (line) => `${line.line_id} ${line.name}`;

/** @param {HTMLElement} body @param {import('./shop.js').Context} context @returns {() => void} stops */
export function draw(body, context) {
  const { app, shop, cart, go } = context;
  const gone = h('div', { class: 'callout', role: 'status', hidden: true });
  const list = h('ul', { class: 'lines', label: ['cart.lines'] });
  const offer = h('div', { class: 'callout cart-offer', hidden: true });
  const sums = h('div', { 'aria-live': 'polite' });
  const promo = promoField({ cart });
  const order = button('button button-primary button-wide', ['cart.checkout'], () => go('checkout'));
  const missing = h('p', { class: 'package-missing', role: 'status', hidden: true });
  const sum = h('div', { class: 'card cart-sum' }, promo.element, sums, missing, order, button('link-button', ['cart.more'], morePhotos));
  const packages = packageOffers(context);
  const linesPart = h('div', { class: 'cart-lines' }, gone, list, offer);
  const full = h('div', { class: 'cart-full' }, linesPart, sum);
  const none = h('div', { class: 'cart-none' });
  body.replaceChildren(full, none);
  /** Rows stay while only their numbers change, so that the focus does too. @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();
  let told = 0;
  let withdrawUndo = () => {};

  function morePhotos() {
    app.go(photosView(app));
  }

  /** @param {CartLine} line */
  function row(line) {
    const name = line.size && !line.name.includes(line.size) ? `${line.name}, ${line.size}` : line.name;
    const label = line.filename ? `${name}, ${line.filename}` : name;
    /** @param {number} quantity */
    const setTo = (quantity) => shop.set([{ price_id: line.price_id, photo_id: line.photo_id, quantity }]);
    const note = h('span', { class: 'note' });
    const amount = h('span', { class: 'line-amount' });
    const get = () => cart.quantity(line.price_id, line.photo_id);
    const most = { print: 100, package: 4, digital: 1, bundle: 1 }[line.kind];
    const steps = most > 1 ? stepper({ label, least: 1, most, get, set: setTo }) : null;
    const parts = line.kind === 'package' ? packageParts(context, line.price_id) : null;
    const element = h(
      'li',
      { class: 'line' },
      h('span', { class: 'line-photo' }, thumb(line)),
      h('span', { class: 'line-words' }, h('span', { class: 'line-name' }, name), note),
      steps?.element,
      amount,
      iconButton('line-remove', ['cart.remove', { label }], () => void remove(), 'trash'),
      parts?.element,
    );

    async function remove() {
      const within = cart.lines.filter((each) => each.package_id === line.price_id && each.photo_id);
      const before = [{ ...line, quantity: get() }, ...within].map(({ price_id, photo_id, quantity }) => ({
        price_id,
        photo_id,
        quantity,
      }));
      const next = /** @type {HTMLElement | null} */ (
        (element.nextElementSibling ?? element.previousElementSibling)?.querySelector('.line-remove') ?? document.querySelector('h1')
      );
      if (!(await setTo(0))) return;
      next?.focus();
      withdrawUndo = offerUndo(t('cart.removed'), () => void shop.set(before));
    }

    /** @param {CartLine} now the same line as the server last said */
    function drawRow(now) {
      note.textContent = now.covered
        ? t('cart.covered')
        : now.kind === 'bundle'
          ? t('photos.count', { n: cart.bundlePhotos })
          : (now.filename ?? '');
      amount.replaceChildren(shop.money(now.amount));
      if (now.covered) amount.prepend(h('s', { class: 'note', 'aria-hidden': 'true' }, shop.money(now.unit_amount)));
      steps?.draw();
      parts?.draw();
    }
    return { element, draw: drawRow };
  }

  function drawLines() {
    const lines = cart.lines.filter((line) => !line.package_id && cart.quantity(line.price_id, line.photo_id) > 0);
    for (const [id, each] of rows) {
      if (lines.some((line) => idOf(line) === id)) continue;
      each.element.remove();
      rows.delete(id);
    }
    lines.forEach((line, i) => {
      const each = rows.get(idOf(line)) ?? row(line);
      rows.set(idOf(line), each);
      if (list.children[i] !== each.element) list.insertBefore(each.element, list.children[i] ?? null);
      each.draw(line);
    });
    if (cart.sums) sums.replaceChildren(sumList(cart.sums, ['cart.total']));
    promo.draw();
    sum.toggleAttribute('aria-busy', cart.busy);
    const n = cart.packages.reduce((sum, each) => sum + each.missing, 0);
    order.disabled = cart.busy || n > 0;
    missing.hidden = n === 0;
    missing.textContent = n ? t('package.missing', { n }) : '';
    full.hidden = lines.length === 0;
    none.hidden = lines.length > 0;
    // Told for as long as this view is open, also when the server has stopped telling.
    told = Math.max(told, cart.gone);
    gone.hidden = told === 0;
    if (told) gone.replaceChildren(icon('alert'), h('p', { text: ['cart.gone', { n: told }] }));
    drawOffer(lines);
    if (lines.length === 0) drawNone();
    packages.draw();
    (lines.length ? linesPart : none).append(packages.element);
  }

  /** Many single photos may cost more than everything. @param {CartLine[]} lines */
  function drawOffer(lines) {
    const bundle = shop.bundle();
    const singles = lines.filter((line) => line.kind === 'digital').reduce((sum, line) => sum + line.amount, 0);
    offer.hidden = !bundle || shop.bundleChosen() || singles < bundle.amount;
    if (offer.hidden || !bundle) return;
    offer.replaceChildren(
      icon('grid'),
      h('p', {}, t('cart.offer', { name: bundle.name, amount: shop.money(bundle.amount) })),
      button(
        'button button-quiet button-small',
        ['cart.offer.take'],
        () => void shop.set([{ price_id: bundle.id, photo_id: null, quantity: 1 }]),
        'plus',
      ),
    );
  }

  function drawNone() {
    const orders = createAttempts(app.session.id).orders();
    none.replaceChildren(
      h(
        'div',
        { class: 'state state-empty' },
        h('span', { class: 'message-icon' }, icon('cart')),
        h('h2', { text: ['cart.empty'] }),
        told > 0 && h('p', { role: 'status', text: ['cart.gone', { n: told }] }),
        h('p', { class: 'note', text: ['cart.empty.text'] }),
        button('button button-primary button-small', ['cart.choose'], morePhotos, 'image'),
      ),
    );
    if (orders.length === 0) return;
    none.append(
      h(
        'section',
        { class: 'known-orders' },
        h('h2', { text: ['cart.orders'] }),
        h(
          'ul',
          {},
          ...orders.map(({ number, url }) =>
            h('li', {}, h('a', { class: 'known-order', href: url }, h('span', { text: ['cart.order', { number }] }))),
          ),
        ),
      ),
    );
  }

  const stop = cart.on(drawLines);
  drawLines();
  return () => {
    stop();
    withdrawUndo();
    if (told) cart.seen();
  };
}
