/** The studio's own address: the name that is entered, what DNS has to say, and how far it is. */
import '../messages/own_address.js';
import { button, h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText } from '../states.js';
import { time } from '../time.js';
import { copyText, field } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'StudioHostJson'>} StudioHost */
/** @typedef {NonNullable<StudioHost['host']>} Host */

/** While somebody waits for it. */
const LOOK_MS = 5000;

/** @param {string} studio the address of its settings @param {StudioHost} known */
export function ownAddress(studio, known) {
  const url = `${studio}/host`;
  const body = h('div', { class: 'own-address', 'aria-live': 'polite' });
  const card = h(
    'section',
    { class: 'card credits', label: ['address.title'] },
    h('h2', { text: ['address.title'] }),
    h('p', { class: 'note', text: ['address.lead'] }),
    body,
  );

  /** @param {StudioHost} now */
  function draw(now) {
    const { host } = (known = now);
    if (!known.available) body.replaceChildren(h('p', { class: 'note', text: ['address.unavailable'] }));
    else if (host) body.replaceChildren(standing(host));
    else body.replaceChildren(entry());
  }

  function entry() {
    const control = h('input', {
      class: 'input',
      type: 'text',
      inputmode: 'url',
      spellcheck: 'false',
      autocapitalize: 'off',
      autocomplete: 'off',
      maxlength: 253,
      placeholder: 'photos.example.com',
    });
    const name = field({ label: ['address.host'], control, hint: ['address.host.hint'] });
    const submit = h('button', { class: 'button button-primary', text: ['address.save'] });
    /** @param {Event} event */
    async function save(event) {
      event.preventDefault();
      name.fail('');
      submit.disabled = true;
      try {
        draw(await api.put(url, { host: control.value }));
        watch();
      } catch (error) {
        submit.disabled = false;
        name.fail(errorText(error));
      }
    }
    return h('form', { class: 'form', novalidate: true, onSubmit: save }, name.element, h('div', {}, submit));
  }

  /** @param {Host} host */
  function standing(host) {
    const failed = host.problem && host.problem !== 'record_missing';
    const kind = failed ? 'badge-bad' : host.state === 'in_use' ? 'badge-good' : '';
    return h(
      'div',
      { class: 'stack' },
      h(
        'p',
        { class: 'own-address-head' },
        h('a', { href: host.url, translate: 'no', rel: 'noopener', target: '_blank' }, host.host),
        h('span', { class: `badge ${kind}`, text: [failed ? 'address.failed' : `address.state.${host.state}`] }),
      ),
      host.problem && h('p', { class: failed ? 'field-error' : 'note', text: [`address.problem.${host.problem}`] }),
      host.state !== 'in_use' && records(host),
      host.checked_at && h('p', { class: 'note' }, h('span', { text: ['address.checked'] }), ' ', time(host.checked_at)),
      h(
        'div',
        { class: 'row-actions' },
        (host.state !== 'in_use' || host.problem) && button('button button-primary button-small', ['address.check'], check, 'undo'),
        button('button button-quiet button-small', ['address.remove'], () => askRemoval(host), 'trash'),
      ),
    );
  }

  /** @param {Host} host */
  function records(host) {
    return h(
      'div',
      { class: 'stack' },
      h('p', { text: ['address.records'] }),
      record('TXT', host.record.name, host.record.value, 'address.record.own'),
      record('CNAME', host.host, known.installation, 'address.record.leads'),
      h('p', { class: 'note', text: ['address.record.leads.note'] }),
    );
  }

  /** @param {Event} event */
  async function check(event) {
    const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
    pressed.disabled = true;
    try {
      draw(await api.post(`${url}/check`, {}));
    } catch (error) {
      pressed.disabled = false;
      toast(errorText(error));
    }
  }

  /** @param {Host} host */
  function askRemoval(host) {
    const dialog = openDialog({
      title: ['address.remove.title'],
      content: [
        h('p', { text: ['address.remove.text', { installation: known.installation, host: host.host }] }),
        h(
          'div',
          { class: 'dialog-actions' },
          button('button button-quiet button-small', ['address.cancel'], () => dialog.close()),
          button('button button-danger button-small', ['address.remove'], remove),
        ),
      ],
    });
    async function remove() {
      try {
        await api.delete(url);
        dialog.close();
        draw({ ...known, host: null });
        toast(['address.removed']);
      } catch (error) {
        toast(errorText(error));
      }
    }
  }

  /** Looks now and then while it is on its way, as long as the page is open. */
  function watch() {
    const { host } = known;
    if (!host || host.state === 'in_use') return;
    setTimeout(async () => {
      if (!card.isConnected) return;
      try {
        const now = await api.get(url);
        // What has not changed is left alone: somebody may be copying from it.
        if (JSON.stringify(now) !== JSON.stringify(known)) draw(now);
      } catch {
        // The next look says more.
      }
      watch();
    }, LOOK_MS);
  }

  draw(known);
  watch();
  return card;
}

/** One record of DNS, to copy. @param {string} type @param {string} name @param {string} value @param {string} purpose */
function record(type, name, value, purpose) {
  return h(
    'dl',
    { class: 'dns-record' },
    h('dt', { text: [purpose] }),
    h('dd', {}, h('span', { class: 'badge' }, type)),
    ...[name, value].map((words) => h('dd', { class: 'new-key' }, h('code', { class: 'mono', tabindex: '0' }, words), copy(words))),
  );
}

/** @param {string} words */
function copy(words) {
  return button(
    'button button-quiet button-small',
    ['address.copy'],
    async () => toast([(await copyText(words)) ? 'address.copied' : 'address.copy.failed']),
    'copy',
  );
}
