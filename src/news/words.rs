//! The words of news, in Russian and English.

use crate::domain::Language;

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
    let Of { studio, session, stop, .. } = of;
    match language {
        Language::Russian => (
            format!("{session}: сообщать о новых фотографиях?"),
            format!(
                "Кто-то попросил сообщать на этот адрес о новых фотографиях съёмки «{session}», на которых есть вы.\n\n\
                 Да, сообщать: {link}\n\n\
                 Если это были не вы, ничего не делайте: без подтверждения всё сотрётся само через два дня. Стереть \
                 сейчас: {stop}\n\n{studio}\n"
            ),
        ),
        Language::English => (
            format!("{session}: tell you of new photos?"),
            format!(
                "Somebody asked us to tell this address of new photos of “{session}” that show you.\n\n\
                 Yes, tell me: {link}\n\n\
                 If that was not you, do nothing: without your yes everything is erased after two days. Erase it now: \
                 {stop}\n\n{studio}\n"
            ),
        ),
    }
}

/// There are `n` new photos of the guest.
pub(super) fn photos(of: &Of, n: usize, language: Language) -> Words {
    let Of { studio, session, gallery, stop } = of;
    match language {
        Language::Russian => (
            format!("{session}: новые фотографии с вами ({n})"),
            format!(
                "Новых фотографий с вами: {n}.\n\nПосмотреть: {gallery}\n\n\
                 Больше не присылать и стереть всё, что для этого хранится: {stop}\n\n{studio}\n"
            ),
        ),
        Language::English => (
            format!("{session}: new photos of you ({n})"),
            format!(
                "New photos of you: {n}.\n\nSee them: {gallery}\n\n\
                 Stop these messages and erase all that is kept for them: {stop}\n\n{studio}\n"
            ),
        ),
    }
}

/// Nobody can look for the guest any more.
pub(super) fn farewell(of: &Of, language: Language) -> Words {
    let Of { studio, session, gallery, .. } = of;
    match language {
        Language::Russian => (
            format!("{session}: сообщения прекращаются"),
            format!(
                "Мы больше не можем искать вас на новых фотографиях съёмки «{session}»: поиск или условия, на которые вы \
                 соглашались, изменились. Всё, что для этого хранилось, стирается.\n\n\
                 Чтобы получать сообщения и дальше, найдите себя по селфи ещё раз: {gallery}\n\n{studio}\n"
            ),
        ),
        Language::English => (
            format!("{session}: these messages end"),
            format!(
                "We cannot look for you in new photos of “{session}” any more: the search, or the words that you agreed \
                 to, have changed. All that was kept for it is erased.\n\n\
                 To hear of photos again, find yourself by a selfie once more: {gallery}\n\n{studio}\n"
            ),
        ),
    }
}

/// The same as a notification: a title and one line. Without photos nobody can look for the guest any more.
pub(super) fn notification(of: &Of, n: usize, language: Language) -> Words {
    let Of { studio, session, .. } = of;
    let from = if studio.is_empty() { String::new() } else { format!(" · {studio}") };
    let body = match (language, n) {
        (Language::Russian, 0) => {
            "Мы больше не можем искать вас на новых фотографиях. Найдите себя по селфи ещё раз.".to_owned()
        }
        (Language::English, 0) => {
            "We cannot look for you in new photos any more. Find yourself by a selfie once more.".to_owned()
        }
        (Language::Russian, n) => format!("Новых фотографий с вами: {n}"),
        (Language::English, n) => format!("New photos of you: {n}"),
    };
    (format!("{session}{from}"), body)
}

/// The one tap that ends it.
pub(super) fn stop_label(language: Language) -> &'static str {
    match language {
        Language::Russian => "Больше не сообщать",
        Language::English => "Stop",
    }
}
