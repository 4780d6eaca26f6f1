/**
 * The shapes of docs/API.md that several pages read.
 *
 * @typedef {object} User
 * @property {string} id
 * @property {string} name
 * @property {string | null} email
 * @property {string | null} phone
 * @property {'super_admin' | 'admin' | 'photographer' | 'customer' | 'operator'} role
 * @property {{ id: string, name: string }[]} studios
 *
 * @typedef {object} Context what every page is given
 * @property {User} user
 * @property {string | null} sessionId the device session of this browser
 * @property {(text: import('../common/i18n.js').Text | string) => void} setTitle a message, or words of the user's own, as the heading of the browser's tab
 * @property {(end: () => void) => void} onLeave called when another page takes the place of this one without a reload
 *
 * @typedef {object} Place where and with what somebody signed in
 * @property {'phone' | 'tablet' | 'computer' | 'unknown'} device
 * @property {string | null} os
 * @property {string | null} browser
 * @property {string} ip
 * @property {string | null} location
 */
export {};
