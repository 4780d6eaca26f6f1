/** The dialog that says who runs a session beside its photographer. */
import '../messages/team.js';
import { h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText, load } from '../states.js';
import { smallForm } from '../team/fields.js';

/** @typedef {import('../../common/shapes.js').Answer<'PhotographersJson'>} Answer */

/** @param {string} session its id */
export function choosePhotographers(session) {
  const path = `/api/photo-sessions/${session}/photographers`;
  const body = h('div', {});
  const dialog = openDialog({
    title: ['photographers.title'],
    loses: true,
    content: [h('p', { text: ['photographers.text'] }), body],
  });
  void load(
    body,
    () => api.get(path),
    (/** @type {Answer} */ { photographers }) => draw(photographers, path, () => dialog.close()),
  );
}

/** @param {Answer['photographers']} photographers @param {string} path @param {() => void} close */
function draw(photographers, path, close) {
  const boxes = photographers.map((each) =>
    h('input', { type: 'checkbox', value: each.id, checked: each.is_owner || each.takes_part, disabled: each.is_owner }),
  );
  const problem = h('p', { class: 'field-error', role: 'alert' });
  async function send() {
    const chosen = boxes.filter((box) => box.checked && !box.disabled).map((box) => box.value);
    await api.put(path, { photographer_ids: chosen });
    close();
    toast(['photographers.saved']);
  }
  const list = h(
    'div',
    { class: 'choices' },
    ...photographers.map((each, i) =>
      h(
        'label',
        { class: 'choice' },
        boxes[i],
        h(
          'span',
          { class: 'choice-name' },
          h('span', {}, each.name),
          h('span', { class: 'note', text: [each.is_owner ? 'photographers.owner' : `role.${each.role}`] }),
        ),
      ),
    ),
  );
  if (boxes.every((box) => box.disabled)) return [list, h('p', { class: 'note', text: ['photographers.none'] })];
  return [
    smallForm(
      [list],
      ['photographers.save'],
      send,
      (error) => {
        problem.textContent = errorText(error);
        return true;
      },
      problem,
    ),
  ];
}
