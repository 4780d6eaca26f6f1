/** One file to the server by tus 1.0, with the official client. */

/** @typedef {import('../dashboard/upload/types.js').Carrier} Carrier */
/** @typedef {import('../dashboard/upload/types.js').Entry} Entry */
/** @typedef {import('../dashboard/upload/types.js').Sent} Sent */

const TUS_URL = '../../vendor/tus/tus.min.js';
/** A proxy may buffer a request before it passes it on: no more than this is lost when it is cut. */
const CHUNK = 8 << 20;

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
  library ??= import(String(TUS_URL)).then(
    () => /** @type {any} */ (window).tus,
    () => {
      library = undefined;
      throw new TransferError('network');
    },
  );
  return library;
}

/** Fetches the client while there is a network, so that a file can be begun without one. */
export function prepareCarrier() {
  loadTus().catch(() => {});
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
 * @param {object} way
 * @param {string} way.endpoint
 * @param {() => Record<string, string>} [way.headers] asked for before every request: the CSRF token changes
 * @param {number} [way.small] files of no more bytes go along with the request that announces them
 * @param {(entry: Entry) => Record<string, string>} way.metadata beside the name and the type of the file
 * @param {(entry: Entry) => string} way.fingerprint by which the browser knows where a file stands
 * @returns {Carrier}
 */
export function createCarrier({ endpoint, headers = () => ({}), small = 0, metadata, fingerprint }) {
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
        endpoint: new URL(endpoint, location.href).href,
        chunkSize: CHUNK,
        uploadDataDuringCreation: entry.file.size <= small,
        // The queue decides when to try again: it sees all files, not one.
        retryDelays: null,
        metadata: {
          filename: entry.file.name,
          ...metadata(entry),
          ...(entry.file.type && { filetype: entry.file.type }),
        },
        fingerprint: () => Promise.resolve(fingerprint(entry)),
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
