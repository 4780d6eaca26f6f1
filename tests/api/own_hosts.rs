//! Hosts of studios: whose they are, what is seen under them, and where links lead.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use pixora::{
    domain::{Addresses, PhotoSessionId, Role, StudioId},
    hosts::{Certified, Hosts, Judges},
    webhooks::Target,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

const HOST: &str = "photos.one.example";
const OTHER: &str = "photos.two.example";
/// As the tests' settings have it.
const INSTALLATION: &str = "https://photos.example";

/// What is in DNS; `None` while no name server answers.
type Zone = Arc<Mutex<Option<HashMap<String, Vec<String>>>>>;

/// A studio with its admin and one session.
struct Studio {
    id: StudioId,
    admin: TestUser,
    session: PhotoSessionId,
}

struct Two {
    app: TestApp,
    one: Studio,
    two: Studio,
    zone: Zone,
    /// The same service, which finds every name on this machine.
    hosts: Hosts,
}

async fn two() -> Two {
    let app = start().await;
    let (first, second) = (app.studio().await, app.other_studio().await);
    let studio = async |id| {
        let admin = app.user(Role::Admin, &[id]).await;
        let session = app.session_of(&admin, id).await;
        Studio { id, admin, session }
    };
    let (one, two) = (studio(first).await, studio(second).await);
    let zone: Zone = Arc::new(Mutex::new(Some(HashMap::new())));
    let hosts = hosts(&app, &zone);
    Two { app, one, two, zone, hosts }
}

fn hosts(app: &TestApp, zone: &Zone) -> Hosts {
    hosts_at(app, zone, &app.url)
}

/// Names lead to the port of this address.
fn hosts_at(app: &TestApp, zone: &Zone, url: &str) -> Hosts {
    let zone = Arc::clone(zone);
    let judges = Judges {
        target: Target::with_lookup(
            true,
            Arc::new(|_| Box::pin(std::future::ready(Ok(vec![IpAddr::from([127, 0, 0, 1])])))),
        ),
        lookup: Arc::new(move |name| {
            let known =
                zone.lock().unwrap().as_ref().map(|zone| zone.get(&name).cloned().unwrap_or_default());
            Box::pin(std::future::ready(known.ok_or_else(|| std::io::ErrorKind::TimedOut.into())))
        }),
        certified: Certified::Elsewhere,
    };
    let state = &app.app;
    Hosts::new(state.store.clone(), Addresses::new(url), state.links.clone(), judges, state.clock.clone())
}

fn path(studio: &Studio) -> String {
    format!("/api/studios/{}/host", studio.id)
}

impl Two {
    async fn enter(&self, studio: &Studio, host: &str) -> Response {
        self.app.send_as(&studio.admin, Method::PUT, &path(studio), json!({ "host": host })).await
    }

    async fn entered(&self, studio: &Studio, host: &str) -> Value {
        let answer = self.enter(studio, host).await;
        assert_eq!(answer.status(), 200, "{host}");
        answer.json::<Value>().await.unwrap()["host"].clone()
    }

    async fn host(&self, studio: &Studio) -> Value {
        self.app.get_as(&studio.admin, &path(studio)).await["host"].clone()
    }

    /// Puts the record into DNS that the panel asks for.
    fn publish(&self, host: &Value) {
        let text = |name: &str| host["record"][name].as_str().unwrap().to_owned();
        let mut zone = self.zone.lock().unwrap();
        zone.as_mut().unwrap().entry(text("name")).or_default().push(text("value"));
    }

    /// A round of checks, as a node makes them now and then, long after the last.
    async fn round(&self) {
        self.due().await;
        self.hosts.round().await.unwrap();
        self.app.app.hosts.load().await.unwrap();
    }

    async fn due(&self) {
        let due = sqlx::query("UPDATE studio_hosts SET next_check_at = 0");
        due.execute(&mut self.app.rows().await).await.unwrap();
    }

    async fn in_use(&self, studio: &Studio, host: &str) {
        let entered = self.entered(studio, host).await;
        self.publish(&entered);
        self.round().await;
        assert_eq!(self.host(studio).await["state"], "in_use", "{}", self.host(studio).await);
    }

    async fn under(&self, host: &str, method: Method, path: &str) -> Response {
        self.app.request(method, path).header("host", host).send().await.unwrap()
    }

    async fn seen(&self, host: &str, path: &str) -> StatusCode {
        self.under(host, Method::GET, path).await.status()
    }
}

#[tokio::test]
async fn a_host_is_a_name_that_the_studios_admin_enters() {
    let two = two().await;
    for host in ["", "localhost", "127.0.0.1", "[::1]", "https://photos.one.example", "photos_one.example"] {
        assert_problem(two.enter(&two.one, host).await, 422, "invalid_host").await;
    }
    assert_problem(two.enter(&two.one, "Photos.Example").await, 409, "host_of_installation").await;
    let photographer = two.app.user(Role::Photographer, &[two.one.id]).await;
    let body = json!({ "host": HOST });
    let refused = two.app.send_as(&photographer, Method::PUT, &path(&two.one), body.clone()).await;
    assert_problem(refused, 403, "forbidden").await;
    let refused = two.app.send_as(&two.two.admin, Method::PUT, &path(&two.one), body).await;
    assert_problem(refused, 404, "studio_not_found").await;
    for method in [Method::DELETE, Method::POST] {
        let check = if method == Method::POST { "/check" } else { "" };
        let path = format!("{}{check}", path(&two.one));
        let nothing = two.app.send_as(&two.one.admin, method, &path, json!({})).await;
        assert_problem(nothing, 404, "host_not_found").await;
    }

    let entered = two.entered(&two.one, " PHOTOS.one.example. ").await;
    assert_eq!((&entered["host"], &entered["state"]), (&json!(HOST), &json!("waiting")));
    assert_eq!(entered["record"]["name"], format!("_pixora.{HOST}"));
    let again = two.entered(&two.one, HOST).await;
    assert_eq!(again["record"], entered["record"], "what is in DNS by now stays right");
    let other = two.entered(&two.one, "gallery.one.example").await;
    assert_ne!(other["record"]["value"], entered["record"]["value"]);
}

#[tokio::test]
async fn a_host_is_used_once_dns_and_the_host_itself_say_so() {
    let two = two().await;
    let entered = two.entered(&two.one, HOST).await;
    two.round().await;
    let host = two.host(&two.one).await;
    assert_eq!((&host["state"], &host["problem"]), (&json!("waiting"), &json!("record_missing")));
    assert_eq!(two.seen(HOST, "/login").await, 200, "a name that is only entered has no effect");

    *two.zone.lock().unwrap() = None;
    two.round().await;
    assert_eq!(two.host(&two.one).await["problem"], "dns_unavailable");
    *two.zone.lock().unwrap() = Some(HashMap::new());
    two.publish(&entered);
    two.round().await;
    let host = two.host(&two.one).await;
    assert_eq!((&host["state"], &host["problem"]), (&json!("in_use"), &Value::Null), "{host}");

    // Another program of this installation reads the same from the rows.
    let restarted = Addresses::new(INSTALLATION);
    restarted.replace(two.app.app.store.hosts().in_use().await.unwrap());
    assert_eq!(restarted.of(two.one.id), format!("https://{HOST}"));
}

#[tokio::test]
async fn a_name_that_leads_to_somebody_else_is_not_used() {
    let (two, foreign) = (two().await, start().await);
    let entered = two.entered(&two.one, HOST).await;
    two.publish(&entered);
    for (url, problem) in [("http://127.0.0.1:9", "host_unreachable"), (&*foreign.url, "host_elsewhere")] {
        two.due().await;
        hosts_at(&two.app, &two.zone, url).round().await.unwrap();
        let host = two.host(&two.one).await;
        assert_eq!((&host["state"], &host["problem"]), (&json!("proven"), &json!(problem)), "{url}");
    }
    assert_eq!(two.seen(HOST, "/login").await, 200);
    two.round().await;
    assert_eq!(two.host(&two.one).await["state"], "in_use", "it leads here by now");
    // One that is in use stays so, and its owner is told.
    two.due().await;
    hosts_at(&two.app, &two.zone, &foreign.url).round().await.unwrap();
    let host = two.host(&two.one).await;
    assert_eq!((&host["state"], &host["problem"]), (&json!("in_use"), &json!("host_elsewhere")));
}

#[tokio::test]
async fn no_studio_gets_the_host_of_another() {
    let two = two().await;
    // The second studio enters the name first, and the first one's domain leads here.
    let squatted = two.entered(&two.two, HOST).await;
    let own = two.entered(&two.one, HOST).await;
    assert_ne!(squatted["record"]["value"], own["record"]["value"]);
    two.publish(&own);
    two.round().await;
    assert_eq!(two.host(&two.two).await["problem"], "record_missing");
    assert_eq!(two.host(&two.one).await["state"], "in_use");
    // Even with a record of its own beside it.
    two.publish(&squatted);
    two.round().await;
    let second = two.host(&two.two).await;
    assert_eq!((&second["state"], &second["problem"]), (&json!("waiting"), &json!("host_taken")));
    let other = two.entered(&two.two, OTHER).await;
    assert_eq!(other["state"], "waiting");
    assert_problem(two.enter(&two.two, HOST).await, 409, "host_taken").await;

    // Given up by the first, it is free.
    assert_eq!(
        two.app.send_as(&two.one.admin, Method::DELETE, &path(&two.one), json!({})).await.status(),
        204
    );
    two.entered(&two.two, HOST).await;
}

#[tokio::test]
async fn every_door_under_a_host_leads_to_its_own_studio_only() {
    let two = two().await;
    two.in_use(&two.one, HOST).await;
    two.in_use(&two.two, OTHER).await;
    let app = &two.app;
    let mut doors = Vec::new();
    for (studio, host) in [(&two.one, HOST), (&two.two, OTHER)] {
        let session = studio.session;
        let photo = app.photo(session, "a.jpg").await.id;
        let link = app.app.studio.own_link(session, app.app.now()).await.unwrap().code;
        let archive = json!({ "photo_ids": [photo] });
        let begun = app.request(Method::POST, &format!("/api/v1/sessions/{session}/archives"));
        let begun: Value = begun.json(&archive).send().await.unwrap().json().await.unwrap();
        let listed = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
        let picture =
            listed["photos"][0]["thumb_url"].as_str().unwrap_or_else(|| panic!("{listed}")).to_owned();
        let paths = vec![
            (format!("/session/{session}"), "session_not_found"),
            (format!("/session/{session}/photo/{photo}"), "session_not_found"),
            (format!("/session/{session}/show"), "session_not_found"),
            (format!("/api/v1/sessions/{session}"), "session_not_found"),
            (format!("/api/v1/sessions/{session}/photos"), "session_not_found"),
            (format!("/api/v1/sessions/{session}/interface"), "session_not_found"),
            (format!("/api/v1/sessions/{session}/qr.svg"), "session_not_found"),
            (format!("/api/v1/sessions/validate/{session}"), "session_not_found"),
            (format!("/api/photo-sessions/{session}"), "session_not_found"),
            (picture, "session_not_found"),
            (format!("/g/{link}"), "link_not_found"),
            (format!("/G/{link}").to_uppercase(), "link_not_found"),
            (begun["url"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned(), "link_invalid"),
        ];
        doors.push((host, paths));
    }
    for (host, paths) in &doors {
        for (path, not_found) in paths {
            let right = two.seen(host, path).await;
            assert!(right.is_success() || right.is_redirection(), "{right} {host}{path}");
            let installation = two.seen("photos.example", path).await;
            assert!(installation == right, "{path}: printed codes keep working");
            let wrong = if *host == HOST { OTHER } else { HOST };
            let refused = two.under(&format!("{wrong}:8443"), Method::GET, path).await;
            let (status, problem) = (refused.status(), refused.json::<Value>().await.unwrap());
            assert!(status.is_client_error() && problem["code"] == *not_found, "{wrong}{path}: {problem}");
        }
    }
    // A picture is not told by HEAD or in parts either.
    let picture = &doors[0].1[9].0;
    assert_eq!(two.under(OTHER, Method::HEAD, picture).await.status(), 404);
    for open in ["/", "/embed.js", "/healthz", "/api/payments"] {
        assert_eq!(two.seen(HOST, open).await, 200, "{open}");
    }
}

#[tokio::test]
async fn orders_and_carts_are_opened_under_their_studios_host() {
    let two = two().await;
    let session = two.one.session;
    let order = two.app.order(session).await;
    let cart = two.app.cart(session).await;
    two.in_use(&two.one, HOST).await;
    two.in_use(&two.two, OTHER).await;
    let page = format!("/order/{}?key={}", order.id, order.key);
    for (path, not_found) in [
        (page.clone(), "order_not_found"),
        (page.replace("/order/", "/api/shop/orders/"), "order_not_found"),
        (format!("/api/carts/{}", cart.token), "cart_not_found"),
    ] {
        assert_eq!(two.seen(HOST, &path).await, 200, "{path}");
        assert_problem(two.under(OTHER, Method::GET, &path).await, 404, not_found).await;
    }
}

#[tokio::test]
async fn the_panel_and_signing_in_are_under_the_installations_host() {
    let two = two().await;
    two.in_use(&two.one, HOST).await;
    for path in ["/login", "/dashboard", "/dashboard/photo-sessions?x=1", "/setup"] {
        let page = two.app.request(Method::GET, path).header("host", HOST).header("accept", "text/html");
        let answer = page.send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        assert_eq!(answer.headers()["location"], format!("{INSTALLATION}{path}"));
    }
    for (method, path) in [
        (Method::POST, "/api/auth/login"),
        (Method::GET, "/api/photo-sessions"),
        (Method::GET, "/metrics"),
        (Method::POST, "/api/uploads"),
        (Method::POST, "/api/session/create"),
        (Method::POST, "/api/telegram/webhook"),
        (Method::GET, "/api/openapi.json"),
    ] {
        let request = two.app.request(method, path).header("host", HOST);
        let refused = request.bearer_auth(&two.one.admin.access_token).send().await.unwrap();
        let problem = assert_problem(refused, 404, "not_under_this_host").await;
        assert_eq!(problem["url"], format!("{INSTALLATION}{path}"));
    }
    let page = two.under(HOST, Method::GET, &format!("/session/{}", two.one.session)).await;
    for cookie in page.headers().get_all("set-cookie") {
        assert!(!cookie.to_str().unwrap().to_lowercase().contains("domain="), "{cookie:?}");
    }
}

#[tokio::test]
async fn every_link_of_a_studio_leads_to_its_host_while_it_is_in_use() {
    let two = two().await;
    let (session, admin) = (two.one.session, &two.one.admin);
    let photo = two.app.photo(session, "a.jpg").await.id;
    let links = async || {
        let of = format!("/api/photo-sessions/{session}");
        let mut found = vec![two.app.get_as(admin, &of).await["url"].clone()];
        let listed = two.app.get_as(admin, &format!("{of}/links")).await;
        found.push(listed["links"][0]["url"].clone());
        let selection = two.app.send_as(admin, Method::PUT, &format!("{of}/selection"), json!({})).await;
        found.push(selection.json::<Value>().await.unwrap()["url"].clone());
        two.app.order(session).await;
        let mail = two.app.mails().await.pop().expect("the buyer is told").body;
        let link = mail.split_whitespace().find(|word| word.contains("/order/")).expect("a link").to_owned();
        found.push(json!(link));
        found.into_iter().map(|link| link.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for link in links().await {
        assert!(link.starts_with(INSTALLATION), "{link}");
    }
    two.in_use(&two.one, HOST).await;
    for link in links().await {
        assert!(link.starts_with(&format!("https://{HOST}/")), "{link}");
    }
    let change = json!({ "previews": "photos" });
    two.app.send_as(admin, Method::PATCH, &format!("/api/photo-sessions/{session}"), change).await;
    let page = two.under(HOST, Method::GET, &format!("/session/{session}/photo/{photo}")).await;
    let page = page.text().await.unwrap();
    for name in ["og:url", "og:image"] {
        let expected = format!("<meta property=\"{name}\" content=\"https://{HOST}/");
        assert!(page.contains(&expected), "{name}: {page}");
    }
    let other = two.app.get_as(&two.two.admin, &format!("/api/photo-sessions/{}", two.two.session)).await;
    assert!(other["url"].as_str().unwrap().starts_with(INSTALLATION), "{other}");

    let removed = two.app.send_as(admin, Method::DELETE, &path(&two.one), json!({})).await;
    assert_eq!(removed.status(), 204);
    for link in links().await {
        assert!(link.starts_with(INSTALLATION), "{link}");
    }
    assert_eq!(two.seen(HOST, "/login").await, 200, "the name is nobody's again");
}

#[tokio::test]
async fn a_proxy_of_ours_may_get_certificates_for_proven_hosts_only_and_tells_nobody() {
    let two = two().await;
    let entered = two.entered(&two.one, HOST).await;
    let asked = format!("/tls/allowed?domain={HOST}");
    assert_eq!(two.app.get(&asked).await.status(), 404);
    two.publish(&entered);
    two.round().await;
    assert_eq!(two.app.get(&asked).await.status(), 204);
    for name in ["other.example", "", "photos.one.example.evil.example"] {
        assert_eq!(two.app.get(&format!("/tls/allowed?domain={name}")).await.status(), 404, "{name}");
    }
    assert_eq!(two.app.get("/tls/allowed").await.status(), 404);
    let forwarded = two.app.request(Method::GET, &asked).header("x-forwarded-for", "203.0.113.9");
    assert_eq!(forwarded.send().await.unwrap().status(), 404, "somebody asks through the proxy");
}
