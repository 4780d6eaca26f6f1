// Sends files with the official tus-js-client, four at a time: node tus_js.mjs SERVER TOKEN SESSION FILE…
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const { Upload } = createRequire(new URL('../../browser/package.json', import.meta.url))('tus-js-client');
const [server, token, session, ...files] = process.argv.slice(2);
const AT_ONCE = 4;

function send(path, number) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(path), {
      endpoint: `${server}/api/uploads`,
      headers: { Authorization: `Bearer ${token}` },
      metadata: { photo_session_id: session, filename: basename(path) },
      // Some in small parts, some in a few large ones, some with the first part in the creation.
      chunkSize: [32_000, 120_000, 10_000_000][number % 3],
      uploadDataDuringCreation: number % 2 === 0,
      retryDelays: Array.from({ length: 100 }, (_, tries) => Math.min(1000, 100 * (tries + 1))),
      storeFingerprintForResuming: false,
      onError: reject,
      onSuccess: resolve,
    });
    upload.start();
  });
}

const queue = files.entries();
async function work() {
  for (const [number, path] of queue) await send(path, number);
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
