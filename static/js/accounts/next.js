/** Where a sign-in leads. */
const HOME = '/dashboard';

/**
 * The `next` of the address when it is a page of this server, else the dashboard: a link from
 * elsewhere must not send anybody away with a fresh sign-in.
 * @param {string} search the address's query, for example "?next=/dashboard"
 * @param {string} origin
 */
export function nextPage(search, origin) {
  const wanted = new URLSearchParams(search).get('next');
  // "//host" and "/\host" are other servers to a browser.
  if (!wanted || !/^\/(?![/\\])/.test(wanted)) return HOME;
  const url = new URL(wanted, origin);
  if (url.origin !== origin || ['/login', '/auth/signin'].includes(url.pathname)) return HOME;
  return url.pathname + url.search + url.hash;
}
