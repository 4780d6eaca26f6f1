/** The shop's part of the server's HTTP interface. A cart's token is its only key. */
import { currentLanguage } from '../../common/i18n.js';
import { json, request } from '../api.js';

/** @typedef {import('../types.js').Cart} Cart */
/** @typedef {{ price_id: string, photo_id: string | null, quantity: number }} Item */

/**
 * @typedef {object} Contacts
 * @property {string} name
 * @property {string} email
 * @property {string} [phone]
 * @property {string} [note]
 * @property {'ru' | 'en'} language
 * @property {string} payment
 * @property {number} expected_total minor units, as the buyer saw it
 */
/** @typedef {{ order: { id: string, number: string }, order_url: string, payment_url: string | null }} Placed */

/** The names of prices come in the page's language. @param {RequestInit} [init] */
function inLanguage(init = {}) {
  return { ...init, headers: { ...init.headers, 'Accept-Language': currentLanguage() } };
}

/** @param {string} token */
const cart = (token) => `/api/carts/${encodeURIComponent(token)}`;

export const shopApi = {
  /** @param {string} sessionId @returns {Promise<Cart & { cart_token: string }>} */
  begin: (sessionId) => request(`/api/v1/sessions/${encodeURIComponent(sessionId)}/carts`, inLanguage(json({}))),

  /** @param {string} token @returns {Promise<Cart>} */
  get: (token) => request(cart(token), inLanguage()),

  /** Sets quantities; 0 takes out, what is not named stays. @param {string} token @param {Item[]} items @returns {Promise<Cart>} */
  put: (token, items) => request(`${cart(token)}/items`, inLanguage({ ...json({ items }), method: 'PUT' })),

  /** @param {string} token @param {string} key the same for every try of one attempt @param {Contacts} contacts @returns {Promise<Placed>} */
  checkout(token, key, contacts) {
    const { headers, ...init } = json(contacts);
    return request(`${cart(token)}/checkout`, inLanguage({ ...init, headers: { ...headers, 'Idempotency-Key': key } }));
  },

  /** @returns {Promise<{ methods: string[] }>} */
  payments: () => request('/api/payments'),
};
