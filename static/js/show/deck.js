/**
 * The order of a slideshow. What came in since it began is shown next; everything else comes in rounds, in each of which
 * every photo is shown once. It holds ids only, and knows neither page nor network.
 */

/** Of the photos that came in; when more wait, the oldest of them come later in the round, so that what was taken just now is seen soon. */
const MOST_WAITING = 20;
/** How far one may go back. */
const MOST_PAST = 50;

/** @typedef {'mixed' | 'time'} Order */

/** @template T @param {T[]} items @param {() => number} random 0..1 @returns {T[]} */
function shuffled(items, random) {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

export class Deck {
  /** @param {{ order?: Order, random?: () => number }} [options] */
  constructor({ order = 'mixed', random = Math.random } = {}) {
    this.order = order;
    this.random = random;
    /** All of the gallery, in its own order. @type {Set<string>} */
    this.all = new Set();
    /** Came in and not shown yet. @type {string[]} */
    this.waiting = [];
    /** What is left of this round. @type {string[]} */
    this.round = [];
    /** Shown, the latest last; the last is the current one. @type {string[]} */
    this.past = [];
    /** Gone back over, the next one last. @type {string[]} */
    this.ahead = [];
  }

  get size() {
    return this.all.size;
  }

  /** @param {string} id */
  has(id) {
    return this.all.has(id);
  }

  get current() {
    return this.past.at(-1) ?? null;
  }

  /** Takes the gallery as it is now. @param {string[]} ids in its own order @returns {string[]} what is not in it any more */
  update(ids) {
    const now = new Set(ids);
    const gone = [...this.all].filter((id) => !now.has(id));
    const came = ids.filter((id) => !this.all.has(id));
    const wasEmpty = this.all.size === 0;
    for (const id of gone) this.drop(id);
    this.all = now;
    // Where there was nothing, there is no round that new ones could interrupt.
    if (wasEmpty) this.deal();
    else this.waiting.push(...came);
    this.round.push(...this.waiting.splice(0, Math.max(0, this.waiting.length - MOST_WAITING)));
    return gone;
  }

  /** @param {Order} order */
  setOrder(order) {
    this.order = order;
    this.deal();
  }

  /** Begins a round. */
  deal() {
    const waiting = new Set(this.waiting);
    const ids = [...this.all].filter((id) => !waiting.has(id));
    this.round = this.order === 'time' ? ids : shuffled(ids, this.random);
    // Nothing is shown twice in a row.
    if (this.round.length > 1 && this.round[0] === this.current) this.round.push(/** @type {string} */ (this.round.shift()));
  }

  /** A photo is not to be shown any more. @param {string} id */
  drop(id) {
    this.all.delete(id);
    for (const list of [this.waiting, this.round, this.past, this.ahead]) {
      const at = list.indexOf(id);
      if (at >= 0) list.splice(at, 1);
    }
  }

  /** The photo that would come next. @returns {string | null} */
  peek() {
    if (this.ahead.length) return this.ahead[this.ahead.length - 1];
    if (this.waiting.length) return this.waiting[0];
    if (!this.round.length && this.all.size) this.deal();
    return this.round[0] ?? null;
  }

  /** Goes on. @returns {string | null} */
  next() {
    const id = this.peek();
    if (!id) return null;
    if (this.ahead.length) this.ahead.pop();
    else if (this.waiting.length) this.waiting.shift();
    else this.round.shift();
    this.past.push(id);
    if (this.past.length > MOST_PAST) this.past.shift();
    return id;
  }

  /** What came last could not be shown: it comes again. */
  undo() {
    const id = this.past.pop();
    if (id) this.ahead.push(id);
  }

  /** Goes back by one. @returns {string | null} null where there is nothing before */
  back() {
    if (this.past.length < 2) return null;
    this.ahead.push(/** @type {string} */ (this.past.pop()));
    return this.current;
  }
}
