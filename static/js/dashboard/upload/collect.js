/** The files of a drop or of a file input, and which of them cannot be photos. */

/** @typedef {import('./types.js').Picked} Picked */

/** The largest file that the server takes; a larger one would be sent only to be refused. */
export const MAX_BYTES = 100_000_000;
/** Kinds that travel, sidecars among them: the server reads the file itself and knows best. */
const PICTURE =
  /\.(jpe?g|jpe|jfif|a?png|webp|hei[cf]|hif|tiff?|gif|avif|jxl|cr[23]|nef|nrw|arw|sr2|raf|orf|rw2|rwl|dng|pef|iiq|3fr|srw|xmp)$/i;
/** Formats whose refusal names them. */
const KINDS = /** @type {const} */ ([
  ['video_unsupported', /\.(mp4|mov|m4v|avi|mkv|mts|m2ts|webm|3gp|insv)$/i],
  ['edited_unsupported', /\.(psd|psb|ai|eps|svg|pdf|indd|afphoto|xcf|lrcat|cos)$/i],
]);
/** Files that systems, cameras, editors and network storages leave in folders; nobody means to send them. */
const LITTER = new RegExp(
  [
    '^\\.',
    '^~\\$',
    '^(Thumbs\\.db|desktop\\.ini|ehthumbs\\.db|__MACOSX|@eaDir|#recycle|@Recycle|\\$RECYCLE\\.BIN|System Volume Information|lost\\+found)$',
    '\\.(cot|thm|pp3|dop|lrv|comask|cop)$',
  ].join('|'),
  'i',
);

/** @param {string} path */
export function isLitter(path) {
  return path.split('/').some((part) => LITTER.test(part));
}

/** Why a file is not sent, or ''. @param {File} file @param {boolean} [isPicture] known from its first bytes */
export function refusal(file, isPicture = false) {
  if (!isPicture && !PICTURE.test(file.name) && !file.type.startsWith('image/')) {
    return KINDS.find(([, names]) => names.test(file.name))?.[0] ?? 'unsupported_type';
  }
  if (file.size === 0) return 'empty_file';
  return file.size > MAX_BYTES ? 'too_large' : '';
}

/** @param {FileList | null} list from an `<input>`, with or without `webkitdirectory` @returns {Promise<Picked[]>} */
export function fromInput(list) {
  return Promise.all([...(list ?? [])].map((file) => pick(file, file.webkitRelativePath || file.name)));
}

/**
 * Everything that was dropped, folders to any depth. What cannot be read is in the list with its reason, and the
 * rest goes on. Must be called in the drop event itself: the browser empties the transfer afterwards.
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
    else if (file) picked.push(await pick(file, file.name));
  }
  return picked;
}

/** @param {FileSystemEntry} entry @param {Picked[]} picked */
async function walk(entry, picked) {
  if (isLitter(entry.name)) return;
  const path = entry.fullPath.replace(/^\//, '');
  try {
    if (entry.isFile) {
      /** @type {File} */
      const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
      picked.push(await pick(file, path));
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
  } catch {
    // A name that is no text, a folder without the right to read it, a broken link.
    const code = entry.isFile ? 'unreadable' : 'folder_unreadable';
    picked.push({ file: new File([], entry.name), path: entry.isFile ? path : `${path}/`, code });
  }
}

/** @param {File} file @param {string} path @returns {Promise<Picked>} */
async function pick(file, path) {
  const isNamed = PICTURE.test(file.name) || file.type.startsWith('image/') || /\.[a-z0-9]{1,5}$/i.test(file.name);
  return isNamed ? { file, path } : { file, path, isPicture: await looksLikePicture(file) };
}

/** Whether a file without an extension begins as a picture does. @param {File} file */
async function looksLikePicture(file) {
  try {
    const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
    const text = String.fromCharCode(...start);
    return (
      text.startsWith('\xff\xd8\xff') ||
      text.startsWith('\x89PNG\r\n') ||
      text.startsWith('GIF8') ||
      text.startsWith('II*\0') ||
      text.startsWith('MM\0*') ||
      (text.startsWith('RIFF') && text.endsWith('WEBP')) ||
      /^ftyp(hei|mif1|avif|crx)/.test(text.slice(4))
    );
  } catch {
    return false;
  }
}
