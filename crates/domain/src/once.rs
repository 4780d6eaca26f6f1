//! Requests that must not run twice, known by the `Idempotency-Key` that their caller chose.

/// One request as its caller named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceKey {
    /// The caller: two callers may choose the same key.
    pub caller: String,
    /// The operation, so that one key may serve two kinds of request.
    pub operation: &'static str,
    pub key: String,
    /// SHA-256 of the body; lower-case hex.
    pub body: String,
}

impl OnceKey {
    /// The operation of a new hand-off, whose answers are forgotten with it.
    pub const CREATE_HANDOFF: &'static str = "create_handoff";
}

/// The state of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// The first of its key: it has been done now.
    First,
    /// It was done before, with this answer.
    Again(String),
    /// The key was used for another body.
    Reused,
}
