/** The page /setup#TOKEN: the first account, from the link that the first start printed. */
import './messages.js';
import '../dashboard/icons.js';
import { h } from '../common/dom.js';
import { frame } from '../common/frame.js';
import { api } from '../dashboard/api.js';
import { errorText } from '../dashboard/states.js';
import { field } from './field.js';
import { form } from './form.js';
import { showMessage } from './message_page.js';
import { newPasswordField } from './new_password.js';
import { titled } from './title.js';

/** In the fragment, which browsers send to no server and write into no Referer. */
const token = location.hash.slice(1);

function invalid() {
  showMessage(main, { icon: 'link', title: ['setup.invalid.title'], text: ['setup.invalid'], href: '/login', action: ['login.title'] });
}

function draw() {
  const studio = field({ id: 'studio', label: ['setup.studio'], props: { type: 'text', autocomplete: 'organization', maxlength: 100 } });
  const name = field({ id: 'name', label: ['setup.name'], props: { type: 'text', autocomplete: 'name', maxlength: 100 } });
  const email = field({
    id: 'email',
    label: ['setup.email'],
    props: { type: 'email', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', inputmode: 'email' },
  });

  const own = () => [name.input.value, email.input.value, studio.input.value];
  const password = newPasswordField(['setup.password'], own);
  for (const each of [name, email, studio]) each.input.addEventListener('input', password.judge);

  main.append(
    h(
      'section',
      { class: 'gate' },
      h('div', { class: 'gate-words' }, h('h1', { text: ['setup.title'] }), h('p', { class: 'lead', text: ['setup.text'] })),
      h(
        'div',
        { class: 'card gate-card' },
        form({
          fields: [studio, name, email, password],
          action: ['setup.go'],
          async send() {
            await api.post('/api/auth/setup', {
              token,
              studio_name: studio.input.value.trim(),
              name: name.input.value.trim(),
              email: email.input.value.trim(),
              password: password.input.value,
            });
            location.replace('/dashboard');
          },
          explain(error) {
            const { code } = error;
            if (code === 'setup_link_invalid') {
              invalid();
              return true;
            }
            const at = code === 'invalid_email' ? email : code === 'weak_password' ? password : null;
            at?.fail(errorText(error));
            at?.input.focus();
            return at !== null;
          },
        }),
      ),
    ),
  );
}

const { main } = frame();
titled('setup.title');
if (token) draw();
else invalid();
