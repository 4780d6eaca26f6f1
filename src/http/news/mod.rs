//! `/api/v1/sessions/{session_id}/news` and `/api/news/{news_id}`: guests who hear of new photos that show them.

mod installable;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    client::Client,
    extract::{self, Params, PathId, PathIds},
    holder::{Holder, VisitToken},
    language,
    messages::Code,
    pages,
    problem::Problem,
    shared::time,
    words,
};
use crate::{
    app::{App, AppState},
    domain::{ConsentId, NewsChannel, PhotoId, PhotoSessionId},
    news::{By, NewsError, Stand, Wanted},
    push::{Subscription, SubscriptionKeys},
    search::Asker,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(offered, begin))
        .routes(routes!(show))
        .routes(routes!(confirm))
        .routes(routes!(stop))
        .routes(routes!(photo))
        .routes(routes!(installable::manifest))
        .routes(routes!(installable::worker))
        .routes(routes!(page))
}

impl From<NewsError> for Problem {
    fn from(error: NewsError) -> Self {
        match error {
            NewsError::NotFoundYet => Code::NotFoundYet.into(),
            NewsError::ChannelOff(_) => Code::NewsChannelOff.into(),
            NewsError::InvalidAddress => Code::InvalidNewsAddress.into(),
            NewsError::Subscription(_) => Code::InvalidPushSubscription.into(),
            NewsError::NotFound => Code::NewsNotFound.into(),
            NewsError::TooMany(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            NewsError::Consent(error) => error.into(),
            NewsError::Guest(error) => error.into(),
            NewsError::Session(error) => error.into(),
            NewsError::Search(error) => error.into(),
            NewsError::Store(error) => error.into(),
        }
    }
}

/// How news can come here.
#[derive(Serialize, ToSchema)]
pub struct OfferedNews {
    /// Those that can work on this installation.
    channels: Vec<words::NewsChannel>,
    /// `applicationServerKey` of a browser's subscription, base64url; where `push` is among the channels.
    push_public_key: Option<String>,
}

/// The channels that work here now: the bot's once its name is known.
pub(super) fn channels(app: &App) -> Vec<NewsChannel> {
    let has_bot = app.telegram.as_ref().is_some_and(|bot| bot.is_known());
    let works = |channel: &NewsChannel| *channel != NewsChannel::Telegram || has_bot;
    app.news.channels().into_iter().filter(works).collect()
}

/// How news of new photos can come in this session
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/news",
    operation_id = "list_news_channels",
    tag = "news",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = OfferedNews))
)]
pub async fn offered(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<OfferedNews>, Problem> {
    app.guests.open_to_search(id, &pass).await?;
    let push = app.news.offers(NewsChannel::Push);
    Ok(Json(OfferedNews {
        channels: channels(&app).into_iter().map(words::Word).collect(),
        push_public_key: push.then(|| app.push.public_key()),
    }))
}

#[derive(Deserialize, ToSchema)]
pub struct WantedNews {
    #[schema(value_type = words::NewsChannel)]
    channel: String,
    /// An e-mail address, for `mail`.
    #[schema(max_length = 254)]
    address: Option<String>,
    /// The browser's, for `push`.
    subscription: Option<PushSubscription>,
    /// The version of the text that the guest agreed to.
    #[schema(max_length = 32)]
    version: String,
    #[schema(value_type = words::Language)]
    language: String,
}

/// A `PushSubscription` as a browser says it.
#[derive(Deserialize, ToSchema)]
pub struct PushSubscription {
    /// By https, at a public address.
    #[schema(max_length = 1000)]
    endpoint: String,
    keys: PushSubscriptionKeys,
    /// Browsers say it; what has expired is found out when it is used.
    #[expect(dead_code, reason = "browsers send it, and nothing depends on it")]
    #[serde(alias = "expirationTime")]
    expiration_time: Option<f64>,
}

/// Base64url.
#[derive(Deserialize, ToSchema)]
pub struct PushSubscriptionKeys {
    p256dh: String,
    auth: String,
}

impl WantedNews {
    fn by(&mut self) -> Result<By, Problem> {
        match self.channel.parse().map_err(|_| Code::NewsChannelOff)? {
            NewsChannel::Mail => Ok(By::Mail(self.address.take().unwrap_or_default())),
            NewsChannel::Push => {
                let PushSubscription { endpoint, keys, .. } =
                    self.subscription.take().ok_or(Code::InvalidPushSubscription)?;
                let keys = SubscriptionKeys { p256dh: keys.p256dh, auth: keys.auth };
                Ok(By::Push(Subscription { endpoint, keys }))
            }
            NewsChannel::Telegram => Ok(By::Telegram),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct BegunNews {
    /// Also the id of the consent.
    news_id: Uuid,
    /// Opens it to whoever has it.
    key: String,
    /// `asked`: nothing is sent before whoever reads at the address has said yes.
    state: NewsState,
    /// Opens the bot, which sends them from then on; for `telegram`.
    telegram_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewsState {
    Asked,
    On,
    Stopped,
}

/// Hear of new photos that show one
///
/// By the cookie of the guest's search. The face of that search is kept as numbers until the session ends, under a
/// consent of its own.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/news",
    operation_id = "begin_news",
    tag = "news",
    params(("session_id" = Uuid, Path)),
    request_body = WantedNews,
    responses((status = 201, body = BegunNews))
)]
pub async fn begin(
    State(app): State<AppState>,
    Client(client): Client,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    held: VisitToken,
    wanted: Result<extract::Json<WantedNews>, Problem>,
) -> Result<(StatusCode, Json<BegunNews>), Problem> {
    let visit = app.guests.admit(session, &pass, Asker::at(client.ip)).await?;
    let extract::Json(mut wanted) = wanted?;
    let by = wanted.by()?;
    let bot = app.telegram.as_ref().filter(|_| matches!(by, By::Telegram));
    if matches!(by, By::Telegram) && !bot.is_some_and(|bot| bot.is_known()) {
        return Err(Code::NewsChannelOff.into());
    }
    let language = wanted.language.parse().map_err(|_| Code::InvalidConsent)?;
    let wanted = Wanted { by, version: wanted.version, language };
    let token = held.get().ok_or(Code::NotFoundYet)?;
    let begun = app.news.begin(&visit, token, wanted, client.ip).await?;
    let telegram_url = bot.and_then(|bot| bot.link_to_news(begun.id));
    let state = if begun.is_asked { NewsState::Asked } else { NewsState::On };
    Ok((StatusCode::CREATED, Json(BegunNews { news_id: begun.id.0, key: begun.key, state, telegram_url })))
}

/// How somebody's news stand.
#[derive(Serialize, ToSchema)]
pub struct NewsJson {
    news_id: Uuid,
    session_id: Uuid,
    state: NewsState,
    /// While they are not stopped.
    channel: Option<words::NewsChannel>,
    /// When they were stopped.
    #[schema(format = DateTime)]
    stopped_at: Option<String>,
    /// What was erased then.
    erased: Option<ErasedNews>,
}

/// How much was erased.
#[derive(Serialize, ToSchema)]
pub struct ErasedNews {
    addresses: u64,
    vectors: u64,
    /// The erasure, whose receipt the studio sees.
    erasure_id: Uuid,
    /// Whether nothing is left in files either.
    is_complete: bool,
}

impl NewsJson {
    fn new(id: ConsentId, stand: Stand) -> Self {
        match stand {
            Stand::Kept(kept) => Self {
                news_id: id.0,
                session_id: kept.session.0,
                state: if kept.confirmed_at.is_some() { NewsState::On } else { NewsState::Asked },
                channel: Some(words::Word(kept.channel)),
                stopped_at: None,
                erased: None,
            },
            Stand::Stopped(erasure) => Self {
                news_id: id.0,
                session_id: erasure.asked.session.0,
                state: NewsState::Stopped,
                channel: None,
                stopped_at: Some(time(erasure.asked.asked_at)),
                erased: Some(ErasedNews {
                    addresses: erasure.removed.rows.news,
                    vectors: erasure.removed.rows.news_vectors,
                    erasure_id: erasure.asked.id.0,
                    is_complete: erasure.completed_at.is_some(),
                }),
            },
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Key {
    /// From the link.
    key: Option<String>,
}

/// How news stand, by their link
#[utoipa::path(
    get,
    path = "/api/news/{news_id}",
    operation_id = "get_news",
    tag = "news",
    params(("news_id" = Uuid, Path), Key),
    responses((status = 200, body = NewsJson))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(id): PathId<ConsentId>,
    Params(Key { key }): Params<Key>,
) -> Result<Json<NewsJson>, Problem> {
    Ok(Json(NewsJson::new(id, app.news.standing(id, &key.unwrap_or_default()).await?)))
}

/// Say yes to news, as the reader of the address
#[utoipa::path(
    post,
    path = "/api/news/{news_id}/confirm",
    operation_id = "confirm_news",
    tag = "news",
    params(("news_id" = Uuid, Path), Key),
    responses((status = 204, description = "New photos are told from now on"))
)]
pub async fn confirm(
    State(app): State<AppState>,
    PathId(id): PathId<ConsentId>,
    Params(Key { key }): Params<Key>,
) -> Result<StatusCode, Problem> {
    app.news.confirm(id, &key.unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stop news, and erase everything that is kept for them
///
/// Also what mail programs call by themselves (RFC 8058). Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/api/news/{news_id}/stop",
    operation_id = "stop_news",
    tag = "news",
    params(("news_id" = Uuid, Path), Key),
    responses((status = 200, body = NewsJson))
)]
pub async fn stop(
    State(app): State<AppState>,
    PathId(id): PathId<ConsentId>,
    Params(Key { key }): Params<Key>,
) -> Result<Json<NewsJson>, Problem> {
    Ok(Json(NewsJson::new(id, app.news.stop_by(id, &key.unwrap_or_default()).await?)))
}

/// The picture of a new photo, for a notification
#[utoipa::path(
    get,
    path = "/api/news/{news_id}/photos/{photo_id}",
    operation_id = "get_news_picture",
    tag = "news",
    params(("news_id" = Uuid, Path), ("photo_id" = Uuid, Path), Key),
    responses((status = 200, content_type = "image/jpeg", body = words::Binary))
)]
pub async fn photo(
    State(app): State<AppState>,
    PathIds(id, photo): PathIds<ConsentId, PhotoId>,
    Params(Key { key }): Params<Key>,
) -> Result<Response, Problem> {
    let picture = app.news.photo(id, &key.unwrap_or_default(), photo).await?.ok_or(Code::PhotoNotFound)?;
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, picture).into_response())
}

/// Show somebody's news, opened by the link with its key
///
/// What the link does, its part after `#` says, which never comes here: a program that only looks at links changes nothing.
#[utoipa::path(
    get,
    path = "/news/{news_id}",
    operation_id = "page_news",
    tag = "pages",
    params(
        ("news_id" = String, Path, description = "Read by the page's script, not here"),
        ("key" = Option<String>, Query, description = "Read by the page's script, not here"),
        ("yes" = Option<String>, Query, description = "Read by the page's script, not here")
    ),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn page(headers: HeaderMap) -> Response {
    let unseen = [
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (unseen, pages::plain("news.html", language::of(&headers))).into_response()
}
