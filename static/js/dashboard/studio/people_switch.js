/** Whether the studio's sessions may group faces by person. */
import '../messages/people.js';
import { h, toast } from '../../common/dom.js';
import { api } from '../api.js';
import { errorText } from '../states.js';
import { toggle } from './words.js';

/** @param {string} url @param {{ is_on: boolean }} people */
export function peopleSwitch(url, { is_on: isOn }) {
  const on = toggle({
    label: ['people.studio.on'],
    checked: isOn,
    onChange: async (input) => {
      try {
        await api.put(url, { is_on: input.checked });
        toast(['people.saved']);
      } catch (error) {
        input.checked = !input.checked;
        toast(errorText(error));
      }
    },
  });
  return h(
    'section',
    { class: 'card credits', label: ['people.studio'] },
    h('h2', { text: ['people.studio'] }),
    h('p', { class: 'note', text: ['people.studio.lead'] }),
    on.element,
  );
}
