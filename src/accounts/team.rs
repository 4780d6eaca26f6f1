//! The team of a studio: who works there as what and until when, and who takes part in a session.
//!
//! One rule says who may do something to whom: whoever runs the installation to everybody, an admin to those below an
//! admin, everybody to themself. What belongs to a whole account (role, being kept out, a link for another password) is
//! an admin's only where the account has no studio but theirs. The last super admin stays one.

use chrono::{DateTime, Utc};

use super::{AccountError, Accounts, Caller};
use crate::{
    domain::{PhotoSession, Role, StudioId, User, UserId},
    store::{Member, MemberChange, MemberChanged},
};

/// A member, and what the caller may do.
#[derive(Debug)]
pub struct TeamMember {
    pub member: Member,
    /// End their time, take them out.
    pub is_managed: bool,
    /// Change their role, keep them out, give them a link for another password.
    pub is_managed_whole: bool,
}

/// Those who may take part in a session, and those who do.
#[derive(Debug)]
pub struct Photographers {
    /// The members of its studio who may, and the session's photographer if they have left it.
    pub candidates: Vec<User>,
    pub owner: Option<UserId>,
    pub others: Vec<UserId>,
}

fn rank(role: Role) -> u8 {
    match role {
        Role::SuperAdmin => 2,
        Role::Admin => 1,
        Role::Photographer | Role::Customer | Role::Operator => 0,
    }
}

/// The roles that the caller may give to somebody.
#[must_use]
pub fn roles_given_by(caller: Role) -> Vec<Role> {
    let may_give = |role: &Role| caller == Role::SuperAdmin || rank(*role) < rank(caller);
    Role::ALL.iter().copied().filter(may_give).collect()
}

fn is_below(caller: &Caller, user: &User) -> bool {
    caller.role == Role::SuperAdmin || caller.user == user.id || rank(user.role) < rank(caller.role)
}

/// Whether somebody may manage sessions that are given to them.
fn may_photograph(user: &User) -> bool {
    matches!(user.role, Role::SuperAdmin | Role::Admin | Role::Photographer) && !user.disabled
}

impl Accounts {
    /// The members of a studio that is the caller's to run.
    ///
    /// # Errors
    /// `StudioNotFound`.
    pub async fn team(&self, caller: &Caller, studio: StudioId) -> Result<Vec<TeamMember>, AccountError> {
        check_studio(caller, studio)?;
        let mut team = Vec::new();
        for member in self.store.team().members(studio).await? {
            let is_managed = is_below(caller, &member.user);
            let is_managed_whole = is_managed && self.is_ours_alone(caller, &member.user).await?;
            team.push(TeamMember { member, is_managed, is_managed_whole });
        }
        Ok(team)
    }

    /// Changes a member.
    ///
    /// # Errors
    /// `StudioNotFound`, `MemberNotFound`, `NotBelow`, `InvalidRole`, `InvalidEnd`, `LastOwner`.
    pub async fn change_member(
        &self,
        caller: &Caller,
        studio: StudioId,
        user: UserId,
        change: MemberChange,
    ) -> Result<(), AccountError> {
        let member = self.managed_member(caller, studio, user).await?;
        if (change.role.is_some() || change.disabled.is_some())
            && !self.is_ours_alone(caller, &member.user).await?
        {
            return Err(AccountError::NotBelow);
        }
        if change
            .role
            .is_some_and(|role| role != member.user.role && !roles_given_by(caller.role).contains(&role))
        {
            return Err(AccountError::InvalidRole);
        }
        let role = change.role.unwrap_or(member.user.role);
        check_end(change.ends_at.flatten(), role, self.now())?;
        settled(self.store.team().change(studio, user, change, self.now()).await?)
    }

    /// Takes a member out. Their sessions of this studio go to `heir`, or stay with its admins.
    ///
    /// # Errors
    /// `StudioNotFound`, `MemberNotFound`, `NotBelow`, `LastOwner`; `InvalidHeir` unless it is somebody else of the
    /// studio who may photograph.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        studio: StudioId,
        user: UserId,
        heir: Option<UserId>,
    ) -> Result<(), AccountError> {
        self.managed_member(caller, studio, user).await?;
        if let Some(heir) = heir {
            let found = self.store.team().member(studio, heir).await?;
            let sound = |member: &Member| may_photograph(&member.user) && self.is_current(member);
            if heir == user || !found.as_ref().is_some_and(sound) {
                return Err(AccountError::InvalidHeir);
            }
        }
        settled(self.store.team().remove(studio, user, heir, self.now()).await?)
    }

    /// A link for another password of a member, to be handed over.
    ///
    /// # Errors
    /// `StudioNotFound`, `MemberNotFound`, `NotBelow`.
    pub async fn reset_link_of_member(
        &self,
        caller: &Caller,
        studio: StudioId,
        user: UserId,
    ) -> Result<String, AccountError> {
        let member = self.managed_member(caller, studio, user).await?;
        if !self.is_ours_alone(caller, &member.user).await? {
            return Err(AccountError::NotBelow);
        }
        self.reset_link_for(&member.user).await
    }

    /// Takes the second step away from a member who has lost all of it.
    ///
    /// # Errors
    /// `StudioNotFound`, `MemberNotFound`, `NotBelow`.
    pub async fn end_two_step_of_member(
        &self,
        caller: &Caller,
        studio: StudioId,
        user: UserId,
    ) -> Result<(), AccountError> {
        let member = self.managed_member(caller, studio, user).await?;
        if !self.is_ours_alone(caller, &member.user).await? {
            return Err(AccountError::NotBelow);
        }
        self.end_two_step_of(&member.user, None).await
    }

    /// Who takes part in a session, and who could.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photographers(&self, session: &PhotoSession) -> Result<Photographers, AccountError> {
        let owner = session.photographer_id.map(UserId);
        let members = self.store.team().members(session.studio_id).await?;
        let current = members.into_iter().filter(|it| may_photograph(&it.user) && self.is_current(it));
        let mut candidates: Vec<User> = current.map(|it| it.user).collect();
        let missing = owner.filter(|owner| !candidates.iter().any(|user| user.id == *owner));
        if let Some(missing) = missing
            && let Some(user) = self.store.users().get(missing).await?
        {
            candidates.push(user);
        }
        Ok(Photographers { candidates, owner, others: self.store.team().photographers(session.id).await? })
    }

    /// Sets who takes part in a session beside its photographer.
    ///
    /// # Errors
    /// `InvalidPhotographer` when one of them is not somebody of the studio who may photograph.
    pub async fn set_photographers(
        &self,
        session: &PhotoSession,
        mut others: Vec<UserId>,
    ) -> Result<(), AccountError> {
        others.sort_unstable();
        others.dedup();
        others.retain(|user| Some(user.0) != session.photographer_id);
        let members = self.store.team().members(session.studio_id).await?;
        let known = |user: &UserId| {
            members.iter().any(|it| it.user.id == *user && may_photograph(&it.user) && self.is_current(it))
        };
        if !others.iter().all(known) {
            return Err(AccountError::InvalidPhotographer);
        }
        Ok(self.store.team().set_photographers(session.id, &others).await?)
    }

    fn is_current(&self, member: &Member) -> bool {
        member.ends_at.is_none_or(|end| self.now() < end)
    }

    async fn managed_member(
        &self,
        caller: &Caller,
        studio: StudioId,
        user: UserId,
    ) -> Result<Member, AccountError> {
        check_studio(caller, studio)?;
        let member = self.store.team().member(studio, user).await?.ok_or(AccountError::MemberNotFound)?;
        if is_below(caller, &member.user) { Ok(member) } else { Err(AccountError::NotBelow) }
    }

    /// Whether a user belongs to no studio that is not the caller's to run.
    async fn is_ours_alone(&self, caller: &Caller, user: &User) -> Result<bool, AccountError> {
        let studios = self.store.users().studios_of(user.id, self.now()).await?;
        Ok(studios.iter().all(|studio| caller.may_run(studio.id)))
    }
}

pub(super) fn check_studio(caller: &Caller, studio: StudioId) -> Result<(), AccountError> {
    if caller.may_run(studio) { Ok(()) } else { Err(AccountError::StudioNotFound) }
}

/// Whoever runs every studio belongs to them without an end.
pub(super) fn check_end(
    ends_at: Option<DateTime<Utc>>,
    role: Role,
    now: DateTime<Utc>,
) -> Result<(), AccountError> {
    let sound = ends_at.is_none_or(|end| now < end && role != Role::SuperAdmin);
    if sound { Ok(()) } else { Err(AccountError::InvalidEnd) }
}

fn settled(changed: MemberChanged) -> Result<(), AccountError> {
    match changed {
        MemberChanged::Done => Ok(()),
        MemberChanged::NotFound => Err(AccountError::MemberNotFound),
        MemberChanged::LastOwner => Err(AccountError::LastOwner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_gives_roles_below_their_own() {
        assert_eq!(roles_given_by(Role::SuperAdmin), Role::ALL);
        assert_eq!(roles_given_by(Role::Admin), [Role::Photographer, Role::Customer, Role::Operator]);
        assert!(roles_given_by(Role::Photographer).is_empty());
    }
}
