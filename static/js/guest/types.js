/**
 * The shapes that travel between the page's modules; the HTTP ones mirror docs/API.md.
 * Boxes are fractions 0..1 of the oriented picture, from its top left corner.
 *
 * @typedef {{ x: number, y: number, w: number, h: number }} Box
 *
 * @typedef {object} Session what the server wrote into the page
 * @property {string} id
 * @property {string} name
 * @property {string | null} description
 * @property {string} status
 * @property {string | null} scheduled_at RFC 3339
 * @property {boolean} facepass_enabled whether guests may search by a selfie
 * @property {string | null} [reveals_at] until then no photos are shown
 * @property {string | null} [ends_at] from then on the gallery is closed
 * @property {'off' | 'web' | 'full' | 'original'} [downloads] what may be saved
 * @property {number} photos_total
 * @property {number} photos_ready
 * @property {{ code: string } | null} error
 *
 * @typedef {object} Photo
 * @property {string} photo_id
 * @property {string} filename
 * @property {number} width oriented, pixels
 * @property {number} height
 * @property {string | null} thumbhash base64
 * @property {string | null} taken_at
 * @property {string} thumb_url 320 px on the long side
 * @property {string} tile_url 640 px; of photos from before there was this size, 320
 * @property {string} preview_url 1024 px
 * @property {string} full_url 2048 px
 * @property {Box} [box] the matched face, in search results
 * @property {number} [score] 0..1, in search results
 *
 * @typedef {object} FacepassStatus
 * @property {number} photos_total
 * @property {number} photos_ready
 * @property {number} queued
 *
 * @typedef {object} ProbeFace
 * @property {number} index
 * @property {number} selfie which of the sent files
 * @property {Box} box
 * @property {number} quality
 * @property {boolean} chosen
 *
 * @typedef {object} SearchResult
 * @property {string} search_id
 * @property {ProbeFace[]} faces none for a guest who came back
 * @property {Photo[]} matches best first
 * @property {number} photos_total
 * @property {number} photos_pending
 *
 * @typedef {'digital' | 'bundle' | 'print'} PriceKind
 *
 * @typedef {object} Price
 * @property {string} id
 * @property {PriceKind} kind
 * @property {string | null} size of a print, for example "10x15 cm"
 * @property {string} name in the page's language
 * @property {number} amount minor units
 *
 * @typedef {object} PriceList
 * @property {string | null} currency ISO 4217
 * @property {Price[]} prices empty when the studio sells nothing
 * @property {boolean} watermarked whether what guests see carries the studio's mark
 *
 * @typedef {object} CartLine
 * @property {string} line_id
 * @property {string} price_id
 * @property {PriceKind} kind
 * @property {string | null} size
 * @property {string} name
 * @property {string | null} photo_id null for the bundle
 * @property {string | null} thumb_url
 * @property {string | null} filename
 * @property {number} quantity
 * @property {number} unit_amount minor units
 * @property {number} amount minor units; 0 when covered
 * @property {boolean} covered by the bundle in the same cart
 *
 * @typedef {object} Cart
 * @property {string} currency
 * @property {CartLine[]} lines
 * @property {number} total_amount minor units
 * @property {number} count
 * @property {string | null} order_id once it has been ordered
 * @property {{ photo_id: string }[]} removed photos that the photographer has taken away since
 * @property {number} bundle_photos how many photos the whole session has
 *
 * @typedef {'home' | 'consent' | 'find' | 'results' | 'all' | 'cart' | 'checkout'} ViewName
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} [entered] after the element is in the page
 * @property {(photo: Photo) => void} [found] one more photo of this guest came by itself
 * @property {() => void} [dispose] stops cameras, timers and observers
 *
 * @typedef {object} App what every view is given
 * @property {Session} session
 * @property {import('./api.js').Api} api
 * @property {import('./live.js').Live} live what happens in the session now
 * @property {import('./feed.js').Feed} feed every photo of the session, loaded page by page
 * @property {import('./shop/shop.js').Shop | null} shop null while it is asked for and where nothing is sold
 * @property {Blob[]} selfies only ever in memory; dropped when the guest leaves or withdraws
 * @property {SearchResult | null} result
 * @property {(view: ViewName, options?: { replace?: boolean }) => void} go
 * @property {() => void} back to the view before, or home when the page was opened here
 * @property {(view: ViewName) => void} refreshTabs after the result changed within a view
 * @property {(code: string) => void} fail shows the page for a session that cannot be shown
 * @property {() => void} forget drops the selfies and what was found with them
 */
export {};
