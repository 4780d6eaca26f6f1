/** A hint of how hard a password is to guess. The server only holds to the shortest length. */

export const SHORTEST = 10;
/** Parts that guessers try first. */
const COMMON = /pass(word)?|parol|пароль|qwert\w*|йцукен\w*|asdf\w*|admin|welcome|letmein|pixora|photo|wedding|love|19\d\d|20\d\d/giu;
/** One character over and over, or a run up or down the alphabet or the digits. */
const REPEATED = /(.)\1{2,}/gu;
const ALPHABET = /** @type {const} */ ([
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/\d/, 10],
  [/[^\p{L}\d]/u, 32],
]);
/** Bits of a guess, from which on each level begins. */
const LEVELS = [45, 65, 85];

/** @param {string} word @param {number} step */
function withoutRuns(word, step) {
  const kept = [...word];
  for (let i = kept.length - 1; i >= 2; i--) {
    const code = (/** @type {number} */ at) => kept[at].codePointAt(0) ?? 0;
    if (code(i) - code(i - 1) === step && code(i - 1) - code(i - 2) === step) kept.splice(i, 1);
  }
  return kept.join('');
}

/**
 * @param {string} password
 * @param {string[]} known what a guesser may know: name, e-mail, studio
 * @returns {'empty' | 'short' | 'weak' | 'fair' | 'good' | 'strong'}
 */
export function strength(password, known) {
  if (!password) return 'empty';
  const length = [...password].length;
  if (length < SHORTEST) return 'short';
  let rest = password.replace(COMMON, '*').replace(REPEATED, '$1');
  for (const word of known.flatMap((each) => each.split(/[\s@.]+/)).filter((each) => each.length > 2)) {
    rest = rest.toLowerCase().includes(word.toLowerCase()) ? rest.toLowerCase().replaceAll(word.toLowerCase(), '*') : rest;
  }
  rest = withoutRuns(withoutRuns(rest, 1), -1);
  const alphabet = ALPHABET.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0);
  const bits = [...rest].length * Math.log2(alphabet);
  return /** @type {const} */ (['weak', 'fair', 'good', 'strong'])[LEVELS.filter((level) => bits >= level).length];
}
