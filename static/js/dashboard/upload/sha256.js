/**
 * SHA-256 of a file. `crypto.subtle` is the fast way and exists in secure contexts only; a studio
 * that opens its panel over plain http in the local network gets the same digest from the code below.
 */

const SLICE = 4 << 20;

/** FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of cube roots of primes. */
const K = fractions(64, Math.cbrt);
/** Section 5.3.3: the same of square roots. */
const START = fractions(8, Math.sqrt);

/** @param {number} count @param {(prime: number) => number} root */
function fractions(count, root) {
  const words = new Uint32Array(count);
  for (let prime = 2, found = 0; found < count; prime++) {
    if (isPrime(prime)) words[found++] = (root(prime) % 1) * 2 ** 32;
  }
  return words;
}

/** @param {number} n */
function isPrime(n) {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return false;
  return true;
}

/**
 * @param {Blob} file
 * @returns {Promise<string>} 64 hexadecimal digits
 * @throws {DOMException} `NotReadableError` when the file changed or went away since it was chosen
 */
export async function sha256(file) {
  if (!globalThis.crypto?.subtle) return sha256Plain(file);
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())));
}

/** The same without `crypto.subtle`; holds one slice at a time. @param {Blob} file */
export async function sha256Plain(file) {
  const state = START.slice();
  const words = new Uint32Array(64);
  let rest = new Uint8Array(0);
  for (let at = 0; at < file.size; at += SLICE) {
    const slice = new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer());
    const whole = slice.length - (slice.length % 64);
    for (let i = 0; i < whole; i += 64) compress(state, words, slice, i);
    rest = slice.subarray(whole);
  }
  // Section 5.1.1: a one bit, zeros, and the length in bits as 64 bits.
  const end = new Uint8Array(rest.length < 56 ? 64 : 128);
  end.set(rest);
  end[rest.length] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(file.size) * 8n);
  for (let i = 0; i < end.length; i += 64) compress(state, words, end, i);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setUint32(i * 4, word));
  return hex(new Uint8Array(digest.buffer));
}

/** Section 6.2.2 for one block of 64 bytes. @param {Uint32Array} state @param {Uint32Array} w scratch @param {Uint8Array} bytes @param {number} at */
function compress(state, w, bytes, at) {
  for (let i = 0, j = at; i < 16; i++, j += 4) w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
