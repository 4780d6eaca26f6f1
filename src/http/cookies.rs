//! A browser's tokens. Scripts of a page can read only the one that is made for them.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, CookieBuilder, SameSite, time::Duration};

use crate::accounts::{DEVICE_LIFE, SignedIn};

pub const ACCESS: &str = "pixora_access";
const REFRESH: &str = "pixora_refresh";
const CSRF: &str = "pixora_csrf";
/// The refresh token goes where it is used and nowhere else.
const REFRESH_PATH: &str = "/api/auth";

pub fn access(headers: &HeaderMap) -> Option<String> {
    value(headers, ACCESS)
}

pub fn refresh(headers: &HeaderMap) -> Option<String> {
    value(headers, REFRESH)
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// The cookies of a device that is signed in now.
pub fn set(signed_in: &SignedIn, secure: bool) -> HeaderMap {
    let kept = signed_in.refresh_token.clone();
    headers([
        cookie(ACCESS, signed_in.access_token.clone(), "/", signed_in.expires_in, secure).http_only(true),
        cookie(REFRESH, kept, REFRESH_PATH, DEVICE_LIFE.num_seconds(), secure)
            .http_only(true)
            .same_site(SameSite::Strict),
        cookie(CSRF, signed_in.csrf.clone(), "/", DEVICE_LIFE.num_seconds(), secure),
    ])
}

/// Takes them away.
pub fn clear(secure: bool) -> HeaderMap {
    let gone = |name, path| cookie(name, String::new(), path, 0, secure);
    headers([
        gone(ACCESS, "/").http_only(true),
        gone(REFRESH, REFRESH_PATH).http_only(true).same_site(SameSite::Strict),
        gone(CSRF, "/"),
    ])
}

/// `Lax`: a link from a mail to a page of the panel finds its reader signed in; requests that change
/// something carry the CSRF token besides.
fn cookie(
    name: &'static str,
    value: String,
    path: &'static str,
    seconds: i64,
    secure: bool,
) -> CookieBuilder<'static> {
    let life = Duration::seconds(seconds);
    Cookie::build((name, value)).path(path).max_age(life).same_site(SameSite::Lax).secure(secure)
}

fn headers(cookies: [CookieBuilder<'static>; 3]) -> HeaderMap {
    let line = |cookie: Cookie<'_>| HeaderValue::from_str(&cookie.to_string());
    let lines = cookies.into_iter().filter_map(|cookie| line(cookie.build()).ok());
    lines.map(|line| (header::SET_COOKIE, line)).fold(HeaderMap::new(), |mut headers, (name, line)| {
        headers.append(name, line);
        headers
    })
}
