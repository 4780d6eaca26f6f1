//! Stars, labels and rejections that the photographer gives in the panel.

use pixora::{
    domain::{PhotoFacts, PhotoId, PhotoSessionId, Role},
    photos::Marks,
    store::{CoupleWish, NewSidecar},
};
use reqwest::{Method, Response, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, created_at, start},
};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    session: PhotoSessionId,
    photos: [PhotoId; 3],
}

async fn shoot() -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&owner, studio).await;
    let one = app.photo(session, "one.jpg").await.id;
    let two = app.photo(session, "two.jpg").await.id;
    // As a German Lightroom writes its label.
    let facts = PhotoFacts { rating: Some(3), label: Some("Rot".into()), ..PhotoFacts::default() };
    let three = app.photo_with(session, "three.jpg", facts).await.id;
    Shoot { app, owner, session, photos: [one, two, three] }
}

impl Shoot {
    fn path(&self, end: &str) -> String {
        format!("/api/photo-sessions/{}/{end}", self.session)
    }

    async fn mark(&self, body: Value) -> Response {
        self.app.send_as(&self.owner, Method::POST, &self.path("photos/marks"), body).await
    }

    /// Stars, label and colour of a photo as the panel has them.
    async fn marks(&self, photo: PhotoId) -> Value {
        let photos = self.app.get_as(&self.owner, &self.path("photos")).await["photos"].clone();
        let photo =
            photos.as_array().unwrap().iter().find(|it| it["photo_id"] == json!(photo)).unwrap().clone();
        json!([photo["rating"], photo["label"], photo["colour"]])
    }

    async fn named(&self, query: &str) -> Vec<String> {
        let path = self.path(&format!("photos?{query}"));
        let photos = self.app.get_as(&self.owner, &path).await["photos"].clone();
        let name = |photo: &Value| photo["filename"].as_str().unwrap().to_owned();
        photos.as_array().unwrap().iter().map(name).collect()
    }
}

/// The answer, with ids in order.
async fn sorted(answer: Response) -> Value {
    let mut answer: Value = answer.json().await.unwrap();
    for group in answer["before"].as_array_mut().unwrap() {
        group["photo_ids"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    }
    answer
}

#[tokio::test]
async fn stars_labels_and_rejections_are_given_to_many_at_once_and_no_guest_sees_them() {
    let shoot = shoot().await;
    let [one, two, three] = shoot.photos;
    let mut guest = Stream::open(&shoot.app, shoot.session, "").await;
    let panel = shoot.app.send_as(&shoot.owner, Method::GET, &shoot.path("events"), json!({})).await;
    let mut panel = Stream::of(panel);
    while !panel.block().await.expect("goes on").starts_with("event: counts") {}
    let given = shoot.mark(json!({ "photo_ids": [one, two], "rating": 4, "label": "red" })).await;
    let mut both = [one, two];
    both.sort_by_key(ToString::to_string);
    let before = json!([{ "photo_ids": both, "rating": 0, "label": null }]);
    assert_eq!(sorted(given).await, json!({ "changed": 2, "before": before }));
    // The panel of a colleague reads again, guests are told nothing.
    while !panel.block().await.expect("goes on").starts_with("event: counts") {}
    assert_eq!(shoot.marks(one).await, json!([4, "Red", "red"]));
    assert_eq!(shoot.marks(three).await, json!([3, "Rot", "red"]), "as the file says");
    assert_eq!(shoot.named("min_rating=4").await, ["one.jpg", "two.jpg"]);
    assert_eq!(shoot.mark(json!({ "photo_ids": [two], "rating": -1 })).await.status(), 200);
    assert_eq!(shoot.marks(two).await, json!([-1, "Red", "red"]), "the label stays");
    let taken_off: Value =
        shoot.mark(json!({ "photo_ids": [three], "rating": 0, "label": null })).await.json().await.unwrap();
    assert_eq!(shoot.marks(three).await, json!([null, null, null]), "also what the file says is taken off");
    assert_eq!(taken_off["before"], json!([{ "photo_ids": [three], "rating": 3, "label": "Rot" }]));
    // What was before, sent back, undoes the change; a label of an editor's own too.
    for label in ["Rot", "Approved"] {
        let given = json!({ "photo_ids": [three], "rating": 3, "label": label });
        assert_eq!(shoot.mark(given).await.status(), 200);
    }
    assert_eq!(shoot.marks(three).await, json!([3, "Approved", null]));
    for path in [
        format!("/api/v1/sessions/{}/photos", shoot.session),
        format!("/api/v1/sessions/{}/gallery/{one}", shoot.session),
    ] {
        let seen = shoot.app.get_json(&path).await.to_string();
        assert!(!seen.contains("rating") && !seen.contains("label") && !seen.contains("Red"), "{seen}");
    }
    // A rejection hides nothing by itself.
    assert_eq!(shoot.app.get_json(&format!("/api/v1/sessions/{}/photos", shoot.session)).await["total"], 3);
    shoot.app.app.store.photos().set_selected(shoot.session, &[one], false).await.unwrap();
    shoot
        .app
        .send_as(&shoot.owner, Method::PATCH, &format!("/api/photos/{two}"), json!({ "is_selected": false }))
        .await;
    let told = json!({ "photo_id": two, "state": "ready", "is_selected": false });
    assert_eq!(guest.event().await, Some(("photo".into(), told)), "the first that a guest hears of");
}

#[tokio::test]
async fn what_was_given_stays_when_a_photo_is_processed_again_and_a_later_sidecar_takes_its_place() {
    let shoot = shoot().await;
    let [one, ..] = shoot.photos;
    let photos = shoot.app.app.store.photos();
    shoot.mark(json!({ "photo_ids": [one], "rating": 5, "label": "purple" })).await;
    let sidecar = |sha256: &str, rating| NewSidecar {
        session: shoot.session,
        filename: "one.xmp".into(),
        sha256: sha256.into(),
        taken_at: None,
        rating,
        label: None,
        words: Default::default(),
    };
    let sidecars = shoot.app.app.store.sidecars();
    let changed = sidecars.receive(&sidecar("a", None), created_at()).await.unwrap();
    assert_eq!((changed, shoot.marks(one).await), (vec![one], json!([5, "Purple", "purple"])));
    let later = created_at() + chrono::TimeDelta::minutes(1);
    assert_eq!(sidecars.receive(&sidecar("b", Some(2)), later).await.unwrap(), [one]);
    assert_eq!(
        shoot.marks(one).await,
        json!([2, "Purple", "purple"]),
        "the last word on stars is the sidecar's"
    );
    shoot.mark(json!({ "photo_ids": [one], "rating": 1 })).await;
    assert_eq!(shoot.marks(one).await, json!([1, "Purple", "purple"]));
    // The same sidecar once more says nothing new.
    assert_eq!(sidecars.receive(&sidecar("b", Some(2)), later).await.unwrap(), [one]);
    assert_eq!(shoot.marks(one).await, json!([1, "Purple", "purple"]));

    let facts = PhotoFacts { rating: Some(4), label: Some("Blue".into()), ..PhotoFacts::default() };
    shoot.app.processed_again(one, facts).await;
    assert_eq!(shoot.marks(one).await, json!([1, "Purple", "purple"]), "processed again");
    let none = Marks { rating: Some(0), label: Some(None) };
    assert_eq!(
        photos.mark(PhotoSessionId::generate(), &[one], none).await.unwrap(),
        [],
        "of another session"
    );
    assert_eq!(shoot.marks(one).await, json!([1, "Purple", "purple"]));
    let red = Marks { rating: None, label: Some(Some("Red".into())) };
    assert_eq!(photos.mark(shoot.session, &[one], red).await.unwrap().len(), 1);
    assert_eq!(shoot.marks(one).await, json!([1, "Red", "red"]));
}

#[tokio::test]
async fn marks_that_are_none_and_marks_of_strangers_are_refused() {
    let shoot = shoot().await;
    let [one, ..] = shoot.photos;
    for (body, status, code) in [
        (json!({ "photo_ids": [one], "rating": 6 }), 422, "invalid_marks"),
        (json!({ "photo_ids": [one], "rating": -2 }), 422, "invalid_marks"),
        (json!({ "photo_ids": [one], "label": "x".repeat(61) }), 422, "invalid_marks"),
        (json!({ "photo_ids": [one], "label": "two\nlines" }), 422, "invalid_marks"),
        (json!({ "photo_ids": [one], "label": " " }), 422, "invalid_marks"),
        (json!({ "photo_ids": [one] }), 422, "malformed_body"),
        (json!({ "photo_ids": [], "rating": 1 }), 422, "malformed_body"),
        (json!({ "photo_ids": vec![one; 501], "rating": 1 }), 422, "too_many_photos"),
    ] {
        assert_problem(shoot.mark(body).await, status, code).await;
    }
    assert_eq!(shoot.marks(one).await, json!([null, null, null]));
    let stranger = shoot.app.user(Role::Photographer, &[shoot.app.studio().await]).await;
    let body = json!({ "photo_ids": [one], "rating": 1 });
    let refused = shoot.app.send_as(&stranger, Method::POST, &shoot.path("photos/marks"), body).await;
    assert_problem(refused, 404, "session_not_found").await;
}

#[tokio::test]
async fn an_editor_takes_the_photographer_s_own_marks_back() {
    let shoot = shoot().await;
    let [one, two, three] = shoot.photos;
    shoot.mark(json!({ "photo_ids": [one], "rating": 2, "label": "blue" })).await;
    shoot.mark(json!({ "photo_ids": [two], "rating": -1 })).await;
    shoot.mark(json!({ "photo_ids": [three], "rating": 0, "label": null })).await;
    let choices = shoot.app.get_as(&shoot.owner, &shoot.path("choices?by=studio")).await["choices"].clone();
    let said = |n: usize| json!([choices[n]["filename"], choices[n]["rating"], choices[n]["label"]]);
    assert_eq!(choices.as_array().map(Vec::len), Some(2), "{choices}");
    assert_eq!((said(0), said(1)), (json!(["one.jpg", 2, "Blue"]), json!(["two.jpg", -1, null])));
    assert_eq!(
        shoot.app.get_as(&shoot.owner, &shoot.path("choices")).await["choices"],
        json!([]),
        "chosen by nobody else"
    );
    let export = async |form: &str| {
        let path = shoot.path(&format!("choices/export?by=studio&form={form}"));
        let answer =
            shoot.app.request(Method::GET, &path).bearer_auth(&shoot.owner.access_token).send().await;
        let answer = answer.unwrap();
        let kind = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        (kind, String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned())
    };
    let (_, table) = export("csv").await;
    let ends: Vec<&str> = table.lines().map(|line| line.rsplit(',').nth(1).unwrap()).collect();
    assert_eq!(ends, ["rating", "2", "-1"], "{table}");
    assert_eq!(export("names").await.1, "one, two");
    let (kind, zip) = export("xmp").await;
    assert_eq!(kind, "application/zip");
    for part in ["xmp:Rating=\"2\" xmp:Label=\"Blue\"", "xmp:Rating=\"-1\"", "one.xmp", "two.xmp"] {
        assert!(zip.contains(part), "{part}");
    }
}

#[tokio::test]
async fn the_list_is_narrowed_and_ordered_by_stars_labels_and_lists() {
    let shoot = shoot().await;
    let [one, two, three] = shoot.photos;
    let four = shoot.app.photo(shoot.session, "four.jpg").await.id;
    shoot.mark(json!({ "photo_ids": [one], "rating": 5, "label": "blue" })).await;
    shoot.mark(json!({ "photo_ids": [two], "rating": -1 })).await;
    shoot.mark(json!({ "photo_ids": [four], "rating": 3, "label": "red" })).await;
    let mut red = shoot.named("label=Red").await;
    red.sort();
    assert_eq!(red, ["four.jpg", "three.jpg"], "in either language of the editor's");
    assert_eq!(shoot.named("flagged=true").await, ["two.jpg"]);
    assert_eq!(shoot.named("hidden_by_couple=true").await, Vec::<String>::new());
    shoot.app.app.store.photos().wish(shoot.session, &[one], CoupleWish::Hide(created_at())).await.unwrap();
    assert_eq!(shoot.named("hidden_by_couple=true").await, ["one.jpg"]);

    // Most stars first, and from page to page.
    let paged = async |sort: &str, descending: bool| {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = shoot.path(&format!("photos?limit=1&sort={sort}&descending={descending}{cursor}"));
            let page = shoot.app.get_as(&shoot.owner, &path).await;
            names.extend(
                page["photos"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|it| it["filename"].as_str().unwrap().to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return names,
            }
        }
    };
    let by_stars = paged("rating", false).await;
    assert_eq!((by_stars.len(), &*by_stars[0], &*by_stars[3]), (4, "one.jpg", "two.jpg"));
    let mut backwards = paged("rating", true).await;
    backwards.reverse();
    assert_eq!(backwards, by_stars);
    let by_label = paged("label", false).await;
    assert_eq!((by_label.len(), &*by_label[2], &*by_label[3]), (4, "one.jpg", "two.jpg"), "red, blue, none");

    // The photos of one guest's list.
    let heart = format!("/api/v1/sessions/{}/hearts/{three}", shoot.session);
    assert_eq!(shoot.app.request(Method::PUT, &heart).send().await.unwrap().status(), 200);
    let lists = shoot.app.get_as(&shoot.owner, &shoot.path("choice-lists")).await;
    let list = lists["lists"][0]["list_id"].as_str().unwrap();
    assert_eq!(lists["lists"][0]["thumb_urls"].as_array().map(Vec::len), Some(1), "a picture of it");
    assert_eq!(shoot.named(&format!("list={list}")).await, ["three.jpg"]);
    assert_eq!(shoot.named(&format!("list={list}&min_hearts=2")).await, Vec::<String>::new());
    let path = shoot.path("photos?flagged=perhaps");
    let refused = shoot.app.request(Method::GET, &path).bearer_auth(&shoot.owner.access_token).send().await;
    assert_problem(refused.unwrap(), 422, "malformed_query").await;
}
