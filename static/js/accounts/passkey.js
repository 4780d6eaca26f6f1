/** What the browser does with passkeys: bytes there are base64url here. */

/** @typedef {import('../common/shapes.js').Answer<'PasskeyOptions'>} Options */

/** Whether this page may use passkeys at all; plain http may not. */
export const passkeysHere = () => window.isSecureContext && 'PublicKeyCredential' in window;

/** @param {string} text */
function toBytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function toText(buffer) {
  let plain = '';
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @param {string[]} ids */
const descriptors = (ids) => ids.map((id) => ({ id: toBytes(id), type: /** @type {const} */ ('public-key') }));

/** The person closed the browser's window, or took too long. @param {unknown} error */
export const isDeclined = (error) => error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);

/** The device has a passkey of this account already. @param {unknown} error */
export const isThere = (error) => error instanceof DOMException && error.name === 'InvalidStateError';

/** Has the device make a passkey. @param {Options} options */
export async function makePasskey({ challenge, rp_id: id, credential_ids: there, algorithms, user }) {
  if (!user) throw new TypeError('a registration names its user');
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: toBytes(challenge),
      rp: { id, name: 'Pixora' },
      user: { id: new TextEncoder().encode(user.id), name: user.login, displayName: user.name },
      pubKeyCredParams: algorithms.map(({ alg }) => ({ alg, type: 'public-key' })),
      excludeCredentials: descriptors(there),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      attestation: 'none',
    },
  });
  const { response } = /** @type {PublicKeyCredential & { response: AuthenticatorAttestationResponse }} */ (made);
  return { client_data: toText(response.clientDataJSON), attestation_object: toText(response.attestationObject) };
}

/** Has a passkey sign. @param {Options} options */
export async function usePasskey({ challenge, rp_id: rpId, credential_ids: ids }) {
  const used = await navigator.credentials.get({
    publicKey: { challenge: toBytes(challenge), rpId, allowCredentials: descriptors(ids), userVerification: 'required' },
  });
  const { id, response } = /** @type {PublicKeyCredential & { response: AuthenticatorAssertionResponse }} */ (used);
  return {
    credential_id: id,
    client_data: toText(response.clientDataJSON),
    authenticator_data: toText(response.authenticatorData),
    signature: toText(response.signature),
  };
}
