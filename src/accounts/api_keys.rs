//! Named keys for scripts.

use super::{AccountError, Accounts, Caller, name};
use crate::{
    domain::{ApiKeyId, Scope},
    secrets,
    store::ApiKey,
};

/// Of a key's characters, how many are shown in the list.
const SHOWN: usize = 12;

impl Accounts {
    /// The caller's keys, newest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn api_keys(&self, caller: &Caller) -> Result<Vec<ApiKey>, AccountError> {
        Ok(self.store.api_keys().list(caller.user).await?)
    }

    /// A new key, and its text, which is shown this once.
    ///
    /// # Errors
    /// `InvalidName`; `InvalidScopes`, also for what the caller's role has no use for.
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        key_name: &str,
        scopes: &[String],
    ) -> Result<(ApiKey, String), AccountError> {
        let mut scopes = scopes
            .iter()
            .map(|scope| scope.parse::<Scope>())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| AccountError::InvalidScopes)?;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() || scopes.iter().any(|scope| !scope.is_for(caller.role)) {
            return Err(AccountError::InvalidScopes);
        }
        let text = format!("pxk_{}", secrets::generate());
        let key = ApiKey {
            id: ApiKeyId::generate(),
            user: caller.user,
            name: name(key_name)?,
            prefix: text[..SHOWN].to_owned(),
            scopes,
            created_at: self.now(),
            last_used_at: None,
        };
        self.store.api_keys().create(&key, &secrets::hash(&text)).await?;
        Ok((key, text))
    }

    /// Revokes one of the caller's keys, at once.
    ///
    /// # Errors
    /// `ApiKeyNotFound`, also for another user's key.
    pub async fn revoke_api_key(&self, caller: &Caller, id: ApiKeyId) -> Result<(), AccountError> {
        let revoked = self.store.api_keys().revoke(caller.user, id).await?;
        if revoked { Ok(()) } else { Err(AccountError::ApiKeyNotFound) }
    }
}
