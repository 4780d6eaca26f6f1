/** The team of a studio: its members, what can be done with them, and who is invited. */
import '../messages/team.js';
import { button, h, icon, toast } from '../../common/dom.js';
import { formatMoment } from '../../common/i18n.js';
import { api } from '../api.js';
import { confirm } from '../dialog.js';
import { menu } from '../menu.js';
import { pageHead } from '../shell.js';
import { empty, errorText, load } from '../states.js';
import { invite } from '../team/invite.js';
import { actions } from '../team/member.js';
import { time } from '../time.js';

/** @typedef {import('../team/types.js').Team} Team */
/** @typedef {import('../team/types.js').Member} Member */
/** @typedef {import('../team/types.js').Invitation} Invitation */

/** @param {HTMLElement} root @param {import('../types.js').Context} context */
export async function show(root, { user, setTitle }) {
  setTitle(['team.title']);
  const [studio] = user.studios;
  if (!studio) {
    root.append(pageHead({ title: ['team.title'], text: ['team.text'] }), empty({ icon: 'person', title: ['team.none'] }));
    return;
  }
  const path = `/api/studios/${studio.id}/team`;
  /** @type {Team | undefined} */
  let team;
  const ask = button('button button-primary button-small', ['team.invite'], () => team && invite(path, team, reload), 'plus');
  const body = h('div', { class: 'team' });
  root.append(pageHead({ title: ['team.title'], text: ['team.text'], actions: [ask] }), body);
  async function reload() {
    await load(
      body,
      () => api.get(path),
      (/** @type {Team} */ answer) => {
        team = answer;
        return [members(answer, path, reload), invitations(answer.invitations, path, reload)];
      },
    );
  }
  await reload();
}

/** @param {Team} team @param {string} path @param {() => Promise<void>} reload */
function members(team, path, reload) {
  const alone = team.members.length < 2 && team.invitations.length === 0;
  return h(
    'section',
    { class: 'section', label: ['team.members'] },
    h('ul', { class: 'key-list' }, ...team.members.map((each) => row(each, team, path, reload))),
    alone && empty({ icon: 'person', title: ['team.alone'], text: ['team.alone.text'] }),
  );
}

/** @param {Member} member @param {Team} team @param {string} path @param {() => Promise<void>} reload */
function row(member, team, path, reload) {
  const over = member.ends_at && Date.parse(member.ends_at) <= Date.now();
  const items = actions(member, team, path, reload);
  return h(
    'li',
    { class: 'card key' },
    h(
      'div',
      { class: 'key-words' },
      h('h2', {}, member.name, ' ', member.is_me && h('span', { class: 'note', text: ['team.me'] })),
      h('p', { class: 'note' }, member.email ?? member.phone ?? ''),
      h(
        'p',
        { class: 'badges' },
        h('span', { class: 'badge', text: [`role.${member.role}`] }),
        member.disabled && h('span', { class: 'badge badge-bad', text: ['team.disabled'] }),
        member.ends_at &&
          h('span', {
            class: over ? 'badge badge-bad' : 'badge',
            text: [over ? 'team.over' : 'team.until', { when: formatMoment(member.ends_at) }],
          }),
      ),
      h(
        'p',
        { class: 'note' },
        h('span', { text: ['team.sessions', { n: member.sessions }] }),
        ' · ',
        ...(member.last_activity_at
          ? [h('span', { text: ['team.seen'] }), ' ', time(member.last_activity_at)]
          : [h('span', { text: ['team.never'] })]),
      ),
    ),
    items.length > 0 &&
      menu({
        className: 'menu-end',
        name: ['team.actions.name', { name: member.name }],
        label: [h('span', { text: ['team.actions'] })],
        items,
      }),
  );
}

/** @param {Invitation[]} all @param {string} path @param {() => Promise<void>} reload */
function invitations(all, path, reload) {
  if (all.length === 0) return h('div', { hidden: true });
  return h(
    'section',
    { class: 'section', 'aria-labelledby': 'invited' },
    h('div', { class: 'section-head' }, h('h2', { id: 'invited', text: ['team.invited'] })),
    h('ul', { class: 'key-list' }, ...all.map((each) => invited(each, path, reload))),
  );
}

/** @param {Invitation} invitation @param {string} path @param {() => Promise<void>} reload */
function invited(invitation, path, reload) {
  async function withdraw() {
    if (!(await confirm({ title: ['team.withdraw.title'], text: ['team.withdraw.text'], action: ['team.withdraw'] }))) return;
    try {
      await api.delete(`${path}/invitations/${invitation.id}`);
      toast(['team.withdrawn']);
    } catch (error) {
      toast(errorText(error));
    }
    await reload();
  }
  return h(
    'li',
    { class: 'card key' },
    h(
      'div',
      { class: 'key-words' },
      invitation.email ? h('h3', {}, invitation.email) : h('h3', { text: ['team.invited.by_link'] }),
      h(
        'p',
        { class: 'badges' },
        h('span', { class: 'badge', text: [`role.${invitation.role}`] }),
        invitation.member_until && h('span', { class: 'badge', text: ['team.until', { when: formatMoment(invitation.member_until) }] }),
      ),
      h('p', { class: 'note', text: ['team.invited.until', { when: formatMoment(invitation.expires_at) }] }),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'button button-quiet button-small',
        label: ['team.withdraw.name', { who: invitation.email ?? '' }],
        onClick: withdraw,
      },
      icon('trash'),
      h('span', { text: ['team.withdraw'] }),
    ),
  );
}
