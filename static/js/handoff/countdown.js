/** The time that is left, by the server's clock. */
import { h, icon, toast } from '../common/dom.js';
import { bindText } from '../common/i18n.js';
import { serverNow } from './api.js';

const SOON_MS = 120_000;

/** @param {number} milliseconds */
function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** @param {string} expiresAt @param {() => void} onOver */
export function countdown(expiresAt, onOver) {
  const text = h('span');
  const element = h('p', { class: 'countdown', role: 'timer' }, icon('clock'), text);
  const end = Date.parse(expiresAt);
  let warned = false;
  function tick() {
    const left = end - serverNow();
    bindText(text, '', ['handoff.left', { time: clock(left) }]);
    element.classList.toggle('is-soon', left < SOON_MS);
    if (left < SOON_MS && left > 0 && !warned) toast(['handoff.soon']);
    warned ||= left < SOON_MS;
    if (left > 0) return;
    stop();
    onOver();
  }
  const timer = setInterval(tick, 1000);
  const stop = () => clearInterval(timer);
  tick();
  return { element, stop };
}
