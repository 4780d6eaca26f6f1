//! `/api/photo-sessions/{session_id}/comments`: the studio looks at what guests have written, and answers.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{CommentAnswer, guest::studio_name};
use crate::{
    accounts,
    app::{App, AppState},
    domain::{CommentId, CommentState, PhotoId, PhotoSession, PhotoSessionId},
    guests::{DeskComment, Newest, Pass},
    http::{
        extract::{self, Params, PathId, PathIds},
        guard::Caller,
        messages::Code,
        paging,
        problem::Problem,
        shared::{Picture, time},
        studio::managed,
        words,
    },
};

/// Of those that wait; the next ones come when these are decided.
const MOST: u32 = 200;
/// Of one decision.
const MOST_IDS: usize = 500;

#[derive(Serialize, ToSchema)]
pub struct DeskCommentJson {
    id: Uuid,
    /// The photo that it is on.
    photo: Picture,
    /// As the guest wrote it; may be empty.
    name: String,
    text: String,
    #[schema(format = DateTime)]
    created_at: String,
    state: words::CommentState,
    /// How many have reported it since it was looked at.
    reports: u64,
    /// What they wrote.
    notes: Vec<String>,
    answer: Option<CommentAnswer>,
}

#[derive(Serialize, ToSchema)]
pub struct DeskCommentPage {
    comments: Vec<DeskCommentJson>,
    /// How many are to be looked at in all.
    waiting: u64,
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `waiting`, if it is left out: those that were reported, then those that nobody has looked at, the oldest first, up to
    /// 200. The others come newest first, page by page.
    #[param(value_type = Option<words::CommentState>)]
    state: Option<String>,
    /// 1 to 200.
    limit: Option<String>,
    cursor: Option<String>,
}

/// List the comments on photos of a session
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/comments",
    operation_id = "list_desk_comments",
    tag = "studio",
    params(("session_id" = Uuid, Path), Wanted),
    responses((status = 200, body = DeskCommentPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<DeskCommentPage>, Problem> {
    let session = managed(&app, &caller, id).await?;
    let state = wanted.state.as_deref().map_or(Ok(CommentState::Waiting), str::parse);
    let state = state.map_err(|_| Code::MalformedQuery)?;
    let limit = paging::limit(wanted.limit.as_deref(), paging::USUAL)?;
    let after: Option<Newest<CommentId>> = paging::after(wanted.cursor)?;
    let (mut found, waiting) = app.guests.comments_to_look_at(id, MOST).await?;
    let mut next_cursor = None;
    if state != CommentState::Waiting {
        let is_shown = state == CommentState::Shown;
        found = app.guests.decided_comments(id, is_shown, after, limit + 1).await?;
        next_cursor = paging::cut(&mut found, limit, |DeskComment { comment, .. }| {
            Newest::after(comment.created_at, comment.id).to_string()
        });
    }
    let comments = shown(&app, &caller, &session, found).await?;
    Ok(Json(DeskCommentPage { comments, waiting, next_cursor }))
}

/// Comments beside their photos.
async fn shown(
    app: &App,
    caller: &accounts::Caller,
    session: &PhotoSession,
    found: Vec<DeskComment>,
) -> Result<Vec<DeskCommentJson>, Problem> {
    let ids: Vec<PhotoId> = found.iter().map(|desk| desk.comment.photo).collect();
    let visit = app.guests.enter_as(session.id, Some(caller), &Pass::none()).await?;
    let photos: HashMap<_, _> = visit.these(&ids).await?.into_iter().map(|photo| (photo.id, photo)).collect();
    let studio = studio_name(app, session.studio_id, found.iter().map(|desk| &desk.comment)).await?;
    let comments = found.into_iter().filter_map(|DeskComment { comment, reports, notes }| {
        let photo = photos.get(&comment.photo)?;
        Some(DeskCommentJson {
            id: comment.id.0,
            photo: Picture::new(photo, visit.mark.as_deref(), visit.largest()),
            name: comment.name,
            text: comment.text,
            created_at: time(comment.created_at),
            state: comment.state.into(),
            reports,
            notes,
            answer: comment.answer.map(|text| CommentAnswer { studio: studio.clone(), text }),
        })
    });
    Ok(comments.collect())
}

#[derive(Deserialize, ToSchema)]
pub struct CommentsDecision {
    /// Up to 500.
    #[serde(alias = "commentIds")]
    #[schema(value_type = Vec<Uuid>)]
    comment_ids: Vec<String>,
    /// `waiting` takes a decision back.
    #[schema(value_type = words::CommentState)]
    state: String,
}

#[derive(Serialize, ToSchema)]
pub struct CommentsDecided {
    /// How many of them are of this session.
    changed: u64,
}

/// Show comments, or take them away
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/comments",
    operation_id = "decide_comments",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = CommentsDecision,
    responses((status = 200, body = CommentsDecided))
)]
pub async fn decide(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    decision: Result<extract::Json<CommentsDecision>, Problem>,
) -> Result<Json<CommentsDecided>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(CommentsDecision { comment_ids, state }) = decision?;
    if comment_ids.len() > MOST_IDS {
        return Err(Code::TooManyIds.into());
    }
    let comments: Vec<CommentId> = extract::ids(&comment_ids)?;
    let state = state.parse().map_err(|_| Code::MalformedBody)?;
    Ok(Json(CommentsDecided { changed: app.guests.decide_comments(id, &comments, state).await? }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewCommentAnswer {
    /// Up to 500 characters; an empty one takes the answer away.
    #[schema(max_length = 500)]
    text: String,
}

/// Answer a comment in the studio's name
#[utoipa::path(
    put,
    path = "/api/photo-sessions/{session_id}/comments/{comment_id}/answer",
    operation_id = "answer_comment",
    tag = "studio",
    params(("session_id" = Uuid, Path), ("comment_id" = Uuid, Path)),
    request_body = NewCommentAnswer,
    responses((status = 204, description = "Answered"))
)]
pub async fn answer(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(session, comment): PathIds<PhotoSessionId, CommentId>,
    answer: Result<extract::Json<NewCommentAnswer>, Problem>,
) -> Result<axum::http::StatusCode, Problem> {
    managed(&app, &caller, session).await?;
    let extract::Json(NewCommentAnswer { text }) = answer?;
    app.guests.answer_comment(session, comment, &text).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
