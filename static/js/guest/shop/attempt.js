/**
 * One try to order. Its key and its words stay in this tab over a reload, so that an order whose answer
 * got lost is asked for again and not made twice. Orders that were made are remembered by their links.
 */
import { ApiError, request } from '../api.js';
import { cartUrl } from './cart.js';

/**
 * @typedef {object} Contacts
 * @property {string} name
 * @property {string} email
 * @property {string} [phone]
 * @property {string} [note]
 * @property {{ street: string, postal_code: string, city: string, country?: string }} [address]
 * @property {string} language
 * @property {string} payment
 * @property {number} expected_total minor units, as the buyer saw it
 */
/** @typedef {{ order: { id: string, number: string }, order_url: string, payment_url: string | null }} Placed */
/** @typedef {{ key: string, token: string, contacts: Contacts }} Attempt */
/** @typedef {{ number: string, url: string }} Known */

/** Of this session, newest first. */
const MOST_KNOWN = 10;

/** @param {Storage} storage @param {string} name @returns {any} */
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {Storage} storage @param {string} name @param {unknown} value */
function write(storage, name, value) {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
  } catch {
    /* blocked storage: the server still makes one order of one cart */
  }
}

/** 128 random bits; `crypto.randomUUID` needs a secure context. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} sessionId */
export function createAttempts(sessionId) {
  const attemptName = `pixora.checkout.${sessionId}`;
  const ordersName = `pixora.orders.${sessionId}`;
  /** @type {Attempt | null} */
  let open = read(sessionStorage, attemptName);

  /** @param {Attempt | null} next */
  function keep(next) {
    open = next;
    write(sessionStorage, attemptName, next);
  }

  /** @param {Attempt} attempt @returns {Promise<Placed>} */
  async function send({ token, key, contacts }) {
    const placed = await request('POST', `${cartUrl(token)}/checkout`, contacts, { headers: { 'Idempotency-Key': key } });
    keep(null);
    write(localStorage, ordersName, [{ number: placed.order.number, url: placed.order_url }, ...orders()].slice(0, MOST_KNOWN));
    return placed;
  }

  /** @returns {Known[]} */
  function orders() {
    return read(localStorage, ordersName) ?? [];
  }

  return {
    orders,
    /** The one whose answer is not known. */
    get open() {
      return open;
    },

    /** @param {string} token @param {Contacts} contacts @throws {ApiError} */
    async place(token, contacts) {
      const unanswered = open?.token === token ? open : null;
      const same = unanswered && JSON.stringify(unanswered.contacts) === JSON.stringify(contacts);
      const attempt = same ? unanswered : { key: randomKey(), token, contacts };
      if (!unanswered) keep(attempt);
      try {
        return await send(attempt);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // The words were changed after an answer got lost, and that one had become the order.
        if (error.code === 'cart_ordered' && unanswered && !same) return send(unanswered);
        if (!error.temporary && error.status < 500) keep(null);
        throw error;
      }
    },

    /** Asks again for an order whose answer got lost before the page was left. */
    recover: () => (open ? send(open) : Promise.resolve(null)),
    drop: () => keep(null),
  };
}
