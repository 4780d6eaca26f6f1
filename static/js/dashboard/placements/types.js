/**
 * The shapes of docs/API.md that the customer's pages read.
 *
 * @typedef {'draft' | 'placed' | 'in_progress' | 'completed' | 'cancelled'} Status
 *
 * @typedef {object} Order
 * @property {string} id
 * @property {Status} status
 * @property {string} title
 * @property {string} description
 * @property {string} target_url
 * @property {number | null} total_amount kopecks
 * @property {{ country: string, region: string | null, city: string | null }} geo
 * @property {string | null} deadline
 * @property {string[]} platforms
 * @property {string | null} image_url
 * @property {string | null} preview_url
 * @property {string | null} [source_image_url] the picture below the code
 * @property {string} created_at
 * @property {string} updated_at
 *
 * @typedef {{ amount: number, reserved: number, currency: string }} Balance kopecks
 *
 * @typedef {object} Changes what a draft is told; what is left out stays
 * @property {string} [title]
 * @property {string} [description]
 * @property {string} [target_url]
 * @property {number | null} [total_amount]
 * @property {{ country?: string, region?: string, city?: string }} [geo]
 * @property {string | null} [deadline]
 * @property {string[]} [platforms]
 * @property {string | null} [image_url]
 */
export {};
