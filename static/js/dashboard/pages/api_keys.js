/** Keys for programs: listed, made (the secret is shown once), revoked. */
import '../messages/api_keys.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { pageHead } from '../shell.js';
import { showOnce } from '../show_once.js';
import { empty, errorText, load } from '../states.js';
import { formatMoment } from '../../common/i18n.js';
import { time } from '../time.js';

/** @typedef {{ id: string, name: string, prefix: string, scopes: string[], created_at: string, last_used_at: string | null }} Key */

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, { setTitle }) {
  setTitle(['keys.title']);
  const list = h('section', { class: 'section', label: ['keys.title'] });
  /** Scopes that the role may not give to a key, by the server's answer. @type {string[]} */
  let offered = [];
  const make = () => openMaker(offered, reload);
  root.append(
    pageHead({
      title: ['keys.title'],
      text: ['keys.text'],
      actions: [button('button button-primary button-small', ['keys.new'], make, 'plus')],
    }),
    list,
  );

  async function reload() {
    await load(
      list,
      () => api.get('/api/keys'),
      ({ keys, offered_scopes: scopes }) => {
        offered = scopes;
        return keys.length
          ? h('ul', { class: 'key-list' }, ...keys.map((/** @type {Key} */ each) => row(each, reload)))
          : empty({ icon: 'key', title: ['keys.empty'], text: ['keys.empty.text'] });
      },
    );
  }
  await reload();
}

/** @param {Key} key @param {() => Promise<void>} reload */
function row(key, reload) {
  async function revoke() {
    if (!(await confirm({ title: ['keys.revoke.title', { name: key.name }], text: ['keys.revoke.text'], action: ['keys.revoke'] }))) return;
    try {
      await api.delete(`/api/keys/${key.id}`);
      toast(['keys.revoked']);
    } catch (error) {
      toast(errorText(error));
    }
    await reload();
  }
  return h(
    'li',
    { class: 'card key' },
    h(
      'div',
      { class: 'key-words' },
      h('h2', {}, key.name),
      h(
        'p',
        { class: 'note' },
        h('code', { class: 'mono' }, `${key.prefix}…`),
        ' · ',
        h('span', { text: ['keys.created'] }),
        ' ',
        time(key.created_at, formatMoment),
        ' · ',
        ...(key.last_used_at ? [h('span', { text: ['keys.used'] }), ' ', time(key.last_used_at)] : [h('span', { text: ['keys.unused'] })]),
      ),
      h('p', { class: 'key-scopes' }, ...key.scopes.map((scope) => h('span', { class: 'badge', text: [`scope.${scope}`] }))),
    ),
    h(
      'button',
      { type: 'button', class: 'button button-quiet button-small', label: ['keys.revoke.name', { name: key.name }], onClick: revoke },
      icon('trash'),
      h('span', { text: ['keys.revoke'] }),
    ),
  );
}

/** @param {string[]} offered @param {() => Promise<void>} reload */
function openMaker(offered, reload) {
  const name = h('input', {
    id: 'key-name',
    class: 'input',
    type: 'text',
    required: true,
    maxlength: 100,
    autocomplete: 'off',
    'aria-describedby': 'key-name-hint',
  });
  const boxes = offered.map((scope) => h('input', { type: 'checkbox', name: 'scope', value: scope }));
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const submit = button('button button-primary button-small', ['keys.create'], () => {});
  submit.type = 'submit';

  /** @param {Event} event */
  async function create(event) {
    event.preventDefault();
    const scopes = boxes.filter((box) => box.checked).map((box) => box.value);
    problem.replaceChildren(...(scopes.length ? [] : [h('span', { text: ['keys.scopes.none'] })]));
    if (!scopes.length) return boxes[0].focus();
    submit.disabled = true;
    try {
      const made = await api.post('/api/keys', { name: name.value.trim(), scopes });
      dialog.close();
      showOnce({ title: ['keys.made.title'], text: ['keys.made.text'], secret: made.key });
      await reload();
    } catch (error) {
      submit.disabled = false;
      problem.textContent = errorText(error);
    }
  }

  const dialog = openDialog({
    title: ['keys.new'],
    loses: true,
    content: [
      h(
        'form',
        { class: 'form', onSubmit: create },
        h(
          'div',
          { class: 'field' },
          h('label', { for: 'key-name', text: ['keys.name'] }),
          name,
          h('span', { id: 'key-name-hint', class: 'eyebrow', text: ['keys.name.hint'] }),
        ),
        h(
          'fieldset',
          { class: 'choices' },
          h('legend', { class: 'field-legend', text: ['keys.scopes'] }),
          ...offered.map((scope, i) =>
            h(
              'label',
              { class: 'choice' },
              boxes[i],
              h(
                'span',
                { class: 'choice-name' },
                h('span', { text: [`scope.${scope}`] }),
                h('span', { class: 'note', text: [`scope.${scope}.text`] }),
              ),
            ),
          ),
        ),
        problem,
        h('div', { class: 'dialog-actions' }, submit),
      ),
    ],
  });
  name.focus();
}
