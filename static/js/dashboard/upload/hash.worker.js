/** Reads and hashes files away from the page's thread, one message in, one message out. */
import { sha256 } from './sha256.js';

addEventListener('message', async ({ data }) => {
  try {
    postMessage({ sha256: await sha256(data) });
  } catch (error) {
    // The reader's own name says enough: the file went away, changed, or does not fit into memory.
    postMessage({ error: /** @type {Error} */ (error).name });
  }
});
