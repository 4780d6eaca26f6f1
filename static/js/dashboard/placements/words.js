/** Money, statuses and links as people read them. */
import { h } from '../../common/dom.js';
import { formatNumber } from '../../common/i18n.js';

/** As the customers of the country know them; the interface takes any name. */
export const PLATFORMS = ['VK', 'Telegram', 'Instagram', 'YouTube', 'TikTok', 'OK', 'Dzen', 'Pinterest'];

/** Kopecks of the least order. */
export const MINIMUM = 10_000;

/** "1 500 ₽", with kopecks only where there are some. @param {number} kopecks */
export function formatMoney(kopecks) {
  const digits = kopecks % 100 === 0 ? 0 : 2;
  return formatNumber(kopecks / 100, {
    style: 'currency',
    currency: 'RUB',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Reads an amount in roubles as kopecks: "1 500,50" is 150050. NaN for a text that is no amount. @param {string} text */
export function parseMoney(text) {
  const plain = text.replace(/[\s  ₽']/g, '').replace(',', '.');
  if (!/^\d+(\.\d{1,2})?$/.test(plain)) return NaN;
  const [roubles, rest = ''] = plain.split('.');
  return Number(roubles) * 100 + Number(rest.padEnd(2, '0'));
}

/** @param {import('./types.js').Status} status */
export function orderBadge(status) {
  return h('span', { class: `badge placement-badge placement-${status}`, text: [`placement.status.${status}`] });
}

/** A link that a code can lead to. @param {string} text @returns {URL | null} */
export function webLink(text) {
  if (!/^https?:\/\/./i.test(text.trim())) return null;
  try {
    const url = new URL(text.trim());
    return url.hostname.includes('.') && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}
