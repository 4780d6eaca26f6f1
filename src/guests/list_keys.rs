//! Keys of lists of chosen photos. Each is a signature of the list's id and its turn for one purpose; a new turn ends all of
//! them, an erased list too.

use crate::{
    domain::{ChoiceKind, ChoiceList, PhotoSessionId},
    secrets::LinkSigner,
    store::{Store, StoreError},
};

use super::Pass;

/// Shows the couple what it hides, also in addresses of pictures.
const SIGHT: &str = "couple-sight";

/// Cheap to clone.
#[derive(Clone)]
pub struct ListKeys {
    store: Store,
    links: LinkSigner,
}

impl ListKeys {
    #[must_use]
    pub fn new(store: Store, links: LinkSigner) -> Self {
        Self { store, links }
    }

    #[must_use]
    pub fn key(&self, purpose: &'static str, list: &ChoiceList) -> String {
        format!("{}.{}", list.id, self.links.sign(purpose, &signed(list), None))
    }

    /// The list of the session that a key opens for a purpose.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn opened(
        &self,
        session: PhotoSessionId,
        purpose: &'static str,
        key: &str,
    ) -> Result<Option<ChoiceList>, StoreError> {
        let Some((id, signature)) = key.split_once('.') else { return Ok(None) };
        let Ok(id) = id.parse() else { return Ok(None) };
        let list = self.store.choices().get(id).await?.filter(|list| list.session == session);
        Ok(list.filter(|list| {
            // No key has an end of its own, so the time is of no account.
            self.links.verify(purpose, &signed(list), None, list.created_at, signature)
        }))
    }

    /// By which a device of the couple is known at every door, where it may hide photos.
    #[must_use]
    pub fn sight(&self, list: &ChoiceList) -> Option<String> {
        (list.kind == ChoiceKind::Couple && list.may_hide).then(|| self.key(SIGHT, list))
    }

    /// Whether a guest with this pass is the couple, and may hide photos.
    pub(super) async fn is_couple(&self, session: PhotoSessionId, pass: &Pass) -> Result<bool, StoreError> {
        for key in pass.held() {
            if self.opened(session, SIGHT, key).await?.is_some_and(|list| list.may_hide) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What a key stands for.
fn signed(list: &ChoiceList) -> String {
    format!("{} {}", list.id, list.turn)
}
