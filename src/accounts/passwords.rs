//! Argon2id, off the async threads.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::AccountError;

/// Hashes and checks passwords; at most as many at once as there are cores, so that a rush of sign-ins
/// costs bounded memory and leaves the rest of the machine to guests.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// Of no password: checked when there is no such user, so that both answers take the same time.
    nobody: Arc<str>,
}

/// OWASP's recommendation: 19 MiB, two passes, one lane; about 30 ms of one core.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

impl Passwords {
    /// # Errors
    /// [`AccountError::Hash`] when the parameters are refused.
    pub fn new(at_once: usize) -> Result<Self, AccountError> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(failed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &crate::secrets::generate())?.into();
        Ok(Self { argon2, permits: Arc::new(Semaphore::new(at_once.max(1))), nobody })
    }

    /// The PHC string to store.
    ///
    /// # Errors
    /// [`AccountError::Hash`].
    pub async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.off_thread(move |argon2| hash(argon2, &password)).await?
    }

    /// Whether the password is the one that was hashed; `None` for a user who is not there takes as long.
    ///
    /// # Errors
    /// [`AccountError::Hash`] when the stored hash is not one.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, AccountError> {
        let nobody = Arc::clone(&self.nobody);
        self.off_thread(move |argon2| {
            let against = stored.as_deref().unwrap_or(&nobody);
            match argon2.verify_password(password.as_bytes(), against) {
                Ok(()) => Ok(stored.is_some()),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
        .await?
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(failed)?;
        let argon2 = self.argon2.clone();
        // Not the pool of `compute`: its threads own the models, and a sign-in needs none.
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&argon2)
        })
        .await
        .map_err(failed)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, AccountError> {
    let salt: [u8; 16] = rand::random();
    Ok(argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

fn failed(error: impl std::fmt::Display) -> AccountError {
    AccountError::Hash(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_accepted() {
        let passwords = Passwords::new(1).expect("the parameters are sound");
        let stored = passwords.hash("correct horse".into()).await.expect("is hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let verify = async |password: &str, stored: Option<&str>| {
            passwords.verify(password.into(), stored.map(Into::into)).await.expect("is checked")
        };
        assert!(verify("correct horse", Some(&stored)).await);
        assert!(!verify("correct house", Some(&stored)).await);
        assert!(!verify("correct horse", None).await);
        assert!(passwords.verify("x".into(), Some("not a hash".into())).await.is_err());
        let again = passwords.hash("correct horse".into()).await.expect("is hashed");
        assert_ne!(again, stored, "each hash has its own salt");
    }
}
