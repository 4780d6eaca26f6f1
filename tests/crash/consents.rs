//! A guest takes their consent back and the process is killed: what was acknowledged stays so, and an erasure that was
//! asked for comes to its end.

use reqwest::{
    Client, Response, StatusCode,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    account,
    erasures::{ask, receipt},
    support::{Pixora, sample},
    text,
};

async fn search(base: &str, session: &str, consent: &str) -> Response {
    let selfie = std::fs::read(sample("officials/obama2.jpg")).expect("the sample is there");
    let selfie = Part::bytes(selfie).file_name("me.jpg").mime_str("image/jpeg").expect("is a type");
    let form = Form::new().part("selfie", selfie).text("consent_id", consent.to_owned());
    let request = Client::new().post(format!("{base}/api/v1/sessions/{session}/search")).multipart(form);
    request.send().await.expect("the server answers")
}

#[tokio::test]
async fn a_withdrawn_consent_stays_withdrawn_and_its_erasure_ends_although_the_process_was_killed() {
    let Some(pixora) = Pixora::new() else { return };
    account::add(&pixora);
    let session = pixora.session("Wedding");
    pixora.json(&["ingest", "--json", "--session", &session, text(&sample("officials/obama.jpg"))]);
    let mut server = pixora.serve();
    let http = Client::new();
    let mut base = format!("http://{}", server.address);
    let consents = format!("/api/v1/sessions/{session}/consents");
    let given = json!({ "version": "2026-11.4", "language": "en" });
    let given = http.post(format!("{base}{consents}")).json(&given).send().await.expect("answers");
    let given: Value = given.json().await.expect("JSON");
    let (id, code) = (given["consent_id"].as_str().expect("an id"), given["code"].as_str().expect("a code"));
    let found = search(&base, &session, id).await;
    let cookie =
        found.headers()[SET_COOKIE].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
    let found: Value = found.json().await.expect("JSON");
    assert_eq!(found["matches"].as_array().map(Vec::len), Some(1), "{found}");

    let withdrawn = http.delete(format!("{base}{consents}/{id}")).send().await.expect("answers");
    assert_eq!(withdrawn.status(), StatusCode::NO_CONTENT);
    server.child.kill().expect("was started here");
    server.child.wait().expect("was started here");
    server = pixora.serve();
    base = format!("http://{}", server.address);
    let refused: Value = search(&base, &session, id).await.json().await.expect("JSON");
    assert_eq!(refused["code"], "unknown_consent", "{refused}");
    let visit = http.get(format!("{base}/api/v1/sessions/{session}/visit")).header(COOKIE, cookie);
    assert_eq!(
        visit.send().await.expect("answers").status(),
        StatusCode::NO_CONTENT,
        "nothing is remembered"
    );
    let record =
        async |base: &str| http.get(format!("{base}/api/consents/{code}")).send().await.expect("answers");
    let kept: Value = record(&base).await.json().await.expect("JSON");
    assert!(kept["consents"][0]["withdrawn_at"].is_string(), "{kept}");

    // Erasing it is a second thing: killed between the answer and the receipt.
    let token = account::sign_in(&server.address).await;
    let path = format!("/api/photo-sessions/{session}/consents/{id}/erasure");
    let erasure = ask(&server.address, &token, &path).await;
    server.child.kill().expect("was started here");
    server.child.wait().expect("was started here");
    server = pixora.serve();
    base = format!("http://{}", server.address);
    assert_eq!(record(&base).await.status(), StatusCode::NOT_FOUND, "gone with the answer");
    let receipt = receipt(&pixora, &server.address, &token, &erasure).await;
    assert_eq!(receipt["rows"], json!({ "consents": 1, "searches": 0, "comments": 0 }), "{receipt}");
    assert_eq!(receipt["left"], json!({ "consents": 0, "searches": 0, "comments": 0 }), "{receipt}");
}
