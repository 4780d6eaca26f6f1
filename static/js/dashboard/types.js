/**
 * The shapes that several pages read.
 *
 * @typedef {import('../common/shapes.js').Answer<'User'>} User
 * @typedef {import('../common/shapes.js').Answer<'SignInOrigin'>} Place where and with what somebody signed in
 *
 * @typedef {object} Context what every page is given
 * @property {User} user
 * @property {string | null} sessionId the device session of this browser
 * @property {(key: string) => void} setTitle a message as the heading of the browser's tab
 */
export {};
