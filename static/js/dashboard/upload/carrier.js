/** One file to the server by tus 1.0, with the official client. */

/** @typedef {import('./types.js').Carrier} Carrier */
/** @typedef {import('./types.js').Sent} Sent */

const TUS_URL = '../../../vendor/tus/tus.min.js';
/** A proxy may buffer a request before it passes it on: no more than this is lost when it is cut. */
const CHUNK = 8 << 20;
/** Below this the file goes along with the request that announces it: half the round trips. */
const SMALL = 2 << 20;

/** A file that did not arrive. */
export class TransferError extends Error {
  /** @param {string} code the server's problem code, or `network` without an answer @param {{ status?: number, retryAfter?: number }} [details] */
  constructor(code, { status = 0, retryAfter = 0 } = {}) {
    super(code);
    this.code = code;
    this.status = status;
    /** Seconds; 0 when the server did not say. */
    this.retryAfter = retryAfter;
  }
}

/** @type {Promise<any> | undefined} */
let library;

/** tus-js-client is a classic script: it leaves itself at `window.tus`. */
function loadTus() {
  library ??= import(String(TUS_URL)).then(() => /** @type {any} */ (window).tus);
  return library;
}

/** @param {any} error @returns {TransferError} */
function transferError(error) {
  const response = error.originalResponse;
  // Without a request the file itself could not be read.
  if (!response) return new TransferError(error.originalRequest ? 'network' : 'file_unreadable');
  let code = 'internal';
  try {
    code = JSON.parse(response.getBody()).code ?? code;
  } catch {
    /* a proxy's page instead of the server's answer */
  }
  return new TransferError(code, { status: response.getStatus(), retryAfter: Number(response.getHeader('Retry-After')) || 0 });
}

/**
 * @param {string} sessionId
 * @param {() => Record<string, string>} headers asked for before every request: the CSRF token changes
 * @returns {Carrier}
 */
export function createCarrier(sessionId, headers) {
  return {
    async send(entry, { signal, onProgress }) {
      const tus = await loadTus();
      if (signal.aborted) throw new TransferError(String(signal.reason));
      /** @type {(sent: Sent) => void} */
      let arrived = () => {};
      /** @type {(error: TransferError) => void} */
      let failed = () => {};
      /** @type {Promise<Sent>} */
      const outcome = new Promise((resolve, reject) => {
        arrived = resolve;
        failed = reject;
      });
      const upload = new tus.Upload(entry.file, {
        endpoint: new URL('/api/uploads', location.href).href,
        chunkSize: CHUNK,
        uploadDataDuringCreation: entry.file.size <= SMALL,
        // The queue decides when to try again: it sees all files, not one.
        retryDelays: null,
        metadata: {
          photo_session_id: sessionId,
          filename: entry.file.name,
          sha256: entry.sha256,
          ...(entry.file.type && { filetype: entry.file.type }),
        },
        // By content, so that a renamed or copied file goes on where it was.
        fingerprint: () => Promise.resolve(`pixora-${sessionId}-${entry.sha256}`),
        removeFingerprintOnSuccess: true,
        /** @param {any} request */
        onBeforeRequest(request) {
          for (const [name, value] of Object.entries(headers())) request.setHeader(name, value);
        },
        onProgress,
        /** @param {any} error */
        onError: (error) => failed(transferError(error)),
        /** @param {{ lastResponse: any }} payload */
        onSuccess({ lastResponse }) {
          arrived({
            // When the answer to the last byte was lost, the client only learns that it is complete;
            // the ledger says the rest.
            result: lastResponse.getHeader('Pixora-Result') ?? 'stored',
            photoId: lastResponse.getHeader('Pixora-Photo-Id') ?? '',
            code: lastResponse.getHeader('Pixora-Reject-Code') ?? '',
          });
        },
      });
      signal.addEventListener(
        'abort',
        () => {
          const code = String(signal.reason);
          failed(new TransferError(code));
          // The received part of a cancelled file expires by itself when this request fails.
          upload.abort(code === 'cancel').catch(() => {});
        },
        { once: true },
      );
      const started = upload.findPreviousUploads().then((/** @type {any[]} */ [earlier]) => {
        if (signal.aborted) return;
        if (earlier) upload.resumeFromPreviousUpload(earlier);
        upload.start();
      });
      await Promise.all([started, outcome]);
      return outcome;
    },
  };
}
