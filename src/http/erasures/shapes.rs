//! An erasure as it is asked for, and as it is shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain::Erasable,
    erasures::{ErasureRequest, Preview},
    http::shared::time,
};

#[derive(Deserialize, ToSchema)]
pub struct ErasureWish {
    /// The `confirm` of the answer to the same request without it. Nothing is erased without one.
    pub(super) confirm: Option<String>,
}

/// What would be erased.
#[derive(Serialize, ToSchema)]
pub struct ErasurePreview {
    photos: u64,
    files: u64,
    vectors: u64,
    /// Of an account: how many rows of what go (`accounts`, `devices`, `sign_ins`, `api_keys`, `tickets`, `drafts`,
    /// `images`, `mails`).
    goes: Option<BTreeMap<&'static str, u64>>,
    /// Of an account: what stays, without its name (`sessions`, `replies`, `orders`).
    stays: Option<BTreeMap<&'static str, u64>>,
    /// Sent back within ten minutes, it confirms the erasure.
    confirm: String,
    #[schema(format = DateTime)]
    confirm_until: String,
}

impl From<Preview> for ErasurePreview {
    fn from(preview: Preview) -> Self {
        let Preview { photos, files, vectors, account, confirm, confirm_until } = preview;
        let (goes, stays) = account.map(|(rows, kept)| (rows.counts().into(), kept.counts().into())).unzip();
        Self { photos, files, vectors, goes, stays, confirm, confirm_until: time(confirm_until) }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureKind {
    Session,
    Photo,
    Person,
    Consent,
    Order,
    Account,
    News,
}

impl From<Erasable> for ErasureKind {
    fn from(of: Erasable) -> Self {
        match of {
            Erasable::Session(_) => Self::Session,
            Erasable::Photo(_) => Self::Photo,
            Erasable::Person(_) => Self::Person,
            Erasable::Consent(_) => Self::Consent,
            Erasable::Order(_) => Self::Order,
            Erasable::Account(_) => Self::Account,
            Erasable::News(_) => Self::News,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// Nobody sees it any more; files, vectors and what remains of rows in files are being removed.
    Running,
    /// Nothing is left.
    Complete,
}

#[derive(Serialize, ToSchema)]
pub struct ErasureJson {
    id: Uuid,
    kind: ErasureKind,
    /// The id of what is erased.
    subject: Uuid,
    /// `null` for an account.
    session_id: Option<Uuid>,
    state: ErasureState,
    #[schema(format = DateTime)]
    asked_at: String,
    #[schema(format = DateTime)]
    completed_at: Option<String>,
    /// The code of what keeps a running erasure from its end, if anything does.
    waits_for: Option<String>,
    /// What was removed and what a second look found, as `pixora erase --receipt` prints it; once nothing is left.
    #[schema(value_type = Option<Object>)]
    receipt: Option<Value>,
}

impl From<ErasureRequest> for ErasureJson {
    fn from(request: ErasureRequest) -> Self {
        let is_complete = request.completed_at.is_some();
        Self {
            id: request.asked.id.0,
            kind: request.asked.of.into(),
            subject: request.asked.of.id(),
            session_id: Some(request.asked.session.0).filter(|session| !session.is_nil()),
            state: if is_complete { ErasureState::Complete } else { ErasureState::Running },
            asked_at: time(request.asked.asked_at),
            completed_at: request.completed_at.map(time),
            waits_for: request.waits_for,
            receipt: request.receipt.and_then(|json| serde_json::from_str(&json).ok()),
        }
    }
}
