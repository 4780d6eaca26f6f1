//! The words of mails to photographers, in both languages: what somebody with an account reads is not known.

use std::collections::BTreeMap;

use crate::{
    domain::{Email, Mail, NoticeKind, PhotoSessionId},
    store::Notice,
};

/// One mail of all of them; session by session, with how many there are of each kind.
pub(super) fn mail(to: Email, notices: &[Notice], public_url: &str) -> Mail {
    let mut sessions: BTreeMap<PhotoSessionId, (&str, BTreeMap<NoticeKind, usize>)> = BTreeMap::new();
    for notice in notices {
        let name = notice.session_name.as_deref().unwrap_or("—");
        let (_, kinds) = sessions.entry(notice.session).or_insert_with(|| (name, BTreeMap::new()));
        *kinds.entry(notice.kind).or_default() += 1;
    }
    let part = |russian: bool| {
        let told = sessions.iter().map(|(session, (name, kinds))| {
            let kinds = kinds.iter().map(|(kind, n)| format!("– {}", line(*kind, *n, russian)));
            let kinds: Vec<String> = kinds.collect();
            format!("{name}\n{}\n{public_url}/dashboard/photo-sessions/{session}", kinds.join("\n"))
        });
        told.collect::<Vec<_>>().join("\n\n")
    };
    let settings = format!("{public_url}/dashboard/settings/notices");
    let body = format!(
        "{}\n\nВыбрать, о чём сообщать: {settings}\n\n{}\n\nChoose what you are told: {settings}\n",
        part(true),
        part(false)
    );
    let names: Vec<&str> = sessions.values().map(|(name, _)| *name).collect();
    let subject = match names.as_slice() {
        [name] => format!("{name}: новости съёмки / news of the session"),
        names => format!("Новости съёмок: {n} / News of {n} sessions", n = names.len()),
    };
    Mail { to, subject, body }
}

fn line(kind: NoticeKind, n: usize, russian: bool) -> String {
    match (kind, russian) {
        (NoticeKind::FirstVisit, true) => "первый гость открыл страницу".to_owned(),
        (NoticeKind::FirstVisit, false) => "the first guest has opened the page".to_owned(),
        (NoticeKind::Order, true) => format!("новых заказов: {n}"),
        (NoticeKind::Order, false) => format!("new orders: {n}"),
        (NoticeKind::UploadStalled, true) => {
            "загрузка остановилась: файлы не приходят уже полчаса".to_owned()
        }
        (NoticeKind::UploadStalled, false) => {
            "an upload stands still: no file has come for half an hour".to_owned()
        }
        (NoticeKind::HideRequest, true) => format!("гости просят не показывать их: {n}"),
        (NoticeKind::HideRequest, false) => format!("guests who ask to be left out: {n}"),
    }
}
