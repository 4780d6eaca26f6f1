//! Failures that may pass.

use super::api::ApiFault;
use crate::chats::StoreError;

/// Something that may go better later; the text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Later(pub String);

impl From<StoreError> for Later {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<ApiFault> for Later {
    fn from(fault: ApiFault) -> Self {
        Self(fault.to_string())
    }
}
