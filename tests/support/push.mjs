// A push service for tests, and the browser behind it: prints its port and a subscription, then each request as one line of
// JSON with what the browser reads in it (RFC 8291, by Node's own cryptography) and whether its signature holds (RFC 8292).
// The path of the endpoint says how it answers: /ok takes all, /gone and /missing know nobody, /busy puts the first off.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';

const browser = crypto.createECDH('prime256v1');
browser.generateKeys();
const auth = crypto.randomBytes(16);
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

function hkdf(salt, material, info, length) {
  return Buffer.from(crypto.hkdfSync('sha256', material, salt, info, length));
}

function opened(body, receiver, secret) {
  const salt = body.subarray(0, 16);
  assert.equal(body[20], 65);
  const sender = body.subarray(21, 86);
  const shared = receiver.computeSecret(sender);
  const material = hkdf(secret, shared, Buffer.concat([Buffer.from('WebPush: info\0'), receiver.getPublicKey(), sender]), 32);
  const key = hkdf(salt, material, 'Content-Encoding: aes128gcm\0', 16);
  const nonce = hkdf(salt, material, 'Content-Encoding: nonce\0', 12);
  const decipher = crypto.createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(body.subarray(-16));
  const record = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()]);
  const end = record.lastIndexOf(2);
  assert.ok(end >= 0 && record.subarray(end + 1).every((byte) => byte === 0));
  return record.subarray(0, end).toString('utf8');
}

/** The claims of a request whose signature holds. */
function claims(authorization) {
  const [, token, k] = authorization.match(/^vapid t=([^,]+), k=(\S+)$/);
  const [header, payload, signature] = token.split('.');
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url')), { typ: 'JWT', alg: 'ES256' });
  const point = Buffer.from(k, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) };
  const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
  const signed = Buffer.from(`${header}.${payload}`);
  const holds = crypto.verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  assert.ok(holds, 'the signature holds');
  return { ...JSON.parse(Buffer.from(payload, 'base64url')), k };
}

// The example of RFC 8291, so that what is read here is not only what was written there.
const example = crypto.createECDH('prime256v1');
example.setPrivateKey(Buffer.from('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94', 'base64url'));
const sealed =
  'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN';
assert.equal(
  opened(Buffer.from(sealed, 'base64url'), example, Buffer.from('BTBZMqHH6r4Tts7J_aSIgg', 'base64url')),
  'When I grow up, I want to be a watermelon',
);

let busy = true;
const server = http.createServer(async (request, answer) => {
  const body = Buffer.concat(await request.toArray());
  const { authorization, ttl } = request.headers;
  const read = opened(body, browser, auth);
  console.log(JSON.stringify({ path: request.url, ttl, bytes: body.length, claims: claims(authorization), read: JSON.parse(read) }));
  const put_off = request.url === '/busy' && busy;
  if (put_off) busy = false;
  const status = { '/gone': 410, '/missing': 404, '/refused': 400 }[request.url] ?? (put_off ? 429 : 201);
  answer.writeHead(status, put_off ? { 'retry-after': '7200' } : {}).end();
});
server.listen(0, '127.0.0.1', () => {
  const keys = { p256dh: base64url(browser.getPublicKey()), auth: base64url(auth) };
  console.log(JSON.stringify({ port: server.address().port, keys }));
});
process.stdin.on('end', () => process.exit()).resume();
