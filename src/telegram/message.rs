//! A message of the bot, as it is stored in its row.

use serde::{Deserialize, Serialize};

use super::api::Button;
use crate::domain::{HandoffId, HandoffPhotoId, PhotoId, PhotoSessionId};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message {
    Text {
        text: String,
        buttons: Vec<Button>,
    },
    /// Photos of a session, an album at most.
    Photos {
        session: PhotoSessionId,
        photos: Vec<PhotoId>,
    },
    /// A result of a booth.
    Result {
        handoff: HandoffId,
        photo: HandoffPhotoId,
    },
}

impl Message {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), buttons: Vec::new() }
    }

    /// For its row.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and ids are JSON")
    }
}
