//! The door's keeper: a middleware that finds out who calls and asks the table of rights.

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    client, cookies,
    language::prefers_html,
    messages::Code,
    problem::Problem,
    rights::{self, Row, Who},
};
use crate::{
    accounts::{self, Credential},
    app::AppState,
};

/// The header that a page sends with an unsafe request: the content of the cookie that only our pages can read.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// The caller; only where the table of rights asks for a role.
pub struct Caller(pub accounts::Caller);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Absent only where the table lets anyone in, and then the handler should not ask.
        parts
            .extensions
            .get::<accounts::Caller>()
            .cloned()
            .map(Self)
            .ok_or_else(|| Code::SignInRequired.into())
    }
}

/// The caller, where anyone may call.
pub struct MaybeCaller(pub Option<accounts::Caller>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<accounts::Caller>().cloned()))
    }
}

/// Middleware of every route: authenticates, then lets in whom the table names.
pub async fn keep(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match admit(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal,
    }
}

async fn admit(app: &AppState, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let Some(row) = rights::row(parts.method.as_str(), &path) else {
        return Err(no_such_operation(&path));
    };
    let caller = match caller(app, &parts).await.map_err(IntoResponse::into_response)? {
        Called::By(caller) => Some(caller),
        Called::ByAnyone => None,
        // A guest's page knows nothing of tokens; what anyone may do, a forged request may do too.
        Called::WithoutCsrf if row.who == Who::Anyone => None,
        Called::WithoutCsrf => return Err(Problem::new(Code::CsrfRequired).into_response()),
    };
    // Where anyone may come, a key that was not made for this is nobody's: it sees what strangers see.
    let caller = caller.filter(|caller| row.who != Who::Anyone || is_in_scope(row, caller));
    match (row.who, &caller) {
        (Who::Anyone, _) => {}
        (Who::Page(_), None) if prefers_html(&parts.headers) => return Err(to_sign_in(&parts)),
        (Who::Roles(_), None) if is_of_orders(&path) && is_gone(app, &parts).await? => {
            return Err(Problem::new(Code::UserNotFound).into_response());
        }
        (Who::Roles(_) | Who::Page(_), None) => {
            return Err(Problem::new(Code::SignInRequired).into_response());
        }
        (Who::Roles(_) | Who::Page(_), Some(caller)) => {
            let is_admitted = row.who.admits(caller.role);
            let is_new_order = path == "/dashboard/customer/create-order";
            if is_new_order && !is_admitted && prefers_html(&parts.headers) {
                return Err(Problem::new(Code::CustomersOnly).into_response());
            }
            if !is_admitted || !is_in_scope(row, caller) {
                return Err(Problem::new(Code::Forbidden).into_response());
            }
        }
    }
    if let Some(caller) = caller {
        parts.extensions.insert(caller);
    }
    Ok(Request::from_parts(parts, body))
}

/// Whether the caller's credential is good for the operation: a key for what it was made for only.
fn is_in_scope(row: &Row, caller: &accounts::Caller) -> bool {
    match &caller.credential {
        Credential::Device { .. } => true,
        Credential::ApiKey { scopes } => row.scope.is_some_and(|scope| scopes.contains(&scope)),
    }
}

fn no_such_operation(path: &str) -> Response {
    let methods: Vec<_> = rights::TABLE.iter().filter(|row| row.path == path).map(|row| row.method).collect();
    if methods.is_empty() {
        return Problem::new(Code::NotFound).into_response();
    }
    let allow = [(header::ALLOW, methods.join(",").replace("GET", "GET,HEAD"))];
    (allow, Problem::new(Code::MethodNotAllowed)).into_response()
}

enum Called {
    By(accounts::Caller),
    ByAnyone,
    /// An unsafe request with good cookies that no page of ours has made.
    WithoutCsrf,
}

/// The bearer token's caller, or the cookie's. A credential that is not honoured counts as none, so that
/// a stale cookie does not keep a guest out of a public page.
async fn caller(app: &AppState, parts: &Parts) -> Result<Called, Problem> {
    let client = client::of(parts, app);
    if let Some(token) = bearer(&parts.headers) {
        let caller = app.accounts.authenticate(token, &client).await?;
        return Ok(caller.map_or(Called::ByAnyone, Called::By));
    }
    let Some(token) = cookies::access(&parts.headers) else { return Ok(Called::ByAnyone) };
    let Some(caller) = app.accounts.authenticate(&token, &client).await? else { return Ok(Called::ByAnyone) };
    // Another site can make a browser send our cookies, but cannot read them to repeat one.
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let sent = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    match &caller.credential {
        Credential::Device { csrf, .. } if safe || sent == Some(csrf) => Ok(Called::By(caller)),
        // A key is for scripts, which send it as a bearer token.
        Credential::Device { .. } | Credential::ApiKey { .. } => Ok(Called::WithoutCsrf),
    }
}

/// Clients of orders get different answers for an account that is gone and for no account.
fn is_of_orders(path: &str) -> bool {
    path.starts_with("/api/orders")
}

/// Whether the token is honest, but its account does not exist any more.
async fn is_gone(app: &AppState, parts: &Parts) -> Result<bool, Response> {
    let cookie = cookies::access(&parts.headers);
    let Some(token) = bearer(&parts.headers).or(cookie.as_deref()) else { return Ok(false) };
    let gone = app.accounts.is_gone(token).await;
    gone.map_err(|error| Problem::from(error).into_response())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn to_sign_in(parts: &Parts) -> Response {
    let here = parts.uri.path_and_query().map_or("/dashboard", |it| it.as_str());
    let next = utf8_percent_encode(here, NON_ALPHANUMERIC);
    let login = match here.starts_with("/dashboard/customer") {
        true => format!("/auth/signin?role=customer&next={next}"),
        false => format!("/login?next={next}"),
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, login)]).into_response()
}
