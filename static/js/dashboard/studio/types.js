/**
 * The shapes that the studio's pages read.
 *
 * @typedef {import('../../common/shapes.js').Answer<'SessionStatus'>} Status
 * @typedef {import('../../common/shapes.js').Answer<'Photos'>} Counts photos of a session by state
 * @typedef {import('../../common/shapes.js').Answer<'StudioSessionJson'>} PhotoSession
 * @typedef {import('../../common/shapes.js').Answer<'ManagedPhotoJson'>} Photo
 */
export {};
