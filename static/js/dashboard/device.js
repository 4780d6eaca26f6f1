/** How a device and its place are named. */
import './messages/devices.js';
import { h } from '../common/dom.js';

/** @typedef {import('./types.js').Place} Place */

/** "Chrome 140 on macOS", or as much of it as is known. @param {Place} place */
export function deviceName({ device, os, browser }) {
  if (os && browser) return h('span', { text: ['device.on', { browser, os }] });
  return os || browser ? h('span', {}, os || browser) : h('span', { text: [`device.${device}`] });
}

/** The place from the server's own file of places; never guessed here. @param {Place} place */
export function placeName({ location: place }) {
  return place ? h('span', {}, place) : h('span', { text: ['place.unknown'] });
}

/** One row of a list of facts. @param {string} key @param {...(Node | string)} value */
export function fact(key, ...value) {
  return h('div', { class: 'pair' }, h('dt', { text: [key] }), h('dd', {}, ...value));
}
