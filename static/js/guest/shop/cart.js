/**
 * The guest's cart. The server keeps it, with every amount; this browser keeps the token. What the
 * guest asks for shows at once, and totals follow with the server's answer.
 */
import { ApiError, request } from '../api.js';

/** @typedef {import('../types.js').Cart} Cart */
/** @typedef {{ price_id: string, photo_id: string | null, quantity: number }} Item */

/** The server's limit for one request. */
const MOST_ITEMS = 500;

/** @param {string | null} photoId @param {string} priceId */
const keyOf = (priceId, photoId) => `${priceId} ${photoId ?? ''}`;

/** @param {string} token */
export const cartUrl = (token) => `/api/carts/${encodeURIComponent(token)}`;

/** @typedef {ReturnType<typeof createCart>} CartState */

/** @param {string} sessionId @param {(priceId: string) => boolean} isPart whether that is a part of a package, which is not counted by itself */
export function createCart(sessionId, isPart) {
  const storageKey = `pixora.cart.${sessionId}`;
  /** Storage is blocked in some in-app browsers: there the cart lasts as long as the page. @type {string | null} */
  let token = stored();
  /** @type {Cart | null} */
  let cart = null;
  /** Quantities that the server has not confirmed yet. @type {Map<string, Item>} */
  const wanted = new Map();
  /** Photos that went away while they were in the cart; told until the guest has seen it. @type {Set<string>} */
  const gone = new Set();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** Changes go one after the other, so that the last answer is the last word. @type {Promise<unknown>} */
  let turn = Promise.resolve();

  function stored() {
    try {
      return localStorage.getItem(storageKey);
    } catch {
      return null;
    }
  }

  /** @param {string | null} next */
  function keep(next) {
    token = next;
    try {
      if (next) localStorage.setItem(storageKey, next);
      else localStorage.removeItem(storageKey);
    } catch {
      /* see `token` */
    }
  }

  function tell() {
    for (const listener of [...listeners]) listener();
  }

  /** @param {Cart} answer */
  function take(answer) {
    cart = answer;
    for (const { photo_id: id } of answer.removed) gone.add(id);
  }

  async function begin() {
    const { cart_token: fresh, ...answer } = await request('POST', `/api/v1/sessions/${encodeURIComponent(sessionId)}/carts`, {});
    keep(fresh);
    take(answer);
    return fresh;
  }

  /** Sets quantities: 0 takes out, what is not named stays. @param {Item[]} items @returns {Promise<Cart>} */
  async function put(items) {
    /** @param {string} open */
    const into = (open) => request('PUT', `${cartUrl(open)}/items`, { items });
    try {
      return await into(token ?? (await begin()));
    } catch (error) {
      if (!ended(error)) throw error;
      return into(await begin());
    }
  }

  /** @param {Item[]} items */
  async function send(items) {
    try {
      for (let i = 0; i < items.length; i += MOST_ITEMS) take(await put(items.slice(i, i + MOST_ITEMS)));
    } finally {
      for (const item of items)
        if (wanted.get(keyOf(item.price_id, item.photo_id)) === item) wanted.delete(keyOf(item.price_id, item.photo_id));
      tell();
    }
  }

  async function read() {
    if (!token) return;
    try {
      take(await request('GET', cartUrl(token)));
    } catch (error) {
      if (ended(error)) forget();
      else throw error;
    }
    tell();
  }

  function forget() {
    keep(null);
    cart = null;
    gone.clear();
    tell();
  }

  /** How many of these prices are in it, those on their way included. @param {(priceId: string) => boolean} counts */
  function sum(counts) {
    const known = new Map((cart?.lines ?? []).map((line) => [keyOf(line.price_id, line.photo_id), line]));
    /** @type {Map<string, Item>} */
    const all = new Map([...known, ...wanted]);
    return [...all.values()].reduce((n, item) => n + (counts(item.price_id) ? item.quantity : 0), 0);
  }

  return {
    get token() {
      return token;
    },
    get lines() {
      return cart?.lines ?? [];
    },
    get total() {
      return cart?.total_amount ?? 0;
    },
    /** The sums as the server told them; null before it did. @returns {import('../../common/sums.js').Sums | null} */
    get sums() {
      if (!cart?.currency) return null;
      const { currency, items_amount, promo, discount_amount, shipping_id, tax, total_amount } = cart;
      const way = cart.shipping?.find((each) => each.id === shipping_id);
      const discount = promo && !promo.problem ? { code: promo.code, amount: discount_amount } : null;
      return { currency, items_amount, discount, shipping: way ?? null, tax, total_amount };
    },
    get promo() {
      return cart?.promo ?? null;
    },
    /** The ways of delivery to choose from. */
    get ways() {
      return cart?.shipping ?? [];
    },
    get wayId() {
      return cart?.shipping_id ?? null;
    },
    /** The packages in it, with what they hold. */
    get packages() {
      return cart?.packages ?? [];
    },
    get bundlePhotos() {
      return cart?.bundle_photos ?? 0;
    },
    get orderId() {
      return cart?.order_id ?? null;
    },
    get gone() {
      return gone.size;
    },
    /** Whether the total is about to change. */
    get busy() {
      return wanted.size > 0;
    },

    /** How many things are in it, those on their way included. */
    get count() {
      return sum((priceId) => !isPart(priceId));
    },

    /** How many photos a part of a package has. @param {string} id */
    chosen: (id) => sum((priceId) => priceId === id),

    /** @param {string} priceId @param {string | null} photoId null for the bundle */
    quantity(priceId, photoId) {
      const asked = wanted.get(keyOf(priceId, photoId));
      return asked?.quantity ?? this.lines.find((line) => line.price_id === priceId && line.photo_id === photoId)?.quantity ?? 0;
    },

    /** Sets quantities. @param {Item[]} items @throws {ApiError} when the server did not take them; the cart is as before */
    set(items) {
      for (const item of items) wanted.set(keyOf(item.price_id, item.photo_id), item);
      tell();
      const sent = turn.then(() => send(items));
      turn = sent.catch(() => {});
      return sent;
    },

    /** Chooses a promo code or a way of delivery. @param {{ promo_code?: string | null, shipping_id?: string }} choice @throws {ApiError} */
    choose(choice) {
      const sent = turn.then(async () => {
        if (token) take(await request('PATCH', cartUrl(token), choice));
        tell();
      });
      turn = sent.catch(() => {});
      return sent;
    },

    /** Asks the server what is in it now. */
    read: () => (turn = turn.then(read, read)),
    /** The guest has been told what went away. */
    seen() {
      gone.clear();
    },
    /** It has become an order, or is no more. */
    forget,
    /** Has every listener look again. */
    tell,
    /** @param {() => void} listener @returns {() => void} stops */
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Died of age, or was ordered in another tab: what is chosen now begins a new one. @param {unknown} error */
function ended(error) {
  return error instanceof ApiError && (error.status === 404 || error.code === 'cart_ordered');
}

/** What the guest is told about a failure. @param {unknown} error @returns {import('../../common/i18n.js').Text | string} */
export function said(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'network' || error.code === 'timeout') return ['cart.network'];
  return error.detail || ['cart.failed'];
}
