//! The devices that a user is signed in on, and the history of sign-ins.

use super::{AccountError, Accounts, Caller};
use crate::{
    domain::DeviceSessionId,
    store::{DeviceSession, SignIn},
};

impl Accounts {
    /// The caller's devices, the last used first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn devices(&self, caller: &Caller) -> Result<Vec<DeviceSession>, AccountError> {
        Ok(self.store.devices().list(caller.user, self.now()).await?)
    }

    /// The caller's last tries to sign in, newest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn history(&self, caller: &Caller, limit: u32) -> Result<Vec<SignIn>, AccountError> {
        Ok(self.store.devices().history(caller.user, limit).await?)
    }

    /// Signs one of the caller's devices out.
    ///
    /// # Errors
    /// `DeviceSessionNotFound`, also for another user's device.
    pub async fn end_device(&self, caller: &Caller, id: DeviceSessionId) -> Result<(), AccountError> {
        let ended = self.store.devices().end(caller.user, id).await?;
        if ended { Ok(()) } else { Err(AccountError::DeviceSessionNotFound) }
    }

    /// Signs all of the caller's devices out but the one they are on; how many there were.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn end_other_devices(&self, caller: &Caller) -> Result<u64, AccountError> {
        Ok(self.store.devices().end_others(caller.user, caller.device_session()).await?)
    }
}
