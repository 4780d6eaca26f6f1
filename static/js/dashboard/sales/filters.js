/** The filter of the list of orders; kept in the page's address, so that it survives a reload and can be shared. */
import { button, h } from '../../common/dom.js';
import { api } from '../api.js';
import { startOf } from '../days.js';

const STATUSES = /** @type {const} */ (['placed', 'paid', 'fulfilled', 'cancelled', 'refunded']);
const NAMES = /** @type {const} */ (['q', 'status', 'session_id', 'from', 'to']);
/** A pause in typing. */
const TYPING_MS = 300;
/** The most that one page of the list of sessions gives. */
const MOST_SESSIONS = 200;

/** @param {() => void} onChange */
export function createFilters(onChange) {
  const given = new URLSearchParams(location.search);
  /** @type {number | undefined} */
  let timer;
  const controls = {
    q: h('input', {
      class: 'input input-small',
      type: 'search',
      placeholder: ['orders.search'],
      label: ['orders.search'],
      autocomplete: 'off',
      onInput: typed,
    }),
    status: h(
      'select',
      { class: 'input input-small select', label: ['orders.status'], onChange: changed },
      h('option', { value: '', text: ['orders.status.all'] }),
      ...STATUSES.map((each) => h('option', { value: each, text: [`order.status.${each}`] })),
    ),
    session_id: h(
      'select',
      { class: 'input input-small select', label: ['orders.session'], onChange: changed },
      h('option', { value: '', text: ['orders.session.all'] }),
    ),
    from: h('input', { class: 'input input-small', type: 'date', onChange: changed }),
    to: h('input', { class: 'input input-small', type: 'date', onChange: changed }),
  };
  const reset = button('link-button', ['orders.clear'], clear);
  const element = h(
    'div',
    { class: 'toolbar order-filters', role: 'search' },
    controls.q,
    controls.status,
    controls.session_id,
    h('label', { class: 'filter-day' }, h('span', { class: 'note', text: ['orders.from'] }), controls.from),
    h('label', { class: 'filter-day' }, h('span', { class: 'note', text: ['orders.to'] }), controls.to),
    reset,
  );
  for (const name of NAMES) controls[name].value = given.get(name) ?? '';
  void fillSessions();
  drawReset();

  async function fillSessions() {
    // Without the names of sessions the other filters still work.
    const { sessions } = await api.get(`/api/photo-sessions?limit=${MOST_SESSIONS}`).catch(() => ({ sessions: [] }));
    controls.session_id.append(
      ...sessions.map((/** @type {{ id: string, name: string }} */ each) => h('option', { value: each.id }, each.name)),
    );
    controls.session_id.value = given.get('session_id') ?? '';
  }

  /** The address of this page with what is chosen; days as the reader wrote them. */
  function chosen() {
    const query = new URLSearchParams();
    for (const name of NAMES) {
      // The list of sessions may still be on its way.
      const value =
        controls[name].value.trim() || (name === 'session_id' && controls.session_id.length === 1 ? (given.get(name) ?? '') : '');
      if (value) query.set(name, value);
    }
    return query;
  }

  function any() {
    return chosen().size > 0;
  }

  function drawReset() {
    reset.hidden = !any();
  }

  function changed() {
    clearTimeout(timer);
    const query = chosen();
    history.replaceState(history.state, '', query.size ? `?${query}` : location.pathname);
    drawReset();
    onChange();
  }

  function typed() {
    clearTimeout(timer);
    timer = window.setTimeout(changed, TYPING_MS);
  }

  function clear() {
    given.delete('session_id');
    for (const name of NAMES) controls[name].value = '';
    changed();
    controls.q.focus();
  }

  return {
    element,
    any,
    clear,
    /** The query for the server: days as moments, the last one included. */
    query() {
      const query = chosen();
      const from = query.get('from');
      const to = query.get('to');
      if (from) query.set('from', startOf(from));
      if (to) query.set('to', startOf(to, 1));
      return query;
    },
  };
}
