//! A browser's tokens. Scripts of a page can read only the one that is made for them.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, CookieBuilder, SameSite, time::Duration};
use sha2::{Digest, Sha256};

use crate::{
    accounts::{DEVICE_LIFE, KNOWN_LIFE, SignedIn},
    app::App,
    domain::{HANDOFF_LIFE, PhotoSessionId, UserId},
    guests::PASS_LIFE,
    search::LONGEST_VISIT,
};

pub const ACCESS: &str = "pixora_access";
const REFRESH: &str = "pixora_refresh";
const CSRF: &str = "pixora_csrf";
/// The refresh token goes where it is used and nowhere else.
const REFRESH_PATH: &str = "/api/auth";
/// Begins the name of the cookie by which a device is known to one user; several people may share it.
const KNOWN: &str = "pixora_device_";
/// More of them are nobody's.
const MOST_KNOWN: usize = 10;
/// Of the browser that asked for a QR code.
const ASKER: &str = "pixora_qr";
const ASKER_PATH: &str = "/api/qr-auth";
/// Of who made a hand-off without an account.
const SENDER: &str = "pixora_sender";
const SENDER_PATH: &str = "/api/session/create";
/// Of a guest who searched, in one session; see [`set_visit`].
const VISIT: &str = "pixora_visit";
/// Of a guest who sends photos, in one session.
const GUEST_SENDER: &str = "pixora_guest";
/// As long as guests may take back what they have sent.
const GUEST_SENDER_LIFE: i64 = 365 * 24 * 3600;
/// Begins the names of cookies that open more of a gallery: its PIN was typed in, or the couple's link was opened. A device
/// may have several.
const PASS: &str = "pixora_gallery_";
/// Of a guest's hearts, or of the couple's, in one session; see [`set_hearts`].
const HEARTS: &str = "pixora_hearts";
/// Longer than a gallery is looked at.
const HEARTS_SECONDS: i64 = 60 * 60 * 24 * 365;
/// More of them are nobody's.
const MOST_PASSES: usize = 20;
/// Longer than a code lives; a page that stays open asks for another each minute.
const ASKER_SECONDS: i64 = 600;

pub fn access(headers: &HeaderMap) -> Option<String> {
    value(headers, ACCESS)
}

pub fn refresh(headers: &HeaderMap) -> Option<String> {
    value(headers, REFRESH)
}

/// By which the browser that asked for a QR code is told from others.
pub fn asker(headers: &HeaderMap) -> Option<String> {
    value(headers, ASKER)
}

/// By which the device may be known to its users.
pub fn known_devices(headers: &HeaderMap) -> Vec<String> {
    let known = sent(headers).filter(|cookie| cookie.name().starts_with(KNOWN));
    known.take(MOST_KNOWN).map(|cookie| cookie.value().to_owned()).collect()
}

/// By which somebody without an account is known when they ask again.
pub fn sender(headers: &HeaderMap) -> Option<String> {
    value(headers, SENDER)
}

/// Of galleries whose PIN was typed in here, and of couples.
pub fn passes(headers: &HeaderMap) -> Vec<String> {
    let held = sent(headers).filter(|cookie| cookie.name().starts_with(PASS));
    held.take(MOST_PASSES).map(|cookie| cookie.value().to_owned()).collect()
}

/// By which a guest finds what they found before.
pub fn visit(headers: &HeaderMap) -> Option<String> {
    value(headers, VISIT)
}

/// By which whoever chose is known.
pub fn hearts(headers: &HeaderMap) -> Option<String> {
    value(headers, HEARTS)
}

/// By which a guest who sends photos is known.
pub fn guest_sender(headers: &HeaderMap) -> Option<String> {
    value(headers, GUEST_SENDER)
}

/// The cookie by which a guest who sends photos is known, sent to the interface of that session alone.
pub fn set_guest_sender(session: PhotoSessionId, token: String, secure: bool) -> HeaderMap {
    let path = format!("/api/v1/sessions/{session}");
    headers([strict(cookie(GUEST_SENDER, token, path, GUEST_SENDER_LIFE, secure))])
}

/// Ends that.
pub fn clear_guest_sender(session: PhotoSessionId, secure: bool) -> HeaderMap {
    let path = format!("/api/v1/sessions/{session}");
    headers([strict(cookie(GUEST_SENDER, String::new(), path, 0, secure))])
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    sent(headers).find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

fn sent(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(Cookie::split_parse).flatten()
}

/// The cookies of a device that is signed in now.
pub fn set(signed_in: &SignedIn, secure: bool) -> HeaderMap {
    let kept = signed_in.refresh_token.clone();
    headers([
        cookie(ACCESS, signed_in.access_token.clone(), "/", signed_in.expires_in, secure).http_only(true),
        strict(cookie(REFRESH, kept, REFRESH_PATH, DEVICE_LIFE.num_seconds(), secure)),
        cookie(CSRF, signed_in.csrf.clone(), "/", DEVICE_LIFE.num_seconds(), secure),
        known(signed_in.account.user.id, signed_in.known_device.clone(), secure),
    ])
}

/// The cookie by which a device is known after another password.
pub fn set_known(user: UserId, known_device: String, secure: bool) -> HeaderMap {
    headers([known(user, known_device, secure)])
}

/// The cookie that binds a QR code to this browser.
pub fn set_asker(asker: String, secure: bool) -> HeaderMap {
    headers([strict(cookie(ASKER, asker, ASKER_PATH, ASKER_SECONDS, secure))])
}

/// The cookie by which a sender without an account is known.
pub fn set_sender(sender: String, secure: bool) -> HeaderMap {
    headers([strict(cookie(SENDER, sender, SENDER_PATH, HANDOFF_LIFE.num_seconds(), secure))])
}

/// The cookie of a gallery whose PIN was typed in. It is sent to every door that shows its photos.
pub fn set_pass(session: PhotoSessionId, pass: String, secure: bool) -> HeaderMap {
    let name = format!("{PASS}{}", &hex::encode(Sha256::digest(session.to_string()))[..8]);
    headers([cookie(name, pass, "/", PASS_LIFE.num_seconds(), secure).http_only(true)])
}

/// The cookie by which the couple sees what it hides from other guests. It is sent to every door that shows photos, also
/// where a link in a chat leads there.
pub fn set_couple(session: PhotoSessionId, key: String, secure: bool) -> HeaderMap {
    headers([couple_cookie(session, key, HEARTS_SECONDS, secure)])
}

fn couple_cookie(session: PhotoSessionId, key: String, seconds: i64, secure: bool) -> CookieBuilder<'static> {
    let name = format!("{PASS}couple_{}", &hex::encode(Sha256::digest(session.to_string()))[..8]);
    cookie(name, key, "/", seconds, secure).http_only(true)
}

/// The cookie by which a guest finds what they found, sent to the interface of that session alone.
pub fn set_visit(session: PhotoSessionId, token: String, secure: bool) -> HeaderMap {
    headers([visit_cookie(session, token, LONGEST_VISIT.as_secs().cast_signed(), secure)])
}

pub fn clear_visit(session: PhotoSessionId, secure: bool) -> HeaderMap {
    headers([visit_cookie(session, String::new(), 0, secure)])
}

/// The cookie by which whoever chose is known, sent to the interface of that session alone.
pub fn set_hearts(session: PhotoSessionId, key: String, secure: bool) -> HeaderMap {
    headers([hearts_cookie(session, key, HEARTS_SECONDS, secure)])
}

pub fn clear_hearts(session: PhotoSessionId, secure: bool) -> HeaderMap {
    headers([
        hearts_cookie(session, String::new(), 0, secure),
        couple_cookie(session, String::new(), 0, secure),
    ])
}

fn hearts_cookie(session: PhotoSessionId, key: String, seconds: i64, secure: bool) -> CookieBuilder<'static> {
    strict(cookie(HEARTS, key, format!("/api/v1/sessions/{session}"), seconds, secure))
}

fn visit_cookie(
    session: PhotoSessionId,
    token: String,
    seconds: i64,
    secure: bool,
) -> CookieBuilder<'static> {
    strict(cookie(VISIT, token, format!("/api/v1/sessions/{session}"), seconds, secure))
}

/// Whether cookies may only travel encrypted: wherever guests come by https.
pub fn secure(app: &App) -> bool {
    app.settings.public_url.starts_with("https://")
}

fn known(user: UserId, known_device: String, secure: bool) -> CookieBuilder<'static> {
    let name = format!("{KNOWN}{}", &hex::encode(Sha256::digest(user.to_string()))[..8]);
    strict(cookie(name, known_device, REFRESH_PATH, KNOWN_LIFE.num_seconds(), secure))
}

/// Sent along by our own pages only, and read by no script.
fn strict(cookie: CookieBuilder<'static>) -> CookieBuilder<'static> {
    cookie.http_only(true).same_site(SameSite::Strict)
}

/// Takes the tokens away. The device stays known.
pub fn clear(secure: bool) -> HeaderMap {
    let gone = |name, path| cookie(name, String::new(), path, 0, secure);
    headers([gone(ACCESS, "/").http_only(true), strict(gone(REFRESH, REFRESH_PATH)), gone(CSRF, "/")])
}

/// `Lax`: a link from a mail to a page of the panel finds its reader signed in; requests that change
/// something carry the CSRF token besides.
fn cookie(
    name: impl Into<Cow<'static, str>>,
    value: String,
    path: impl Into<Cow<'static, str>>,
    seconds: i64,
    secure: bool,
) -> CookieBuilder<'static> {
    let life = Duration::seconds(seconds);
    Cookie::build((name.into(), value)).path(path).max_age(life).same_site(SameSite::Lax).secure(secure)
}

fn headers<const N: usize>(cookies: [CookieBuilder<'static>; N]) -> HeaderMap {
    let line = |cookie: Cookie<'_>| HeaderValue::from_str(&cookie.to_string());
    let lines = cookies.into_iter().filter_map(|cookie| line(cookie.build()).ok());
    lines.map(|line| (header::SET_COOKIE, line)).fold(HeaderMap::new(), |mut headers, (name, line)| {
        headers.append(name, line);
        headers
    })
}
