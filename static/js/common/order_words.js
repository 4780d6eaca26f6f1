/** The names of an order's states, for the buyer and the studio alike. */
import { catalogue, t } from './i18n.js';

await catalogue('common_order');

/** "10 files", "5 prints 10×15 cm": what a package holds of one kind. @param {{ kind: string, size?: string | null, quantity: number }} part */
export function partWords({ kind, size, quantity }) {
  return t(`part.${kind}`, { n: quantity, size: size ?? '' }).trim();
}

/** An address in one line. @param {{ street: string, postal_code: string, city: string, country: string | null }} address */
export function addressWords({ street, postal_code: postal, city, country }) {
  return [street, `${postal} ${city}`, country].filter(Boolean).join(', ');
}
