//! News for guests: how somebody hears of new photos that show them.

use std::{fmt, str::FromStr};

use super::Invalid;

words! {
    /// The way by which news come.
    NewsChannel "channel of news" {
        Mail "mail",
        /// A notification of the guest's browser.
        Push "push",
        /// A chat with the bot.
        Telegram "telegram",
    }
}
