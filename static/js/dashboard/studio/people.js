/** Who is in a session's photos: faces grouped by person; name, make one, take apart, hide. */
import '../messages/people.js';
import { button, h, toast } from '../../common/dom.js';
import { faceOf } from '../../common/face.js';
import { bindText, t } from '../../common/i18n.js';
import { offerUndo } from '../../common/undo.js';
import { api, ApiError } from '../api.js';
import { confirm } from '../dialog.js';
import { eraseForGood } from '../erase.js';
import { empty, errorText, failure, loading } from '../states.js';
import { called } from './called.js';
import { openFaces } from './person_faces.js';
import { createWishes } from './wishes.js';
import { toggle } from './words.js';

/** @typedef {import('../../common/shapes.js').Answer<'ManagedPerson'>} Person */
/** @typedef {import('../../common/shapes.js').Answer<'SessionPeople'>} Switches */

/** Who types on is not answered yet. */
const TYPING_MS = 300;
/** So many people are searched by name. */
const MANY = 8;
/** While photos are looked at, the list is read again this often. */
const REFRESH_MS = 3000;

/** @param {import('../pages/photo_session.js').Shared} shared */
export function createPeople({ session, live }) {
  const path = `/api/photo-sessions/${session.id}/people`;
  /** @type {Switches | null} */
  let switches = null;
  /** @type {Person[]} */
  let people = [];
  /** @type {string[]} */
  let names = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {Set<string>} */
  const chosen = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let refreshing;

  const head = h('div', { class: 'section-head people-head' });
  const note = h('div', { class: 'grid-note' });
  const list = h('ul', { class: 'people', role: 'list', label: ['people.title'] });
  const more = button('button button-quiet', ['people.more'], () => void load(true));
  const known = h('datalist', { id: 'people-names' });
  const count = h('p', { class: 'selection-count', role: 'status' });
  const bar = h(
    'div',
    { class: 'selection-bar', hidden: true, role: 'toolbar', label: ['people.actions'] },
    count,
    h(
      'div',
      { class: 'session-buttons' },
      button('button button-quiet button-small', ['people.merge'], () => void merge([...chosen]), 'person'),
      button('link-button', ['selection.clear'], clear),
    ),
  );
  more.hidden = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  const search = h('input', {
    class: 'input input-small people-search',
    type: 'search',
    placeholder: ['people.search'],
    label: ['people.search'],
    autocomplete: 'off',
    hidden: true,
    onInput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => void load(false), TYPING_MS);
    },
  });
  const wishes = createWishes(session.id, session.time_zone);
  const agreed = h(
    'p',
    { class: 'note' },
    h('a', { href: `/dashboard/settings/privacy?session=${session.id}`, text: ['people.consents'] }),
  );
  const element = h('div', { class: 'section people-section' }, head, search, note, known, list, more, wishes.element, agreed, bar);

  async function show() {
    void wishes.load();
    note.replaceChildren(loading());
    try {
      switches = /** @type {Switches} */ (await api.get(`${path}/switches`));
      note.replaceChildren();
      drawHead();
      if (switches.studio && switches.is_on) await load(false);
    } catch (error) {
      note.replaceChildren(failure(error, () => void show()));
    }
  }

  function drawHead() {
    if (!switches) return;
    const { studio, is_on: isOn, for_guests: forGuests, guardian: asksGuardian } = switches;
    list.hidden = !(studio && isOn);
    if (!studio) {
      head.replaceChildren();
      note.replaceChildren(
        empty({
          icon: 'person',
          title: ['people.off'],
          text: ['people.off.text'],
          action: h(
            'a',
            { class: 'button button-quiet button-small', href: '/dashboard/settings/studio' },
            h('span', { text: ['people.off.where'] }),
          ),
        }),
      );
      return;
    }
    const on = toggle({
      label: ['people.on'],
      hint: ['people.on.hint'],
      checked: isOn,
      onChange: (input) => void set({ is_on: input.checked, for_guests: input.checked && forGuests }, input),
    });
    const guests = toggle({
      label: ['people.guests'],
      hint: ['people.guests.hint'],
      checked: forGuests,
      onChange: (input) => void set({ is_on: true, for_guests: input.checked }, input),
    });
    const guardian = toggle({
      label: ['people.guardian'],
      hint: ['people.guardian.hint'],
      checked: asksGuardian,
      onChange: (input) => void set({ is_on: isOn, for_guests: forGuests, guardian: input.checked }, input),
    });
    head.replaceChildren(
      h('div', { class: 'people-switches' }, on.element, isOn && guests.element, (isOn || asksGuardian) && guardian.element),
      h(
        'div',
        { class: 'session-buttons' },
        isOn && button('button button-quiet button-small', ['people.regroup'], regroup, 'undo'),
        button('button button-quiet button-small button-danger-quiet', ['people.erase'], erase, 'trash'),
      ),
    );
  }

  /** @param {{ is_on: boolean, for_guests: boolean, guardian?: boolean }} change @param {HTMLInputElement} input */
  async function set(change, input) {
    try {
      switches = /** @type {Switches} */ (await api.put(`${path}/switches`, change));
      drawHead();
      if (switches.is_on) await load(false);
      else draw([], [], 0);
    } catch (error) {
      input.checked = !input.checked;
      toast(errorText(error));
    }
  }

  /** @param {boolean} onwards from where the list ends */
  async function load(onwards) {
    const name = search.value.trim();
    const query = new URLSearchParams({ ...(onwards && cursor && { cursor }), ...(name && { name }) });
    try {
      const answer = await api.get(`${path}?${query}`);
      const before = onwards ? people : [];
      const shown = new Set(before.map((person) => person.person_id));
      cursor = answer.next_cursor;
      // A handful is found by looking.
      search.hidden = answer.total < MANY && !name;
      draw(
        [...before, ...answer.people.filter((/** @type {Person} */ person) => !shown.has(person.person_id))],
        answer.names,
        answer.photos_left,
      );
    } catch (error) {
      note.replaceChildren(failure(error, () => void load(onwards)));
    }
  }

  /** @param {Person[]} next @param {string[]} given @param {number} left */
  function draw(next, given, left) {
    people = next;
    names = given;
    for (const id of chosen) if (!people.some((person) => person.person_id === id)) chosen.delete(id);
    known.replaceChildren(...names.map((name) => h('option', { value: name })));
    // Somebody who is writing a name goes on writing.
    const writing = /** @type {HTMLElement | null} */ (document.activeElement?.closest('.person'))?.dataset.id;
    const kept = writing && list.querySelector(`[data-id="${writing}"]`);
    list.replaceChildren(...people.map((person) => (kept && person.person_id === writing ? kept : card(person))));
    if (kept) /** @type {HTMLElement} */ (kept.querySelector('input[type="text"]'))?.focus();
    more.hidden = cursor === null;
    note.replaceChildren();
    const isOn = Boolean(switches?.studio && switches.is_on);
    if (isOn && left > 0) note.append(h('p', { class: 'note', role: 'status', text: ['people.left', { n: left }] }));
    else if (isOn && people.length === 0)
      note.append(h('p', { class: 'state', text: [search.value.trim() ? 'people.not_found' : 'people.none'] }));
    drawBar();
    if (isOn && left > 0) refreshSoon();
  }

  function refreshSoon() {
    refreshing ??= setTimeout(() => {
      refreshing = undefined;
      if (element.isConnected && switches?.is_on) void load(false);
    }, REFRESH_MS);
  }

  /** @param {Person} person */
  function card(person) {
    const { person_id: id, portrait, photos, is_hidden: isHidden, is_child: isChild } = person;
    const name = h('input', {
      class: 'input input-small',
      type: 'text',
      maxlength: 80,
      list: 'people-names',
      value: person.name ?? '',
      placeholder: called({ name: null, number: person.number }),
      label: ['people.name', { who: called(person) }],
      autocomplete: 'off',
      onChange: () => void rename(person, name),
    });
    const choose = h('input', {
      type: 'checkbox',
      class: 'person-choose',
      checked: chosen.has(id),
      label: ['people.choose', { who: called(person) }],
      onChange: () => {
        if (choose.checked) chosen.add(id);
        else chosen.delete(id);
        drawBar();
      },
    });
    const face = h(
      'button',
      {
        type: 'button',
        class: 'person-face',
        label: ['people.faces', { who: called(person) }],
        onClick: () => openFaces({ path, person, changed: () => void load(false) }),
      },
      faceOf(portrait, portrait.box),
    );
    return h(
      'li',
      { class: `person ${isHidden ? 'is-hidden' : ''}`, 'data-id': id },
      choose,
      face,
      h('form', { onSubmit: (/** @type {Event} */ event) => (event.preventDefault(), name.blur()) }, name),
      h(
        'p',
        { class: 'person-facts' },
        h('a', { href: `#photos?person=${id}`, text: ['photos.count', { n: photos }] }),
        isHidden && h('span', { class: 'badge', text: ['people.hidden'] }),
        isChild && h('span', { class: 'badge', text: ['people.child'] }),
      ),
      h(
        'div',
        { class: 'person-buttons' },
        button(
          'button button-quiet button-small',
          [isHidden ? 'people.show' : 'people.hide'],
          () => void hide(person, !isHidden),
          isHidden ? 'eye' : 'eyeoff',
        ),
        button('link-button', [isChild ? 'people.no_child' : 'people.mark_child'], () => void change(person, { is_child: !isChild })),
        button('link-button', ['erase.person'], () => void eraseOne(person)),
      ),
    );
  }

  /** @param {Person} person @param {object} what @returns {Promise<boolean>} */
  async function change({ person_id: id }, what) {
    try {
      await api.patch(`${path}/${id}`, what);
      await load(false);
      return true;
    } catch (error) {
      toast(errorText(error));
      return false;
    }
  }

  /** @param {Person} person */
  async function eraseOne({ person_id: id }) {
    if (await eraseForGood({ path: `${path}/${id}/erasure`, title: ['erase.person'], text: ['erase.person.text'] })) await load(false);
  }

  /** @param {Person} person @param {boolean} hidden */
  async function hide(person, hidden) {
    if (!(await change(person, { is_hidden: hidden }))) return;
    const who = called(person);
    if (hidden) offerUndo(t('people.hid', { who, n: person.photos }), () => void hide(person, false));
    else toast(['people.shown', { who }]);
  }

  /** @param {Person} person @param {HTMLInputElement} input */
  async function rename(person, input) {
    const name = input.value.trim() || null;
    if (name === person.name) return;
    try {
      await api.patch(`${path}/${person.person_id}`, { name });
      person.name = name;
      input.blur();
      await load(false);
    } catch (error) {
      const other =
        error instanceof ApiError &&
        error.code === 'person_name_taken' &&
        people.find((each) => each.name?.toLowerCase() === name?.toLowerCase());
      input.value = person.name ?? '';
      if (!other) return toast(errorText(error));
      const same = await confirm({ title: ['people.same', { who: called(other) }], text: ['people.same.text'], action: ['people.merge'] });
      if (same) await merge([other.person_id, person.person_id]);
    }
  }

  /** The one with a name, else the one in the most photos, takes the others in. @param {string[]} ids */
  async function merge(ids) {
    const who = people.filter((person) => ids.includes(person.person_id));
    const [into] = [...who].sort((a, b) => Number(b.name !== null) - Number(a.name !== null) || b.photos - a.photos);
    if (who.length < 2) return toast(['people.choose_two']);
    try {
      await api.post(`${path}/${into.person_id}/merge`, { people: ids.filter((id) => id !== into.person_id) });
      chosen.clear();
      toast(['people.merged', { who: called(into) }]);
      await load(false);
    } catch (error) {
      toast(errorText(error));
    }
  }

  async function regroup() {
    try {
      await api.post(`${path}/regroup`, {});
      await load(false);
      refreshSoon();
    } catch (error) {
      toast(errorText(error));
    }
  }

  async function erase() {
    if (!(await confirm({ title: ['people.erase.title'], text: ['people.erase.text'], action: ['people.erase'] }))) return;
    try {
      await api.put(`${path}/switches`, { is_on: false, for_guests: false });
      const { people: erased } = await api.delete(path);
      toast(['people.erased', { n: erased }]);
      draw([], [], 0);
      await show();
    } catch (error) {
      toast(errorText(error));
    }
  }

  function clear() {
    chosen.clear();
    for (const box of list.querySelectorAll('.person-choose')) /** @type {HTMLInputElement} */ (box).checked = false;
    drawBar();
  }

  function drawBar() {
    bar.hidden = chosen.size === 0;
    if (chosen.size > 0) bindText(count, '', ['people.chosen', { n: chosen.size }]);
  }

  live.on('photo', () => {
    if (element.isConnected && switches?.is_on) refreshSoon();
  });

  return { element, shown: () => void show() };
}
