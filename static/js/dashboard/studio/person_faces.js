/** The faces that were put to one person: each with its whole photo, and those that are somebody else's taken away. */
import { button, h, toast } from '../../common/dom.js';
import { faceOf, photoWithBox } from '../../common/face.js';
import { bindText } from '../../common/i18n.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { called } from './called.js';

/** @typedef {import('../../common/shapes.js').Answer<'PersonFaceJson'>} Face */

/** @param {{ path: string, person: { person_id: string, name: string | null, number: number }, changed: () => void }} options */
export function openFaces({ path, person, changed }) {
  const own = `${path}/${person.person_id}`;
  /** @type {Set<string>} */
  const chosen = new Set();
  /** @type {string | null} */
  let cursor = null;
  const list = h('ul', { class: 'person-faces', role: 'list' });
  const whole = h('div', { class: 'person-whole' });
  const note = h('div', {}, loading());
  const more = button('button button-quiet button-small', ['people.more'], () => void load());
  const take = button('button button-quiet button-small', ['people.split'], () => void split(), 'eyeoff');
  const count = h('span', { class: 'note', role: 'status' });
  more.hidden = true;
  const dialog = openDialog({
    title: ['people.faces', { who: called(person) }],
    className: 'dialog-wide',
    content: [
      h('p', { class: 'note', text: ['people.faces.text'] }),
      note,
      list,
      more,
      h('div', { class: 'session-buttons' }, take, count),
      whole,
    ],
  });
  draw();

  function draw() {
    take.disabled = chosen.size === 0;
    bindText(count, '', ['people.split.count', { n: chosen.size }]);
  }

  async function load() {
    try {
      const answer = await api.get(`${own}/faces${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`);
      cursor = answer.next_cursor;
      note.replaceChildren();
      list.append(...answer.faces.map(row));
      more.hidden = cursor === null;
    } catch (error) {
      note.replaceChildren(failure(error, () => void load()));
    }
  }

  /** @param {Face} face */
  function row(face) {
    const choose = h('input', {
      type: 'checkbox',
      class: 'person-choose',
      label: ['people.not', { name: face.filename }],
      onChange: () => {
        if (choose.checked) chosen.add(face.face_id);
        else chosen.delete(face.face_id);
        draw();
      },
    });
    return h(
      'li',
      {},
      choose,
      h(
        'button',
        { type: 'button', class: 'person-face', label: ['people.whole', { name: face.filename }], onClick: () => enlarge(face) },
        faceOf(face, face.box),
      ),
    );
  }

  /** @param {Face} face */
  function enlarge(face) {
    whole.replaceChildren(
      photoWithBox(face, face.box, ['photo.named', { name: face.filename }]),
      h('p', { class: 'note enlarged-note' }, face.filename),
    );
    whole.scrollIntoView({ block: 'nearest' });
  }

  async function split() {
    try {
      await api.post(`${own}/split`, { faces: [...chosen] });
      toast(['people.split.done', { n: chosen.size }]);
      dialog.close();
      changed();
    } catch (error) {
      toast(errorText(error));
    }
  }
  void load();
}
