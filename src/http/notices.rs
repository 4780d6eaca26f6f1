//! `/api/notices…`: what those who look after sessions are told of them.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{self, Params},
    guard::Caller,
    messages::Code,
    paging,
    problem::Problem,
    shared::time,
    words,
};
use crate::{
    app::AppState,
    domain::NoticeId,
    erasures::Newest,
    notices::{Notice, NoticeSetting},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(see)).routes(routes!(settings, set_settings))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// 1 to 200.
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct NoticeJson {
    id: Uuid,
    kind: words::NoticeKind,
    session_id: Uuid,
    /// `null` once the session is gone.
    session_name: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    is_seen: bool,
}

impl From<Notice> for NoticeJson {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id.0,
            kind: notice.kind.into(),
            session_id: notice.session.0,
            session_name: notice.session_name,
            created_at: time(notice.created_at),
            is_seen: notice.seen_at.is_some(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct NoticePage {
    /// Newest first.
    notices: Vec<NoticeJson>,
    /// How many of all there are were not looked at.
    unseen: u64,
    next_cursor: Option<String>,
}

/// What happened in the caller's sessions
#[utoipa::path(
    get,
    path = "/api/notices",
    operation_id = "list_notices",
    tag = "notices",
    params(Page),
    responses((status = 200, body = NoticePage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<NoticePage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<Newest<NoticeId>> = paging::after(page.cursor)?;
    let mut found = app.notices.list(caller.user, after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit, |last| Newest::after(last.created_at, last.id).to_string());
    let unseen = app.notices.unseen(caller.user).await?;
    Ok(Json(NoticePage { notices: found.into_iter().map(NoticeJson::from).collect(), unseen, next_cursor }))
}

/// The caller has looked at all notices that there are
#[utoipa::path(
    post,
    path = "/api/notices/seen",
    operation_id = "see_notices",
    tag = "notices",
    responses((status = 204, description = "They are seen"))
)]
pub async fn see(State(app): State<AppState>, Caller(caller): Caller) -> Result<StatusCode, Problem> {
    app.notices.see(caller.user, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct NoticeSettingJson {
    kind: words::NoticeKind,
    by_mail: bool,
    in_panel: bool,
}

impl From<NoticeSetting> for NoticeSettingJson {
    fn from(NoticeSetting { kind, by_mail, in_panel }: NoticeSetting) -> Self {
        Self { kind: kind.into(), by_mail, in_panel }
    }
}

#[derive(Serialize, ToSchema)]
pub struct NoticeSettings {
    /// Whether this installation can send mail.
    can_mail: bool,
    settings: Vec<NoticeSettingJson>,
}

/// What the caller is told, and how
#[utoipa::path(
    get,
    path = "/api/notices/settings",
    operation_id = "get_notice_settings",
    tag = "notices",
    responses((status = 200, body = NoticeSettings))
)]
pub async fn settings(
    State(app): State<AppState>,
    Caller(caller): Caller,
) -> Result<Json<NoticeSettings>, Problem> {
    let settings = app.notices.settings(caller.user).await?;
    let settings = settings.into_iter().map(NoticeSettingJson::from).collect();
    Ok(Json(NoticeSettings { can_mail: app.notices.can_mail(), settings }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewNoticeSetting {
    #[schema(value_type = words::NoticeKind)]
    kind: String,
    #[serde(alias = "byMail")]
    by_mail: bool,
    #[serde(alias = "inPanel")]
    in_panel: bool,
}

#[derive(Deserialize, ToSchema)]
pub struct NewNoticeSettings {
    /// Kinds that are not named stay as they are.
    settings: Vec<NewNoticeSetting>,
}

/// Switch notices on or off
#[utoipa::path(
    put,
    path = "/api/notices/settings",
    operation_id = "set_notice_settings",
    tag = "notices",
    request_body = NewNoticeSettings,
    responses((status = 200, body = NoticeSettings))
)]
pub async fn set_settings(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(new): extract::Json<NewNoticeSettings>,
) -> Result<Json<NoticeSettings>, Problem> {
    let parsed = |NewNoticeSetting { kind, by_mail, in_panel }| {
        let kind = kind.parse().map_err(|_| Code::UnknownNotice)?;
        Ok(NoticeSetting { kind, by_mail, in_panel })
    };
    let new: Vec<NoticeSetting> = new.settings.into_iter().map(parsed).collect::<Result<_, Problem>>()?;
    app.notices.set(caller.user, &new).await?;
    settings(State(app), Caller(caller)).await
}
