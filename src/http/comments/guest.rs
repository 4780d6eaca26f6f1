//! `…/gallery/{photo_id}/comments` and `…/comments/{comment_id}`: a guest reads what others wrote, writes, and takes it back.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::CommentAnswer;
use crate::{
    app::{App, AppState},
    domain::{CommentId, CommentState, PhotoId, PhotoSessionId, SenderId, StudioId},
    guests::{Comment, CommentReport, Device, NewWords, Newest},
    http::{
        client::Client,
        cookies,
        extract::{self, Params, PathId, PathIds},
        holder::Holder,
        paging,
        problem::Problem,
        shared::time,
        words,
    },
};

#[derive(Serialize, ToSchema)]
pub struct PhotoComments {
    photo_id: Uuid,
    comments: u64,
}

#[derive(Serialize, ToSchema)]
pub struct CommentCounts {
    /// Those that have some.
    photos: Vec<PhotoComments>,
}

/// How many comments the photos of the gallery have
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/comments",
    operation_id = "count_comments",
    tag = "comments",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = CommentCounts))
)]
pub async fn counts(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<CommentCounts>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    let counts = app.guests.comment_counts(&visit).await?;
    let photos = counts.into_iter().map(|(photo, comments)| PhotoComments { photo_id: photo.0, comments });
    Ok(Json(CommentCounts { photos: photos.collect() }))
}

#[derive(Serialize, ToSchema)]
pub struct CommentJson {
    id: Uuid,
    /// As the guest wrote it; may be empty.
    name: String,
    /// Plain text of one line or several.
    text: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// Others than `shown` are seen by whoever wrote them.
    state: words::CommentState,
    /// It was written on this device.
    is_own: bool,
    /// This guest may take it away: it is their own, or they are the couple.
    may_remove: bool,
    answer: Option<CommentAnswer>,
}

impl CommentJson {
    fn new(comment: Comment, own: Option<SenderId>, may_decline: bool, studio: &str) -> Self {
        let is_own = own == Some(comment.sender);
        Self {
            id: comment.id.0,
            name: comment.name,
            text: comment.text,
            created_at: time(comment.created_at),
            state: comment.state.into(),
            is_own,
            may_remove: is_own || (may_decline && comment.state == CommentState::Shown),
            answer: comment.answer.map(|text| CommentAnswer { studio: studio.to_owned(), text }),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CommentPage {
    /// The newest first.
    comments: Vec<CommentJson>,
    /// How many guests see in all.
    total: u64,
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// 1 to 200.
    limit: Option<String>,
    cursor: Option<String>,
}

/// The name under which a studio answers; asked for where there is an answer.
pub(super) async fn studio_name<'a>(
    app: &App,
    studio: StudioId,
    mut comments: impl Iterator<Item = &'a Comment>,
) -> Result<String, Problem> {
    if !comments.any(|comment| comment.answer.is_some()) {
        return Ok(String::new());
    }
    Ok(app.studios.branding(studio).await?.map(|branding| branding.name).unwrap_or_default())
}

/// List the comments on a photo
///
/// With the cookie of a guest's first comment also those of theirs that wait or were not taken.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/gallery/{photo_id}/comments",
    operation_id = "list_comments",
    tag = "comments",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path), Page),
    responses((status = 200, body = CommentPage))
)]
pub async fn list(
    State(app): State<AppState>,
    PathIds(session, photo): PathIds<PhotoSessionId, PhotoId>,
    Holder(pass): Holder,
    headers: HeaderMap,
    Params(page): Params<Page>,
) -> Result<Json<CommentPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<Newest<CommentId>> = paging::after(page.cursor)?;
    let token = cookies::guest_sender(&headers);
    let visit = app.guests.enter(session, &pass).await?;
    let mut found = app.guests.comments(&visit, photo, token.as_deref(), after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found.comments, limit, |last| Newest::after(last.created_at, last.id).to_string());
    let studio = studio_name(&app, visit.session.studio_id, found.comments.iter()).await?;
    let (own, may_decline) = (found.own, found.may_decline);
    let comments = found.comments.into_iter().map(|it| CommentJson::new(it, own, may_decline, &studio));
    Ok(Json(CommentPage { comments: comments.collect(), total: found.shown, next_cursor }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewCommentJson {
    /// 1 to 500 characters of one line or several; what no reader would see is left out.
    #[schema(min_length = 1, max_length = 500)]
    text: String,
    /// Shown beside it; up to 60 characters in one line.
    #[serde(default)]
    #[schema(max_length = 60)]
    name: String,
    /// For the purpose `commenting`.
    #[serde(alias = "consentId")]
    #[schema(value_type = Uuid)]
    consent_id: String,
}

/// Write on a photo, where the session takes comments
///
/// It is `waiting` until the studio has looked at it, or `shown` at once, as the session says. The same words again are the
/// comment that is there already. The answer to the first sets the cookie by which the guest's device is known.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/gallery/{photo_id}/comments",
    operation_id = "write_comment",
    tag = "comments",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    request_body = NewCommentJson,
    responses((status = 201, body = CommentJson))
)]
pub async fn write(
    State(app): State<AppState>,
    PathIds(session, photo): PathIds<PhotoSessionId, PhotoId>,
    Holder(pass): Holder,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(NewCommentJson { text, name, consent_id }): extract::Json<NewCommentJson>,
) -> Result<Response, Problem> {
    let token = cookies::guest_sender(&headers);
    let device = Device { token: token.as_deref(), name: None };
    let consent = extract::id(&consent_id)?;
    let new = NewWords { photo, device, name: &name, text: &text, consent, address: client.ip };
    let written = app.guests.write(session, &pass, new).await?;
    let cookie = written.token.map(|token| cookies::set_guest_sender(session, token, cookies::secure(&app)));
    let own = Some(written.comment.sender);
    let studio_id = app.guests.enter(session, &pass).await?.session.studio_id;
    let studio = studio_name(&app, studio_id, [&written.comment].into_iter()).await?;
    let comment = CommentJson::new(written.comment, own, false, &studio);
    Ok((StatusCode::CREATED, cookie.unwrap_or_default(), Json(comment)).into_response())
}

/// Take a comment away: one's own for good, the couple those of others
///
/// One's own also after the session was closed, and when it takes no more. What the couple takes away the studio can show again.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/comments/{comment_id}",
    operation_id = "remove_comment",
    tag = "comments",
    params(("session_id" = Uuid, Path), ("comment_id" = Uuid, Path)),
    responses((status = 204, description = "Taken away"))
)]
pub async fn remove(
    State(app): State<AppState>,
    PathIds(session, comment): PathIds<PhotoSessionId, CommentId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let token = cookies::guest_sender(&headers);
    app.guests.remove_comment(session, &pass, token.as_deref(), comment).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct CommentReportJson {
    /// What is wrong with it, for the studio; up to 300 characters.
    #[serde(default)]
    #[schema(max_length = 300)]
    note: String,
}

/// Report a comment
///
/// The studio is told. A comment that it has not looked at is hidden when three devices have reported it; it then decides.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/comments/{comment_id}/reports",
    operation_id = "report_comment",
    tag = "comments",
    params(("session_id" = Uuid, Path), ("comment_id" = Uuid, Path)),
    request_body = CommentReportJson,
    responses((status = 204, description = "The first one of a device sets the cookie by which it is known"))
)]
pub async fn report(
    State(app): State<AppState>,
    PathIds(session, comment): PathIds<PhotoSessionId, CommentId>,
    Holder(pass): Holder,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(CommentReportJson { note }): extract::Json<CommentReportJson>,
) -> Result<Response, Problem> {
    let token = cookies::guest_sender(&headers);
    let device = Device { token: token.as_deref(), name: None };
    let new = CommentReport { comment, device, note: &note, address: client.ip };
    let token = app.guests.report_comment(session, &pass, new).await?;
    let cookie = token.map(|token| cookies::set_guest_sender(session, token, cookies::secure(&app)));
    Ok((StatusCode::NO_CONTENT, cookie.unwrap_or_default()).into_response())
}
