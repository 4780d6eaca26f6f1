/** Every photo of the session, page by page; kept while the guest walks between views. */

/** @typedef {import('./types.js').Photo} Photo */

const PAGE_SIZE = 60;

export class Feed {
  /** @param {import('./api.js').Api} api @param {import('./types.js').FirstPage} [first] what the server wrote into the page */
  constructor(api, first) {
    this.api = api;
    /** @type {Photo[]} */
    this.photos = [];
    /** @type {string | null} */
    this.cursor = null;
    this.started = false;
    /** What is shown of the gallery. @type {import('./api.js').Narrowed} */
    this.narrowed = {};
    /** Names of the chapters in which the photos are, by id. @type {Map<string, string>} */
    this.chapters = new Map();
    this.total = 0;
    this.pending = 0;
    /** @type {Promise<Photo[]> | null} */
    this.loading = null;
    if (first?.photos.length) this.take(first);
  }

  get complete() {
    return this.started && this.cursor === null;
  }

  /** Photos are left out. */
  get isPart() {
    const { person, chapter, credit } = this.narrowed;
    return Boolean(person || chapter || credit);
  }

  /** A photo that was taken away. @param {string} id @returns {boolean} whether it was loaded */
  drop(id) {
    const before = this.photos.length;
    this.photos = this.photos.filter((photo) => photo.photo_id !== id);
    const gone = this.photos.length < before;
    if (gone) this.total = Math.max(0, this.total - 1);
    return gone;
  }

  /** Forgets what was loaded, so that the next page is the first one again. */
  reset() {
    this.photos = [];
    this.cursor = null;
    this.started = false;
  }

  /**
   * Loads one more page; callers that come while it loads share it.
   * @param {number} [size] photos in it
   * @returns {Promise<Photo[]>} the new photos
   */
  more(size = PAGE_SIZE) {
    if (this.complete) return Promise.resolve([]);
    this.loading ??= this.load(size).finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  /** @param {number} size */
  async load(size) {
    return this.take(await this.api.photos(this.cursor, size, this.narrowed));
  }

  /** @param {import('./types.js').FirstPage} page @returns {Photo[]} the new photos */
  take(page) {
    // A photo that was taken in while the guest scrolled may move others onto the next page.
    const known = new Set(this.photos.map((photo) => photo.photo_id));
    const fresh = page.photos.filter((photo) => !known.has(photo.photo_id));
    this.photos.push(...fresh);
    for (const { chapter_id: id, name } of page.chapters ?? []) this.chapters.set(id, name);
    this.cursor = page.next_cursor;
    this.total = page.total;
    this.pending = page.pending;
    this.started = true;
    return fresh;
  }
}
