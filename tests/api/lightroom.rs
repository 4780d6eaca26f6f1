//! The plug-in for Lightroom Classic: its own Lua, with a stub of Lightroom around it, against the real application.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use pixora::domain::{PhotoSessionId, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, start},
    shop::DIGITAL,
    uploads::jpeg,
};

/// Runs the plug-in's tests. `None`, and a word about it, where there is no Lua or no curl.
async fn lua(arguments: Vec<String>) -> Option<Output> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations/lightroom");
    for program in ["lua5.1", "curl"] {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&paths).any(|folder| folder.join(program).is_file()) {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is missing on CI");
            println!("SKIPPED: {program} is missing; `tools/setup.py --tests` installs it as root on Debian");
            return None;
        }
    }
    let mut command = Command::new("lua5.1");
    command.arg(folder.join("tests/run.lua")).arg(folder.join("pixora.lrplugin")).arg(folder.join("tests"));
    command.args(arguments);
    // The server lives on this thread.
    Some(tokio::task::spawn_blocking(move || command.output()).await.expect("ends").expect("starts"))
}

fn pictures(folder: &Path) {
    let write = |name: &str, bytes: Vec<u8>| {
        let path: PathBuf = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("has a folder")).expect("can be made");
        std::fs::write(path, bytes).expect("can be written");
    };
    write("a/IMG_0001.jpg", jpeg(1));
    write("b/IMG_0001.jpg", jpeg(2));
    write("copy/IMG_0001-2.jpg", jpeg(2));
    write("IMG_0002.jpg", jpeg(3));
    write("renamed/IMG_0003.jpg", jpeg(4));
    write("film.mp4", b"\0\0\0\x18ftypisom\0\0\0\0 a film".to_vec());
}

async fn key(app: &TestApp) -> (crate::helpers::TestUser, String) {
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let scopes =
        json!({ "name": "Lightroom", "scopes": ["sessions:read", "sessions:write", "photos:write"] });
    let made = app.send_as(&admin, Method::POST, "/api/keys", scopes).await;
    let key = made.json::<Value>().await.expect("JSON")["key"].as_str().expect("a key").to_owned();
    (admin, key)
}

#[tokio::test]
async fn the_plug_in_publishes_updates_removes_and_takes_choices_back() {
    let folder = tempfile::tempdir().expect("can be made");
    pictures(folder.path());
    let app = start().await;
    let (admin, key) = key(&app).await;
    let pictures = folder.path().display().to_string();
    let Some(ran) = lua(vec![app.url.clone(), key.clone(), pictures]).await else { return };
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    let word = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} is not in {said}")).trim().to_owned()
    };
    let (session, first) = (word("SESSION"), word("FIRST"));

    // What the server has: the first photo as it was developed again, the second under its new name.
    let photos = app.get_as(&admin, &format!("/api/photo-sessions/{session}/photos")).await;
    let mut names: Vec<(&str, u64)> = photos["photos"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|photo| (photo["filename"].as_str().expect("text"), photo["bytes"].as_u64().expect("a number")))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [("IMG_0001.jpg", jpeg(2).len() as u64), ("IMG_0003.jpg", jpeg(4).len() as u64)]);
    let shown = app.get_as(&admin, &format!("/api/photo-sessions/{session}")).await;
    assert_eq!(shown["name"], "Anna & Ivan \"2026\"");
    let sessions = app.get_as(&admin, "/api/photo-sessions").await;
    assert_eq!(sessions["sessions"].as_array().map(Vec::len), Some(1), "one session was made");

    // Guests order the one photo that was published from the catalogue and one that is known by its name.
    let id: PhotoSessionId = session.parse().expect("an id");
    ready(&app, id).await;
    let listed = app.get_as(&admin, &format!("/api/photo-sessions/{session}/photos")).await;
    let cart = app.cart(id).await;
    let items: Vec<Value> = listed["photos"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|photo| json!({ "price_id": cart.prices.digital, "photo_id": photo["photo_id"], "quantity": 1 }))
        .collect();
    app.put(&cart, json!(items)).await;
    app.placed(&cart, 2 * DIGITAL).await;
    let ran =
        lua(vec![app.url.clone(), key, "CHOICES".into(), session, first]).await.expect("is there still");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// What the pipeline does is another test's: only what is ready is sold.
async fn ready(app: &TestApp, session: PhotoSessionId) {
    let done = sqlx::query("UPDATE photos SET state = 'ready' WHERE photo_session_id = $1")
        .bind(session.to_string())
        .execute(&mut app.rows().await)
        .await;
    assert_eq!(done.expect("is written").rows_affected(), 2);
}
