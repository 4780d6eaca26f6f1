/** Webhooks: where the studio's own programs hear of sessions, and what became of each message. */
import '../messages/webhooks.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { api, ApiError } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { field, copyText, toggle } from '../studio/words.js';
import { formatMoment } from '../../common/i18n.js';
import { time } from '../time.js';

const EVENTS = /** @type {const} */ (['session.enabled', 'session.disabled', 'session.completed']);
const PAGE_SIZE = 50;

/**
 * @typedef {{ id: string, url: string, events: string[], enabled: boolean, created_at: string }} Webhook
 * @typedef {object} Delivery
 * @property {string} id
 * @property {string} webhook_id
 * @property {string} event
 * @property {string} session_id
 * @property {'queued' | 'delivered' | 'failed'} state
 * @property {number} attempts
 * @property {number | null} last_status
 * @property {string | null} last_error
 * @property {string | null} next_attempt_at
 * @property {string} created_at
 */

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['webhooks.title']);
  /** @type {Webhook[]} */
  let hooks = [];
  const list = h('div', { class: 'section' });
  const log = h('div', { class: 'section' });
  const add = () => button('button button-primary button-small', ['webhooks.add'], create, 'plus');
  root.append(
    pageHead({ title: ['webhooks.title'], text: ['webhooks.lead'], actions: [add()] }),
    list,
    h(
      'section',
      { class: 'section' },
      h(
        'div',
        { class: 'section-head' },
        h('h2', { text: ['deliveries.title'] }),
        button('button button-quiet button-small', ['deliveries.refresh'], () => loadLog(), 'undo'),
      ),
      log,
    ),
  );

  const loadHooks = () =>
    load(
      list,
      () => api.get('/api/webhooks'),
      ({ webhooks }) => {
        hooks = webhooks;
        return hooks.length
          ? h('ul', { class: 'rows', label: ['webhooks.title'] }, ...hooks.map(row))
          : empty({ icon: 'link', title: ['webhooks.none'], text: ['webhooks.none.text'], action: add() });
      },
    );

  /** @param {Webhook} hook */
  function row(hook) {
    return h(
      'li',
      { class: 'row-card' },
      h(
        'div',
        { class: 'row-words' },
        h('p', { class: 'mono row-url' }, hook.url),
        h('p', { class: 'badges' }, ...hook.events.map((event) => h('span', { class: 'badge', text: [`event.${event}`] }))),
      ),
      h('p', { class: 'note' }, time(hook.created_at)),
      toggle({ label: [hook.enabled ? 'webhooks.on' : 'webhooks.off'], checked: hook.enabled, onChange: () => enable(hook) }).element,
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          label: ['webhooks.delete.of', { url: hook.url }],
          title: ['webhooks.delete'],
          onClick: () => remove(hook),
        },
        icon('trash'),
      ),
    );
  }

  /** @param {Webhook} hook */
  async function enable(hook) {
    try {
      await api.patch(`/api/webhooks/${hook.id}`, { enabled: !hook.enabled });
    } catch (error) {
      toast(errorText(error));
    }
    await loadHooks();
  }

  /** @param {Webhook} hook */
  async function remove(hook) {
    if (!(await confirm({ title: ['webhooks.delete.title'], text: ['webhooks.delete.text'], action: ['webhooks.delete'] }))) return;
    try {
      await api.delete(`/api/webhooks/${hook.id}`);
      toast(['webhooks.deleted']);
      await loadHooks();
    } catch (error) {
      toast(errorText(error));
    }
  }

  function create() {
    const url = h('input', {
      class: 'input',
      type: 'url',
      required: true,
      placeholder: 'https://studio.example/hooks/pixora',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    const urlField = field({ label: ['webhooks.url'], control: url, hint: ['webhooks.url.hint'] });
    const events = EVENTS.map((event) => ({
      event,
      ...toggle({ label: [`event.${event}`], hint: [`event.${event}.hint`], checked: true }),
    }));
    const submit = h('button', { class: 'button button-primary button-wide', text: ['webhooks.create'] });
    const failed = h('p', { class: 'field-error', role: 'alert' });
    const dialog = openDialog({
      title: ['webhooks.add'],
      content: [
        h(
          'form',
          { class: 'form', novalidate: true, onSubmit: save },
          urlField.element,
          h('fieldset', { class: 'fieldset' }, h('legend', { text: ['webhooks.events'] }), ...events.map(({ element }) => element)),
          failed,
          submit,
        ),
      ],
    });
    url.focus();

    /** @param {Event} event */
    async function save(event) {
      event.preventDefault();
      urlField.fail('');
      failed.textContent = '';
      submit.disabled = true;
      try {
        const made = await api.post('/api/webhooks', {
          url: url.value.trim(),
          events: events.filter(({ input }) => input.checked).map((each) => each.event),
        });
        dialog.close();
        showSecret(made.secret);
        await loadHooks();
      } catch (error) {
        if (error instanceof ApiError && /url|host/.test(error.code)) urlField.fail(errorText(error));
        else failed.textContent = errorText(error);
      } finally {
        submit.disabled = false;
      }
    }
  }

  /** @param {string} secret */
  function showSecret(secret) {
    const copy = button(
      'button button-primary button-small',
      ['webhooks.copy'],
      async () => toast([(await copyText(secret)) ? 'webhooks.copied' : 'webhooks.copy_failed']),
      'copy',
    );
    openDialog({
      title: ['webhooks.secret'],
      content: [
        h('p', { text: ['webhooks.secret.text'] }),
        h(
          'div',
          { class: 'link-box' },
          h('input', {
            class: 'input input-small mono',
            readonly: true,
            value: secret,
            label: ['webhooks.secret'],
            onFocus: (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select(),
          }),
          copy,
        ),
        h('p', { class: 'note', text: ['webhooks.secret.how'] }),
      ],
    });
  }

  /** @type {Delivery[]} */
  let deliveries = [];
  /** @param {string | null} [cursor] */
  function loadLog(cursor = null) {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor && { cursor }) });
    return load(
      log,
      () => api.get(`/api/webhooks/deliveries?${query}`),
      (page) => {
        deliveries = cursor ? [...deliveries, ...page.deliveries] : page.deliveries;
        if (deliveries.length === 0) return h('p', { class: 'state', text: ['deliveries.none'] });
        return [
          table(),
          page.next_cursor && button('button button-quiet button-small', ['deliveries.more'], () => loadLog(page.next_cursor)),
        ].filter(Boolean);
      },
    );
  }

  function table() {
    const columns = ['event', 'to', 'state', 'attempts', 'at'];
    return h(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', label: ['deliveries.title'] },
      h(
        'table',
        { class: 'table deliveries' },
        h('thead', {}, h('tr', {}, ...columns.map((name) => h('th', { scope: 'col', text: [`deliveries.${name}`] })), h('td', {}))),
        h(
          'tbody',
          {},
          ...deliveries.map((delivery) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row', text: [`event.${delivery.event}`] }),
              h('td', { class: 'mono' }, hooks.find((hook) => hook.id === delivery.webhook_id)?.url ?? '—'),
              h(
                'td',
                {},
                h('span', {
                  class: `badge ${{ delivered: 'badge-good', failed: 'badge-bad', queued: '' }[delivery.state]}`,
                  text: [`delivery.${delivery.state}`],
                }),
                delivery.state !== 'delivered' &&
                  (delivery.last_error !== null || delivery.last_status !== null) &&
                  h('span', { class: 'note delivery-error' }, delivery.last_error ?? String(delivery.last_status)),
              ),
              h('td', { class: 'number' }, String(delivery.attempts)),
              h('td', {}, time(delivery.created_at, formatMoment)),
              h(
                'td',
                { class: 'number' },
                button('button button-quiet button-small', ['deliveries.replay'], (event) => replay(delivery, event)),
              ),
            ),
          ),
        ),
      ),
    );
  }

  /** @param {Delivery} delivery @param {Event} event */
  async function replay(delivery, event) {
    const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
    pressed.disabled = true;
    try {
      await api.post(`/api/webhooks/deliveries/${delivery.id}/replay`);
      toast(['deliveries.replayed']);
      await loadLog();
    } catch (error) {
      toast(errorText(error));
      pressed.disabled = false;
    }
  }

  await loadHooks();
  await loadLog();
}
