/** The files of a drop or of a file input, and which of them cannot be photos. */

/** @typedef {import('./types.js').Picked} Picked */

/** What the server takes; a larger file would travel only to be refused. */
export const MAX_BYTES = 100 * 1024 * 1024;
/** Kinds that travel: the server reads the file itself and knows best. HEIC is refused there by name. */
const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|hei[cf])$/i;
/** What systems and cameras leave in folders; nobody means to send it. */
const LITTER = /^(\.|~\$)|^(Thumbs\.db|desktop\.ini|ehthumbs\.db|__MACOSX)$/i;

/** @param {string} path */
export function isLitter(path) {
  return path.split('/').some((part) => LITTER.test(part));
}

/** Why a file is not sent, or ''. @param {File} file */
export function refusal(file) {
  if (!PICTURE.test(file.name) && !file.type.startsWith('image/')) return 'unsupported_type';
  if (file.size === 0) return 'empty_file';
  return file.size > MAX_BYTES ? 'too_large' : '';
}

/** @param {FileList | null} list from an `<input>`, with or without `webkitdirectory` @returns {Picked[]} */
export function fromInput(list) {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/**
 * Everything that was dropped, folders to any depth. Must be called in the drop event itself: the
 * browser empties the transfer afterwards.
 * @param {DataTransfer} transfer
 * @returns {Promise<Picked[]>} in the folders' order
 */
export async function fromDrop(transfer) {
  const entries = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  /** @type {Picked[]} */
  const picked = [];
  for (const { entry, file } of entries) {
    if (entry) await walk(entry, picked);
    else if (file) picked.push({ file, path: file.name });
  }
  return picked;
}

/** @param {FileSystemEntry} entry @param {Picked[]} picked */
async function walk(entry, picked) {
  if (isLitter(entry.name)) return;
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    picked.push({ file, path });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  // A reader gives a hundred at a time and an empty list at the end.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const child of some) await walk(child, picked);
  }
}
