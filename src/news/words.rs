//! The words of news.

use crate::{domain::Language, words};

/// What a message says besides the photos.
pub(super) struct Of<'a> {
    pub studio: &'a str,
    pub session: &'a str,
    /// Where the photos are.
    pub gallery: &'a str,
    /// Where one tap ends it.
    pub stop: &'a str,
}

/// A subject and a body.
pub(super) type Words = (String, String);

/// Asks whoever reads at the address. `link` says yes.
pub(super) fn question(of: &Of, link: &str, language: Language) -> Words {
    let (words, Of { studio, session, stop, .. }) = (words::Words(language), of);
    let values: [words::Named; 4] =
        [("session", session), ("link", &link), ("stop", stop), ("studio", studio)];
    (words.fill("mails.news.question.subject", &values), words.fill("mails.news.question.body", &values))
}

/// There are `n` new photos of the guest.
pub(super) fn photos(of: &Of, n: usize, language: Language) -> Words {
    let (words, Of { studio, session, gallery, stop }) = (words::Words(language), of);
    let values: [words::Named; 4] =
        [("session", session), ("gallery", gallery), ("stop", stop), ("studio", studio)];
    let say = |key| words.count(key, n as u64, &values);
    (say("mails.news.photos.subject"), say("mails.news.photos.body"))
}

/// Nobody can look for the guest any more.
pub(super) fn farewell(of: &Of, language: Language) -> Words {
    let (words, Of { studio, session, gallery, .. }) = (words::Words(language), of);
    let values: [words::Named; 3] = [("session", session), ("gallery", gallery), ("studio", studio)];
    (words.fill("mails.news.farewell.subject", &values), words.fill("mails.news.farewell.body", &values))
}

/// The same as a notification: a title and one line. Without photos nobody can look for the guest any more.
pub(super) fn notification(of: &Of, n: usize, language: Language) -> Words {
    let (words, Of { studio, session, .. }) = (words::Words(language), of);
    let from = if studio.is_empty() { String::new() } else { format!(" · {studio}") };
    let body = match n {
        0 => words.say("mails.news.notification.ended").to_owned(),
        n => words.count("mails.news.notification.photos", n as u64, &[]),
    };
    (format!("{session}{from}"), body)
}

/// The one tap that ends it.
pub(super) fn stop_label(language: Language) -> &'static str {
    words::Words(language).say("mails.news.stop")
}
