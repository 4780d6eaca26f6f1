/**
 * The shapes of the team.
 *
 * @typedef {import('../../common/shapes.js').Answer<'TeamJson'>} Team
 * @typedef {import('../../common/shapes.js').Answer<'MemberJson'>} Member
 * @typedef {import('../../common/shapes.js').Answer<'InvitationJson'>} Invitation
 */
export {};
