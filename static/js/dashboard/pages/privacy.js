/** What guests agreed to, the words that they are asked with, and what was erased. */
import '../messages/privacy.js';
import { h } from '../../common/dom.js';
import { consentList } from '../privacy/consents.js';
import { erasureList } from '../privacy/erasures.js';
import { consentTexts } from '../privacy/texts.js';
import { pageHead } from '../shell.js';

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, context) {
  context.setTitle(['privacy.title']);
  const [studio] = context.user.studios;
  const session = new URLSearchParams(location.search).get('session');
  const isAdmin = context.user.role !== 'photographer';
  const consents = session
    ? `/api/photo-sessions/${encodeURIComponent(session)}/consents`
    : isAdmin && studio && `/api/studios/${studio.id}/consents`;
  root.append(pageHead({ title: ['privacy.title'], text: [session ? 'privacy.lead.session' : 'privacy.lead'] }));
  const sections = [
    consents ? consentList(consents) : null,
    isAdmin && studio && !session ? consentTexts(`/api/studios/${studio.id}/consent-texts`) : null,
    session ? null : erasureList(),
  ].filter((section) => section !== null);
  root.append(h('div', { class: 'privacy' }, ...sections.map((section) => section.element)));
  await Promise.all(sections.map((section) => section.load()));
}
