//! Attachments of tickets: the kinds that are accepted by content, and how they are served.

use chrono::{TimeDelta, Utc};
use pixora::{
    blobs::BlobKey,
    domain::{AttachmentId, PhotoSessionId, Role, TicketId, UploadId},
};
use reqwest::{
    Method, Response, StatusCode,
    multipart::{Form, Part},
};
use serde_json::Value;

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start},
    tickets::ticket,
};

async fn open_with(app: &TestApp, user: &TestUser, files: &[(&str, Vec<u8>)]) -> Response {
    let mut form = Form::new();
    for (name, content) in files {
        form = form.part("attachment", Part::bytes(content.clone()).file_name((*name).to_owned()));
    }
    // The words may come behind the files.
    let form = form.text("subject", "S").text("message", "M").text("priority", "high");
    let request = app.request(Method::POST, "/api/ticket").bearer_auth(&user.access_token);
    request.multipart(form).send().await.expect("answers")
}

async fn download(app: &TestApp, user: &TestUser, url: &str, range: Option<&str>) -> Response {
    let request = app.request(Method::GET, url).bearer_auth(&user.access_token);
    let request = range.into_iter().fold(request, |request, range| request.header("range", range));
    request.send().await.expect("answers")
}

/// Says of itself that four gigabytes are in it, and lies within it once more.
fn bomb() -> Vec<u8> {
    let mut zip =
        b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x05\0\0\0bomb!".to_vec();
    zip.extend(vec![0xaa; 1 << 20]);
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip
}

#[tokio::test]
async fn files_are_kept_byte_for_byte_and_saved_never_shown() {
    let app = start().await;
    let (author, operator) = (app.user(Role::Customer, &[]).await, app.user(Role::Operator, &[]).await);
    let files = [
        ("Снимок экрана.PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "Снимок экрана.PNG", "image/png"),
        ("../../photos.jpg", bomb(), "photos.jpg.zip", "application/zip"),
        ("invoice.pdf", b"%PDF-1.7\n".to_vec(), "invoice.pdf", "application/pdf"),
        ("run.exe", "Привет".into(), "run.exe.txt", "text/plain"),
        ("x;y=\u{202e}fig.exe", b"GIF89a".to_vec(), "x;y=fig.exe.gif", "image/gif"),
    ];
    let sent: Vec<_> = files.iter().map(|(name, content, ..)| (*name, content.clone())).collect();
    let made = open_with(&app, &author, &sent).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["priority"], "high");
    let kept = made["attachments"].as_array().unwrap();
    assert_eq!(kept.len(), 5);
    for ((_, content, name, media_type), kept) in files.iter().zip(kept) {
        assert_eq!(kept["media_type"], *media_type, "{name}");
        assert_eq!(kept["bytes"], content.len());
        assert_eq!(kept["filename"], *name);
        let file = download(&app, &operator, kept["url"].as_str().unwrap(), None).await;
        assert_eq!(file.status(), 200);
        let header = |name: &str| file.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), *media_type);
        assert!(header("content-disposition").starts_with("attachment; filename=\""), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(file.bytes().await.unwrap(), content.as_slice(), "{name}");
    }

    let url = kept[2]["url"].as_str().unwrap();
    let part = download(&app, &author, url, Some("bytes=1-3")).await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()["content-range"], "bytes 1-3/9");
    assert_eq!(part.bytes().await.unwrap(), "PDF");
    let beyond = download(&app, &author, url, Some("bytes=9-")).await;
    assert_eq!(beyond.headers()["content-range"], "bytes */9");
    assert_problem(beyond, 416, "range_not_satisfiable").await;
    let stranger = app.user(Role::Customer, &[]).await;
    assert_problem(download(&app, &stranger, url, None).await, 404, "ticket_not_found").await;
    let elsewhere = url.replace(made["id"].as_str().unwrap(), &ticket(&app, &author).await);
    assert_problem(download(&app, &author, &elsewhere, None).await, 404, "attachment_not_found").await;
}

#[tokio::test]
async fn what_is_refused_leaves_neither_ticket_nor_file() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let good = || ("a.txt", b"words".to_vec());
    let cases: [(&str, Vec<(&str, Vec<u8>)>, u16); 10] = [
        (
            "unsupported_attachment",
            vec![("holiday.jpg", b"<!doctype html><script>alert(1)</script>".into())],
            415,
        ),
        ("unsupported_attachment", vec![("readme.txt", b"MZ\x90\0\x03\0\0\0\x04\0".into())], 415),
        (
            "unsupported_attachment",
            vec![("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>".into())],
            415,
        ),
        ("unsupported_attachment", vec![("a.pdf", b"\x7fELF\x02\x01\x01\0".into())], 415),
        ("unsupported_attachment", vec![("a.zip", b"Rar!\x1a\x07\x01\0".into())], 415),
        ("unsupported_attachment", vec![("a.txt", vec![0; 100])], 415),
        ("empty_attachment", vec![good(), ("a.txt", Vec::new())], 422),
        ("attachment_too_large", vec![good(), ("a.txt", vec![b'a'; 10_000_001])], 413),
        ("too_many_attachments", vec![good(), good(), good(), good(), good(), good()], 422),
        ("unsupported_attachment", vec![good(), good(), ("a.gif", b"\x1f\x8b\x08\0".into())], 415),
    ];
    for (code, files, status) in cases {
        let problem = assert_problem(open_with(&app, &author, &files).await, status, code).await;
        if code != "too_many_attachments" {
            assert_eq!(problem["filename"], files.last().unwrap().0, "{code}");
        }
    }
    assert_eq!(
        open_with(&app, &author, &[("a.txt", vec![b'a'; 10_000_000])]).await.status(),
        201,
        "is enough"
    );
    let whole = app.app.blobs.attachments().await.unwrap();
    assert_eq!(whole.len(), 1, "{whole:?}");
    assert_eq!(app.get_as(&author, "/api/ticket").await["tickets"].as_array().unwrap().len(), 1);
    let spooled = walkdir::WalkDir::new(app.data.path().join("uploads")).into_iter().flatten();
    assert_eq!(spooled.filter(|file| file.file_type().is_file()).count(), 0);

    let form = Form::new().text("subject", "S").text("message", "M").text("status", "closed");
    let request = app.request(Method::POST, "/api/ticket").bearer_auth(&author.access_token);
    let unknown = assert_problem(request.multipart(form).send().await.unwrap(), 422, "unknown_field").await;
    assert_eq!(unknown["field"], "status");
    let request =
        app.request(Method::POST, "/api/ticket").bearer_auth(&author.access_token).body("subject=S");
    assert_problem(request.send().await.unwrap(), 415, "unsupported_type").await;
}

#[tokio::test]
async fn a_form_that_is_wrong_behind_its_files_keeps_none_of_them() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let form = Form::new().part("attachment", Part::text("words").file_name("a.txt")).text("message", "M");
    let request = app.request(Method::POST, "/api/ticket").bearer_auth(&author.access_token).multipart(form);
    let refused = assert_problem(request.send().await.unwrap(), 422, "invalid_ticket").await;
    assert_eq!(refused["field"], "subject");
    assert_eq!(app.app.blobs.attachments().await.unwrap(), []);
}

/// A process that is killed between the file and its row.
#[tokio::test]
async fn a_file_without_a_row_is_swept_after_a_day() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let made: Value = open_with(&app, &author, &[("a.txt", b"words".to_vec())]).await.json().await.unwrap();
    let (kept, lost) = (made["id"].as_str().unwrap().parse::<TicketId>().unwrap(), TicketId::generate());
    for ticket in [kept, lost] {
        let attachment = AttachmentId::generate();
        app.app.store.loose_attachments().expect(ticket, attachment, Utc::now()).await.unwrap();
        app.app.blobs.put(BlobKey::Attachment { ticket, attachment }, "left over").await.unwrap();
    }
    assert_eq!(app.app.support.sweep(Utc::now()).await.unwrap(), 0, "its row may be on its way");
    assert_eq!(app.app.support.sweep(Utc::now() + TimeDelta::hours(25)).await.unwrap(), 2);
    assert_eq!(app.app.blobs.attachments().await.unwrap().len(), 1);
    let url = made["attachments"][0]["url"].as_str().unwrap();
    assert_eq!(download(&app, &author, url, None).await.text().await.unwrap(), "words");
}

/// Rows that were put back from another day, or that are missing altogether: attachments went for good.
#[tokio::test]
async fn no_sweep_removes_a_file_before_it_has_seen_whose_it_is() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let made: Value = open_with(&app, &author, &[("a.txt", b"words".to_vec())]).await.json().await.unwrap();
    let ticket = made["id"].as_str().unwrap().parse::<TicketId>().unwrap();
    let file = |ticket| BlobKey::Attachment { ticket, attachment: AttachmentId::generate() };
    app.app.blobs.put(file(ticket), "of a ticket that does not know it").await.unwrap();
    let unknown = file(TicketId::generate());
    app.app.blobs.put(unknown, "of a ticket that no row tells of").await.unwrap();
    assert_eq!(app.app.support.sweep(Utc::now() + TimeDelta::hours(25)).await.unwrap(), 1);
    assert_eq!(app.app.blobs.get(unknown).await.unwrap(), "of a ticket that no row tells of");

    // The same of parts of uploads: those of a session that the rows know go, others stay.
    let (known, unknown) = (app.session().await, PhotoSessionId::generate());
    let spool = app.data.path().join("uploads");
    let part =
        |session: PhotoSessionId| spool.join(session.to_string()).join(UploadId::generate().to_string());
    let (gone, kept) = (part(known), part(unknown));
    for part in [&gone, &kept] {
        std::fs::create_dir_all(part.parent().unwrap()).unwrap();
        std::fs::write(part, "half a photo").unwrap();
    }
    app.app.uploads.sweep(Utc::now() + TimeDelta::hours(25)).await.unwrap();
    assert_eq!((gone.exists(), kept.exists()), (false, true));
}

/// A storage that is away while a ticket is deleted keeps its files no longer than that.
#[tokio::test]
async fn a_deleted_tickets_files_are_found_by_its_rows() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let made: Value = open_with(&app, &author, &[("a.txt", b"words".to_vec())]).await.json().await.unwrap();
    let ticket = made["id"].as_str().unwrap().parse::<TicketId>().unwrap();
    assert!(app.app.store.tickets().delete(ticket).await.unwrap());
    assert_eq!(app.app.blobs.attachments().await.unwrap().len(), 1, "a crash has kept it");
    assert_eq!(app.app.support.sweep(Utc::now()).await.unwrap(), 1);
    assert_eq!(app.app.blobs.attachments().await.unwrap(), []);
}
