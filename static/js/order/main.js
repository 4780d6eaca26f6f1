/** The page of one order, opened by its link: where it stands, paying, and the files once it is paid. */
import './messages.js';
import { ApiError, request } from '../guest/api.js';
import { poll } from '../guest/poll.js';
import { button, h, icon, toast } from '../common/dom.js';
import { frame, siteName } from '../common/frame.js';
import { onLanguageChange, showTimesIn, t } from '../common/i18n.js';
import { orderView } from './view.js';

/** @typedef {import('./types.js').Order} Order */

/** Somebody who comes back from paying looks at the page: the first question comes soon, the later ones rarely. */
const FIRST_POLL_MS = 3000;
/** Links to files are good for a day; younger ones are followed as they are. */
const LINKS_FRESH_MS = 12 * 3_600_000;

const id = location.pathname.split('/').filter(Boolean).at(-1) ?? '';
const base = `/api/shop/orders/${encodeURIComponent(id)}`;
const key = new URLSearchParams(location.search).get('key') ?? '';
const { main } = frame();
let stopPolling = () => {};
/** @type {Order | null} */
let order = null;
/** When the order and with it the links were read, ms since the epoch. */
let readAt = 0;

/** @param {string} [action] */
function address(action) {
  return `${base}${action ? `/${action}` : ''}?key=${encodeURIComponent(key)}`;
}

async function read() {
  order = /** @type {Order} */ (await request('GET', address()));
  readAt = Date.now();
  showTimesIn(order.time_zone);
  return order;
}

function draw() {
  if (!order) return;
  document.title = `${t('order.title', { number: order.number })} · ${siteName}`;
  const heading = main.querySelector('h1');
  const focused =
    document.activeElement !== document.body &&
    document.activeElement !== null &&
    main.contains(document.activeElement) &&
    document.activeElement !== heading;
  main.replaceChildren(orderView(order, { pay, cancel, download }, address('receipt.pdf')));
  // The focused element is gone with the old state; a screen reader starts at the heading of the new one.
  if (focused) main.querySelector('h1')?.focus();
}

async function open() {
  main.replaceChildren(
    h(
      'p',
      { class: 'state', role: 'status' },
      h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      h('span', { text: ['order.loading'] }),
    ),
  );
  try {
    await read();
    draw();
    watch();
  } catch (error) {
    const gone = error instanceof ApiError && (error.status === 404 || error.status === 422 || error.status === 400);
    main.replaceChildren(
      h(
        'section',
        { class: 'message-page' },
        h('span', { class: 'message-icon' }, icon(gone ? 'alert' : 'clock')),
        h('h1', { text: [gone ? 'order.none.title' : 'order.failed.title'], tabindex: '-1' }),
        h('p', { class: 'lead', text: [gone ? 'order.none' : 'order.failed'] }),
        !gone && button('button button-primary', ['retry'], () => void open()),
      ),
    );
  }
}

/** Until it is paid, looks now and then whether it has been. */
function watch() {
  stopPolling();
  if (order?.status !== 'placed') return;
  stopPolling = poll(async () => {
    const before = order?.status;
    const { status } = await read();
    if (status === before) return 'same';
    draw();
    toast([`order.now.${status}`]);
    return status === 'placed' ? 'changed' : 'done';
  }, FIRST_POLL_MS);
}

/** Runs what a button starts, which waits meanwhile. @param {Event} event @param {() => Promise<void>} work */
async function busy(event, work) {
  const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
  pressed.disabled = true;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.detail || ['order.action.failed']);
    pressed.disabled = false;
  }
}

/** @param {Event} event */
const pay = (event) =>
  busy(event, async () => {
    const { payment_url: url } = await request('POST', address('pay'), {});
    location.assign(url);
  });

/** @param {Event} event */
const cancel = (event) =>
  busy(event, async () => {
    order = await request('POST', address('cancel'), {});
    stopPolling();
    draw();
    toast(['order.now.cancelled']);
  });

/** A page that was left open overnight has old links: they are made anew before one is followed. @param {MouseEvent} event */
async function download(event) {
  if (Date.now() - readAt < LINKS_FRESH_MS) return;
  event.preventDefault();
  const { line } = /** @type {HTMLElement} */ (event.currentTarget).dataset;
  try {
    const { archive_url: archive, lines } = await read();
    draw();
    const url = line ? lines.find((each) => each.line_id === line)?.download_url : archive;
    if (url) location.assign(url);
  } catch {
    toast(['order.action.failed']);
  }
}

onLanguageChange(() => {
  if (order) read().then(draw, () => draw());
});
void open();
