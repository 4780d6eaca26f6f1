/**
 * Shows notifications of new photos while the page is closed. Served as /news-worker.js; it keeps nothing, and answers no
 * request of the page.
 */

/**
 * @typedef {object} Told what the server has sealed for this browser
 * @property {string} title
 * @property {string} body
 * @property {string | null} image
 * @property {string} open
 * @property {string} stop
 * @property {string} stop_label
 * @property {string} lang
 * @property {string} news_id
 */

/**
 * What this script uses of the world that it runs in; the type checker knows only that of pages.
 *
 * @typedef {Event & { waitUntil: (done: Promise<unknown>) => void }} Extendable
 * @typedef {Extendable & { data: { json: () => Told } | null }} PushEvent
 * @typedef {Extendable & { action: string, notification: Notification }} NotificationEvent
 * @typedef {{ url: string, focus: () => Promise<unknown> }} Page
 *
 * @typedef {object} WorkerScope
 * @property {ServiceWorkerRegistration} registration
 * @property {{ matchAll: (options: object) => Promise<Page[]>, openWindow: (path: string) => Promise<unknown> }} clients
 * @property {((type: 'push', listener: (event: PushEvent) => void) => void)
 *   & ((type: 'notificationclick', listener: (event: NotificationEvent) => void) => void)} addEventListener
 */

const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

worker.addEventListener('push', (event) => {
  const told = event.data?.json();
  if (told) event.waitUntil(worker.registration.showNotification(told.title, options(told)));
});

/** @param {Told} told */
function options(told) {
  return /** @type {NotificationOptions} */ ({
    body: told.body,
    lang: told.lang,
    tag: told.news_id,
    renotify: true,
    ...(told.image && { image: told.image }),
    data: told,
    actions: [{ action: 'stop', title: told.stop_label }],
  });
}

worker.addEventListener('notificationclick', (event) => {
  /** @type {Told} */
  const told = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action === 'stop' ? endNews(told) : showPage(told.open));
});

/** One tap: everything is erased there, and this browser gives its subscription back. @param {Told} told */
async function endNews(told) {
  const answer = await fetch(told.stop, { method: 'POST' });
  if (!answer.ok && answer.status !== 404) return showPage(told.open);
  const subscription = await worker.registration.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

/** @param {string} path */
async function showPage(path) {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((client) => new URL(client.url).pathname === path);
  if (page) await page.focus();
  else await worker.clients.openWindow(path);
}
