//! `/embed.js` and `/embed/{session_id}`: the search of one session in a frame on the studio's own site.
//!
//! The script makes an element that holds a frame; the page in the frame is ours, so that camera, consent and pictures
//! stay on our origin. Only the origins that the session's studio has named may show it; every other page of ours stays
//! out of frames. Browsers keep cookies back in a frame of another site: the page works without any and has the token of
//! its visit in memory (`http/holder.rs`).

use std::sync::LazyLock;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::{brand_of, consents};
use crate::{
    app::AppState,
    domain::{Language, PhotoSessionId, TimeZone, WebOrigin},
    guests::GuestError,
    http::{
        assets,
        extract::{Params, PathId},
        holder::Holder,
        language,
        pages::SessionPage,
        problem::Problem,
        shared::not_modified,
    },
    photo_sessions::SessionError,
    usage::UsageKind,
    words::Words,
};

/// The script with its words in every language: it runs on pages of others and imports nothing.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let words = |language: Language| {
        let words = Words(language);
        let of = json!({ "title": words.say("server.embed.title"), "open": words.say("server.embed.open") });
        (language.as_str().to_owned(), of)
    };
    let words: serde_json::Map<_, _> = Language::ALL.iter().copied().map(words).collect();
    let script = assets::template("js/embed/embed.js").unwrap_or_default();
    script.replace("const WORDS = {};", &format!("const WORDS = {};", serde_json::Value::from(words)))
});

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Look {
    /// The language of the site around the frame, if Pixora speaks it; else the browser's.
    lang: Option<String>,
}

/// Get the script that puts the search on a page: `<pixora-find session="…">`
#[utoipa::path(
    get,
    path = "/embed.js",
    operation_id = "get_embed_script",
    tag = "pages",
    responses((status = 200, description = "A module", content_type = "text/javascript", body = String), (status = 304, description = "Unchanged"))
)]
pub async fn script(headers: HeaderMap) -> Result<Response, Problem> {
    let etag = format!("W/\"{}\"", hex::encode(&Sha256::digest(&*SCRIPT)[..8]));
    let common = [
        (header::ETAG, HeaderValue::from_str(&etag).map_err(Problem::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    if not_modified(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    Ok((common, [(header::CONTENT_TYPE, kind)], SCRIPT.as_str()).into_response())
}

/// Show the search of a session in a frame, to the web sites that its studio has named
#[utoipa::path(
    get,
    path = "/embed/{session_id}",
    operation_id = "page_embed",
    tag = "pages",
    params(("session_id" = Uuid, Path), Look),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn page(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    Params(Look { lang }): Params<Look>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = lang.and_then(|text| text.parse().ok()).unwrap_or_else(|| language::of(&headers));
    let studio = app.sessions.get(id).await?.studio_id;
    let origins = app.studios.origins(studio).await?;
    let named: Vec<&str> = origins.iter().map(WebOrigin::as_str).collect();
    let brand = brand_of(&app, id).await?;
    let mut page = SessionPage { brand: brand.as_ref(), ..SessionPage::default() };
    let visit = match app.guests.enter(id, &pass).await {
        // The pass is a cookie, so that the gallery is opened on a page of its own.
        Err(GuestError::Session(SessionError::PinRequired)) => {
            page.session =
                json!({ "id": id, "name": "", "origins": named, "error": { "code": "pin_required" } });
            return page.embed(&origins, language).map_err(Problem::internal);
        }
        visit => visit?,
    };
    let (session, counts) = (&visit.session, visit.counts().await?);
    let (consent_version, guardian_version) = consents::versions(&app, &visit).await?;
    app.libraries.visited(id).await?;
    app.usage.bump(id, UsageKind::PageView, app.now());
    page.name = &session.name;
    page.session = json!({
        "id": session.id,
        "origin": app.addresses.own(session.studio_id),
        "name": session.name,
        "status": session.status,
        "facepass_enabled": session.facepass_enabled(),
        "consent_version": consent_version,
        "guardian_version": guardian_version,
        "photos_total": counts.total,
        "photos_ready": counts.selected,
        "time_zone": app.settings.zone(session.time_zone).map(TimeZone::name),
        "downloads": visit.downloads.as_str(),
        "origins": named,
        "error": null,
    });
    page.embed(&origins, language).map_err(Problem::internal)
}
