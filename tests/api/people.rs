//! Who is in a session's photos: groups, names, and hiding somebody everywhere.

use std::sync::Arc;

use async_trait::async_trait;
use pixora::{
    compute::ComputeError,
    domain::{Photo, PhotoId, PhotoSessionId, Role},
    people::{Eyes, Grouping, KeeperError, PeopleKeeper, SeenPhoto, Sight},
    store::Regrouped,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, faces_of, start},
};

pub const ANNA: [f32; 4] = [1.0, 0.0, 0.0, 0.0];
/// Anna, turned a little.
pub const ANNA_TURNED: [f32; 4] = [0.9, 0.43589, 0.0, 0.0];
pub const BORIS: [f32; 4] = [0.0, 0.0, 1.0, 0.0];
pub const VERA: [f32; 4] = [0.0, 0.0, 0.0, 1.0];

/// Eyes that compare what the rows say.
pub struct RowEyes(pub &'static str);

#[async_trait]
impl Eyes for RowEyes {
    async fn sight(&self, _: PhotoSessionId) -> Result<Sight, KeeperError> {
        Ok(Sight { model: self.0.into(), limit: 0.5 })
    }

    async fn look(
        &self,
        mut grouping: Grouping,
        photos: Vec<SeenPhoto>,
    ) -> Result<(Grouping, Regrouped), ComputeError> {
        let round = grouping.look(photos);
        Ok((grouping, round))
    }
}

pub fn keeper(app: &TestApp, model: &'static str) -> PeopleKeeper {
    let (store, events, clock) = (app.app.store.clone(), app.app.events.clone(), app.app.clock.clone());
    PeopleKeeper::new(store, events, Arc::new(RowEyes(model)), clock)
}

/// What the background does until nothing waits.
pub async fn grouped(keeper: &mut PeopleKeeper) {
    while keeper.round().await.expect("the rows answer") > 0 {}
}

/// A session with people switched on, and who manages it.
pub async fn with_people(app: &TestApp) -> (TestUser, PhotoSessionId) {
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let session = app.session().await;
    switch(app, &admin, session, true, false).await;
    (admin, session)
}

async fn switch(app: &TestApp, admin: &TestUser, session: PhotoSessionId, is_on: bool, for_guests: bool) {
    let studio = app.studio().await;
    let studio = format!("/api/studios/{studio}/people");
    assert_eq!(app.send_as(admin, Method::PUT, &studio, json!({ "is_on": true })).await.status(), 200);
    let path = format!("/api/photo-sessions/{session}/people/switches");
    let body = json!({ "is_on": is_on, "for_guests": for_guests });
    assert_eq!(app.send_as(admin, Method::PUT, &path, body).await.status(), 200);
}

pub async fn people(app: &TestApp, user: &TestUser, session: PhotoSessionId) -> Vec<Value> {
    let answer = app.get_as(user, &format!("/api/photo-sessions/{session}/people")).await;
    answer["people"].as_array().expect("a list").clone()
}

/// The person of whom so many photos are.
fn of(people: &[Value], photos: u64) -> String {
    let mut found = people.iter().filter(|person| person["photos"] == photos);
    let id = found.next().unwrap_or_else(|| panic!("nobody with {photos}: {people:?}"))["person_id"].clone();
    assert!(found.next().is_none(), "several with {photos}: {people:?}");
    id.as_str().expect("an id").to_owned()
}

pub async fn change(app: &TestApp, user: &TestUser, session: PhotoSessionId, person: &str, change: Value) {
    let path = format!("/api/photo-sessions/{session}/people/{person}");
    let answer = app.send_as(user, Method::PATCH, &path, change).await;
    assert_eq!(answer.status(), 204, "{:?}", answer.text().await);
}

async fn faces(app: &TestApp, user: &TestUser, session: PhotoSessionId, person: &str) -> Vec<Value> {
    let path = format!("/api/photo-sessions/{session}/people/{person}/faces");
    app.get_as(user, &path).await["faces"].as_array().expect("a list").clone()
}

fn names(list: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = list.iter().filter_map(|it| it["filename"].as_str()).collect();
    names.sort_unstable();
    names
}

pub async fn gallery(app: &TestApp, session: PhotoSessionId) -> Vec<String> {
    let page = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
    let mut found: Vec<String> = page["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| photo["filename"].as_str().unwrap().to_owned())
        .collect();
    found.sort_unstable();
    assert_eq!(page["total"], found.len(), "the count says what is seen");
    found
}

#[tokio::test]
async fn names_are_compared_without_capitals_in_every_alphabet() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    for (name, face) in [("a.jpg", ANNA), ("b.jpg", BORIS)] {
        app.photo_showing(session, name, &[face]).await;
    }
    grouped(&mut keeper(&app, "test")).await;
    let found = people(&app, &admin, session).await;
    let [first, second] = [0, 1].map(|n: usize| found[n]["person_id"].as_str().unwrap().to_owned());
    for (name, same) in [("Юлия", "юлия"), ("ÉLISE", "e\u{301}lise"), ("Йонас", "И\u{306}ОНАС")]
    {
        change(&app, &admin, session, &first, json!({ "name": name })).await;
        let path = format!("/api/photo-sessions/{session}/people/{second}");
        let answer = app.send_as(&admin, Method::PATCH, &path, json!({ "name": same })).await;
        let taken = assert_problem(answer, 409, "person_name_taken").await;
        assert_eq!(taken["person_id"], first, "{same} is {name}");
    }
}

#[tokio::test]
async fn people_are_off_until_studio_and_session_switch_them_on() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let session = app.session().await;
    app.photo_showing(session, "a.jpg", &[ANNA]).await;
    let base = format!("/api/photo-sessions/{session}/people");
    let switches = app.get_as(&admin, &format!("{base}/switches")).await;
    assert_eq!(
        switches,
        json!({ "studio": false, "is_on": false, "for_guests": false, "guardian": false, "photos_left": 1 })
    );
    let list =
        async || app.request(Method::GET, &base).bearer_auth(&admin.access_token).send().await.unwrap();
    assert_problem(list().await, 404, "people_off").await;
    let on = json!({ "is_on": true });
    let refused = app.send_as(&admin, Method::PUT, &format!("{base}/switches"), on.clone()).await;
    assert_problem(refused, 404, "people_off").await;
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    assert_eq!(app.app.store.people().count(session).await.unwrap(), 0, "nothing is grouped while it is off");

    switch(&app, &admin, session, true, false).await;
    grouped(&mut keeper).await;
    assert_eq!(people(&app, &admin, session).await.len(), 1);
    let path = format!("/api/studios/{studio}/people");
    app.send_as(&admin, Method::PUT, &path, json!({ "is_on": false })).await;
    assert_problem(list().await, 404, "people_off").await;
    app.photo_showing(session, "b.jpg", &[ANNA]).await;
    assert_eq!(keeper.round().await.unwrap(), 0, "the studio's switch ends it for its sessions");
}

#[tokio::test]
async fn faces_are_put_to_people_as_photos_come_and_never_across_sessions() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    let other = app.session_named("Another").await;
    switch(&app, &admin, other, true, false).await;
    app.photo_showing(session, "a.jpg", &[ANNA, BORIS]).await;
    app.photo_showing(session, "b.jpg", &[ANNA_TURNED]).await;
    app.photo_showing(other, "c.jpg", &[ANNA]).await;
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    let first = people(&app, &admin, session).await;
    let (anna, boris) = (of(&first, 2), of(&first, 1));
    assert_eq!(first[0]["number"], 1);
    assert_eq!(first[0]["name"], Value::Null, "a name is given, never made up");
    let portrait = &first[1]["portrait"];
    assert_eq!((&portrait["filename"], &portrait["box"]["w"]), (&json!("a.jpg"), &json!(0.125)));
    let elsewhere = people(&app, &admin, other).await;
    assert!(elsewhere.len() == 1 && elsewhere[0]["person_id"] != anna, "{elsewhere:?}");

    let revision = app.app.store.people().revision(session).await.unwrap();
    app.photo_showing(session, "d.jpg", &[BORIS, VERA, ANNA]).await;
    grouped(&mut keeper).await;
    let later = people(&app, &admin, session).await;
    assert_eq!((of(&later, 3), of(&later, 2), later.len()), (anna.clone(), boris, 3));
    assert_eq!(
        app.app.store.people().revision(session).await.unwrap(),
        revision.map(|revision| revision + 1),
        "one round, by what was in memory"
    );
    // A node that was started anew reads what there is.
    app.photo_showing(session, "e.jpg", &[ANNA_TURNED]).await;
    grouped(&mut self::keeper(&app, "test")).await;
    let restarted = people(&app, &admin, session).await;
    assert_eq!((of(&restarted, 4), restarted.len()), (anna.clone(), 3));
    assert_eq!(names(&faces(&app, &admin, session, &anna).await), ["a.jpg", "b.jpg", "d.jpg", "e.jpg"]);

    // A deleted photo takes its faces along, and whoever was only there.
    let photos = app.get_as(&admin, &format!("/api/photo-sessions/{session}/photos")).await;
    for photo in photos["photos"].as_array().unwrap() {
        if photo["filename"] == "d.jpg" {
            let path = format!("/api/photos/{}", photo["photo_id"].as_str().unwrap());
            let gone = app.request(Method::DELETE, &path).bearer_auth(&admin.access_token).send().await;
            assert_eq!(gone.unwrap().status(), 204);
        }
    }
    let left = people(&app, &admin, session).await;
    assert_eq!((of(&left, 3), left.len()), (anna, 2), "Vera was in one photo");
}

#[tokio::test]
async fn names_merges_and_splits_stay_when_everything_is_grouped_and_embedded_again() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    let mut photos = Vec::new();
    for (name, faces) in [
        ("a.jpg", vec![ANNA, BORIS]),
        ("b.jpg", vec![ANNA_TURNED]),
        ("c.jpg", vec![ANNA]),
        ("d.jpg", vec![VERA]),
        ("e.jpg", vec![BORIS]),
        ("f.jpg", vec![VERA, BORIS]),
    ] {
        photos.push(app.photo_showing(session, name, &faces).await);
    }
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    let base = format!("/api/photo-sessions/{session}/people");
    let found = people(&app, &admin, session).await;
    let vera = of(&found, 2);
    let in_three: Vec<&str> =
        found.iter().filter(|p| p["photos"] == 3).map(|p| p["person_id"].as_str().unwrap()).collect();
    let [anna, boris] = in_three[..] else { panic!("{found:?}") };
    change(&app, &admin, session, anna, json!({ "name": " Anna " })).await;
    let listed = app.get_as(&admin, &base).await;
    assert_eq!(listed["names"], json!(["Anna"]));
    let patch = async |person: &str, body: Value| {
        app.send_as(&admin, Method::PATCH, &format!("{base}/{person}"), body).await
    };
    let taken = assert_problem(patch(&vera, json!({ "name": "anna" })).await, 409, "person_name_taken").await;
    assert_eq!(taken["person_id"], anna, "so that the two can be merged");
    for bad in ["", "  ", "a\nb", &"x".repeat(81)] {
        assert_problem(patch(&vera, json!({ "name": bad })).await, 422, "invalid_person_name").await;
    }
    let post = async |person: &str, what: &str, body: Value| {
        app.send_as(&admin, Method::POST, &format!("{base}/{person}/{what}"), body).await
    };
    let shared = post(&vera, "merge", json!({ "people": [boris] })).await;
    let shared = assert_problem(shared, 409, "people_share_a_photo").await;
    assert_eq!(shared["photo_id"], json!(photos[5].id));

    let nobody = PhotoSessionId::generate().to_string();
    assert_problem(patch(&nobody, json!({ "name": "Nobody" })).await, 404, "person_not_found").await;
    let many = vec![nobody; 201];
    assert_problem(post(&vera, "merge", json!({ "people": many })).await, 422, "too_many_people").await;

    // The turned face is somebody else, says the photographer.
    let of_anna = faces(&app, &admin, session, anna).await;
    let turned = of_anna.iter().find(|face| face["filename"] == "b.jpg").unwrap()["face_id"].clone();
    let all: Vec<&Value> = of_anna.iter().map(|face| &face["face_id"]).collect();
    assert_problem(post(anna, "split", json!({ "faces": all })).await, 409, "nobody_left").await;
    let split = post(anna, "split", json!({ "faces": [turned] })).await;
    assert_eq!(split.status(), 200);
    let galya = split.json::<Value>().await.unwrap()["person_id"].as_str().unwrap().to_owned();
    let again = post(anna, "split", json!({ "faces": [turned] })).await;
    assert_problem(again, 404, "person_face_not_found").await;
    // And Vera is the one in that picture, however little the two look alike.
    assert_eq!(post(&vera, "merge", json!({ "people": [galya] })).await.status(), 204);

    let expected = async |when: &str| {
        let who = async |person: &str| {
            names(&faces(&app, &admin, session, person).await)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(who(anna).await, ["a.jpg", "c.jpg"], "{when}");
        assert_eq!(who(&vera).await, ["b.jpg", "d.jpg", "f.jpg"], "{when}");
        let list = people(&app, &admin, session).await;
        let named = list.iter().find(|person| person["name"] == "Anna").expect("she has her name");
        assert_eq!((&named["person_id"], list.len()), (&json!(anna), 3), "{when}");
    };
    expected("as it was said").await;
    let regroup = app.send_as(&admin, Method::POST, &format!("{base}/regroup"), json!({})).await;
    assert_eq!(regroup.status(), 202);
    grouped(&mut keeper).await;
    expected("grouped anew").await;

    // Another model, in whose eyes the turned face is Anna herself; its boxes lie a little beside.
    for photo in &photos {
        let before = app.app.store.faces().of_photo(photo.id).await.unwrap();
        let same: Vec<[f32; 4]> = before
            .iter()
            .map(|face| {
                let v = &face.face.embedding;
                if *v == ANNA_TURNED { ANNA } else { [v[0], v[1], v[2], v[3]] }
            })
            .collect();
        let mut rows = faces_of(photo.id, "next", &same);
        rows.iter_mut().for_each(|row| row.rect.x += 0.01);
        assert!(app.app.store.photos().add_model(photo.id, photo.original, "next", &rows).await.unwrap());
    }
    let mut next = self::keeper(&app, "next");
    app.send_as(&admin, Method::POST, &format!("{base}/regroup"), json!({})).await;
    grouped(&mut next).await;
    expected("embedded again").await;
}

/// Everything that guests can ask for of a session, and who manages it.
pub struct Leaks<'a> {
    app: &'a TestApp,
    session: PhotoSessionId,
    admin: &'a TestUser,
    /// Shows whom is hidden.
    hidden: &'a Photo,
    /// Shows somebody else.
    other: &'a Photo,
    /// A ZIP of both, begun while both were seen.
    archive: String,
    cart: String,
}

impl<'a> Leaks<'a> {
    /// With a ZIP and a cart that are made while both photos are seen: the files are `hidden.jpg` and `other.jpg`.
    pub async fn of(
        app: &'a TestApp,
        admin: &'a TestUser,
        session: PhotoSessionId,
        hidden: &'a Photo,
        other: &'a Photo,
    ) -> (Self, crate::shop::TestCart) {
        let cart = app.cart(session).await;
        let item = json!([{ "price_id": cart.prices.digital, "photo_id": hidden.id, "quantity": 1 }]);
        app.put(&cart, item).await;
        let begun = app
            .request(Method::POST, &format!("/api/v1/sessions/{session}/archives"))
            .json(&json!({ "photo_ids": [hidden.id, other.id] }));
        let begun: Value = begun.send().await.unwrap().json().await.unwrap();
        let archive = begun["url"].as_str().unwrap().to_owned();
        (Self { app, session, admin, hidden, other, archive, cart: cart.token.clone() }, cart)
    }

    async fn media(&self, photo: &Photo, method: Method, range: bool) -> reqwest::StatusCode {
        let path = format!("/media/{}/{}/320-00000000000000a1.jpg", self.session, photo.id);
        let request = self.app.request(method, &path);
        let request = if range { request.header("range", "bytes=0-1") } else { request };
        request.send().await.unwrap().status()
    }

    /// Which photos can be had, everywhere.
    pub async fn assert_seen(&self, is_seen: bool) {
        let Self { app, session, hidden, other, .. } = self;
        let both = ["hidden.jpg".to_owned(), "other.jpg".to_owned()];
        let expected = if is_seen { &both[..] } else { &both[1..] };
        assert_eq!(gallery(app, *session).await, expected);
        let ids = app.get_json(&format!("/api/v1/sessions/{session}/photos/ids")).await;
        assert_eq!(ids["photo_ids"].as_array().unwrap().len(), expected.len());
        for (method, range, there) in
            [(Method::GET, false, 200), (Method::HEAD, false, 200), (Method::GET, true, 206)]
        {
            let status = self.media(hidden, method.clone(), range).await;
            assert_eq!(status, if is_seen { there } else { 404 }, "{method} {range}");
            assert_eq!(self.media(other, method, range).await, there, "the other photo");
        }
        for (photo, is_seen) in [(hidden, is_seen), (other, true)] {
            let one = app.get(&format!("/api/v1/sessions/{session}/gallery/{}", photo.id)).await;
            assert_eq!(one.status(), if is_seen { 200 } else { 404 });
        }
        // The ZIP that was begun before, whole and a part of it, and one that is begun now.
        for range in [None, Some("bytes=5-9")] {
            let request = app.request(Method::GET, &self.archive);
            let request = range.into_iter().fold(request, |request, range| request.header("range", range));
            let answer = request.send().await.unwrap();
            if is_seen {
                assert!(answer.status().is_success(), "{}", answer.status());
            } else {
                assert_problem(answer, 410, "archive_changed").await;
            }
        }
        let path = format!("/api/v1/sessions/{session}/archives");
        let begun = app.request(Method::POST, &path).json(&json!({ "all": true })).send().await.unwrap();
        assert_eq!(begun.json::<Value>().await.unwrap()["photos"], expected.len());
        // What is found by somebody's selfie, and what the bot sends.
        let visit = app.app.guests.enter(*session, &pixora::guests::Pass::none()).await.unwrap();
        let both: Vec<PhotoId> = vec![hidden.id, other.id];
        assert_eq!(visit.these(&both).await.unwrap().len(), expected.len());
        let cart = app.get_json(&format!("/api/carts/{}", self.cart)).await;
        let line = &cart["lines"][0];
        assert_eq!(line.is_null(), !is_seen, "{cart}");
        // How many there are for guests, and in the studio's figures.
        let status = app.get_json(&format!("/api/v1/sessions/{session}/facepass-status")).await;
        assert_eq!(status["photos_ready"], expected.len(), "{status}");
        let seen = app.get_as(self.admin, &format!("/api/photo-sessions/{session}")).await;
        assert_eq!(seen["photos"]["selected"], expected.len());
        // Who manages the session sees it all the same.
        let managed = app.get_as(self.admin, &format!("/api/photo-sessions/{session}/photos")).await;
        let withheld: Vec<bool> =
            managed["photos"].as_array().unwrap().iter().map(|p| p["is_withheld"] == true).collect();
        assert_eq!((withheld.len(), withheld.contains(&true)), (2, !is_seen));
    }
}

#[tokio::test]
async fn who_is_hidden_is_nowhere_and_is_back_after() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    let hidden = app.photo_showing(session, "hidden.jpg", &[BORIS, ANNA]).await;
    let other = app.photo_showing(session, "other.jpg", &[BORIS]).await;
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    let anna = of(&people(&app, &admin, session).await, 1);
    let (leaks, cart) = Leaks::of(&app, &admin, session, &hidden, &other).await;
    leaks.assert_seen(true).await;
    let mut page = Stream::of(app.get(&format!("/api/v1/sessions/{session}/events")).await);
    change(&app, &admin, session, &anna, json!({ "is_hidden": true })).await;
    let (name, told) = page.event().await.unwrap();
    assert_eq!((name.as_str(), &told["photo_id"]), ("photo", &json!(hidden.id)), "{told}");
    assert_eq!(told["is_selected"], false, "the open page takes it away: {told}");
    leaks.assert_seen(false).await;

    change(&app, &admin, session, &anna, json!({ "is_hidden": false })).await;
    let (_, told) = page.event().await.unwrap();
    assert_eq!((&told["photo_id"], &told["is_selected"]), (&json!(hidden.id), &json!(true)));
    leaks.cart_is_filled_again(&cart).await;
    leaks.assert_seen(true).await;
}

impl Leaks<'_> {
    /// A cart lets a photo go that cannot be bought; its guest chooses it anew.
    pub async fn cart_is_filled_again(&self, cart: &crate::shop::TestCart) {
        let item = json!([{ "price_id": cart.prices.digital, "photo_id": self.hidden.id, "quantity": 1 }]);
        self.app.put(cart, item).await;
    }
}

#[tokio::test]
async fn a_new_photo_of_a_session_with_somebody_hidden_waits_until_it_is_known_whom_it_shows() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    app.photo_showing(session, "first.jpg", &[ANNA]).await;
    app.photo_showing(session, "boris.jpg", &[BORIS]).await;
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    let found = people(&app, &admin, session).await;
    let anna = found.iter().find(|p| p["portrait"]["filename"] == "first.jpg").unwrap()["person_id"].clone();
    let anna = anna.as_str().unwrap().to_owned();
    change(&app, &admin, session, &anna, json!({ "is_hidden": true })).await;

    let mut page = Stream::of(app.get(&format!("/api/v1/sessions/{session}/events")).await);
    let new = app.photo_showing(session, "anna again.jpg", &[ANNA_TURNED, VERA]).await;
    let free = app.photo_showing(session, "vera.jpg", &[VERA]).await;
    let nobody = app.photo_showing(session, "a cake.jpg", &[]).await;
    assert!(new.is_withheld && free.is_withheld && !nobody.is_withheld);
    assert_eq!(gallery(&app, session).await, ["a cake.jpg", "boris.jpg"]);
    // Switched off meanwhile: who is hidden stays hidden, and new photos are looked at all the same.
    switch(&app, &admin, session, false, false).await;
    grouped(&mut keeper).await;
    assert_eq!(gallery(&app, session).await, ["a cake.jpg", "boris.jpg", "vera.jpg"]);
    assert_eq!(app.app.store.people().count(session).await.unwrap(), 2, "nobody new is noted meanwhile");
    let (_, told) = page.event().await.unwrap();
    assert_eq!(told["photo_id"], json!(free.id), "the page hears of what it sees only: {told}");

    // The same file comes again with its face moved a little: it does not flash up in between.
    switch(&app, &admin, session, true, false).await;
    let mut tx = app.rows().await;
    sqlx::query("UPDATE photos SET people_seen = 0").execute(&mut tx).await.unwrap();
    change(&app, &admin, session, &anna, json!({ "is_child": true })).await;
    assert_eq!(gallery(&app, session).await, ["a cake.jpg"], "while nothing is looked at, nothing is seen");
    grouped(&mut keeper).await;
    assert_eq!(gallery(&app, session).await, ["a cake.jpg", "boris.jpg", "vera.jpg"]);

    // Merging somebody with who is hidden hides their photos too.
    let list = people(&app, &admin, session).await;
    let boris = list.iter().find(|p| p["portrait"]["filename"] == "boris.jpg").unwrap();
    let path = format!("/api/photo-sessions/{session}/people/{anna}/merge");
    let body = json!({ "people": [boris["person_id"]] });
    assert_eq!(app.send_as(&admin, Method::POST, &path, body).await.status(), 204);
    assert_eq!(gallery(&app, session).await, ["a cake.jpg", "vera.jpg"]);
    // Erasing who is there shows everything again.
    let path = format!("/api/photo-sessions/{session}/people");
    let erased = app.request(Method::DELETE, &path).bearer_auth(&admin.access_token).send().await.unwrap();
    assert_eq!(erased.json::<Value>().await.unwrap(), json!({ "people": 2 }));
    assert_eq!(gallery(&app, session).await.len(), 5);
    assert_eq!(app.app.store.people().count(session).await.unwrap(), 0);
}

#[tokio::test]
async fn guests_are_shown_people_only_where_the_photographer_says_so() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    for (name, faces) in [("a.jpg", vec![ANNA, BORIS]), ("b.jpg", vec![ANNA]), ("c.jpg", vec![VERA])] {
        app.photo_showing(session, name, &faces).await;
    }
    grouped(&mut keeper(&app, "test")).await;
    let list = people(&app, &admin, session).await;
    let anna = of(&list, 2);
    let strip = format!("/api/v1/sessions/{session}/people");
    let filtered = format!("/api/v1/sessions/{session}/photos?person={anna}");
    for path in [strip.clone(), filtered.clone(), filtered.replace("photos?", "photos/ids?")] {
        assert_problem(app.get(&path).await, 404, "people_off").await;
    }
    let page = app.get(&format!("/session/{session}")).await.text().await.unwrap();
    assert!(page.contains("\"people\":false"));

    switch(&app, &admin, session, true, true).await;
    change(&app, &admin, session, &anna, json!({ "name": "Anna" })).await;
    let shown = app.get_json(&strip).await;
    let shown = shown["people"].as_array().unwrap();
    assert_eq!((shown.len(), &shown[0]["name"], &shown[0]["photos"]), (3, &json!("Anna"), &json!(2)));
    assert!(shown[1]["name"].is_null() && shown[1]["number"].is_u64(), "a face and a number");
    for secret in ["is_hidden", "is_child"] {
        assert!(shown[0].get(secret).is_none(), "{secret} is not for guests");
    }
    let of_anna = app.get_json(&filtered).await;
    assert_eq!(names(of_anna["photos"].as_array().unwrap()), ["a.jpg", "b.jpg"]);
    assert!(app.get(&format!("/session/{session}")).await.text().await.unwrap().contains("\"people\":true"));

    change(&app, &admin, session, &anna, json!({ "is_hidden": true })).await;
    let shown = app.get_json(&strip).await;
    let shown = shown["people"].as_array().unwrap();
    assert_eq!(shown.len(), 1, "who is hidden, and who is only beside them, are not shown: {shown:?}");
    assert_eq!(app.get_json(&filtered).await["photos"], json!([]), "nor found by their id");
}

#[tokio::test]
async fn photos_are_filtered_by_person_and_by_how_many_they_show() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    for (name, faces) in [
        ("nobody.jpg", vec![]),
        ("solo.jpg", vec![ANNA]),
        ("couple.jpg", vec![ANNA, BORIS]),
        ("three.jpg", vec![ANNA, BORIS, VERA]),
        ("six.jpg", vec![BORIS; 6]),
    ] {
        app.photo_showing(session, name, &faces).await;
    }
    app.queued_photo(session, "queued.jpg").await;
    grouped(&mut keeper(&app, "test")).await;
    let filtered = async |query: String| {
        let page = app.get_as(&admin, &format!("/api/photo-sessions/{session}/photos?{query}")).await;
        let listed = page["photos"].as_array().unwrap().clone();
        let ids = app.get_as(&admin, &format!("/api/photo-sessions/{session}/photos/ids?{query}")).await;
        assert_eq!(ids["photo_ids"].as_array().unwrap().len(), listed.len(), "{query}");
        names(&listed).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for (company, expected) in [
        ("nobody", "nobody.jpg"),
        ("solo", "solo.jpg"),
        ("couple", "couple.jpg"),
        ("small_group", "three.jpg"),
        ("group", "six.jpg"),
    ] {
        assert_eq!(filtered(format!("company={company}")).await, [expected]);
    }
    let boris = people(&app, &admin, session).await;
    let boris = boris.iter().find(|p| p["photos"] == 3 && p["portrait"]["filename"] != "solo.jpg").unwrap();
    let id = boris["person_id"].as_str().unwrap();
    assert!(filtered(format!("person={id}")).await.len() == 3, "{boris}");
    assert_eq!(filtered(format!("person={id}&company=couple")).await, ["couple.jpg"]);
    let path = format!("/api/photo-sessions/{session}/photos?company=crowd");
    let bad = app.request(Method::GET, &path).bearer_auth(&admin.access_token).send().await.unwrap();
    assert_problem(bad, 422, "malformed_query").await;
}

#[tokio::test]
async fn an_erased_session_leaves_nobody_behind() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    app.photo_showing(session, "a.jpg", &[ANNA, BORIS]).await;
    app.photo_showing(session, "b.jpg", &[ANNA, BORIS]).await;
    grouped(&mut keeper(&app, "test")).await;
    let list = people(&app, &admin, session).await;
    let person = list[0]["person_id"].as_str().unwrap();
    let face = faces(&app, &admin, session, person).await[0]["face_id"].clone();
    let path = format!("/api/photo-sessions/{session}/people/{person}/split");
    app.send_as(&admin, Method::POST, &path, json!({ "faces": [face] })).await;
    let receipt = app.eraser.session(session).await.unwrap();
    assert_eq!(receipt.rows.map(|rows| rows.people), Some(3), "{receipt:?}");
    let mut rows = app.rows().await;
    for table in ["people", "person_faces", "person_splits", "session_people"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut rows).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
}
