//! Requests that come under a studio's own host: they see what guests of that studio see, and nothing else.
//!
//! A middleware in front of the table of rights decides it by the address alone. What belongs to another studio is "not
//! found" there, and what is no guest's (the panel, signing in, the interface of programs) is only at the installation's
//! own host: a browser is sent on to it, a program is told where it is. Sign-ins have nothing to lose under another
//! host: cookies are of one host, so nobody is signed in here.

use axum::{
    RequestExt,
    extract::{MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    language::prefers_html,
    messages::Code,
    problem::Problem,
    rights::{self, Who},
};
use crate::{
    app::{App, AppState},
    domain::StudioId,
    hosts::{Key, Whose},
};

/// The studio under whose host a request came.
#[derive(Debug, Clone, Copy)]
pub struct OwnHost(pub StudioId);

/// The host that a request names, with its port.
pub fn named<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.or(uri.authority().map(Authority::as_str))
}

/// Middleware of every route.
pub async fn keep(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let studio = named(request.headers(), request.uri()).and_then(|host| app.addresses.studio_at(host));
    let Some(studio) = studio else { return next.run(request).await };
    match admit(&app, studio, &mut request).await {
        Ok(()) => {
            request.extensions_mut().insert(OwnHost(studio));
            next.run(request).await
        }
        Err(refusal) => {
            let is_page = request.method().is_safe() && prefers_html(request.headers());
            if is_page && refusal.is(Code::NotUnderThisHost) {
                let there = elsewhere(&app, request.uri());
                return (StatusCode::SEE_OTHER, [(header::LOCATION, there)]).into_response();
            }
            in_brand(&app, studio, refusal).await
        }
    }
}

async fn admit(app: &App, studio: StudioId, request: &mut Request) -> Result<(), Problem> {
    let path =
        request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let row = rights::row(request.method().as_str(), &path);
    // What nobody may call the table says itself.
    let Some(row) = row else { return Ok(()) };
    let door = door(&path).filter(|_| row.who == Who::Anyone);
    let door =
        door.ok_or_else(|| Problem::new(Code::NotUnderThisHost).with("url", elsewhere(app, request.uri())))?;
    let Some((parameter, parse)) = door.key else { return Ok(()) };
    let parameters = request.extract_parts::<RawPathParams>().await;
    let value =
        parameters.iter().flatten().find(|(name, _)| *name == parameter).map(|(_, value)| value.to_owned());
    // What is no key at all is refused by whoever reads it.
    let Some(key) = value.as_deref().and_then(parse) else { return Ok(()) };
    let owner = match app.hosts.whose(key).await? {
        Whose::Nobodys => return Ok(()),
        Whose::Studio(owner) => owner,
        Whose::Session(session) => match app.sessions.get(session).await {
            Ok(session) => session.studio_id,
            // Whoever looks it up says why it is not there.
            Err(_) => return Ok(()),
        },
    };
    if owner == studio { Ok(()) } else { Err(door.not_found.into()) }
}

/// The failure in the look of the studio whose host it is.
async fn in_brand(app: &App, studio: StudioId, problem: Problem) -> Response {
    let mut response = problem.into_response();
    // The failure itself is what is told.
    if let Ok(Some(brand)) = app.studios.brand(studio).await {
        response.extensions_mut().insert(brand);
    }
    response
}

/// The same at the installation's own host.
fn elsewhere(app: &App, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{}{path}", app.addresses.installation())
}

type Parse = fn(&str) -> Option<Key>;

/// An address that guests of a studio use.
struct Door {
    /// What in it says whose it is; none where it is nobody's in particular.
    key: Option<(&'static str, Parse)>,
    /// What is said of another studio's.
    not_found: Code,
}

/// `None` where the address is no guest's.
fn door(path: &str) -> Option<Door> {
    let below =
        |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let of = |parameter, parse: Parse, not_found| Some(Door { key: Some((parameter, parse)), not_found });
    let open =
        ["/", "/static/{version}/{*path}", "/embed.js", "/news-worker.js", "/healthz", "/api/payments"];
    if open.contains(&path) || path.starts_with(crate::hosts::WELL_KNOWN) {
        return Some(Door { key: None, not_found: Code::NotFound });
    }
    let of_sessions = [
        "/session/{session_id}",
        "/embed/{session_id}",
        "/media/{session_id}",
        "/api/v1/sessions/{session_id}",
        "/api/v1/sessions/validate/{session_id}",
        "/api/photo-sessions/{session_id}",
    ];
    if of_sessions.iter().any(|base| below(base)) {
        return of("session_id", |id| id.parse().ok().map(Key::Session), Code::SessionNotFound);
    }
    if below("/g/{code}") || below("/G/{code}") {
        return of("code", |code| code.parse().ok().map(Key::Link), Code::LinkNotFound);
    }
    if below("/order/{order_id}") || below("/api/shop/orders/{order_id}") {
        return of("order_id", |id| id.parse().ok().map(Key::Order), Code::OrderNotFound);
    }
    if below("/api/carts/{cart_token}") {
        return of("cart_token", |token| Some(Key::Cart(token.to_owned())), Code::CartNotFound);
    }
    if below("/news/{news_id}") || below("/api/news/{news_id}") {
        return of("news_id", |id| id.parse().ok().map(Key::News), Code::NewsNotFound);
    }
    match path {
        "/brand/{studio_id}/{file}" => of("studio_id", |id| id.parse().ok().map(Key::Studio), Code::NotFound),
        "/archives/{file}" => {
            let archive = |file: &str| file.strip_suffix(".zip")?.parse().ok().map(Key::Archive);
            of("file", archive, Code::LinkInvalid)
        }
        "/api/consents/{code}" => of("code", |code| Some(Key::Record(code.to_owned())), Code::RecordNotFound),
        "/api/hide-requests/{code}" => {
            of("code", |code| Some(Key::Wish(code.to_owned())), Code::WishNotFound)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What anyone may call, and yet is no guest's: it is only at the installation's own host.
    const ELSEWHERE: &[&str] = &[
        "/readyz",
        "/ca.crt",
        "/tls/allowed",
        "/api/openapi.json",
        "/api/v1/sessions/validate",
        "/api/telegram/webhook",
        "/api/payments/{method}/webhook",
        "/login",
        "/setup",
        "/reset",
        "/confirm-email",
        "/join",
        "/auth/signin",
        "/api/invitations/open",
        "/api/invitations/accept",
    ];

    #[test]
    fn every_door_for_anyone_is_a_guests_or_is_named_as_none() {
        for row in rights::TABLE.iter().filter(|row| row.who == Who::Anyone) {
            let no_guests = ELSEWHERE.contains(&row.path)
                || ["/api/auth/", "/api/qr-auth/", "/api/uploads", "/api/session/", "/handoff/"]
                    .iter()
                    .any(|base| row.path.starts_with(base));
            assert_eq!(door(row.path).is_none(), no_guests, "{} {}", row.method, row.path);
        }
    }

    #[test]
    fn what_says_whose_it_is_stands_in_the_address() {
        for row in rights::TABLE.iter().filter(|row| row.who == Who::Anyone) {
            if let Some(Door { key: Some((parameter, _)), .. }) = door(row.path) {
                assert!(row.path.contains(&format!("{{{parameter}}}")), "{}", row.path);
            }
        }
    }
}
