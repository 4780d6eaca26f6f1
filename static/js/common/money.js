/** Money as people read it. Amounts are integers in minor units of their currency, never fractions. */
import { formatNumber, minorDigits } from './i18n.js';

export { minorDigits };

/** "1 200 ₽", "12.50 €": no empty fraction. @param {number} amount minor units @param {string} currency ISO 4217 */
export function formatMoney(amount, currency) {
  const scale = 10 ** minorDigits(currency);
  const whole = amount % scale === 0;
  return formatNumber(amount / scale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    ...(whole && { maximumFractionDigits: 0, minimumFractionDigits: 0 }),
  });
}
