//! `…/events`: what happens in a session, as server-sent events.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Response, sse::Event},
};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::search::{MatchJson, Shown};
use crate::{
    app::{App, AppState},
    domain::{PhotoSessionId, SearchId, SessionStatus},
    events::OnBehalfOf,
    guests::Pass,
    http::{
        client::Client,
        extract::{self, Params, PathId},
        holder::Holder,
        problem::Problem,
        shared::sse::{answer, named},
    },
    live::{Audience, Update},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// The id of a search made under a consent. New photos of the same person are then sent as `match` events.
    #[serde(alias = "searchId")]
    #[param(value_type = Option<Uuid>)]
    search_id: Option<String>,
}

/// Watch a session: `photo`, `comments`, `counts`, `session`, and `match` for the guest who searched
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/events",
    operation_id = "watch_session",
    tag = "photos",
    params(("session_id" = Uuid, Path), Search),
    responses((status = 200, body = String, content_type = "text/event-stream"))
)]
pub async fn guest(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Client(client): Client,
    Holder(pass): Holder,
    Params(search): Params<Search>,
) -> Result<Response, Problem> {
    let search = search.search_id.as_deref().map(extract::id::<SearchId>).transpose()?;
    let open = app.guests.open(id, &pass).await?;
    let sees_photos = app.guests.sees_photos(&open);
    stream_of(
        &app,
        id,
        Audience::Guest { search, pass, sees_photos },
        OnBehalfOf::Guest(client.ip),
        std::future::pending(),
    )
}

/// The answer that goes on until the page leaves or `end` is ready.
pub(in crate::http) fn stream_of(
    app: &AppState,
    id: PhotoSessionId,
    audience: Audience,
    whom: OnBehalfOf,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<Response, Problem> {
    let pass = match &audience {
        Audience::Guest { pass, .. } => pass.clone(),
        Audience::Manager => Pass::none(),
    };
    let updates = app.live.watch(id, audience, whom)?;
    let app = Arc::clone(app);
    let events = updates.filter_map(move |update| {
        let (app, pass) = (Arc::clone(&app), pass.clone());
        async move { event(&app, id, &pass, update).await }
    });
    Ok(answer(events, end))
}

/// `None` for a match of which it cannot be said what a guest may see of it.
async fn event(app: &App, session: PhotoSessionId, pass: &Pass, update: Update) -> Option<Event> {
    Some(match update {
        Update::Photo { id, state, is_selected } => {
            let state = state.map_or_else(|| "deleted".to_owned(), |state| state.to_string());
            named("photo", &json!({ "photo_id": id, "state": state, "is_selected": is_selected }))
        }
        Update::Counts(counts) => named(
            "counts",
            &json!({
                "ready": counts.ready, "queued": counts.queued, "rejected": counts.rejected, "selected": counts.selected,
            }),
        ),
        Update::Session { status, gallery_open, face_search } => {
            let gallery_open = gallery_open && status != SessionStatus::Archived;
            let facepass_enabled = gallery_open && face_search;
            named(
                "session",
                &json!({ "status": status, "gallery_open": gallery_open, "facepass_enabled": facepass_enabled }),
            )
        }
        Update::Comments { photo, shown } => {
            named("comments", &json!({ "photo_id": photo, "comments": shown }))
        }
        Update::Match(found) => {
            let visit = app.guests.enter(session, pass).await.ok()?;
            let shown = Shown::to(&visit).await.ok()?;
            named("match", &MatchJson::new(&found, &shown))
        }
    })
}
