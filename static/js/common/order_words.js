/** The names of an order's states, for the buyer and the studio alike. */
import { catalogue } from './i18n.js';

await catalogue('common_order');

/** An address in one line. @param {{ street: string, postal_code: string, city: string, country: string | null }} address */
export function addressWords({ street, postal_code: postal, city, country }) {
  return [street, `${postal} ${city}`, country].filter(Boolean).join(', ');
}
