/**
 * The shapes of docs/API.md that the studio's pages read.
 *
 * @typedef {'created' | 'active' | 'completed' | 'archived'} Status
 *
 * @typedef {object} Counts photos of a session by state
 * @property {number} ready
 * @property {number} queued
 * @property {number} rejected
 * @property {number} selected
 *
 * @typedef {object} PhotoSession
 * @property {string} id
 * @property {string} name
 * @property {string | null} description
 * @property {string} studio_id
 * @property {Status} status
 * @property {boolean} gallery_open whether guests get in, unless the session is archived
 * @property {boolean} face_search whether they may search by a selfie
 * @property {string | null} pin guests must know it to get in
 * @property {string | null} reveals_at until then guests see no photos
 * @property {string | null} ends_at from then on guests do not get in
 * @property {'off' | 'web' | 'full' | 'original'} downloads what guests may save
 * @property {boolean} facepass_enabled whether guests can search now
 * @property {string | null} scheduled_at
 * @property {string} created_at
 * @property {string} url the guests' link
 * @property {Counts} photos
 *
 * @typedef {object} Photo
 * @property {string} photo_id
 * @property {string} filename
 * @property {number} bytes
 * @property {number | null} width
 * @property {number | null} height
 * @property {'queued' | 'ready' | 'rejected'} state
 * @property {string | null} reject_code
 * @property {boolean} is_selected
 * @property {boolean} [damaged] the file has faults, and what could be read of it is shown
 * @property {number | null} [readable] per cent of the picture that could be read
 * @property {boolean} [animated] there are more pictures in the file
 * @property {number | null} [rating] stars
 * @property {string | null} [label]
 * @property {string[]} [keywords]
 * @property {string | null} [caption]
 * @property {string | null} [creator]
 * @property {string | null} [copyright]
 * @property {number | null} faces
 * @property {string | null} thumbhash
 * @property {string | null} thumb_url
 * @property {string | null} preview_url
 */
export {};
