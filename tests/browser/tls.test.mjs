/** A phone in the studio's network: the live camera opens where the page came encrypted, and only there. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { cameraOf, fileNames, installPixora, launch, openPage, PHONE, PHOTOS, sample, shownFiles } from './support.mjs';

const SLOW = { timeout: 60_000 };
/** By which other machines know this one; a browser trusts its own loopback without encryption. */
const ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && !one.internal && one.family === 'IPv4')?.address;
const ALONE = ADDRESS ? false : 'SKIPPED: this machine has no address in a network';

/** @type {string} */
let pictures;
/** @type {string} */
let camera;

before(async () => {
  assert.ok(ADDRESS || process.env.CI !== 'true', 'CI=true: a skipped part is a failure');
  pictures = await mkdtemp(join(tmpdir(), 'pixora-camera-'));
  camera = await cameraOf(join(pictures, 'one.y4m'), { picture: sample(PHOTOS.selfieOfOne), face: { x: 0.58, y: 0.325, size: 0.64 } });
});
after(() => rm(pictures, { recursive: true, force: true }));

/** The certificate that the server shows, if who trusts `authority` accepts it. @param {number} port @param {string} authority @returns {Promise<import('node:crypto').X509Certificate>} */
function shownTo(authority, port) {
  return new Promise((done, failed) => {
    const socket = connect({ host: ADDRESS, port, ca: authority, ALPNProtocols: ['h2'] }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.end();
      if (certificate) done(certificate);
    });
    socket.on('error', failed);
  });
}

/** What Chromium calls a public key. @param {import('node:crypto').X509Certificate} certificate */
const fingerprint = ({ publicKey }) =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

describe('with a certificate of its own', { skip: ALONE }, () => {
  /** @type {Awaited<ReturnType<typeof installPixora>>} */
  let pixora;
  /** @type {string} */
  let party;

  before(
    async () => {
      pixora = await installPixora({ PIXORA_TLS: 'self-signed' }, ADDRESS);
      party = await pixora.createSession('Summer party');
      await pixora.ingest(party, [...PHOTOS.one, ...PHOTOS.other]);
      await pixora.serve();
    },
    { timeout: 400_000 },
  );
  after(() => pixora?.remove());

  /** A selfie by the live camera. @param {import('playwright-core').Page} page */
  async function findOneself(page) {
    await page.goto(`${pixora.base}/session/${party}`);
    assert.equal(await page.evaluate(() => isSecureContext), true);
    await page.getByRole('button', { name: 'Find my photos' }).click();
    await page.getByRole('button', { name: /I agree/ }).click();
    await page.getByText('Place your face in the oval').waitFor(SLOW);
    await page.getByRole('button', { name: 'Take the picture' }).click();
    await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
    assert.equal(await page.locator('.gallery .tile-link').count(), PHOTOS.one.length);
  }

  test('a phone that trusts it opens the live camera and finds its photos', async () => {
    const certificate = await shownTo(await readFile(join(pixora.dataDir, 'tls/ca.crt'), 'utf8'), pixora.port);
    const browser = await launch({ camera, args: [`--ignore-certificate-errors-spki-list=${fingerprint(certificate)}`] });
    try {
      const { page, complaints } = await openPage(browser);
      await findOneself(page);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
    }
  });

  test('a phone that does not is stopped, and goes on past the warning to the same camera', async () => {
    const browser = await launch({ camera });
    try {
      const { page } = await openPage(browser);
      await assert.rejects(page.goto(`${pixora.base}/session/${party}`), /ERR_CERT_AUTHORITY_INVALID/);
      const { page: warned } = await openPage(browser, { ...PHONE, ignoreHTTPSErrors: true });
      await findOneself(warned);
      // Who typed the address without a scheme gets there too.
      await warned.goto(`${pixora.base.replace('https', 'http')}/session/${party}`);
      assert.equal(warned.url(), `${pixora.base}/session/${party}`);
    } finally {
      await browser.close();
    }
  });
});

test('without encryption the same address offers a picture instead', { skip: ALONE, timeout: 400_000 }, async () => {
  const pixora = await installPixora({}, ADDRESS);
  const browser = await launch({ camera });
  try {
    const party = await pixora.createSession('Summer party');
    await pixora.ingest(party, PHOTOS.one);
    await pixora.serve();
    const { page } = await openPage(browser);
    await page.goto(`${pixora.base}/session/${party}`);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    await page.getByRole('button', { name: 'Find my photos' }).click();
    await page.getByRole('button', { name: /I agree/ }).click();
    await page.locator('input[type=file]:not([capture])').setInputFiles(sample(PHOTOS.selfieOfOne));
    await page.getByRole('heading', { name: `You are in ${PHOTOS.one.length} photos` }).waitFor(SLOW);
    assert.deepEqual(await shownFiles(page, pixora.base, party), fileNames(PHOTOS.one));
  } finally {
    await browser.close();
    await pixora.remove();
  }
});
