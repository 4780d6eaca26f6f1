/**
 * A file's way: `waiting` → `hashing` → `hashed` (the server is asked next) → `ready` → `uploading` →
 * `stored`. It may end elsewhere: `duplicate`, `sidecar` (read, and no picture) and `rejected` by the server's word, `refused` here
 * because it cannot be a photo, `cancelled` by the photographer, `failed` until it is tried again.
 * @typedef {'waiting' | 'hashing' | 'hashed' | 'ready' | 'uploading' | 'stored' | 'duplicate' | 'sidecar' | 'rejected' | 'refused' | 'cancelled' | 'failed'} EntryState
 *
 * @typedef {object} Picked a file as it was chosen
 * @property {File} file
 * @property {string} path with the folders below the chosen one, for example "Ceremony/IMG_0001.JPG"
 * @property {string} [code] why it cannot be read, where that is known already
 * @property {boolean} [isPicture] known from its first bytes, where its name does not say
 *
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} path
 * @property {File} file
 * @property {EntryState} state
 * @property {string} sha256 '' until hashed
 * @property {number} sent bytes that have arrived
 * @property {string} code why it was rejected, refused or failed; '' otherwise
 * @property {string} photoId
 * @property {boolean} indexed the photo can be found by guests
 * @property {number} attempts failed ones in a row
 * @property {boolean} verified the server itself has said that it holds the file
 * @property {number} lost how often the server had it not, although it had said that it was stored
 * @property {number} notBefore when it may be tried again, milliseconds of `performance.now()`
 *
 * @typedef {object} LedgerFile the server's word about one file
 * @property {string} filename
 * @property {string} sha256
 * @property {'indexed' | 'queued' | 'rejected' | 'sidecar' | 'missing'} state
 * @property {string | null} photo_id
 * @property {string | null} code
 * @property {boolean} [damaged] the file has faults, and what could be read of it is shown
 *
 * @typedef {(files: { filename: string, sha256: string }[]) => Promise<LedgerFile[]>} AskLedger
 *
 * @typedef {object} Sent the server's word at the end of an upload
 * @property {'stored' | 'duplicate' | 'sidecar' | 'rejected'} result
 * @property {string} photoId
 * @property {string} code
 *
 * @typedef {object} Carrier what takes one file to the server
 * @property {(entry: Entry, options: { signal: AbortSignal, onProgress: (bytes: number) => void }) => Promise<Sent>} send
 *   rejects with a `TransferError`; a signal aborted with the reason 'cancel' also removes what has arrived
 */
export {};
