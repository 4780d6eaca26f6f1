/**
 * The shapes that several pages read.
 *
 * @typedef {import('../common/shapes.js').Answer<'User'>} User
 * @typedef {import('../common/shapes.js').Answer<'SignInOrigin'>} Place where and with what somebody signed in
 *
 * @typedef {import('../common/i18n.js').Text | string | (() => string)} Title a message, words of the user's own, or what makes them
 *
 * @typedef {object} Context what every page is given
 * @property {User} user
 * @property {string | null} sessionId the device session of this browser
 * @property {(title: Title) => void} setTitle the heading of the browser's tab
 * @property {(end: () => void) => void} onLeave called when another page takes the place of this one without a reload
 */
export {};
