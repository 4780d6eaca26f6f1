//! Decides who may add photos to a session.

use super::{AccountError, Accounts, Caller};
use crate::domain::PhotoSession;

impl Accounts {
    /// Whether the caller may send photos to a session: who manages it, and the client it is shot for.
    ///
    /// # Errors
    /// When rows cannot be read.
    pub async fn may_upload(&self, caller: &Caller, session: &PhotoSession) -> Result<bool, AccountError> {
        let manages = caller.may_manage(session);
        Ok(manages || self.store.sessions().client_of(session.id).await? == Some(caller.user))
    }
}
