/** A form that is sent to the server: busy while it waits, one place for what went wrong. */
import { button, h } from '../common/dom.js';
import { ApiError } from '../dashboard/api.js';
import { errorText } from '../dashboard/states.js';
import { allFilled } from './field.js';

/** @typedef {import('../common/i18n.js').Text} Text */

/**
 * @param {object} options
 * @param {import('./field.js').Field[]} options.fields
 * @param {Text} options.action what the button says
 * @param {() => Promise<void>} options.send
 * @param {(error: ApiError) => boolean} [options.explain] whether it said by itself what is wrong, at a field for example
 */
export function form({ fields, action, send, explain }) {
  const problem = h('div', { class: 'form-problem', role: 'alert' });
  const submit = button('button button-primary button-wide', action, () => {});
  submit.type = 'submit';
  /** @type {number | undefined} */
  let countdown;

  /** @param {Event} event */
  async function onSubmit(event) {
    event.preventDefault();
    if (submit.disabled) return;
    problem.replaceChildren();
    if (!allFilled(fields)) return;
    submit.disabled = true;
    element.setAttribute('aria-busy', 'true');
    try {
      await send();
    } catch (error) {
      submit.disabled = false;
      if (error instanceof ApiError && error.status === 429) return waitFor(error.retryAfter);
      if (error instanceof ApiError && explain?.(error)) return;
      problem.replaceChildren(h('p', {}, errorText(error)));
    } finally {
      element.removeAttribute('aria-busy');
    }
  }

  /** Nothing can be sent until the server takes tries again. @param {number} seconds */
  function waitFor(seconds) {
    clearInterval(countdown);
    const until = Date.now() + Math.max(seconds, 1) * 1000;
    const words = h('p', {});
    problem.replaceChildren(h('p', { text: ['form.too_many'] }), words);
    // Read out once, not every second.
    words.setAttribute('aria-hidden', 'true');
    submit.disabled = true;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0) {
        clearInterval(countdown);
        problem.replaceChildren();
        submit.disabled = false;
        return;
      }
      words.replaceChildren(
        h('span', { text: left > 60 ? ['form.wait_minutes', { n: Math.ceil(left / 60) }] : ['form.wait', { n: left }] }),
      );
    };
    tick();
    countdown = window.setInterval(tick, 1000);
  }

  const element = h('form', { class: 'form', novalidate: true, onSubmit }, ...fields.map((each) => each.element), problem, submit);
  return element;
}
