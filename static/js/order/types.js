/**
 * The shapes of an order; docs/API.md.
 *
 * @typedef {'draft' | 'placed' | 'paid' | 'fulfilled' | 'cancelled' | 'refunded'} Status
 *
 * @typedef {object} Line
 * @property {string} line_id
 * @property {'digital' | 'bundle' | 'print'} kind
 * @property {string | null} size
 * @property {string} name as it was called when it was ordered
 * @property {string | null} photo_id
 * @property {string | null} thumb_url
 * @property {string | null} filename
 * @property {number} quantity
 * @property {number} unit_amount minor units
 * @property {number} amount minor units
 * @property {boolean} covered
 * @property {string | null} download_url signed, good for a day; null until it is paid
 *
 * @typedef {object} Order
 * @property {string} id
 * @property {string} number for people
 * @property {Status} status
 * @property {string} session_id
 * @property {string} session_name
 * @property {string} studio_name
 * @property {string} name the buyer's
 * @property {string | null} email null after the session was erased, when the names are empty too
 * @property {string | null} phone
 * @property {string | null} note
 * @property {string} payment
 * @property {string} currency ISO 4217
 * @property {Line[]} lines
 * @property {number} total_amount minor units
 * @property {string} created_at
 * @property {string | null} placed_at
 * @property {string | null} paid_at
 * @property {string | null} fulfilled_at
 * @property {string | null} cancelled_at
 * @property {string | null} refunded_at
 * @property {string | null} archive_url signed, good for a day; null until it is paid
 * @property {string | null} payment_url of a checkout that was begun
 * @property {Status[]} actions what the caller may make of it now
 */
export {};
