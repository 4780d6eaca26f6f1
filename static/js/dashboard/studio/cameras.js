/** The user and password with which cameras send photos into the session by FTP. */
import { button, h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { errorText } from '../states.js';

/** @typedef {import('../../common/shapes.js').Answer<'FtpJson'>} Ftp */

/** Shows nothing where the server takes no photos by FTP. @param {string} sessionId */
export function createCameras(sessionId) {
  const path = `/api/photo-sessions/${sessionId}/ftp`;
  const element = h('section', { class: 'card library', hidden: true });

  function load() {
    return api.get(path).then(draw, () => {});
  }

  /** @param {() => Promise<unknown>} act */
  async function change(act) {
    try {
      await act();
      await load();
    } catch (error) {
      toast(errorText(error));
    }
  }

  async function renew() {
    if (await confirm({ title: ['cameras.renew'], text: ['cameras.renew.text'], action: ['cameras.renew'], danger: false })) {
      await change(() => api.post(path));
    }
  }

  async function revoke() {
    if (await confirm({ title: ['cameras.revoke'], text: ['cameras.revoke.text'], action: ['cameras.revoke'] })) {
      await change(() => api.delete(path));
    }
  }

  /** @param {Ftp} ftp */
  function draw({ host, port, tls, requires_tls, account }) {
    element.hidden = false;
    const mode = requires_tls ? 'must' : tls ? 'may' : 'no';
    element.replaceChildren(
      h('h2', { text: ['cameras.title'] }),
      h('p', { class: 'note', text: ['cameras.text'] }),
      ...(account
        ? [
            h(
              'dl',
              { class: 'cameras-access' },
              ...entry('cameras.host', host),
              ...entry('cameras.port', String(port)),
              ...entry('cameras.login', account.login),
              ...entry('cameras.password', account.password),
            ),
            h('p', { class: 'note', text: [`cameras.tls.${mode}`] }),
          ]
        : []),
      h(
        'div',
        { class: 'session-buttons' },
        ...(account
          ? [
              button('button button-quiet button-small', ['cameras.renew'], () => void renew()),
              button('button button-quiet button-small', ['cameras.revoke'], () => void revoke()),
            ]
          : [button('button button-quiet button-small', ['cameras.make'], () => void change(() => api.post(path)))]),
      ),
    );
  }

  return { element, shown: () => void load() };
}

/** @param {string} name @param {string} value */
function entry(name, value) {
  return [h('dt', { text: [name] }), h('dd', {}, h('code', {}, value))];
}
