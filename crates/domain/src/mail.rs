//! Mails to customers, buyers and users.

use super::Email;

/// One plain-text mail to one reader, in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: Email,
    pub subject: String,
    /// Lines separated by `\n`.
    pub body: String,
}
