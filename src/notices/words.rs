//! The words of mails to photographers, in every language: what somebody with an account reads is not known.

use std::collections::BTreeMap;

use crate::{
    domain::{Email, Mail, NoticeKind, PhotoSessionId},
    store::Notice,
    words::{Words, in_all},
};

/// One mail of all of them; session by session, with how many there are of each kind.
pub(super) fn mail(to: Email, notices: &[Notice], public_url: &str) -> Mail {
    let mut sessions: BTreeMap<PhotoSessionId, (&str, BTreeMap<NoticeKind, usize>)> = BTreeMap::new();
    for notice in notices {
        let name = notice.session_name.as_deref().unwrap_or("—");
        let (_, kinds) = sessions.entry(notice.session).or_insert_with(|| (name, BTreeMap::new()));
        *kinds.entry(notice.kind).or_default() += 1;
    }
    let settings = format!("{public_url}/dashboard/settings/notices");
    let parts = in_all(|words| {
        let told = sessions.iter().map(|(session, (name, kinds))| {
            let kinds = kinds.iter().map(|(kind, n)| format!("– {}", line(*kind, *n, words)));
            let kinds: Vec<String> = kinds.collect();
            format!("{name}\n{}\n{public_url}/dashboard/photo-sessions/{session}", kinds.join("\n"))
        });
        let told = told.collect::<Vec<_>>().join("\n\n");
        format!("{told}\n\n{}", words.fill("mails.notices.settings", &[("link", &settings)]))
    });
    let names: Vec<&str> = sessions.values().map(|(name, _)| *name).collect();
    let subject = match names.as_slice() {
        [name] => {
            format!("{name}: {}", in_all(|words| words.say("mails.notices.session").to_owned()).join(" / "))
        }
        names => in_all(|words| words.count("mails.notices.sessions", names.len() as u64, &[])).join(" / "),
    };
    Mail { to, subject, body: parts.join("\n\n---\n\n") + "\n" }
}

fn line(kind: NoticeKind, n: usize, words: Words) -> String {
    match kind {
        NoticeKind::FirstVisit => words.say("mails.notices.first_visit").to_owned(),
        NoticeKind::Order => words.count("mails.notices.order", n as u64, &[]),
        NoticeKind::UploadStalled => words.say("mails.notices.upload_stalled").to_owned(),
        NoticeKind::GuestPhotos => words.say("mails.notices.guest_photos").to_owned(),
        NoticeKind::PhotoReported => words.count("mails.notices.photo_reported", n as u64, &[]),
        NoticeKind::Comments => words.say("mails.notices.comments").to_owned(),
        NoticeKind::CommentReported => words.count("mails.notices.comment_reported", n as u64, &[]),
        NoticeKind::HideRequest => words.count("mails.notices.hide_request", n as u64, &[]),
    }
}
