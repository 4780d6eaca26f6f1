/** Money as people read it. Amounts are integers in minor units of their currency, never fractions. */
import { currentLanguage } from './i18n.js';

/** How many digits stand after the decimal separator: 2 for RUB, 0 for JPY. @param {string} currency ISO 4217 */
export function minorDigits(currency) {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** "1 200 ₽", "12.50 €": no empty fraction. @param {number} amount minor units @param {string} currency ISO 4217 */
export function formatMoney(amount, currency) {
  const scale = 10 ** minorDigits(currency);
  const whole = amount % scale === 0;
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    ...(whole && { maximumFractionDigits: 0, minimumFractionDigits: 0 }),
  }).format(amount / scale);
}
