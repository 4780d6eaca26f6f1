/**
 * The shapes that travel between the page's modules; the HTTP ones are the server's.
 * Boxes are fractions 0..1 of the oriented picture, from its top left corner.
 *
 * @typedef {import('../common/shapes.js').Answer<'BoxJson'>} Box
 *
 * @typedef {object} Session what the server wrote into the page
 * @property {string} id
 * @property {string} name
 * @property {string | null} description
 * @property {string} status
 * @property {string | null} scheduled_at RFC 3339
 * @property {string | null} [time_zone] in which its times are shown
 * @property {boolean} facepass_enabled whether guests may search by a selfie
 * @property {string} [consent_version] of the text that guests are asked to agree to now
 * @property {string | null} [guardian_version] of the text that a guardian is asked to agree to, where children are found only then
 * @property {boolean} [people] guests may filter by people
 * @property {boolean} [news] guests may hear of new photos
 * @property {string | null} [reveals_at] until then no photos are shown
 * @property {string | null} [ends_at] from then on the gallery is closed
 * @property {string | null} [origin] what its links begin with, where the studio has a host of its own
 * @property {'off' | 'web' | 'full' | 'original'} [downloads] what may be saved
 * @property {'off' | 'moderated' | 'open'} [guest_photos] whether guests may add photos of their own
 * @property {'off' | 'moderated' | 'open'} [comments] whether guests may write on photos
 * @property {number} photos_total
 * @property {number} photos_ready
 * @property {number} hours_apart whole hours between the first photo and the last
 * @property {{ code: string } | null} error
 * @property {FirstPage} [first] the first photos, where the gallery may be seen
 * @property {Photo | null} [cover] the photo that stands for the session
 * @property {Photo | null} [photo] the one that the link is of
 *
 * @typedef {{ photos: Photo[], next_cursor: string | null, total: number, pending: number, chapters?: { chapter_id: string, name: string }[] }} FirstPage
 *
 * @typedef {import('../common/shapes.js').Answer<'Picture'> & { box?: Box | null, focus?: { x: number, y: number } | null, score?: number, has_picture?: boolean, return_url?: string | null, chapter_id?: string | null }} Photo in search results with the matched face
 * @typedef {import('../common/shapes.js').Answer<'FacepassStatus'>} FacepassStatus
 * @typedef {import('../common/shapes.js').Answer<'FaceJson'>} ProbeFace
 * @typedef {Omit<import('../common/shapes.js').Answer<'SearchAnswerJson'>, 'matches' | 'perhaps'> & { matches: Photo[], perhaps?: Photo[] }} SearchResult best match first; `perhaps` may show the guest
 *
 * @typedef {import('../common/shapes.js').Answer<'PriceKind'>} PriceKind
 * @typedef {import('../common/shapes.js').Answer<'GuestPrice'>} Price
 * @typedef {import('../common/shapes.js').Answer<'GuestPrices'>} PriceList
 * @typedef {import('../common/shapes.js').Answer<'LineJson'>} CartLine
 * @typedef {import('../common/shapes.js').Answer<'CartJson'>} Cart
 * @typedef {import('../common/shapes.js').Answer<'CartPackage'>} CartPackage
 * @typedef {import('../common/shapes.js').Answer<'PartJson'>} Part
 *
 * @typedef {'home' | 'consent' | 'find' | 'results' | 'all' | 'cart' | 'checkout' | 'hearts' | 'hidden' | 'list' | 'send'} ViewName
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} [entered] after the element is in the page
 * @property {(photo: Photo) => void} [found] one more photo of this guest came by itself
 * @property {() => void} [furnished] hearts have come
 * @property {() => void} [dispose] stops cameras, timers and observers
 *
 * @typedef {object} App what every view is given
 * @property {Session} session
 * @property {import('./api.js').Api} api
 * @property {import('./live.js').Live} live what happens in the session now
 * @property {import('./feed.js').Feed} feed every photo of the session, loaded page by page
 * @property {import('./shop/shop.js').Shop | null} shop null while it is asked for and where nothing is sold
 * @property {boolean} [framed] the page stands in a frame on the studio's own site: what it leads to opens in a tab of its own
 * @property {import('./hearts.js').Hearts | null} hearts null while they are asked for
 * @property {Promise<import('./comments.js').Comments | null> | null} comments null where guests do not write on photos
 * @property {string | null} sharedKey of the list that somebody shares, whose link was followed
 * @property {string[]} confirmed ids of photos that the guest said yes to; kept and dropped as the selfies
 * @property {Set<string>} dismissed ids of photos that the guest said no to
 * @property {Blob[]} selfies only ever in memory; dropped when the guest leaves or withdraws
 * @property {SearchResult | null} result
 * @property {(view: ViewName, options?: { replace?: boolean }) => void} go
 * @property {() => void} back to the view before, or home when the page was opened here
 * @property {(view: ViewName) => void} refreshTabs after the result changed within a view
 * @property {(code: string) => void} fail shows the page for a session that cannot be shown
 * @property {() => void} forget drops the selfies and what was found with them
 */
export {};
