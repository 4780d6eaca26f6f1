/** The page at `/`: what Pixora is, and a field for the photographer's link. */
import { button, h, icon } from '../common/dom.js';
import './messages.js';
import { frame } from '../common/frame.js';

const SESSION_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

const field = h('input', {
  id: 'link',
  class: 'input',
  type: 'text',
  inputmode: 'url',
  autocomplete: 'off',
  autocapitalize: 'none',
  spellcheck: 'false',
  'aria-describedby': 'link-error',
  required: true,
});
const error = h('p', { id: 'link-error', class: 'field-error', role: 'alert' });

/** @param {Event} event */
function open(event) {
  event.preventDefault();
  const id = field.value.match(SESSION_ID)?.[0];
  if (id) {
    location.assign(`/session/${id.toLowerCase()}`);
    return;
  }
  field.setAttribute('aria-invalid', 'true');
  error.replaceChildren(h('span', { text: ['welcome.bad', { example: `${location.origin}/session/…` }] }));
  field.focus();
}

/** @param {string} name @param {string} iconName */
const step = (name, iconName) => h('li', { class: 'step' }, icon(iconName), h('span', { text: [name] }));
const submit = button('button button-primary', ['welcome.go'], () => {});
submit.type = 'submit';

frame({ footer: h('a', { class: 'link-button', href: '/login', text: ['welcome.sign_in'] }) }).main.append(
  h(
    'section',
    { class: 'welcome' },
    h('h1', { class: 'display', text: ['welcome.title'] }),
    h('p', { class: 'lead', text: ['welcome.text'] }),
    h('ol', { class: 'steps' }, step('welcome.step1', 'qr'), step('welcome.step2', 'face'), step('welcome.step3', 'image')),
    h(
      'form',
      { class: 'link-form', novalidate: true, onSubmit: open },
      h('label', { for: 'link', text: ['welcome.field'] }),
      h('div', { class: 'link-row' }, field, submit),
      error,
    ),
  ),
);
