/** Why a file did not become a photo. The codes are the server's (docs/API.md); the words are in messages/upload.js. */

/** Codes that are about the file itself: sending it again changes nothing. */
const REJECTIONS = new Set([
  'unsupported_type',
  'heic_unsupported',
  'raw_without_preview',
  'sidecar_unreadable',
  'video_unsupported',
  'edited_unsupported',
  'empty_file',
  'empty_picture',
  'too_large',
  'too_many_pixels',
  'too_complex',
  'truncated',
  'damaged',
  'unreadable',
  'folder_unreadable',
  'processing_failed',
  'broken_link',
  'not_a_file',
  'outside_library',
  'library_key_unusable',
  'library_too_many_files',
]);
/** Codes about one try: the network, the server, the file on this computer. */
const FAILURES = new Set(['file_unreadable', 'missing', 'deleted', 'network', 'session_not_found', 'checksum_mismatch', 'storage_full']);

/** @param {string} code */
export function isRejection(code) {
  return REJECTIONS.has(code);
}

/**
 * The words for why a photo was rejected; of a file that breaks off also how much of it could be read.
 * @param {string} code @param {number | null} [readable] per cent
 * @returns {import('../../common/i18n.js').Text}
 */
export function reasonText(code, readable) {
  return code === 'truncated' && readable ? ['reason.truncated.part', { readable }] : [reasonKey(code), { code }];
}

/** The key of the words for a code, also for one that a newer server may send. @param {string} code */
export function reasonKey(code) {
  if (REJECTIONS.has(code) || FAILURES.has(code)) return `reason.${code}`;
  return 'reason.other';
}
