//! What is sent to somebody by e-mail.

use super::Email;

/// One plain-text mail to one reader, in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: Email,
    pub subject: String,
    /// Lines separated by `\n`.
    pub body: String,
}
