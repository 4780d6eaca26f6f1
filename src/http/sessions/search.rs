//! `POST /api/v1/sessions/{session_id}/search`: a selfie in, matches out.

use axum::{
    Json,
    extract::{Multipart, State, multipart::Field},
    http::HeaderMap,
};
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{Chapters, PhotoId, PhotoSessionId, PhotoState, RelativeBox, ReturnUrl},
    guests::Visit,
    http::{
        client::Client,
        cookies,
        extract::{self, PathId},
        holder::{Holder, VisitToken},
        messages::Code,
        problem::Problem,
        shared::Picture,
        words::Binary,
    },
    search::{Asker, Match, SearchAnswer, SearchError, SearchRequest},
};

const MOST_SELFIES: usize = 5;
/// Photos of `perhaps` that a guest says yes to.
const MOST_CONFIRMED: usize = 12;
const SELFIE_BYTES: usize = 10 << 20;
/// Of the form's other fields; an id has 36.
const TEXT_BYTES: usize = 64;
/// Of the whole form: the selfies and some room for the fields around them.
pub(in crate::http) const FORM_BYTES: usize = MOST_SELFIES * SELFIE_BYTES + (64 << 10);

/// The content of a form while it is read and searched with.
struct Form {
    selfies: Vec<Bytes>,
    face: Option<usize>,
    consent: Option<crate::domain::ConsentId>,
    confirmed: Vec<PhotoId>,
}

impl Form {
    async fn read(mut multipart: Multipart) -> Result<Self, Problem> {
        let mut form = Self { selfies: Vec::new(), face: None, consent: None, confirmed: Vec::new() };
        while let Some(field) = multipart.next_field().await? {
            match extract::snake_case(field.name().unwrap_or_default()).as_str() {
                "selfie" if form.selfies.len() == MOST_SELFIES => {
                    return Err(Code::TooManySelfies.into());
                }
                "selfie" => form.selfies.push(read_selfie(field).await?),
                "consent_id" => form.consent = Some(extract::id(&read_text(field).await?)?),
                "confirmed" if form.confirmed.len() == MOST_CONFIRMED => {
                    return Err(Code::MalformedBody.into());
                }
                "confirmed" => form.confirmed.push(extract::id(&read_text(field).await?)?),
                "face" => form.face = Some(read_text(field).await?.parse().map_err(|_| Code::UnknownFace)?),
                other => return Err(extract::unknown_field(other)),
            }
        }
        if form.selfies.is_empty() { Err(Code::MissingSelfie.into()) } else { Ok(form) }
    }
}

async fn read_selfie(mut field: Field<'_>) -> Result<Bytes, Problem> {
    let mut selfie = BytesMut::new();
    while let Some(chunk) = field.chunk().await? {
        if selfie.len() + chunk.len() > SELFIE_BYTES {
            return Err(Code::SelfieTooLarge.into());
        }
        selfie.extend_from_slice(&chunk);
    }
    Ok(selfie.freeze())
}

async fn read_text(mut field: Field<'_>) -> Result<String, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if text.len() + chunk.len() > TEXT_BYTES {
            return Err(Code::MalformedBody.into());
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| Code::MalformedBody.into())
}

/// Fractions 0..1 of the upright picture.
#[derive(Serialize, ToSchema)]
pub struct BoxJson {
    x: f32,
    y: f32,
    w: f32,
    h: f32,
}

impl From<RelativeBox> for BoxJson {
    fn from(RelativeBox { x, y, w, h }: RelativeBox) -> Self {
        Self { x, y, w, h }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FaceJson {
    /// The value of `face` that searches with this face instead.
    index: usize,
    /// The index of the sent file, counted from 0.
    selfie: usize,
    r#box: BoxJson,
    /// 0..1
    quality: f32,
    chosen: bool,
}

#[derive(Serialize, ToSchema)]
pub struct MatchJson {
    #[serde(flatten)]
    picture: Picture,
    /// What the program that brought the photo calls it; `null` where none did.
    external_id: Option<String>,
    /// All ids of the photo, where it has several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_ids: Vec<String>,
    /// `false`: the picture was not kept, its addresses are empty, and its program shows it.
    has_picture: bool,
    /// The chapter in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    chapter_id: Option<Uuid>,
    /// The studio's own page of the photo, or its cart, where the studio has said how to get there.
    return_url: Option<String>,
    /// How likely this is the guest, 0..1; means the same in every session.
    score: f32,
    /// The matched face.
    r#box: BoxJson,
}

/// What the matches of a visit are shown with.
pub(super) struct Shown<'a> {
    visit: &'a Visit,
    /// Where found photos of the visit's studio lead.
    leads: Option<ReturnUrl>,
    chapters: Chapters,
}

impl<'a> Shown<'a> {
    pub(super) async fn to(visit: &'a Visit) -> Result<Self, Problem> {
        Ok(Self { visit, leads: visit.return_url().await?, chapters: visit.chapters().await? })
    }
}

impl MatchJson {
    pub(super) fn new(found: &Match, Shown { visit, leads, chapters }: &Shown<'_>) -> Self {
        let picture = Picture::new(&found.photo, visit.mark.as_deref(), visit.largest());
        let external_ids = if found.external_ids.len() > 1 { found.external_ids.clone() } else { Vec::new() };
        let external_id = found.external_ids.first().cloned();
        let external = external_id.as_deref().and_then(|id| id.parse().ok());
        let return_url =
            leads.as_ref().and_then(|url| url.fill(visit.session.id, found.photo.id, external.as_ref()));
        let has_picture = found.photo.state != PhotoState::Indexed;
        Self {
            picture,
            external_id,
            external_ids,
            has_picture,
            chapter_id: chapters.of(found.photo.ordered_at, found.photo.chapter).map(|chapter| chapter.0),
            return_url,
            score: found.score,
            r#box: found.rect.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SearchAnswerJson {
    search_id: Uuid,
    session_id: Uuid,
    /// The embedding model.
    model: String,
    /// Every face of every selfie.
    faces: Vec<FaceJson>,
    /// Best first.
    matches: Vec<MatchJson>,
    /// At most six photos that may show the guest. A page shows them blurred and asks; a yes is sent as `confirmed`
    /// with the next search.
    perhaps: Vec<MatchJson>,
    photos_total: u64,
    /// Photos still in the queue: searching again later may find more.
    photos_pending: u64,
    /// For a page that cookies do not reach, which asks for it with the header `Pixora-Visit: new`: what it shows in that
    /// header from now on. Only with a consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    visit_token: Option<String>,
}

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `Form::read`")]
pub struct SearchForm {
    /// 1 to 5 pictures of one guest: JPEG, PNG or WebP, at most 10 MB each. Never stored.
    #[schema(value_type = Vec<Binary>, min_items = 1, max_items = 5)]
    selfie: Vec<Vec<u8>>,
    consent_id: Option<Uuid>,
    /// The face of a single selfie; else the largest central one.
    face: Option<u32>,
    /// Photos of an earlier answer's `perhaps` that the guest says yes to; each counts as another selfie in this
    /// search. Nothing of it is stored.
    confirmed: Option<Vec<Uuid>>,
}

/// Find the photos that show this guest
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/search",
    operation_id = "search_selfie",
    tag = "search",
    params(
        ("session_id" = Uuid, Path),
        ("Pixora-Visit" = Option<String>, Header, description = "`new` asks for a `visit_token`; later that token")
    ),
    request_body(content = SearchForm, content_type = "multipart/form-data"),
    responses((status = 200, body = SearchAnswerJson))
)]
pub async fn search(
    State(app): State<AppState>,
    Client(client): Client,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    held: VisitToken,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(HeaderMap, Json<SearchAnswerJson>), Problem> {
    let asker = Asker::at(client.ip);
    // Before 50 MB are read for nothing.
    let visit = app.guests.admit(session, &pass, asker).await?;
    let Form { selfies, face, consent, confirmed } = Form::read(multipart?).await?;
    let request = SearchRequest { session, asker, selfies, face, consent, lenient: false, confirmed };
    let answer = app.guests.search(request, &pass).await?;
    let token = app.guests.remember(answer.id, held.get());
    let (headers, visit_token) = held.give(session, token, cookies::secure(&app));
    let shown = Shown::to(&visit).await?;
    Ok((headers, Json(SearchAnswerJson { visit_token, ..to_json(answer, &shown) })))
}

fn to_json(answer: SearchAnswer, shown: &Shown<'_>) -> SearchAnswerJson {
    let face = |f: crate::search::ProbeFace| FaceJson {
        index: f.index,
        selfie: f.selfie,
        r#box: f.rect.into(),
        quality: f.quality,
        chosen: f.chosen,
    };
    SearchAnswerJson {
        search_id: answer.id.0,
        session_id: shown.visit.session.id.0,
        model: answer.model,
        faces: answer.faces.into_iter().map(face).collect(),
        matches: answer.matches.iter().map(|found| MatchJson::new(found, shown)).collect(),
        perhaps: answer.perhaps.iter().map(|found| MatchJson::new(found, shown)).collect(),
        photos_total: answer.photos_total,
        photos_pending: answer.photos_pending,
        visit_token: None,
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::NoFace => Code::NoFace.into(),
            SearchError::LowQuality { reasons } => Self::new(Code::LowQuality).with("reasons", reasons),
            SearchError::UnknownFace => Code::UnknownFace.into(),
            SearchError::UnknownConsent => Code::UnknownConsent.into(),
            SearchError::UnsupportedType => Code::UnsupportedType.into(),
            SearchError::Undecodable { readable: None } => Code::UndecodableImage.into(),
            SearchError::Undecodable { readable: Some(readable) } => {
                Self::new(Code::UndecodableImage).with("readable", readable)
            }
            SearchError::TooManyPixels => Code::SelfieTooManyPixels.into(),
            SearchError::QueueFull { retry_after } => Self::new(Code::QueueFull).retry_after(retry_after),
            SearchError::TimedOut => Code::TimedOut.into(),
            SearchError::Store(error) => error.into(),
            SearchError::Index(error) => Self::failed(&error),
            SearchError::Internal(cause) => Self::internal(cause),
        }
    }
}
