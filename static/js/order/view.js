/** One order as its buyer sees it. */
import { button, h, icon } from '../common/dom.js';
import { formatDate, t } from '../common/i18n.js';
import { formatMoney } from '../common/money.js';
import { addressWords, partWords } from '../common/order_words.js';
import { sumList } from '../common/sums.js';
import { thumb } from '../common/thumb.js';

/** @typedef {import('./types.js').Order} Order */
/** @typedef {import('./types.js').Line} Line */
/** @typedef {{ pay: (event: Event) => void, cancel: (event: Event) => void, download: (event: MouseEvent) => void }} Actions */

/** Sentences that speak of a mail; each has another for where none is sent. */
const MAILED = ['order.next.placed.manual', 'order.next.paid.prints', 'order.next.fulfilled.prints'];
/** The way of an order that goes well. */
const STEPS = /** @type {const} */ (['placed', 'paid', 'fulfilled']);

/** @param {Order} order */
const open = (order) => order.status === 'paid' || order.status === 'fulfilled';
/** @param {Order} order */
const prints = (order) => order.lines.some((line) => line.kind === 'print');
/** @param {Order} order */
const files = (order) => order.lines.some((line) => line.kind === 'digital' || line.kind === 'bundle');

/** @param {Order} order @param {Actions} actions @param {string} receipt the address of its receipt */
export function orderView(order, actions, receipt) {
  return h(
    'section',
    { class: 'order' },
    h(
      'header',
      { class: 'order-head' },
      h('p', { class: 'eyebrow', translate: 'no' }, order.studio_name),
      h('h1', { text: ['order.title', { number: order.number }], tabindex: '-1' }),
      h(
        'p',
        { class: 'note' },
        h('a', { href: `/session/${order.session_id}` }, order.session_name),
        ' · ',
        formatDate(order.placed_at ?? order.created_at),
      ),
    ),
    steps(order),
    next(order, actions),
    open(order) && files(order) && downloads(order, actions),
    lines(order, receipt),
    contacts(order),
  );
}

/** @param {Order} order */
function steps(order) {
  if (order.status === 'cancelled' || order.status === 'refunded') {
    return h('p', { class: 'order-ended' }, h('span', { class: 'badge', text: [`order.status.${order.status}`] }));
  }
  const at = STEPS.findIndex((step) => step === order.status);
  // A paid order that has only files is complete as well: nothing is left to wait for.
  return h(
    'ol',
    { class: 'order-steps', label: ['order.steps'] },
    ...STEPS.map((step, i) => {
      const done = i <= at;
      const when = order[`${step}_at`];
      return h(
        'li',
        { class: `order-step${done ? ' is-done' : ''}`, 'aria-current': i === at ? 'step' : null },
        h('span', { class: 'order-step-mark', 'aria-hidden': 'true' }, done && icon('check')),
        h(
          'span',
          { class: 'order-step-words' },
          h('span', { text: [step === 'fulfilled' ? (prints(order) ? 'order.step.prints' : 'order.step.files') : `order.step.${step}`] }),
          when && h('span', { class: 'note' }, formatDate(when)),
        ),
      );
    }),
  );
}

/** The next step, in a sentence, and the buyer's actions. @param {Order} order @param {Actions} actions */
function next(order, { pay, cancel }) {
  const how = order.payment_instructions;
  const words =
    order.status === 'placed'
      ? `order.next.placed.${order.payment !== 'manual' ? 'online' : how ? 'instructions' : 'manual'}`
      : order.status === 'paid'
        ? prints(order)
          ? 'order.next.paid.prints'
          : 'order.next.paid.files'
        : order.status === 'fulfilled'
          ? prints(order)
            ? 'order.next.fulfilled.prints'
            : 'order.next.paid.files'
          : `order.next.${order.status}`;
  const amount = formatMoney(order.total_amount, order.currency);
  return h(
    'div',
    { class: 'card order-next' },
    // Where no mail is sent, nothing says that one will come or has come.
    h(
      'p',
      {},
      t(!order.mail && MAILED.includes(words) ? `${words}.no_mail` : words, { studio: order.studio_name, email: order.email ?? '' }),
    ),
    how &&
      h(
        'div',
        { class: 'order-how' },
        h('h2', { text: ['order.how'] }),
        h('p', { class: 'order-how-words' }, how),
        h(
          'dl',
          { class: 'pairs' },
          h('div', { class: 'pair' }, h('dt', { text: ['order.how.amount'] }), h('dd', {}, amount)),
          h('div', { class: 'pair' }, h('dt', { text: ['order.how.reference'] }), h('dd', { class: 'mono' }, order.number)),
        ),
      ),
    !order.mail && h('p', { class: 'note', text: ['order.keep'] }),
    order.refund_asked_at && order.status !== 'refunded' && h('p', { text: ['order.refund_asked'] }),
    order.status === 'placed' &&
      h(
        'div',
        { class: 'order-actions' },
        order.payment !== 'manual' && button('button button-primary', ['order.pay', { amount }], pay),
        confirmed(cancel),
      ),
  );
}

/** Asks once more in its own place. @param {(event: Event) => void} cancel */
function confirmed(cancel) {
  const ask = button('link-button', ['order.cancel'], () => {
    ask.hidden = true;
    question.hidden = false;
    /** @type {HTMLElement} */ (question.querySelector('button')).focus();
  });
  const question = h(
    'div',
    { class: 'order-sure', hidden: true },
    h('p', { text: ['order.cancel.sure'] }),
    button('button button-quiet button-small', ['order.cancel.no'], () => {
      question.hidden = true;
      ask.hidden = false;
      ask.focus();
    }),
    button('button button-danger button-small', ['order.cancel.yes'], cancel),
  );
  return h('div', {}, ask, question);
}

/** @param {Order} order @param {Actions} actions */
function downloads(order, { download }) {
  const single = order.lines.filter((line) => line.download_url);
  return h(
    'section',
    { class: 'order-files' },
    h('h2', { text: ['order.files'] }),
    order.archive_url &&
      h(
        'a',
        { class: 'button button-primary', href: order.archive_url, download: true, onClick: download },
        icon('archive'),
        h('span', { text: ['order.zip'] }),
      ),
    h('p', { class: 'note', text: ['order.files.note'] }),
    single.length > 0 &&
      h(
        'ul',
        { class: 'files' },
        ...single.map((line) =>
          h(
            'li',
            {},
            h(
              'a',
              {
                class: 'file',
                href: line.download_url,
                download: true,
                'data-line': line.line_id,
                label: ['order.download', { filename: line.filename ?? line.name }],
                onClick: download,
              },
              h('span', { class: 'file-photo' }, line.thumb_url && thumb(line)),
              h('span', { class: 'file-name' }, icon('save'), h('span', {}, line.filename ?? line.name)),
            ),
          ),
        ),
      ),
  );
}

/** @param {Order} order @param {string} receipt */
function lines(order, receipt) {
  return h(
    'section',
    { class: 'order-lines' },
    h('h2', { text: ['order.lines'] }),
    h('ul', { class: 'lines' }, ...order.lines.map((line) => row(line, order.currency))),
    sumList(order, ['order.total']),
    h('a', { class: 'order-receipt', href: receipt, download: true }, icon('save'), h('span', { text: ['order.receipt_pdf'] })),
  );
}

/** @param {Line} line @param {string} currency */
function row(line, currency) {
  const own = line.size && !line.name.includes(line.size) ? `${line.name}, ${line.size}` : line.name;
  const name = line.package_id ? partWords(line) : own;
  const details = [
    line.filename,
    !line.package_id && line.quantity > 1 && t('order.quantity', { n: line.quantity }),
    line.covered && t('order.covered'),
  ]
    .filter(Boolean)
    .join(' · ');
  return h(
    'li',
    { class: line.package_id ? 'line line-part' : 'line' },
    h('span', { class: 'line-photo' }, thumb(line)),
    h('span', { class: 'line-words' }, h('span', { class: 'line-name' }, name), h('span', { class: 'note' }, details)),
    h('span', { class: 'line-amount' }, line.package_id ? '' : formatMoney(line.amount, currency)),
  );
}

/** @param {Order} order */
function contacts(order) {
  /** @param {string} key @param {string | null} value */
  const fact = (key, value) => value && h('div', { class: 'pair' }, h('dt', { text: [key] }), h('dd', {}, value));
  return h(
    'section',
    { class: 'order-contacts' },
    h('h2', { text: ['order.contacts'] }),
    h(
      'dl',
      { class: 'pairs' },
      fact('order.contacts.name', order.name),
      fact('order.contacts.email', order.email),
      fact('order.contacts.phone', order.phone),
      fact('order.contacts.note', order.note),
      order.shipping && fact('order.contacts.shipping', order.shipping.name),
      order.shipping?.address && fact('order.contacts.address', addressWords(order.shipping.address)),
      fact('order.contacts.payment', t(`payment.${order.payment}`)),
    ),
  );
}
