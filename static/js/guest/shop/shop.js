/**
 * The shop in the guest's page, loaded only where the studio sells something: buttons on photos, the cart's
 * place in the header, the bar under the photos. The views of cart and checkout are loaded when opened.
 */
import { loadStyles } from '../../common/styles.js';
import './messages.js';
import { ApiError } from '../api.js';
import { addIcons, button, h, icon, iconButton, iconMarkup, toast } from '../../common/dom.js';
import { bindText, onLanguageChange, t } from '../../common/i18n.js';
import { formatMoney } from '../../common/money.js';
import { createCart } from './cart.js';
import { said } from './failure.js';

/** @typedef {import('../types.js').App} App */
/** @typedef {import('../types.js').Photo} Photo */
/** @typedef {import('../types.js').PriceList} PriceList */
/** @typedef {Awaited<ReturnType<typeof createShop>>} Shop */

/**
 * @typedef {object} Context what the shop's parts are given
 * @property {App} app
 * @property {Shop} shop
 * @property {import('./cart.js').CartState} cart
 * @property {(view: import('../types.js').ViewName) => void} go also from within the viewer
 */

addIcons({
  cart: 'M3.5 4.5h2.2l2 10.5h9.6l2-7.5H6.4M9.2 19.6v.01M16 19.6v.01',
  minus: 'M5 12h14',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.2 10.5v5.5M13.8 10.5v5.5',
});

/** @param {App} app @param {PriceList} first */
export async function createShop(app, first) {
  let list = first;
  const cart = createCart(app.session.id);
  await loadStyles('shop');

  /** @param {number} amount */
  const money = (amount) => formatMoney(amount, list.currency ?? '');
  const digital = () => list.prices.find((price) => price.kind === 'digital') ?? null;
  /** The items that can be bought of one photo. */
  const ofPhoto = () => list.prices.filter((price) => price.kind !== 'bundle');
  const bundle = () => list.prices.find((price) => price.kind === 'bundle') ?? null;
  const bundleChosen = () => list.prices.some((price) => price.kind === 'bundle' && cart.quantity(price.id, null) > 0);
  /** @param {Photo} photo */
  const chosen = (photo) => bundleChosen() || ofPhoto().some((price) => cart.quantity(price.id, photo.photo_id) > 0);

  /** Says why the cart stayed as it was. @param {import('./cart.js').Item[]} items @returns {Promise<boolean>} */
  async function set(items) {
    try {
      await cart.set(items);
      return true;
    } catch (error) {
      toast(said(error));
      // The studio has changed its prices since they were read.
      if (error instanceof ApiError && error.code === 'unknown_price') await reprice();
      return false;
    }
  }

  async function reprice() {
    list = await app.api.prices().catch(() => list);
    await cart.read().catch(() => {});
  }

  /** @param {import('../types.js').ViewName} view */
  function go(view) {
    const { viewer = false, sheet = false } = history.state ?? {};
    if (!viewer) return app.go(view);
    // The viewer leaves with its own entry of the history first, and with that of a dialog over it.
    if (sheet) history.replaceState({ viewer }, '');
    window.addEventListener('popstate', () => app.go(view), { once: true });
    history.go(sheet ? -2 : -1);
  }

  /** One price alone needs no question. @param {Photo} photo */
  async function choose(photo) {
    const prices = ofPhoto();
    if (prices.length === 1 && prices[0].kind === 'digital' && !bundle()) {
      const quantity = cart.quantity(prices[0].id, photo.photo_id) ? 0 : 1;
      return void set([{ price_id: prices[0].id, photo_id: photo.photo_id, quantity }]);
    }
    try {
      const [{ openOptions }] = await Promise.all([import('./options.js'), loadStyles('cart')]);
      openOptions(context, photo);
    } catch {
      toast(['cart.failed']);
    }
  }

  /** @param {string[]} ids */
  async function addAll(ids) {
    const price = digital();
    if (!price) return;
    const items = ids.map((id) => ({ price_id: price.id, photo_id: id, quantity: 1 }));
    if (await set(items)) toast(['cart.added', { n: items.length }]);
  }

  /** @param {HTMLElement} element @param {Photo} photo */
  function mark(element, photo) {
    element.setAttribute('aria-pressed', String(chosen(photo)));
  }

  const badge = h('span', { class: 'cart-badge', 'aria-hidden': 'true' });
  const opener = h('button', { type: 'button', class: 'icon-button cart-open', onClick: () => go('cart') }, icon('cart'), badge);
  const barText = h('span', { class: 'cart-bar-count' });
  const barTotal = h('span', { class: 'cart-bar-total' });
  const bar = h(
    'aside',
    { class: 'cart-bar', label: ['cart.title'], hidden: true },
    h('button', { type: 'button', class: 'button button-primary button-wide', onClick: () => go('cart') }, icon('cart'), barText, barTotal),
  );

  function drawCount() {
    const n = cart.count;
    badge.textContent = n ? String(n) : '';
    bindText(opener, 'aria-label', ['cart.open', { n }]);
    bindText(opener, 'title', ['cart.title']);
    bar.hidden = n === 0;
    bindText(barText, '', ['cart.count', { n }]);
    barTotal.textContent = cart.busy ? '…' : money(cart.total);
  }

  /**
   * A view whose code comes when it is opened.
   * @param {'cart' | 'checkout'} name
   * @param {() => Promise<{ draw: (body: HTMLElement, context: Context) => () => void }>} load
   * @returns {import('../types.js').View}
   */
  function view(name, load) {
    const body = h('div', { class: 'shop-body' });
    const element = h('section', { class: `shop-page ${name}-page` }, h('h1', { text: [`${name}.title`] }), body);
    let left = false;
    let dispose = () => {};
    async function fill() {
      body.replaceChildren(
        h(
          'p',
          { class: 'state', role: 'status' },
          h('span', { class: 'spinner', 'aria-hidden': 'true' }),
          h('span', { text: ['all.loading'] }),
        ),
      );
      try {
        const [{ draw }] = await Promise.all([load(), loadStyles('cart'), cart.read()]);
        if (!left) dispose = draw(body, context);
      } catch {
        body.replaceChildren(
          h(
            'div',
            { class: 'state state-empty' },
            h('p', { role: 'alert', text: ['cart.network'] }),
            button('button button-quiet button-small', ['retry'], () => void fill()),
          ),
        );
      }
    }
    void fill();
    return {
      element,
      dispose() {
        left = true;
        dispose();
      },
    };
  }

  onLanguageChange(() => {
    drawCount();
    void reprice();
  });
  cart.on(drawCount);

  const shop = {
    /** For the header. */
    button: opener,
    /** For below the photos. */
    bar,
    get watermarked() {
      return list.watermarked;
    },
    money,
    ofPhoto,
    bundle,
    bundleChosen,
    set,

    /** @param {Photo} photo @param {number} index */
    tileButton(photo, index) {
      const element = iconButton('tile-buy', ['cart.photo', { i: index + 1 }], () => void choose(photo), 'cart');
      mark(element, photo);
      // Tiles come and go with their views; the listener goes with its tile.
      const stop = cart.on(() => (element.isConnected ? mark(element, photo) : stop()));
      return element;
    },

    /** Registers the shop's button with PhotoSwipe. @param {any} viewer @param {() => Photo} photoShown */
    viewerButton: (viewer, photoShown) => ({
      name: 'cart',
      order: 7,
      isButton: true,
      title: t('cart.add'),
      ariaLabel: t('cart.add'),
      html: iconMarkup('cart'),
      onClick: () => void choose(photoShown()),
      onInit(/** @type {HTMLElement} */ element) {
        viewer.on('change', () => mark(element, photoShown()));
        viewer.on(
          'destroy',
          cart.on(() => mark(element, photoShown())),
        );
      },
    }),

    /** Every photo of the guest at once. @param {() => Photo[]} photos */
    allButton: (photos) =>
      digital() &&
      button('button button-primary button-small', ['cart.all'], () => void addAll(photos().map((photo) => photo.photo_id)), 'cart'),
    /** @param {() => string[]} ids */
    selectionButton: (ids) => digital() && iconButton('', ['cart.selected'], () => void addAll(ids()), 'cart'),

    /** The photographer has taken a photo away. @param {string} id */
    async vanished(id) {
      if (!cart.lines.some((line) => line.photo_id === id)) return;
      await cart.read().catch(() => {});
      if (cart.gone) toast(['cart.gone', { n: cart.gone }]);
    },

    cartView: () => view('cart', () => import('./cart_view.js')),
    checkoutView: () => view('checkout', () => import('./checkout_view.js')),
  };
  /** @type {Context} */
  const context = { app, shop, cart, go };

  /** An order whose answer got lost, or that another tab has made, is no cart any more. */
  async function recover() {
    if (!cart.orderId) return;
    const { createAttempts } = await import('./attempt.js');
    const attempts = createAttempts(app.session.id);
    const placed = await attempts.recover().catch(() => null);
    if (placed) toast(['cart.recovered', { number: placed.order.number }]);
    else attempts.drop();
    cart.forget();
  }

  drawCount();
  await cart
    .read()
    .then(recover)
    .catch(() => {});
  return shop;
}
