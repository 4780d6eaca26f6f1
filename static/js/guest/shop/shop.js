/**
 * The shop in the guest's page, loaded only where the studio sells something: buttons on photos, the cart's
 * place in the header, the bar under the photos. The views of cart and checkout are loaded when opened.
 */
import { loadStyles } from '../../common/styles.js';
import { ApiError } from '../api.js';
import { addIcons, button, h, icon, iconButton, iconMarkup, toast } from '../../common/dom.js';
import { bindText, catalogue, onLanguageChange, t } from '../../common/i18n.js';
import { formatMoney } from '../../common/money.js';
import { createCart, said } from './cart.js';

/** @typedef {import('../types.js').App} App */
/** @typedef {import('../types.js').Photo} Photo */
/** @typedef {import('../types.js').PriceList} PriceList */
/** @typedef {import('../types.js').Price} Price */
/** @typedef {Awaited<ReturnType<typeof createShop>>} Shop */

/**
 * @typedef {object} Context what the shop's parts are given
 * @property {App} app
 * @property {Shop} shop
 * @property {import('./cart.js').CartState} cart
 * @property {(view: import('../types.js').ViewName) => void} go also from within the viewer
 */

// The words that stand around the photos; the rest comes with cart_messages.js.
await catalogue('guest_shop');

addIcons({
  cart: 'M3.5 4.5h2.2l2 10.5h9.6l2-7.5H6.4M9.2 19.6v.01M16 19.6v.01',
  minus: 'M5 12h14',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.2 10.5v5.5M13.8 10.5v5.5',
});

/** @param {App} app @param {PriceList} first */
export async function createShop(app, first) {
  let list = first;
  const cart = createCart(app.session.id, (id) => list.prices.every((price) => price.id !== id));
  /** What a press on a photo does while a part of a package is filled. @type {import('./packages.js').Filling | null} */
  let filling = null;
  await loadStyles('shop');

  /** @param {number} amount */
  const money = (amount) => formatMoney(amount, list.currency ?? '');
  const digital = () => list.prices.find((price) => price.kind === 'digital') ?? null;
  /** The items that can be bought of one photo. */
  const ofPhoto = () => list.prices.filter((price) => price.kind === 'digital' || price.kind === 'print');
  const packages = () => list.prices.filter((price) => price.kind === 'package');
  const bundle = () => list.prices.find((price) => price.kind === 'bundle') ?? null;
  /** A price and the parts of a package. @param {Price} price */
  const within = (price) => [price, ...(price.parts ?? [])];
  const bundleChosen = () =>
    list.prices.some((price) => within(price).some(({ kind }) => kind === 'bundle') && cart.quantity(price.id, null) > 0);
  /** @param {Photo} photo */
  const chosen = ({ photo_id: photo }) =>
    filling
      ? filling.holds(photo)
      : bundleChosen() || list.prices.some((price) => within(price).some(({ id }) => cart.quantity(id ?? '', photo) > 0));

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

  /** From now on photos go into a part of a package; nothing ends that. @param {import('./packages.js').Filling | null} next */
  function fill(next) {
    filling = next;
    bar.replaceChildren(filling ? filling.bar : barButton);
    cart.tell();
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
    if (filling) return filling.press(photo.photo_id);
    const prices = ofPhoto();
    if (prices.length === 1 && prices[0].kind === 'digital' && !bundle() && packages().length === 0) {
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
    if (filling) return filling.add(ids);
    const price = digital();
    if (!price) return go('cart');
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
  const barButton = /** @type {Element} */ (bar.firstElementChild);

  function drawCount() {
    const n = cart.count;
    badge.textContent = n ? String(n) : '';
    bindText(opener, 'aria-label', ['cart.open', { n }]);
    bindText(opener, 'title', ['cart.title']);
    bar.hidden = n === 0;
    bindText(barText, '', ['cart.count', { n }]);
    barTotal.textContent = cart.busy ? '…' : money(cart.total);
    filling?.draw();
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
    packages,
    bundle,
    bundleChosen,
    set,
    fill,

    /** @param {Photo} photo @param {number} index */
    tileButton(photo, index) {
      const element = iconButton('tile-buy', ['cart.photo', { i: index + 1 }], () => void choose(photo), 'cart');
      function draw() {
        for (const name of ['aria-label', 'title']) bindText(element, name, [filling?.label ?? 'cart.photo', { i: index + 1 }]);
        mark(element, photo);
      }
      draw();
      // Tiles come and go with their views; the listener goes with its tile.
      const stop = cart.on(() => (element.isConnected ? draw() : stop()));
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
    selectionButton: (ids) => (digital() ?? packages()[0]) && iconButton('', ['cart.selected'], () => void addAll(ids()), 'cart'),

    /** The photographer has taken a photo away. @param {string} id */
    async vanished(id) {
      if (!cart.lines.some((line) => line.photo_id === id)) return;
      await cart.read().catch(() => {});
      if (cart.gone) toast(['cart.gone', { n: cart.gone }]);
    },

    cartView() {
      if (filling) fill(null);
      return view('cart', () => import('./cart_view.js'));
    },
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
