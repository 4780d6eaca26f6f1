//! The user for whom a request acts, and their rights in a photo session.

use uuid::Uuid;

use crate::{
    domain::{DeviceSessionId, PhotoSession, PhotoSessionId, Role, Scope, StudioId, UserId},
    store::Actor,
};

/// The credential with which a caller was authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A signed-in device.
    Device { session: DeviceSessionId, csrf: String },
    /// A key, good for some purposes.
    ApiKey { scopes: Vec<Scope> },
}

#[derive(Debug, Clone)]
pub struct Caller {
    pub user: UserId,
    pub role: Role,
    /// That the user belongs to.
    pub studios: Vec<StudioId>,
    /// In which a photographer takes part beside the session's own.
    pub sessions: Vec<PhotoSessionId>,
    pub credential: Credential,
}

impl Caller {
    pub(super) fn new(actor: Actor, credential: Credential) -> Self {
        let Actor { user, studios, sessions } = actor;
        Self { user: user.id, role: user.role, studios, sessions, credential }
    }

    /// The device that the caller is signed in on; a key has none.
    #[must_use]
    pub fn device_session(&self) -> Option<DeviceSessionId> {
        match self.credential {
            Credential::Device { session, .. } => Some(session),
            Credential::ApiKey { .. } => None,
        }
    }

    /// Whether the caller is a program with a key for this.
    #[must_use]
    pub fn has_key_for(&self, scope: Scope) -> bool {
        matches!(&self.credential, Credential::ApiKey { scopes } if scopes.contains(&scope))
    }

    /// Whether a studio's affairs are the caller's.
    #[must_use]
    pub fn may_run(&self, studio: StudioId) -> bool {
        match self.role {
            Role::SuperAdmin => true,
            Role::Admin => self.studios.contains(&studio),
            Role::Photographer | Role::Customer | Role::Operator => false,
        }
    }

    /// Whether a photo session is the caller's to change: their studio's for an admin, their own and those that they take
    /// part in for a photographer who is still with the studio. "No" is told as "there is no such session".
    #[must_use]
    pub fn may_manage(&self, session: &PhotoSession) -> bool {
        self.may_manage_of(session.studio_id, session.id, session.photographer_id)
    }

    /// Whether the caller sees what guests are not told of a photo session. A key that was made for something else sees
    /// what guests see.
    #[must_use]
    pub fn sees_all_of(&self, session: &PhotoSession) -> bool {
        let may_read = match &self.credential {
            Credential::Device { .. } => true,
            Credential::ApiKey { scopes } => scopes.contains(&Scope::SessionsRead),
        };
        may_read && self.may_manage(session)
    }

    /// Whether the caller sees a session's pictures without a mark: who sees all of it, a key only if it was made for
    /// photos besides.
    #[must_use]
    pub fn sees_clean(&self, session: &PhotoSession) -> bool {
        let for_photos = match &self.credential {
            Credential::Device { .. } => true,
            Credential::ApiKey { scopes } => scopes.contains(&Scope::PhotosWrite),
        };
        for_photos && self.sees_all_of(session)
    }

    /// As [`may_manage`](Self::may_manage), for what came out of a session (an order), which may be there longer.
    #[must_use]
    pub fn may_manage_of(
        &self,
        studio: StudioId,
        session: PhotoSessionId,
        photographer: Option<Uuid>,
    ) -> bool {
        let own = self.role == Role::Photographer
            && (photographer == Some(self.user.0) || self.sessions.contains(&session))
            && self.studios.contains(&studio);
        own || self.may_run(studio)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    #[test]
    fn a_session_is_managed_by_its_photographer_its_studio_and_whoever_runs_the_house() {
        let (here, there) = (StudioId::generate(), StudioId::generate());
        let caller = |role, studio| Caller {
            user: UserId::generate(),
            role,
            studios: vec![studio],
            sessions: Vec::new(),
            credential: Credential::ApiKey { scopes: Vec::new() },
        };
        let owner = caller(Role::Photographer, here);
        let session = PhotoSession {
            id: PhotoSessionId::generate(),
            name: "Shoot".into(),
            description: None,
            studio_id: here,
            photographer_id: Some(owner.user.0),
            status: crate::domain::SessionStatus::Active,
            gallery_open: true,
            face_search: true,
            terms: crate::domain::GalleryTerms::default(),
            scheduled_at: None,
            time_zone: None,
            completed_at: None,
            created_at: Utc::now(),
            updated_at: Utc::now(),
        };
        assert!(owner.may_manage(&session));
        assert!(
            !Caller { studios: vec![there], ..owner.clone() }.may_manage(&session),
            "has left the studio"
        );
        let colleague = Caller { sessions: vec![session.id], ..caller(Role::Photographer, here) };
        assert!(colleague.may_manage(&session), "takes part");
        assert!(!Caller { studios: vec![there], ..colleague.clone() }.may_manage(&session), "has left too");
        assert!(!Caller { role: Role::Customer, ..colleague }.may_manage(&session), "took part once");
        assert!(caller(Role::SuperAdmin, there).may_manage(&session));
        assert!(caller(Role::Admin, here).may_manage(&session));
        for (role, studio) in
            [(Role::Admin, there), (Role::Photographer, here), (Role::Customer, here), (Role::Operator, here)]
        {
            assert!(!caller(role, studio).may_manage(&session), "{role}");
        }
        let with_key = |scopes: &[Scope]| Caller {
            credential: Credential::ApiKey { scopes: scopes.to_vec() },
            ..owner.clone()
        };
        for scope in Scope::ALL {
            let key = with_key(&[*scope]);
            assert_eq!(key.sees_all_of(&session), *scope == Scope::SessionsRead, "{scope}");
            assert!(!key.sees_clean(&session), "{scope}");
        }
        assert!(with_key(&[Scope::SessionsRead, Scope::PhotosWrite]).sees_clean(&session));
        assert!(!Caller { role: Role::Customer, ..owner }.may_manage(&session), "was a photographer once");
    }
}
