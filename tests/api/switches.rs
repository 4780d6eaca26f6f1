//! A session's three switches: the gallery is open, face search is on, the session is archived.

use pixora::{
    domain::{PhotoSessionId, Role},
    search::SearchError,
};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    id: PhotoSessionId,
    picture: String,
}

async fn shoot() -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let id = app.session_of(&owner, studio).await;
    app.photo(id, "a.jpg").await;
    let photos = app.get_json(&format!("/api/v1/sessions/{id}/photos")).await;
    let picture = photos["photos"][0]["thumb_url"].as_str().unwrap().to_owned();
    Shoot { app, owner, id, picture }
}

impl Shoot {
    async fn turn(&self, change: Value) -> Value {
        let path = format!("/api/photo-sessions/{}", self.id);
        let changed = self.app.send_as(&self.owner, Method::PATCH, &path, change).await;
        assert_eq!(changed.status(), 200);
        changed.json().await.unwrap()
    }

    async fn search(&self) -> Response {
        let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
        let path = format!("/api/v1/sessions/{}/search", self.id);
        self.app
            .request(Method::POST, &path)
            .multipart(Form::new().part("selfie", selfie))
            .send()
            .await
            .unwrap()
    }

    async fn agree(&self) -> Response {
        let path = format!("/api/v1/sessions/{}/consents", self.id);
        let yes = json!({ "version": "1", "language": "en" });
        self.app.request(Method::POST, &path).json(&yes).send().await.unwrap()
    }

    /// What a guest is told at every door, the pictures' included.
    async fn doors(&self) -> [u16; 4] {
        let id = self.id;
        let doors = [
            format!("/session/{id}"),
            format!("/api/v1/sessions/{id}/photos"),
            format!("/api/v1/sessions/{id}/prices"),
            self.picture.clone(),
        ];
        let mut told = [0; 4];
        for (status, door) in told.iter_mut().zip(&doors) {
            *status = self.app.get(door).await.status().as_u16();
        }
        told
    }
}

#[tokio::test]
async fn a_couple_who_wants_no_face_search_has_a_gallery() {
    let shoot = shoot().await;
    let changed = shoot.turn(json!({ "face_search": false })).await;
    let switches = (&changed["gallery_open"], &changed["face_search"], &changed["facepass_enabled"]);
    assert_eq!(switches, (&json!(true), &json!(false), &json!(false)));
    assert_eq!(shoot.doors().await[..3], [200; 3], "guests look at the photos");
    assert_problem(shoot.search().await, 404, "face_search_off").await;
    assert_problem(shoot.agree().await, 404, "face_search_off").await;
    let validate = format!("/api/v1/sessions/validate/{}", shoot.id);
    let validated = shoot.app.get_json(&validate).await;
    assert_eq!(validated["error"], "FacePass is not enabled", "as the old clients know it");
    let status = shoot.app.get_json(&format!("/api/v1/sessions/{}/facepass-status", shoot.id)).await;
    assert_eq!((&status["facepass_enabled"], &status["photos_ready"]), (&json!(false), &json!(1)));

    shoot.turn(json!({ "face_search": true })).await;
    assert_problem(shoot.search().await, 422, SearchError::NoFace.code()).await;
    assert_eq!(shoot.app.get_json(&validate).await["valid"], true);
}

#[tokio::test]
async fn a_shoot_is_prepared_in_private() {
    let shoot = shoot().await;
    shoot.turn(json!({ "gallery_open": false })).await;
    assert_eq!(shoot.doors().await, [404; 4]);
    assert_problem(shoot.search().await, 404, "facepass_disabled").await;
    let session = shoot.app.get_as(&shoot.owner, &format!("/api/photo-sessions/{}", shoot.id)).await;
    assert_eq!((&session["gallery_open"], &session["face_search"]), (&json!(false), &json!(true)));
    let open = shoot.turn(json!({ "gallery_open": true })).await;
    assert_eq!(open["facepass_enabled"], true, "the search is on as before");
}

#[tokio::test]
async fn an_archived_session_is_closed_to_guests() {
    let shoot = shoot().await;
    for status in ["completed", "archived"] {
        shoot.turn(json!({ "status": status })).await;
    }
    assert_eq!(shoot.doors().await, [404; 4]);
    assert_problem(shoot.search().await, 404, "facepass_disabled").await;
    let back = shoot.turn(json!({ "status": "completed" })).await;
    assert_eq!(back["facepass_enabled"], true, "it comes back as it went");
    assert_eq!(shoot.doors().await[..3], [200; 3]);
}

#[tokio::test]
async fn the_old_switch_turns_both() {
    let shoot = shoot().await;
    let off = shoot.turn(json!({ "facepassEnabled": false })).await;
    assert_eq!((&off["gallery_open"], &off["face_search"]), (&json!(false), &json!(false)));
    assert_eq!(shoot.doors().await, [404; 4]);
    let on = shoot.turn(json!({ "facepass_enabled": true, "face_search": false })).await;
    assert_eq!(
        (&on["gallery_open"], &on["face_search"]),
        (&json!(true), &json!(false)),
        "what is named counts"
    );
}
