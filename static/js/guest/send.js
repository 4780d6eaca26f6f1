/** A guest sends photos of their own: their yes to the publication, the files, and what became of them. */
import './send_messages.js';
import { button, h, icon, toast } from '../common/dom.js';
import { bindText, currentLanguage } from '../common/i18n.js';
import { ask } from './ask.js';
import { askedText, recordOf, sayRefused, shownText } from './consent_text.js';
import { ownPhotos } from './own_photos.js';
import { sendingTo } from './sending.js';
import { rememberSharing, sharing } from './consent_store.js';
import { savedName, saveName } from './sender_name.js';
import { forgetAllUnsent } from './unsent.js';

/** @typedef {import('./types.js').App} App */

/** @param {App} app @returns {import('./types.js').View} */
export function sendView(app) {
  const { session } = app;
  const sending = sendingTo(session.id);
  const own = ownPhotos(session.id);
  const body = h('div', { class: 'send-body' });
  const element = h('section', { class: 'sheet send' }, h('h1', { text: ['send.title'] }), body, sending.list, sending.done, own.element);
  let dispose = () => {};

  function draw() {
    dispose();
    const yes = sharing(session.id);
    const part = yes ? picker(yes) : consent();
    dispose = part.dispose;
    body.replaceChildren(...part.children);
    own.all.replaceChildren(...(yes ? [button('button button-quiet', ['own.all'], () => void takeAllBack(yes))] : []));
  }

  function consent() {
    const error = h('p', { class: 'field-error', role: 'alert' });
    const words = shownText(app, 'sharing');
    const agree = button('button button-primary', ['send.yes'], () => void say());

    async function say() {
      agree.disabled = true;
      error.replaceChildren();
      try {
        const { version } = await askedText(app, 'sharing');
        if (!words.isShown()) return await words.draw();
        const given = { version, language: currentLanguage(), purpose: 'sharing' };
        const { consent_id: id, code } = await app.api.consent(given);
        rememberSharing(session.id, { id, code, version });
        draw();
        void sending.goOn();
      } catch (failure) {
        sayRefused(app, failure, words, error);
      } finally {
        agree.disabled = false;
      }
    }

    const actions = h(
      'div',
      { class: 'actions' },
      agree,
      button('button button-quiet', ['consent.no'], () => app.go('all', { replace: true })),
    );
    return { children: [words.element, error, actions], dispose: words.dispose };
  }

  /** @param {import('./consent_store.js').Yes} yes */
  function picker(yes) {
    const name = h('input', {
      class: 'input',
      id: 'send-name',
      maxlength: 60,
      autocomplete: 'name',
      value: savedName(),
      onInput: () => saveName(name.value.trim()),
    });
    const pick = h('span', { text: [sending.list.childElementCount ? 'send.another' : 'send.pick'] });
    const file = h('input', {
      type: 'file',
      accept: 'image/*',
      multiple: true,
      class: 'visually-hidden',
      id: 'send-files',
      onChange: () => {
        sending.send([...(file.files ?? [])]);
        file.value = '';
        bindText(pick, '', ['send.another']);
      },
    });
    const record = h('details', { class: 'send-record' }, h('summary', { text: ['send.agreed'] }), recordOf(yes.code));
    const children = [
      h('p', { class: 'lead', text: [`send.lead.${session.guest_photos}`] }),
      h(
        'div',
        { class: 'field' },
        h('label', { class: 'field-label', for: 'send-name', text: ['send.name'] }),
        name,
        h('p', { class: 'note', text: ['send.name.hint'] }),
      ),
      h('label', { class: 'button button-primary button-wide', for: 'send-files' }, file, icon('image'), pick),
      record,
    ];
    return { children, dispose: () => {} };
  }

  /** @param {import('./consent_store.js').Yes} yes */
  async function takeAllBack(yes) {
    if (!(await ask({ title: ['own.all.title'], text: ['own.all.text'], yes: ['own.all'] }))) return;
    try {
      await app.api.withdraw(yes.id);
    } catch (error) {
      // A consent that the server no longer has is as good as withdrawn.
      if (/** @type {import('./api.js').ApiError} */ (error).status !== 404) return toast(['own.back.failed']);
    }
    rememberSharing(session.id, null);
    sending.clear();
    await forgetAllUnsent(session.id);
    toast(['own.all.done']);
    draw();
    await own.read();
  }

  sending.onChange(() => {
    if (Boolean(sharing(session.id)) !== Boolean(body.querySelector('#send-files'))) draw();
    void own.read();
  });
  draw();
  void own.read();
  if (sharing(session.id)) void sending.goOn();
  return {
    element,
    dispose() {
      dispose();
      own.dispose();
      sending.onChange(() => {});
    },
  };
}
