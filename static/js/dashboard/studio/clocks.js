/** The cameras of a session, and moving the clock of one against the others. */
import { button, h, icon, toast } from '../../common/dom.js';
import { formatDate, t } from '../../common/i18n.js';
import { api } from '../api.js';
import { openDialog } from '../dialog.js';
import { errorText, failure, loading } from '../states.js';
import { duration, parse } from './shift.js';
import { live } from './words.js';

/**
 * @typedef {object} Camera
 * @property {string} camera '' for photos that name none
 * @property {number} photos
 * @property {string} first_taken_at by its own clock, without a zone
 * @property {string} last_taken_at
 * @property {number} shift_seconds
 *
 * @typedef {object} Clocks
 * @property {number} utc_offset_minutes
 * @property {boolean} is_chosen
 * @property {Camera[]} cameras
 */

/** Zones that somebody lives in, in minutes from UTC. */
const ZONES = [
  -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420,
  480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840,
];

/** @param {string} sessionId @param {() => void} changed */
export function openClocks(sessionId, changed) {
  const path = `/api/photo-sessions/${sessionId}/clocks`;
  const body = h('div', { class: 'clocks' }, loading());
  openDialog({ title: ['clocks.title'], className: 'dialog-wide', content: [h('p', { class: 'note', text: ['clocks.text'] }), body] });

  /** @param {object} change */
  async function save(change) {
    try {
      draw(await api.patch(path, change));
      toast(['clocks.saved']);
      changed();
    } catch (error) {
      toast(errorText(error));
    }
  }

  /** @param {Clocks} clocks */
  function draw(clocks) {
    if (clocks.cameras.length === 0) return body.replaceChildren(h('p', { class: 'state', text: ['clocks.none'] }));
    body.replaceChildren(zone(clocks, save), ...clocks.cameras.map((camera) => row(camera, save)));
  }

  function load() {
    api.get(path).then(draw, (error) => body.replaceChildren(failure(error, load)));
  }
  load();
}

/** @param {Clocks} clocks @param {(change: object) => void} save */
function zone(clocks, save) {
  const zones = [...new Set([...ZONES, clocks.utc_offset_minutes])].sort((a, b) => a - b);
  const select = h(
    'select',
    {
      id: 'clocks-zone',
      class: 'input select',
      onChange: () => save({ utc_offset_minutes: select.value === '' ? null : Number(select.value) }),
    },
    h('option', { value: '', selected: !clocks.is_chosen, text: ['clocks.zone.usual', { zone: zoneName(clocks.utc_offset_minutes) }] }),
    ...zones.map((minutes) =>
      h('option', { value: String(minutes), selected: clocks.is_chosen && minutes === clocks.utc_offset_minutes }, zoneName(minutes)),
    ),
  );
  return h('div', { class: 'field' }, h('label', { for: 'clocks-zone', text: ['clocks.zone'] }), select);
}

/** @param {Camera} camera @param {(change: object) => void} save */
function row(camera, save) {
  const name = camera.camera || t('clocks.unnamed');
  const id = `clock-${camera.camera.replace(/[^a-z0-9]+/gi, '-')}`;
  const ahead = camera.shift_seconds >= 0;
  const sign = h(
    'select',
    { class: 'input select', label: ['clocks.direction', { camera: name }] },
    h('option', { value: '1', selected: ahead, text: ['clocks.later'] }),
    h('option', { value: '-1', selected: !ahead, text: ['clocks.earlier'] }),
  );
  const by = h('input', {
    id,
    class: 'input',
    type: 'text',
    inputmode: 'numeric',
    value: duration(Math.abs(camera.shift_seconds)),
    placeholder: '0:00:00',
    pattern: '(\\d+:)?\\d{1,2}:\\d{2}',
  });
  const form = h(
    'form',
    {
      class: 'clock-row',
      onSubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const seconds = parse(by.value);
        if (seconds === null) return toast(['clocks.invalid']);
        save({ cameras: [{ camera: camera.camera, shift_seconds: Number(sign.value) * seconds }] });
      },
    },
    h(
      'div',
      { class: 'clock-words' },
      h('p', { class: 'clock-name' }, icon('image'), h('strong', {}, name)),
      live(h('p', { class: 'note' }), () => `${t('photos.count', { n: camera.photos })} · ${span(camera)}`),
    ),
    h(
      'div',
      { class: 'session-buttons' },
      h('label', { class: 'visually-hidden', for: id, text: ['clocks.shift', { camera: name }] }),
      by,
      sign,
      button('button button-quiet button-small', ['clocks.apply'], () => form.requestSubmit()),
    ),
  );
  return form;
}

/** First and last shot with the shift, in the page's language. @param {Camera} camera */
function span({ first_taken_at, last_taken_at, shift_seconds }) {
  /** @type {Intl.DateTimeFormatOptions} */
  const parts = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'UTC' };
  const [first, last] = [first_taken_at, last_taken_at].map((time) => formatDate(Date.parse(`${time}Z`) + shift_seconds * 1000, parts));
  return first === last ? first : `${first} – ${last}`;
}

/** "UTC+3:30" @param {number} minutes */
function zoneName(minutes) {
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(Math.abs(minutes) / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
}
