//! The guest's page: `/api/v1/sessions/{session_id}/interface` and, shorter for the QR code, `/session/{session_id}`.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::json;

use super::{
    brand_of, consents, in_brand,
    landing::{Title, landing},
    photos::{GalleryPage, GalleryPhoto, cover_of, one_of, page_of},
    preview::Preview,
};
use crate::{
    app::{App, AppState},
    domain::{Language, PhotoId, PhotoSessionId, TimeZone},
    guests::{GuestError, Pass, Visit},
    http::{
        brand,
        client::Origin,
        extract::{PathId, PathIds},
        holder::Holder,
        language, news,
        pages::SessionPage,
        problem::Problem,
        shared::time,
    },
    photo_sessions::SessionError,
    photos::{Narrowed, PhotoOrder},
    usage::UsageKind,
};

/// Photos that the page brings along: more than fit on the screens that it is opened on.
const FIRST: u32 = 24;

/// Show the guest page
///
/// A browser gets an HTML error page instead of a problem.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/interface",
    operation_id = "page_session_interface",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn api(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    Origin(origin): Origin,
    headers: HeaderMap,
) -> Response {
    Asked { id, photo: None, pass, origin, language: language::of(&headers) }.page(&app).await
}

/// Show the guest page at the address of the QR code
#[utoipa::path(
    get,
    path = "/session/{session_id}",
    operation_id = "page_session",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn short(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    Origin(origin): Origin,
    headers: HeaderMap,
) -> Response {
    Asked { id, photo: None, pass, origin, language: language::of(&headers) }.page(&app).await
}

/// Show one photo of a session: the page that a guest shares
#[utoipa::path(
    get,
    path = "/session/{session_id}/photo/{photo_id}",
    operation_id = "page_photo",
    tag = "pages",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn photo(
    State(app): State<AppState>,
    PathIds(id, photo): PathIds<PhotoSessionId, PhotoId>,
    Holder(pass): Holder,
    Origin(origin): Origin,
    headers: HeaderMap,
) -> Response {
    Asked { id, photo: Some(photo), pass, origin, language: language::of(&headers) }.page(&app).await
}

/// The page that a guest asks for.
struct Asked {
    id: PhotoSessionId,
    /// The one that the page is of.
    photo: Option<PhotoId>,
    pass: Pass,
    origin: String,
    language: Language,
}

impl Asked {
    async fn page(self, app: &App) -> Response {
        let shown = match app.guests.enter(self.id, &self.pass).await {
            Ok(visit) => self.opened(app, &visit).await,
            Err(GuestError::Session(SessionError::PinRequired)) => self.locked(app).await,
            Err(error) => Err(error.into()),
        };
        match shown {
            Ok(page) => page,
            Err(problem) => in_brand(app, self.id, problem).await,
        }
    }

    async fn opened(&self, app: &App, visit: &Visit) -> Result<Response, Problem> {
        let session = &visit.session;
        let brand = app.studios.brand(session.studio_id).await?;
        let photo = match self.photo {
            Some(id) => Some(one_of(visit, id).await?),
            None => None,
        };
        let cover = cover_of(visit).await?;
        let first = page_of(
            visit,
            Narrowed::default(),
            PhotoOrder::default(),
            None,
            if photo.is_some() { 1 } else { FIRST },
        )
        .await?;
        app.libraries.visited(self.id).await?;
        app.usage.bump(self.id, UsageKind::PageView, app.now());
        let words = Title {
            brand: brand.as_ref(),
            name: &session.name,
            description: session.description.as_deref(),
            is_dated: session.scheduled_at.is_some(),
            is_searched: session.facepass_enabled(),
        };
        let path = match self.photo {
            Some(photo) => format!("/session/{}/photo/{photo}", self.id),
            None => format!("/session/{}", self.id),
        };
        let preview = Preview {
            session,
            site: brand::site_name(brand.as_ref()),
            origin: &self.origin,
            path: &path,
            cover: cover.as_ref(),
            photo: photo.as_ref(),
        };
        let page = SessionPage {
            name: &session.name,
            session: self.for_script(app, visit, &first, cover.as_ref(), photo.as_ref()).await?,
            brand: brand.as_ref(),
            written: if photo.is_some() {
                Default::default()
            } else {
                landing(&words, &first, cover.as_ref())
            },
            preview: preview.tags(),
        };
        page.guest(self.language).map_err(Problem::internal)
    }

    /// What the script of the page is told.
    async fn for_script(
        &self,
        app: &App,
        visit: &Visit,
        first: &GalleryPage,
        cover: Option<&GalleryPhoto>,
        photo: Option<&GalleryPhoto>,
    ) -> Result<serde_json::Value, Problem> {
        let (session, counts) = (&visit.session, visit.counts().await?);
        let (consent_version, guardian_version) = consents::versions(app, visit).await?;
        Ok(json!({
            "id": session.id,
            "origin": app.addresses.own(session.studio_id),
            "name": session.name,
            "description": session.description,
            "status": session.status,
            "scheduled_at": session.scheduled_at.map(time),
            "facepass_enabled": session.facepass_enabled(),
            "consent_version": consent_version,
            "guardian_version": guardian_version,
            "people": visit.shows_people().await?,
            "news": !news::channels(app).is_empty(),
            "photos_total": counts.total,
            "photos_ready": counts.selected,
            "hours_apart": visit.span().await?.num_hours(),
            "time_zone": app.settings.zone(session.time_zone).map(TimeZone::name),
            "reveals_at": session.terms.reveals_at.map(time),
            "ends_at": session.terms.ends_at.map(time),
            "downloads": visit.downloads.as_str(),
            "guest_photos": session.terms.guest_photos.as_str(),
            "comments": session.terms.comments.as_str(),
            "error": null,
            // Of one photo the gallery comes when it is opened.
            "first": photo.is_none().then_some(first),
            "cover": cover,
            "photo": photo,
        }))
    }

    /// The page of a gallery whose PIN was not typed in: it says whose it is, and nothing of the session.
    async fn locked(&self, app: &App) -> Result<Response, Problem> {
        let brand = brand_of(app, self.id).await?;
        let session = json!({ "id": self.id, "name": "", "error": { "code": "pin_required" } });
        let page = SessionPage { session, brand: brand.as_ref(), ..SessionPage::default() };
        page.guest(self.language).map_err(Problem::internal)
    }
}
