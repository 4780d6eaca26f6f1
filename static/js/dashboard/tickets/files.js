/** Files on their way into a message: chosen, dropped or pasted, and what cannot go with it. */
import { button, h, icon } from '../../common/dom.js';
import { formatBytes, live } from '../studio/words.js';

const MOST = 5;
const MAX_BYTES = 10_000_000;
/** A first look by name; the server looks at the content. */
const TAKEN = ['jpg', 'jpeg', 'png', 'gif', 'pdf', 'doc', 'txt', 'zip'];

/** @typedef {import('../../common/i18n.js').Text} Text */
/** @typedef {{ file: File, row: HTMLLIElement, problem: HTMLParagraphElement }} Chosen */

/** Why a file cannot go, as a message. @param {File} file @returns {Text | null} */
function refusal(file) {
  const ending = file.name.split('.').at(-1)?.toLowerCase() ?? '';
  if (!TAKEN.includes(ending)) return ['attach.unsupported'];
  if (file.size === 0) return ['attach.empty'];
  return file.size > MAX_BYTES ? ['attach.too_large'] : null;
}

/**
 * @param {HTMLElement} around drops and pastes anywhere on it are meant for the message
 */
export function createFiles(around) {
  /** @type {Chosen[]} */
  let chosen = [];
  const input = h('input', {
    type: 'file',
    multiple: true,
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-hidden': 'true',
    accept: TAKEN.map((ending) => `.${ending}`).join(','),
    onChange: () => {
      add([...(input.files ?? [])]);
      input.value = '';
    },
  });
  const list = h('ul', { class: 'chosen-files', label: ['ticket.files'] });
  const problem = h('p', { class: 'field-error', role: 'alert' });
  const choose = button('button button-quiet button-small', ['attach.choose'], () => input.click(), 'clip');
  const element = h(
    'div',
    { class: 'file-picker' },
    h('div', { class: 'file-picker-head' }, choose, input, h('p', { class: 'note', text: ['attach.hint'] })),
    list,
    problem,
  );

  /** @param {File[]} files */
  function add(files) {
    problem.textContent = '';
    for (const file of files) {
      if (chosen.length === MOST) {
        say(problem, ['attach.too_many']);
        break;
      }
      chosen.push(row(file));
    }
    changed();
  }

  /** @param {File} file @returns {Chosen} */
  function row(file) {
    const wrong = h('p', { class: 'field-error', role: 'alert' });
    /** @type {Chosen} */
    const each = {
      file,
      problem: wrong,
      row: h(
        'li',
        { class: 'chosen-file' },
        icon(file.type.startsWith('image/') ? 'image' : 'file'),
        h('span', { class: 'attachment-name' }, file.name),
        live(h('span', { class: 'note' }), () => formatBytes(file.size)),
        h(
          'button',
          { type: 'button', class: 'icon-button', label: ['attach.remove', { name: file.name }], onClick: () => remove(each) },
          icon('close'),
        ),
        wrong,
      ),
    };
    const refused = refusal(file);
    if (refused) say(wrong, refused);
    return each;
  }

  /** @param {Chosen} each */
  function remove(each) {
    chosen = chosen.filter((other) => other !== each);
    problem.textContent = '';
    changed();
    choose.focus();
  }

  /** The message to send has changed, as if it had been typed. */
  function changed() {
    draw();
    around.dispatchEvent(new Event('input'));
  }

  function draw() {
    list.replaceChildren(...chosen.map(({ row: element }) => element));
    list.hidden = chosen.length === 0;
  }

  /** @param {HTMLElement} place @param {Text} text */
  function say(place, text) {
    place.replaceChildren(h('span', { text }));
  }

  let depth = 0;
  around.addEventListener('dragenter', (event) => {
    if (event.dataTransfer?.types.includes('Files')) {
      depth += 1;
      around.classList.add('is-over');
    }
  });
  around.addEventListener('dragleave', () => {
    if (--depth <= 0) {
      depth = 0;
      around.classList.remove('is-over');
    }
  });
  around.addEventListener('dragover', (event) => event.preventDefault());
  around.addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    around.classList.remove('is-over');
    add([...(event.dataTransfer?.files ?? [])]);
  });
  around.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    add(files);
  });
  draw();

  return {
    element,
    /** Puts the files into a form; false when one of them cannot go. @param {FormData} form */
    into(form) {
      const bad = chosen.find(({ problem: words }) => words.textContent);
      bad?.row.querySelector('button')?.focus();
      for (const { file } of chosen) form.append('attachment', file, file.name);
      return !bad;
    },
    /** Says beside a file what the server has against it; false when it named none of them. @param {import('../api.js').ApiError} error */
    refuse(error) {
      const name = error.problem.filename;
      const each = chosen.find(({ file }) => file.name === name);
      if (each) each.problem.textContent = error.detail;
      else if (error.code === 'too_many_attachments') problem.textContent = error.detail;
      return Boolean(each) || error.code === 'too_many_attachments';
    },
    clear() {
      chosen = [];
      problem.textContent = '';
      draw();
    },
    count: () => chosen.length,
  };
}
