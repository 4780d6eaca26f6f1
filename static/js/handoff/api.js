/** The server's HTTP interface, as the phone's page uses it. */
import { ApiError, exchange, refusal } from '../common/api.js';

export { ApiError };

/**
 * @typedef {import('../common/shapes.js').Answer<'HandoffJson'>} Session
 * @typedef {import('../common/shapes.js').Answer<'HandoffPhotoJson'>} Photo
 */

const TIMEOUT_MS = 20_000;
/** A photo over a bad mobile network; the server has no more patience either. */
const SEND_TIMEOUT_MS = 120_000;

/** How far this phone's clock is behind the server's, in milliseconds. */
let behind = 0;

/** The server's time. */
export function serverNow() {
  return Date.now() + behind;
}

/** @param {Response} response */
function compareClocks(response) {
  const date = Date.parse(response.headers.get('Date') ?? '');
  // The header has whole seconds; a phone that is right is left alone.
  if (date && Math.abs(date - Date.now()) > 2000) behind = date - Date.now();
}

/** @param {string} path */
function get(path) {
  return exchange('GET', path, undefined, { timeout: TIMEOUT_MS, seen: compareClocks });
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {string} id */
export function createApi(id) {
  const base = `/api/session/${encodeURIComponent(id)}`;
  return {
    events: `${base}/events`,

    /** @returns {Promise<Session>} */
    read: () => get(base),

    /** @returns {Promise<Photo[]>} */
    photos: async () => (await get(`${base}/photos`)).photos,

    /** @returns {Promise<Photo[]>} */
    results: async () => (await get(`${base}/result`)).photos,

    /**
     * Sends one photo. Not by `fetch`, which does not tell how much has gone.
     * @param {Blob} photo
     * @param {string} key the same for the same photo, so that a lost answer makes no second one
     * @param {(part: number) => void} onProgress 0..1
     * @returns {Promise<Photo>}
     */
    send(photo, key, onProgress) {
      return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', `${base}/photos`);
        request.setRequestHeader('Idempotency-Key', key);
        request.timeout = SEND_TIMEOUT_MS;
        request.responseType = 'json';
        request.upload.addEventListener('progress', (event) => {
          if (event.lengthComputable) onProgress(event.loaded / event.total);
        });
        request.addEventListener('load', () => {
          if (request.status < 300) resolve(request.response);
          else reject(refusal(request.status, request.response, request.getResponseHeader('Retry-After')));
        });
        request.addEventListener('timeout', () => reject(new ApiError('timeout')));
        request.addEventListener('error', () => reject(new ApiError('network')));
        const form = new FormData();
        form.append('photo', photo, 'photo.jpg');
        request.send(form);
      });
    },
  };
}
