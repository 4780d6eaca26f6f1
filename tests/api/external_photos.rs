//! `/api/v1/sessions/{session_id}/photos/{external_id}`: photos of programs that keep them themselves.

use std::{collections::HashSet, sync::atomic::Ordering};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pixora::{
    domain::{ExternalId, FaceId, PhotoId, PhotoSessionId, RelativeBox, Role, Viewer},
    photos::FindError,
    search::{Match, SearchAnswer},
};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start},
    uploads::jpeg,
};

/// A program with a key of its own.
struct Program {
    app: TestApp,
    user: TestUser,
    session: PhotoSessionId,
    key: String,
}

async fn key(app: &TestApp, user: &TestUser, scopes: &[&str]) -> String {
    let body = json!({ "name": "main app", "scopes": scopes });
    let made: Value = app.send_as(user, Method::POST, "/api/keys", body).await.json().await.expect("JSON");
    made["key"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

async fn program() -> Program {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Admin, &[studio]).await;
    let session = app.session().await;
    let key = key(&app, &user, &["faces"]).await;
    *app.finder.faces.lock().unwrap() = vec![[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]];
    Program { app, user, session, key }
}

fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

impl Program {
    fn path(&self, rest: &str) -> String {
        format!("/api/v1/sessions/{}/{rest}", self.session)
    }

    async fn send(&self, method: Method, rest: &str) -> Response {
        let request = self.app.request(method, &self.path(rest)).bearer_auth(&self.key);
        request.send().await.expect("the server answers")
    }

    async fn put(&self, id: &str, picture: Vec<u8>) -> Response {
        self.put_with(id, "", picture).await
    }

    async fn put_with(&self, id: &str, query: &str, picture: Vec<u8>) -> Response {
        let path = self.path(&format!("photos/{}{query}", encoded(id)));
        let request = self.app.request(Method::PUT, &path).bearer_auth(&self.key);
        request.header("content-type", "image/jpeg").body(picture).send().await.expect("the server answers")
    }

    async fn stored(&self, id: &str, picture: Vec<u8>) -> Value {
        let response = self.put(id, picture).await;
        assert_eq!(response.status(), 200, "{id}");
        response.json().await.expect("JSON")
    }

    async fn status(&self) -> Value {
        self.send(Method::GET, "index-status").await.json().await.expect("JSON")
    }

    fn vectors(&self) -> HashSet<FaceId> {
        self.app.finder.vectors.lock().unwrap().clone()
    }

    async fn of_photo(&self, photo: &Value) -> Vec<FaceId> {
        let id = photo["photo_id"].as_str().expect("an id").parse::<PhotoId>().expect("is one");
        let faces = self.app.app.store.faces().of_photo(id).await.expect("can be read");
        faces.into_iter().map(|face| face.face.id).collect()
    }
}

#[tokio::test]
async fn a_photo_is_findable_under_its_id_and_nothing_of_its_picture_is_kept() {
    let program = program().await;
    let photo = program.stored("shoot 7/IMG_0001", jpeg(1)).await;
    assert_eq!((&photo["state"], &photo["external_id"]), (&"indexed".into(), &"shoot 7/IMG_0001".into()));
    assert_eq!((&photo["width"], &photo["height"]), (&96.into(), &64.into()));
    assert_eq!(photo["faces"].as_array().expect("a list").len(), 2, "{photo}");
    assert_eq!(photo["faces"][0]["box"], json!({ "x": 0.1, "y": 0.25, "w": 0.125, "h": 0.25 }));
    assert_eq!(program.vectors(), program.of_photo(&photo).await.into_iter().collect());

    // No door has it: no file, no gallery, no list, no ledger, no count.
    let files = program.app.app.blobs.count_session(program.session).await.expect("can be counted");
    assert_eq!(files, 0);
    let app = &program.app;
    let id = photo["photo_id"].as_str().expect("an id");
    let guest = app.get_json(&program.path("photos")).await;
    assert_eq!(guest["photos"], json!([]), "{guest}");
    let managed = app.get_as(&program.user, &format!("/api/photo-sessions/{}/photos", program.session)).await;
    assert_eq!(managed["photos"], json!([]), "{managed}");
    let described = app
        .get_json(program.path("").replace("/v1/sessions/", "/photo-sessions/").trim_end_matches('/'))
        .await;
    assert!(!described.to_string().contains(id), "{described}");
    for path in [format!("/api/photos/{id}/original"), format!("/api/photos/{id}/raw")] {
        let answer = app.request(Method::GET, &path).bearer_auth(&program.user.access_token).send().await;
        assert_eq!(answer.expect("answers").status(), 404, "{path}");
    }
    let media = format!("/media/{}/{id}/320-00000000000000a1.jpg", program.session);
    assert_eq!(app.get(&media).await.status(), 404);
    let archive = app.request(Method::POST, &program.path("archives")).json(&json!({ "photo_ids": [id] }));
    assert!(archive.send().await.expect("answers").status().is_client_error());
    let status = program.status().await;
    assert_eq!((&status["indexed"], &status["faces"], &status["ready"]), (&1.into(), &2.into(), &0.into()));
    assert_eq!(program.app.app.store.photos().counts(program.session).await.unwrap().total, 0);

    assert_eq!(
        program.send(Method::DELETE, &format!("photos/{}", encoded("shoot 7/IMG_0001"))).await.status(),
        204
    );
    assert!(program.vectors().is_empty() || program.of_photo(&photo).await.is_empty());
    assert_eq!(program.status().await["indexed"], 0);
    let again = program.send(Method::DELETE, &format!("photos/{}", encoded("shoot 7/IMG_0001"))).await;
    assert_problem(again, 404, "photo_not_found").await;
}

#[tokio::test]
async fn any_text_of_up_to_200_bytes_is_an_id() {
    let program = program().await;
    let long = "я".repeat(100);
    let ids = ["1", "ids", "a/b?c#d", "100%", "два слова", "two\nlines", "+", ";", "%2e%2e", &long];
    for (number, id) in (0..).zip(ids) {
        let photo = program.stored(id, jpeg(number)).await;
        assert_eq!(photo["external_id"], *id);
    }
    assert_eq!(program.status().await["indexed"], ids.len());
    for id in [format!("{long}."), "a\0b".into()] {
        assert_problem(program.put(&id, jpeg(1)).await, 422, "invalid_external_id").await;
    }
    let raw = program.path("photos/%ff");
    let answer = program.app.request(Method::PUT, &raw).bearer_auth(&program.key).body(jpeg(1)).send().await;
    assert_problem(answer.expect("answers"), 422, "invalid_external_id").await;
    for id in ids {
        assert_eq!(
            program.send(Method::DELETE, &format!("photos/{}", encoded(id))).await.status(),
            204,
            "{id}"
        );
    }
    // The addresses that stand beside them are what they were.
    assert_eq!(program.app.get_json(&program.path("photos/ids")).await["photo_ids"], json!([]));
}

#[tokio::test]
async fn the_same_content_is_looked_at_once_and_an_id_moves_to_other_content() {
    let program = program().await;
    let looked = || program.app.finder.looked.load(Ordering::SeqCst);
    let first = program.stored("a", jpeg(1)).await;
    assert_eq!(program.stored("a", jpeg(1)).await, first);
    let second = program.stored("b", jpeg(1)).await;
    assert_eq!(
        (&second["photo_id"], looked()),
        (&first["photo_id"], 1),
        "two ids of one content are one photo"
    );

    // The id comes with another picture: the photo stays, it has another id.
    let third = program.stored("a", jpeg(2)).await;
    assert_ne!(third["photo_id"], first["photo_id"]);
    assert!(!program.of_photo(&first).await.is_empty());
    assert_eq!(program.status().await["indexed"], 2);
    // It has no other any more: the photo goes, rows and vectors.
    let (before, gone) = (program.vectors(), program.of_photo(&first).await);
    program.stored("b", jpeg(3)).await;
    assert!(program.of_photo(&first).await.is_empty());
    assert!(gone.iter().all(|face| before.contains(face)));
    assert_eq!(program.status().await["faces"], 4);

    let forgotten: Value = program.send(Method::DELETE, "photos").await.json().await.expect("JSON");
    assert_eq!(forgotten, json!({ "forgotten": 2 }));
    let rows = sqlx::query("SELECT id FROM faces").fetch_all(&mut program.app.rows().await).await.unwrap();
    assert!(rows.is_empty());
}

#[tokio::test]
async fn two_who_send_the_same_content_at_once_make_one_photo() {
    let program = program().await;
    let ids: Vec<String> = (0..8).map(|n| format!("id {n}")).collect();
    let sent = futures::future::join_all(ids.iter().map(|id| program.stored(id, jpeg(1)))).await;
    let photos: HashSet<&str> = sent.iter().map(|photo| photo["photo_id"].as_str().expect("an id")).collect();
    assert_eq!(photos.len(), 1, "{sent:?}");
    assert_eq!(program.vectors().len(), 2, "vectors of the others were taken back");
    let waiting = program.app.app.store.erasures().due(None).await.unwrap();
    assert_eq!(waiting, []);
}

#[tokio::test]
async fn a_picture_that_cannot_be_read_is_refused_by_its_reason_and_stands_in_the_ledger() {
    let program = program().await;
    for (id, bytes, reason) in [
        ("empty", Vec::new(), "empty_file"),
        ("text", b"no picture".to_vec(), "unsupported_type"),
        ("cut", jpeg(1)[..40].to_vec(), "truncated"),
    ] {
        let problem = assert_problem(program.put(id, bytes).await, 422, "photo_rejected").await;
        assert_eq!(problem["reason"], reason);
    }
    let damaged = pixora::imaging::ImageError::Damaged("by the test".into());
    *program.app.finder.fails.lock().unwrap() = Some(FindError::Picture(damaged));
    let problem = assert_problem(program.put("damaged", jpeg(2)).await, 422, "photo_rejected").await;
    assert_eq!(problem["reason"], "damaged");
    let path = format!("/api/photo-sessions/{}/rejections", program.session);
    let rejections = program.app.get_as(&program.user, &path).await;
    let told: Vec<(&str, &str)> = rejections["rejections"]
        .as_array()
        .unwrap_or_else(|| panic!("{rejections}"))
        .iter()
        .map(|one| (one["filename"].as_str().expect("a name"), one["code"].as_str().expect("a code")))
        .collect();
    for expected in [("text", "unsupported_type"), ("cut", "truncated"), ("damaged", "damaged")] {
        assert!(told.contains(&expected), "{told:?}");
    }
    assert_eq!(program.status().await["indexed"], 0);
    assert!(program.vectors().is_empty());

    // Overload is no fault of the picture.
    let busy = pixora::compute::ComputeError::Full { retry_after: std::time::Duration::from_secs(7) };
    *program.app.finder.fails.lock().unwrap() = Some(FindError::Compute(busy));
    assert_problem(program.put("busy", jpeg(2)).await, 503, "queue_full").await;
    program.stored("busy", jpeg(2)).await;
}

#[tokio::test]
async fn a_picture_comes_as_a_body_or_in_a_form_and_other_bodies_are_refused() {
    let program = program().await;
    let send = async |form: Form| {
        let request =
            program.app.request(Method::PUT, &program.path("photos/form")).bearer_auth(&program.key);
        request.multipart(form).send().await.expect("answers")
    };
    let part = || Part::bytes(jpeg(1)).file_name("IMG_1.jpg");
    assert_eq!(send(Form::new().part("photo", part())).await.status(), 200);
    let empty = program.app.request(Method::PUT, &program.path("photos/form")).bearer_auth(&program.key);
    let empty = empty.header("content-type", "multipart/form-data; boundary=x").body("--x--\r\n");
    assert_problem(empty.send().await.expect("answers"), 422, "missing_photo").await;
    assert_problem(send(Form::new().part("file", part())).await, 422, "unknown_field").await;
    assert_problem(program.put_with("a", "?keep=perhaps", jpeg(1)).await, 422, "malformed_body").await;
    assert_problem(program.put_with("a", "?kept=true", jpeg(1)).await, 422, "unknown_parameter").await;
    let library = program.app.request(Method::PUT, &program.path("photos/a")).bearer_auth(&program.key);
    let answer = library.json(&json!({ "library_key": "IMG_1.jpg" })).send().await.expect("answers");
    assert_problem(answer, 404, "library_off").await;
    let large = vec![0; 100_000_001];
    assert_problem(program.put("large", large).await, 413, "upload_too_large").await;
}

#[tokio::test]
async fn only_those_who_manage_the_session_and_keys_made_for_it_may_send() {
    let program = program().await;
    let app = &program.app;
    let studio = app.other_studio().await;
    let stranger = app.user(Role::Admin, &[studio]).await;
    let reader = key(app, &program.user, &["sessions:read", "photos:write"]).await;
    let elsewhere = key(app, &stranger, &["faces"]).await;
    let operations = [
        (Method::PUT, "photos/a"),
        (Method::DELETE, "photos/a"),
        (Method::PUT, "photos/ids"),
        (Method::DELETE, "photos/ids"),
        (Method::DELETE, "photos"),
        (Method::POST, "photos:batch"),
        (Method::GET, "photo-batches/0192f0c1-7a3b-7c4d-8e5f-001122334455"),
        (Method::GET, "index-status"),
    ];
    for (method, rest) in operations {
        let send = async |token: Option<&str>| {
            let request = app.request(method.clone(), &program.path(rest));
            let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
            request.send().await.expect("answers")
        };
        assert_problem(send(None).await, 401, "sign_in_required").await;
        assert_problem(send(Some(&reader)).await, 403, "forbidden").await;
        assert_problem(send(Some(&elsewhere)).await, 404, "session_not_found").await;
    }
    // The key opens nothing else.
    let list = app.request(Method::GET, "/api/photo-sessions").bearer_auth(&program.key).send().await;
    assert_problem(list.expect("answers"), 403, "forbidden").await;
}

#[tokio::test]
async fn a_kept_picture_becomes_a_photo_and_an_upload_of_an_indexed_one_does_too() {
    let program = program().await;
    let kept = program.put_with("kept", "?keep=true", jpeg(1)).await;
    assert_eq!(kept.status(), 202);
    let kept: Value = kept.json().await.expect("JSON");
    assert_eq!((&kept["state"], &kept["faces"]), (&"queued".into(), &Value::Null));
    assert_eq!(program.app.app.blobs.count_session(program.session).await.unwrap(), 1);

    // Sent without its picture first, then by the photographer as any upload: that one is not told that it was there.
    program.stored("indexed", jpeg(2)).await;
    let form = Form::new().part("photo", Part::bytes(jpeg(2)).file_name("IMG_2.jpg"));
    let path = format!("/api/photo-sessions/{}/photos", program.session);
    let request = program.app.request(Method::POST, &path).bearer_auth(&program.user.access_token);
    let sent: Value = request.multipart(form).send().await.expect("answers").json().await.expect("JSON");
    assert_eq!(sent["results"][0]["result"], "stored", "{sent}");
    let again = program.put("indexed", jpeg(2)).await;
    assert_eq!(again.status(), 202, "it has a file now");
    let again: Value = again.json().await.expect("JSON");
    assert_eq!(again["photo_id"], sent["results"][0]["photo_id"]);
    let status = program.status().await;
    assert_eq!((&status["queued"], &status["indexed"]), (&2.into(), &0.into()), "{status}");

    // The program forgets both: its own photo goes, the photographer's stays.
    let forgotten: Value = program.send(Method::DELETE, "photos").await.json().await.expect("JSON");
    assert_eq!(forgotten["forgotten"], 2);
    assert_eq!(program.app.app.store.photos().counts(program.session).await.unwrap().total, 1);
    assert_eq!(program.app.app.blobs.count_session(program.session).await.unwrap(), 1);
}

#[tokio::test]
async fn a_search_names_the_photo_as_its_program_does() {
    let program = program().await;
    let photo = program.stored("IMG 1", jpeg(1)).await;
    program.stored("copy", jpeg(1)).await;
    let store = program.app.app.store.clone();
    let id = photo["photo_id"].as_str().expect("an id").parse::<PhotoId>().expect("is one");
    // As the real search has it of the rows; `tests/pipeline` has the real search.
    let rows = store.photos().findable(program.session, &[id]).await.unwrap();
    assert_eq!(store.photos().ready_of(program.session, &[id], Viewer::Studio).await.unwrap(), []);
    let names = store.external_ids().of_photos(&[id]).await.unwrap();
    let found = Match {
        photo: rows[0].clone(),
        external_ids: names[&id].clone(),
        score: 0.9,
        rect: RelativeBox { x: 0.1, y: 0.1, w: 0.1, h: 0.1 },
    };
    program.app.search.answer(move |_| {
        Ok(SearchAnswer {
            id: pixora::domain::SearchId::generate(),
            model: "test".into(),
            faces: Vec::new(),
            matches: vec![found.clone()],
            perhaps: Vec::new(),
            photos_total: 1,
            photos_pending: 0,
        })
    });
    let form = Form::new().part("selfie", Part::bytes(jpeg(9)));
    let request = program.app.request(Method::POST, &program.path("search")).multipart(form);
    let answer: Value = request.send().await.expect("answers").json().await.expect("JSON");
    let found = &answer["matches"][0];
    assert_eq!((&found["external_id"], &found["has_picture"]), (&"IMG 1".into(), &false.into()), "{answer}");
    assert_eq!(found["external_ids"], json!(["IMG 1", "copy"]));
    assert_eq!((&found["thumb_url"], &found["return_url"]), (&"".into(), &Value::Null));

    // The studio says where a match leads.
    let leads = format!("/api/studios/{}/return-url", program.app.studio().await);
    let template = "https://studio.example/cart?add={external_id}&of={session_id}";
    let set =
        program.app.send_as(&program.user, Method::PUT, &leads, json!({ "return_url": template })).await;
    assert_eq!(set.status(), 200);
    assert_eq!(program.app.get_as(&program.user, &leads).await, json!({ "return_url": template }));
    let form = Form::new().part("selfie", Part::bytes(jpeg(9)));
    let request = program.app.request(Method::POST, &program.path("search")).multipart(form);
    let answer: Value = request.send().await.expect("answers").json().await.expect("JSON");
    let expected = format!("https://studio.example/cart?add=IMG%201&of={}", program.session);
    assert_eq!(answer["matches"][0]["return_url"], expected, "{answer}");
    for wrong in ["http://studio.example/", "https://studio.example/{guest}", "javascript:alert(1)"] {
        let set =
            program.app.send_as(&program.user, Method::PUT, &leads, json!({ "return_url": wrong })).await;
        assert_problem(set, 422, "invalid_return_url").await;
    }
    assert_eq!(program.app.get_as(&program.user, &leads).await, json!({ "return_url": template }));
    let unset = program.app.send_as(&program.user, Method::PUT, &leads, json!({ "return_url": null })).await;
    assert_eq!(unset.json::<Value>().await.expect("JSON"), json!({ "return_url": null }));

    // Hidden by whoever manages the session: it is not named any more.
    let path = format!("/api/photos/{id}");
    let hide =
        program.app.send_as(&program.user, Method::PATCH, &path, json!({ "is_selected": false })).await;
    assert_eq!(hide.status(), 200);
    assert_eq!(store.photos().findable(program.session, &[id]).await.unwrap(), []);
}

#[tokio::test]
async fn a_model_that_takes_over_waits_for_what_was_not_kept() {
    let program = program().await;
    let first = program.stored("a", jpeg(1)).await;
    let store = &program.app.app.store;
    assert!(store.takeovers().is_complete(program.session, "test").await.unwrap());
    *program.app.finder.models.lock().unwrap() = vec!["test".into(), "next".into()];
    assert_eq!(program.status().await["outdated"], 1);
    assert!(!store.takeovers().is_complete(program.session, "next").await.unwrap());

    // Sent again, it is looked at by both.
    let again = program.stored("a", jpeg(1)).await;
    assert_ne!(again["photo_id"], first["photo_id"]);
    assert_eq!(again["faces"].as_array().expect("a list").len(), 2, "of the model in use: {again}");
    assert_eq!(
        (&program.status().await["outdated"], &program.status().await["indexed"]),
        (&0.into(), &1.into())
    );
    assert!(store.takeovers().is_complete(program.session, "next").await.unwrap());
    assert!(program.of_photo(&first).await.is_empty());
}

#[tokio::test]
async fn an_erased_session_leaves_no_id_and_a_photo_on_its_way_into_it_is_taken_back() {
    let program = program().await;
    let batch = json!({ "photos": [{ "external_id": "x", "library_key": "x.jpg" }] });
    let request = program.app.request(Method::POST, &program.path("photos:batch")).bearer_auth(&program.key);
    assert_eq!(request.json(&batch).send().await.expect("answers").status(), 202);
    program.stored("a", jpeg(1)).await;
    let store = &program.app.app.store;
    let faces = [FaceId::derive(PhotoId::generate(), 0, "test")];
    let due = chrono::Utc::now() + chrono::TimeDelta::minutes(10);
    store.external_ids().expect(program.session, PhotoId::generate(), &faces, due).await.unwrap();
    let receipt = program.app.eraser.session(program.session).await.expect("is erased");
    assert_eq!(receipt.rows.expect("rows").external_ids, 1);
    for table in
        ["external_photos", "face_batches", "face_batch_items", "photos", "faces", "jobs", "erasures"]
    {
        let sql = sqlx::AssertSqlSafe(format!("SELECT 1 AS n FROM {table}"));
        let rows = sqlx::query(sql).fetch_all(&mut program.app.rows().await).await.expect("can be read");
        assert!(rows.is_empty(), "{table}");
    }
    let id: ExternalId = "a".parse().expect("is one");
    assert!(store.external_ids().find(program.session, &id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_batch_has_1_to_500_photos() {
    let program = program().await;
    let send = async |photos: Vec<Value>| {
        let request =
            program.app.request(Method::POST, &program.path("photos:batch")).bearer_auth(&program.key);
        request.json(&json!({ "photos": photos })).send().await.expect("answers")
    };
    let photo = |n: usize| json!({ "external_id": format!("{n}"), "library_key": format!("{n}.jpg") });
    assert_problem(send(Vec::new()).await, 422, "invalid_batch").await;
    assert_problem(send((0..501).map(photo).collect()).await, 422, "invalid_batch").await;
    assert_problem(
        send(vec![json!({ "external_id": "", "library_key": "1" })]).await,
        422,
        "invalid_external_id",
    )
    .await;
    let batch = send((0..500).map(photo).collect()).await;
    assert_eq!(batch.status(), 202);
    let batch: Value = batch.json().await.expect("JSON");
    assert_eq!((&batch["total"], &batch["waiting"]), (&500.into(), &500.into()));
    let path = format!("photo-batches/{}", batch["batch_id"].as_str().expect("an id"));
    let shown: Value = program.send(Method::GET, &path).await.json().await.expect("JSON");
    assert_eq!(shown, batch);
    assert_eq!(program.status().await["batches"][0]["batch_id"], batch["batch_id"]);
    let other = "photo-batches/0192f0c1-7a3b-7c4d-8e5f-001122334455";
    assert_problem(program.send(Method::GET, other).await, 404, "batch_not_found").await;
    for _ in 1..100 {
        assert_eq!(send(vec![photo(1)]).await.status(), 202);
    }
    assert_problem(send(vec![photo(1)]).await, 429, "too_many_batches").await;
}
