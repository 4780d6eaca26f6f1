//! Cameras that send photos by FTP: a client of our own for what a camera may do word by word, and curl, lftp, ncftp
//! and Python's ftplib as they are.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use pixora::{
    accounts::FtpAccount,
    clock,
    config::FtpSettings,
    domain::{PhotoSessionId, Role, SessionStatus},
    ftp,
    photos::MAX_BYTES,
    tls,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::{
    camera::Camera,
    helpers::{TestApp, assert_problem, start, start_with_ftp},
    uploads::jpeg,
};

/// The door of an application, on a free port.
struct Door {
    app: TestApp,
    at: SocketAddr,
    stop: CancellationToken,
    session: PhotoSessionId,
    account: FtpAccount,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn door() -> Door {
    door_with(None, false).await
}

async fn door_with(tls: Option<tls::Server>, requires_tls: bool) -> Door {
    let app = start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("bound");
    // Ports of its own for each process: nextest runs one a test.
    let first = 20_000 + (std::process::id() % 200) as u16 * 60 + (at.port() % 2) * 12_000;
    let settings = FtpSettings { bind: at, ports: first..=first + 59, address: None, requires_tls };
    let stop = CancellationToken::new();
    let services = ftp::Services {
        accounts: app.app.accounts.clone(),
        sessions: app.app.sessions.clone(),
        uploads: app.app.uploads.clone(),
    };
    tokio::spawn(ftp::serve(listener, services, settings, tls, stop.clone()));
    let session = app.session().await;
    let account = app.app.accounts.renew_camera_account(session).await.expect("is made");
    Door { app, at, stop, session, account }
}

impl Door {
    async fn camera(&self) -> Camera {
        Camera::signed_in(self.at, &self.account.login, &self.account.password).await
    }

    /// Names and lengths of the session's photos, oldest first.
    async fn photos(&self) -> Vec<(String, u64)> {
        let photos = self.app.app.store.photos();
        let ids = photos.ids(self.session).await.expect("can be read");
        let mut found = photos.get_many(&ids).await.expect("can be read");
        found.sort_by_key(|photo| photo.id);
        found.into_iter().map(|photo| (photo.filename, photo.bytes)).collect()
    }

    async fn rejections(&self) -> Vec<(String, String)> {
        let rejected = self.app.app.store.uploads().rejections(self.session, None, 100).await;
        let rejected = rejected.expect("can be read");
        rejected.into_iter().map(|rejection| (rejection.filename, rejection.code)).collect()
    }

    /// Waits for the photos, which a client may not have.
    async fn has(&self, count: usize) {
        for _ in 0..200 {
            if self.photos().await.len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{count} photos were expected: {:?}", self.photos().await);
    }
}

/// What a command such as `LIST` sends.
async fn read(camera: &mut Camera, command: &str) -> String {
    let mut data = camera.passive().await;
    let answer = camera.say(command).await;
    assert!(answer.starts_with("150 "), "{answer}");
    let mut text = String::new();
    data.read_to_string(&mut text).await.expect("can be read");
    let answer = camera.reply().await;
    assert!(answer.starts_with("226 "), "{answer}");
    text
}

#[tokio::test]
async fn a_camera_sends_photos_and_sees_only_its_own() {
    let door = door().await;
    let mut other = door.camera().await;
    let theirs = other.send("THEIRS.JPG", &jpeg(9)).await;
    assert!(theirs.starts_with("226 "), "{theirs}");

    let mut camera = door.camera().await;
    // A camera's habits: is the folder there, is the file there, what is there.
    assert!(camera.say("CWD DCIM").await.starts_with("250 "));
    assert!(camera.say("MKD 100CANON").await.starts_with("257 "));
    assert!(camera.say("CWD 100CANON").await.starts_with("250 "));
    assert!(camera.say("SIZE IMG_0001.JPG").await.starts_with("550 "));
    assert_eq!(read(&mut camera, "LIST").await, "");
    let first = jpeg(1);
    assert!(camera.send("IMG_0001.JPG", &first).await.starts_with("226 "));
    assert_eq!(camera.say("SIZE IMG_0001.JPG").await, format!("213 {}", first.len()));
    assert!(camera.say("MDTM IMG_0001.JPG").await.starts_with("213 20"));
    assert!(read(&mut camera, "LIST").await.contains("IMG_0001.JPG"));
    assert_eq!(read(&mut camera, "NLST").await, "IMG_0001.JPG\r\n");

    // What others sent is not there, and nothing goes out or away.
    assert!(!read(&mut camera, "LIST /").await.contains("THEIRS"));
    assert!(camera.say("SIZE /THEIRS.JPG").await.starts_with("550 "));
    for forbidden in ["DELE IMG_0001.JPG", "RMD /DCIM", "RNFR IMG_0001.JPG"] {
        let answer = camera.say(forbidden).await;
        assert!(answer.starts_with("550 ") || answer.starts_with("350 "), "{forbidden}: {answer}");
    }
    let renamed = camera.say("RNTO IMG_9999.JPG").await;
    assert!(renamed.starts_with("550 "), "{renamed}");
    let mut nothing = camera.passive().await;
    assert!(camera.say("RETR IMG_0001.JPG").await.starts_with("150 "));
    let mut got = String::new();
    let _ = nothing.read_to_string(&mut got).await;
    assert_eq!((got.as_str(), &camera.reply().await[..4]), ("", "550 "));

    // Numbers that start again: the same content is the same photo, another is another.
    assert!(camera.say("CWD ../101CANON").await.starts_with("250 "));
    assert!(camera.send("IMG_0001.JPG", &first).await.starts_with("226 "));
    let second = [jpeg(2), jpeg(3)].concat();
    assert!(camera.send("IMG_0001.JPG", &second).await.starts_with("226 "), "with a preview behind it");
    let expected = [("THEIRS.JPG", jpeg(9)), ("IMG_0001.JPG", first), ("IMG_0001.JPG", second)];
    let expected = expected.map(|(name, bytes)| (name.to_owned(), bytes.len() as u64));
    assert_eq!(door.photos().await, expected);
    assert!(camera.say("QUIT").await.starts_with("221 "));
}

#[tokio::test]
async fn a_transfer_that_broke_off_is_no_photo() {
    let door = door().await;
    let picture = jpeg(1);
    let half = &picture[..picture.len() / 2];
    let mut camera = door.camera().await;
    // The connection of the file alone: the picture is not at its end.
    let answer = camera.send("IMG_0001.JPG", half).await;
    assert!(answer.starts_with("426 "), "{answer}");
    assert!(camera.say("SIZE IMG_0001.JPG").await.starts_with("550 "), "so that the camera sends it again");

    // The camera's battery dies: a kind whose end nothing shows, and a picture with something behind it.
    let trailing = [picture.as_slice(), b"half of a film"].concat();
    for (name, bytes) in
        [("IMG_0002.PNG", b"\x89PNG\r\n\x1a\nhalf a picture".as_slice()), ("IMG_0003.JPG", &trailing)]
    {
        let mut dying = door.camera().await;
        let mut data = dying.begin(name).await;
        data.write_all(bytes).await.expect("the connection stands");
        drop((dying, data));
    }
    // A line that is torn rather than closed.
    let mut torn = door.camera().await;
    let mut data = torn.begin("IMG_0004.JPG").await;
    data.write_all(half).await.expect("the connection stands");
    data.set_zero_linger().expect("can be set");
    drop(data);
    let answer = torn.reply().await;
    assert!(answer.starts_with("426 "), "{answer}");

    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((door.photos().await, door.rejections().await), (vec![], vec![]));
    // It goes on where it was, in the same connection.
    assert!(camera.send("IMG_0001.JPG", &picture).await.starts_with("226 "));
    assert!(camera.say("REST 100").await.starts_with("502 "), "there is nothing to go on from");
    assert_eq!(door.photos().await, [("IMG_0001.JPG".to_owned(), picture.len() as u64)]);
}

#[tokio::test]
async fn what_is_no_photo_is_refused_by_number_and_stands_in_the_ledger() {
    let door = door().await;
    let mut camera = door.camera().await;
    let answer = camera.send("MVI_0001.MP4", b"\0\0\0\x18ftypisom\0\0\0\0 a film").await;
    assert!(answer.starts_with("553 "), "{answer}");
    let answer = camera.send("EMPTY.JPG", b"").await;
    assert!(answer.starts_with("553 "), "{answer}");
    let mut data = camera.begin("HUGE.TIF").await;
    let piece = vec![7; 1 << 20];
    for _ in 0..=MAX_BYTES >> 20 {
        if data.write_all(&piece).await.is_err() {
            break;
        }
    }
    drop(data);
    let answer = camera.reply().await;
    assert!(answer.starts_with("552 "), "{answer}");
    let mut rejections = door.rejections().await;
    rejections.sort();
    let expected =
        [("EMPTY.JPG", "empty_file"), ("HUGE.TIF", "too_large"), ("MVI_0001.MP4", "unsupported_type")];
    assert_eq!(rejections, expected.map(|(name, code)| (name.to_owned(), code.to_owned())));
    assert_eq!(door.photos().await, vec![]);
}

#[tokio::test]
async fn a_sign_in_that_is_revoked_or_of_an_archived_session_ends_for_connected_cameras_too() {
    let door = door().await;
    let accounts = &door.app.app.accounts;
    let mut camera = door.camera().await;
    assert!(camera.send("A.JPG", &jpeg(1)).await.starts_with("226 "));
    let renewed = accounts.renew_camera_account(door.session).await.expect("is made");
    assert_ne!((&renewed.login, &renewed.password), (&door.account.login, &door.account.password));
    let answer = camera.send("B.JPG", &jpeg(2)).await;
    assert!(answer.starts_with("550 "), "{answer}");
    let mut old = Camera::connect(door.at).await;
    assert!(old.sign_in(&door.account.login, &door.account.password).await.starts_with("530 "));

    let mut camera = Camera::signed_in(door.at, &renewed.login, &renewed.password).await;
    let (store, now) = (&door.app.app.store, door.app.app.now());
    // A gallery that is closed to guests is being prepared.
    store.sessions().set_switches(door.session, Some(false), None, now).await.expect("is written");
    door.app.later(60);
    assert!(camera.send("C.JPG", &jpeg(3)).await.starts_with("226 "));
    let admin = door.app.user(Role::Admin, &[door.app.studio().await]).await;
    let path = format!("/api/photo-sessions/{}", door.session);
    for status in [SessionStatus::Completed, SessionStatus::Archived] {
        let answer = door.app.send_as(&admin, Method::PATCH, &path, json!({ "status": status })).await;
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    }
    let answer = camera.send("D.JPG", &jpeg(4)).await;
    assert!(answer.starts_with("550 "), "{answer}");
    let mut late = Camera::connect(door.at).await;
    assert!(late.sign_in(&renewed.login, &renewed.password).await.starts_with("530 "));
    accounts.revoke_camera_account(door.session).await.expect("is removed");
    assert_eq!(accounts.camera_account(door.session).await.expect("is read"), None);
    assert_eq!(door.photos().await.len(), 2);
}

#[tokio::test]
async fn whoever_guesses_waits_and_nothing_works_before_the_sign_in() {
    let door = door().await;
    let mut guesser = Camera::connect(door.at).await;
    for command in ["EPSV", "PWD", "STOR A.JPG", "LIST", "SIZE A.JPG", "MKD A"] {
        let answer = guesser.say(command).await;
        assert!(answer.starts_with("530 "), "{command}: {answer}");
    }
    for guess in 0..10 {
        assert!(guesser.sign_in(&door.account.login, &format!("guess {guess}")).await.starts_with("530 "));
    }
    let answer = guesser.sign_in(&door.account.login, &door.account.password).await;
    assert!(answer.starts_with("530 "), "the right password came too late: {answer}");
}

#[tokio::test]
async fn fifty_cameras_send_at_once() {
    let door = door().await;
    let send = async |number: u8| {
        let mut camera = door.camera().await;
        for again in 0..2_u8 {
            let answer = camera.send("IMG_0001.JPG", &jpeg(number * 2 + again)).await;
            assert!(answer.starts_with("226 "), "{number}: {answer}");
        }
    };
    futures::future::join_all((0..50).map(send)).await;
    assert_eq!(door.photos().await.len(), 100);
}

/// A program that real photographers use. `None`, and a word about it, where it is not installed.
fn program(name: &str) -> Option<std::process::Command> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file());
    let Some(path) = found else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is missing on CI");
        println!("SKIPPED: {name} is missing; `tools/setup.py --tests` installs it as root on Debian");
        return None;
    };
    let mut command = std::process::Command::new(path);
    command.stdin(Stdio::null());
    Some(command)
}

/// Runs beside the server, which lives on this thread.
async fn run(mut command: std::process::Command) -> std::process::Output {
    let done = tokio::task::spawn_blocking(move || command.output());
    done.await.expect("ends").expect("starts")
}

/// A card with three photos, one of them in a folder.
fn card(folder: &Path) -> Vec<PathBuf> {
    let names = ["DSC_0001.JPG", "DSC_0002.JPG", "101NIKON/DSC_0001.JPG"];
    std::fs::create_dir(folder.join("101NIKON")).expect("can be made");
    let write = |(number, name): (usize, &str)| {
        std::fs::write(folder.join(name), jpeg(number as u8)).expect("can be written");
        folder.join(name)
    };
    names.into_iter().enumerate().map(write).collect()
}

fn encrypted(folder: &Path) -> tls::Server {
    let made = tls::Server::with_own_authority(folder.join("tls"), "photos.example", clock::system());
    made.expect("a certificate can be made").0
}

#[tokio::test]
async fn curl_sends_and_does_so_by_explicit_tls() {
    let Some(curl) = program("curl") else { return };
    let folder = tempfile::tempdir().expect("can be made");
    let files = card(folder.path());
    let door = door_with(Some(encrypted(folder.path())), true).await;
    let program = curl.get_program().to_owned();
    let curl = |more: &[&str]| {
        let mut command = std::process::Command::new(&program);
        let user = format!("{}:{}", door.account.login, door.account.password);
        command.args(["--silent", "--show-error", "--ftp-create-dirs", "--user", &user]).args(more);
        command
    };
    let url = format!("ftp://{}/DCIM/100/", door.at);
    let file = files[0].to_str().expect("is text");
    // The password is not even asked for in clear.
    let plain = run(curl(&["--upload-file", file, &url])).await;
    assert!(!plain.status.success(), "{plain:?}");
    assert_eq!(door.photos().await.len(), 0);
    let authority = folder.path().join("authority.der");
    let der = tls::authority_certificate(&folder.path().join("tls")).expect("is there");
    std::fs::write(&authority, der).expect("can be written");
    let pem = folder.path().join("authority.pem");
    std::fs::write(&pem, as_pem(&std::fs::read(&authority).expect("is there"))).expect("can be written");
    let trusted = ["--ssl-reqd", "--cacert", pem.to_str().expect("is text")];
    for file in &files {
        let file = file.to_str().expect("is text");
        let sent = run(curl(&[&trusted[..], &["--upload-file", file, &url]].concat())).await;
        assert!(sent.status.success(), "{sent:?}");
    }
    assert_eq!(door.photos().await.len(), 3);
    // Nothing comes back.
    let got = run(curl(&[&trusted[..], &[&format!("{url}DSC_0001.JPG")]].concat())).await;
    assert!(!got.status.success() && got.stdout.is_empty(), "{got:?}");
}

fn as_pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::prelude::BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("is text")).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[tokio::test]
async fn curl_that_is_cut_in_the_middle_leaves_nothing_and_sends_again() {
    let Some(curl) = program("curl") else { return };
    let folder = tempfile::tempdir().expect("can be made");
    let file = folder.path().join("DSC_0001.JPG");
    // As large as a camera's, so that it is on its way for a while.
    let comment = [[0xFF, 0xFE, 0xFF, 0xFF].as_slice(), &[7; 0xFFFD]].concat();
    let picture = jpeg(1);
    let bytes = [&picture[..2], &comment.repeat(40), &picture[2..]].concat();
    std::fs::write(&file, &bytes).expect("can be written");
    for tls in [&[][..], &["--ssl-reqd", "--insecure"]] {
        let door = door_with(Some(encrypted(folder.path())), false).await;
        let sending = || {
            let mut command = std::process::Command::new(curl.get_program());
            let user = format!("{}:{}", door.account.login, door.account.password);
            command
                .args(["--silent", "--show-error", "--user", &user])
                .args(tls)
                .arg("--upload-file")
                .arg(&file);
            command.arg(format!("ftp://{}/", door.at)).stdin(Stdio::null());
            command
        };
        let mut slow = sending().args(["--limit-rate", "500k"]).spawn().expect("starts");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(slow.try_wait().expect("is a child").is_none(), "it is still at it");
        slow.kill().expect("can be killed");
        slow.wait().expect("is dead");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(door.photos().await, vec![]);
        let sent = run(sending()).await;
        assert!(sent.status.success(), "{sent:?}");
        assert_eq!(door.photos().await, [("DSC_0001.JPG".to_owned(), bytes.len() as u64)]);
    }
}

#[tokio::test]
async fn lftp_mirrors_a_card_by_tls_and_without() {
    let Some(lftp) = program("lftp") else { return };
    let folder = tempfile::tempdir().expect("can be made");
    let card_folder = folder.path().join("card");
    std::fs::create_dir(&card_folder).expect("can be made");
    card(&card_folder);
    let door = door_with(Some(encrypted(folder.path())), false).await;
    for (tls, verify) in [("true", "no"), ("false", "no")] {
        let mut command = std::process::Command::new(lftp.get_program());
        let script = format!(
            "set ftp:ssl-force {tls}; set ftp:ssl-allow {tls}; set ftp:ssl-protect-data {tls}; \
             set ssl:verify-certificate {verify}; set net:max-retries 1; set net:timeout 10; \
             open -u {},{} ftp://{}; mirror --reverse --parallel=3 {} /DCIM; bye",
            door.account.login,
            door.account.password,
            door.at,
            card_folder.display()
        );
        command.args(["--norc", "-c", &script]).env("HOME", folder.path()).stdin(Stdio::null());
        let sent = run(command).await;
        assert!(sent.status.success(), "{sent:?}");
        // The second time it is all there.
        door.has(3).await;
    }
}

#[tokio::test]
async fn ncftp_puts_a_card() {
    let Some(mut ncftp) = program("ncftpput") else { return };
    let folder = tempfile::tempdir().expect("can be made");
    let card_folder = folder.path().join("card");
    std::fs::create_dir(&card_folder).expect("can be made");
    card(&card_folder);
    let door = door().await;
    let (host, port) = (door.at.ip().to_string(), door.at.port().to_string());
    ncftp.args([
        "-V",
        "-m",
        "-R",
        "-r",
        "1",
        "-t",
        "10",
        "-u",
        &door.account.login,
        "-p",
        &door.account.password,
    ]);
    ncftp.args(["-P", &port, &host, "/DCIM"]).arg(&card_folder).env("HOME", folder.path());
    let sent = run(ncftp).await;
    assert!(sent.status.success(), "{sent:?}");
    assert_eq!(door.photos().await.len(), 3);
}

#[tokio::test]
async fn python_s_ftplib_sends() {
    let Some(mut python) = program("python3") else { return };
    let folder = tempfile::tempdir().expect("can be made");
    let files = card(folder.path());
    let door = door().await;
    let script = "
import ftplib, sys
host, port, login, password, *files = sys.argv[1:]
ftp = ftplib.FTP(timeout=10)
ftp.connect(host, int(port))
ftp.login(login, password)
for file in files:
    with open(file, 'rb') as picture:
        assert ftp.storbinary('STOR ' + file.rsplit('/', 1)[1], picture).startswith('226')
ftp.quit()
";
    let (host, port) = (door.at.ip().to_string(), door.at.port().to_string());
    python.args(["-c", script, &host, &port, &door.account.login, &door.account.password]).args(&files);
    let sent = run(python).await;
    assert!(sent.status.success(), "{sent:?}");
    assert_eq!(door.photos().await.len(), 3);
}

#[tokio::test]
async fn a_studio_makes_shows_renews_and_revokes_the_sign_in_of_a_session_s_cameras() {
    let app = start_with_ftp().await;
    let studio = app.studio().await;
    let photographer = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&photographer, studio).await;
    let path = format!("/api/photo-sessions/{session}/ftp");
    let shown = app.get_as(&photographer, &path).await;
    let expected =
        json!({ "host": "127.0.0.1", "port": 2121, "tls": false, "requires_tls": false, "account": null });
    assert_eq!(shown, expected);
    let made = app.send_as(&photographer, Method::POST, &path, json!({})).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.expect("JSON");
    let (login, password) = (made["account"]["login"].as_str(), made["account"]["password"].as_str());
    assert!(login.is_some_and(|login| login.len() == 10 && login.starts_with("px")), "{made}");
    assert!(password.is_some_and(|password| password.len() == 12), "{made}");
    assert_eq!(app.get_as(&photographer, &path).await, made);
    let renewed = app.send_as(&photographer, Method::POST, &path, json!({})).await;
    assert_ne!(
        renewed.json::<Value>().await.expect("JSON")["account"]["password"],
        made["account"]["password"]
    );

    let stranger = app.user(Role::Photographer, &[studio]).await;
    let refused = app.request(Method::GET, &path).bearer_auth(&stranger.access_token).send().await;
    assert_problem(refused.expect("answers"), 404, "session_not_found").await;
    let key = json!({ "name": "script", "scopes": ["sessions:read", "photos:write"] });
    let key = app.send_as(&photographer, Method::POST, "/api/keys", key).await;
    let key = key.json::<Value>().await.expect("JSON")["key"].as_str().expect("a key").to_owned();
    let refused = app.request(Method::GET, &path).bearer_auth(key).send().await.expect("answers");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "a script has no use for a camera's password");

    let revoked = app.send_as(&photographer, Method::DELETE, &path, json!({})).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.get_as(&photographer, &path).await["account"], Value::Null);
}

#[tokio::test]
async fn a_server_without_ftp_says_so() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let path = format!("/api/photo-sessions/{}/ftp", app.session().await);
    for method in [Method::GET, Method::POST] {
        assert_problem(app.send_as(&admin, method, &path, json!({})).await, 404, "ftp_off").await;
    }
}

#[tokio::test]
async fn an_erased_session_takes_the_sign_in_of_its_cameras_along() {
    let door = door().await;
    let mut camera = door.camera().await;
    assert!(camera.send("A.JPG", &jpeg(1)).await.starts_with("226 "));
    let receipt = door.app.eraser.session(door.session).await.expect("is erased");
    assert_eq!(serde_json::to_value(&receipt).expect("JSON")["rows"]["ftp_accounts"], 1, "{receipt:?}");
    assert_eq!(door.app.app.accounts.camera_account(door.session).await.expect("is read"), None);
    let answer = camera.send("B.JPG", &jpeg(2)).await;
    assert!(answer.starts_with("550 "), "{answer}");
}
