/** The photos on their way: chosen, sent one after the other, tried again. Knows neither page nor network. */

/** @typedef {import('./api.js').Photo} Photo */
/**
 * @typedef {{ key: string, file: File, state: 'chosen' | 'preparing' | 'sending' | 'sent' | 'failed', part: number,
 *   code: string, photo: Photo | null }} Item
 *   `part`: 0..1 of it has gone; `code`: why it failed; `photo`: what became of it
 */

/** Failures that pass; the others are the photo's own or the hand-off's. */
const PASSING = ['network', 'timeout', 'queue_full', 'timed_out', 'storage_full', 'internal', 'too_many_attempts'];

/** @param {Item} item */
export function mayRetry(item) {
  return item.state === 'failed' && PASSING.includes(item.code);
}

export class Queue {
  /** @type {Item[]} */
  items = [];
  #sending = false;
  #send;
  #prepare;
  #changed;

  /**
   * @param {{ prepare: (file: File) => Promise<Blob>,
   *   send: (photo: Blob, key: string, onProgress: (part: number) => void) => Promise<Photo>,
   *   changed: (item: Item | null) => void }} ways `changed`: an item, or the list of them
   */
  constructor({ prepare, send, changed }) {
    this.#prepare = prepare;
    this.#send = send;
    this.#changed = changed;
  }

  /** @param {Item['state'][]} states */
  count(...states) {
    return this.items.filter((item) => states.includes(item.state)).length;
  }

  /** Whether something is on its way. */
  get busy() {
    return this.#sending;
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
      this.items.push({ key, file, state: 'chosen', part: 0, code: '', photo: null });
    }
    this.#changed(null);
  }

  /** @param {Item} item one that is not on its way */
  remove(item) {
    this.items = this.items.filter((each) => each !== item);
    this.#changed(null);
  }

  /** Failed ones whose failure has passed are chosen again. */
  revive() {
    for (const item of this.items) {
      if (mayRetry(item)) item.state = 'chosen';
    }
    this.#changed(null);
  }

  /** Sends what is chosen, in order; after a failure that is not the photo's own the rest waits. */
  async run() {
    if (this.#sending) return;
    this.#sending = true;
    for (let item; (item = this.items.find((each) => each.state === 'chosen'));) {
      await this.#one(item);
      if (mayRetry(item)) break;
    }
    this.#sending = false;
    this.#changed(null);
  }

  /** @param {Item} item */
  async #one(item) {
    Object.assign(item, { state: 'preparing', part: 0, code: '' });
    this.#changed(item);
    try {
      const photo = await this.#prepare(item.file);
      item.state = 'sending';
      this.#changed(item);
      item.photo = await this.#send(photo, item.key, (part) => {
        item.part = part;
        this.#changed(item);
      });
      item.state = 'sent';
    } catch (error) {
      item.state = 'failed';
      item.code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
    }
    this.#changed(item);
  }
}
