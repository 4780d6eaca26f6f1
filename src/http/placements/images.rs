//! `/api/images`: customers' pictures, and the code that is drawn on them.

use axum::{
    Json,
    extract::{FromRequest, Multipart, Request, State, multipart::Field},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{image_url, own_image, preview_url, viewer};
use crate::{
    app::AppState,
    domain::CustomerImageId,
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        words::Binary,
    },
    placements::{CodeArea, MAX_IMAGE_BYTES, PictureSource, Processed},
};

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `Form::read`")]
pub struct ImageForm {
    /// JPEG, PNG or WebP, at most 20 MB.
    #[schema(value_type = Binary)]
    image: Vec<u8>,
    /// Where the code leads; only for `process`.
    target_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ImageJson {
    /// Of the picture as it is kept: JPEG, upright, without metadata, 6,000 pixels on a side at most.
    image_url: String,
    /// A small version.
    preview_url: String,
    width: u32,
    height: u32,
}

/// Keep a picture
///
/// A picture that no order shows is removed after a day.
#[utoipa::path(
    post,
    path = "/api/images",
    operation_id = "upload_image",
    tag = "orders",
    request_body(content = ImageForm, content_type = "multipart/form-data"),
    responses((status = 201, body = ImageJson))
)]
pub async fn upload(
    State(app): State<AppState>,
    Caller(caller): Caller,
    request: Request,
) -> Result<(StatusCode, Json<ImageJson>), Problem> {
    let form = Form::read(request, &app).await?;
    let file = form.image.ok_or(Code::MissingImage)?;
    let image = app.placements.take(caller.user, file, app.now()).await?;
    let (width, height) = (image.width, image.height);
    let json =
        ImageJson { image_url: image_url(image.id), preview_url: preview_url(image.id), width, height };
    Ok((StatusCode::CREATED, Json(json)))
}

#[derive(Deserialize, ToSchema)]
pub struct ProcessInput {
    /// The address of a picture that was uploaded here. No other address is fetched.
    #[serde(alias = "imageUrl")]
    image_url: Option<String>,
    #[serde(alias = "targetUrl")]
    target_url: Option<String>,
}

/// Where the code lies on the picture, its white border included; pixels from the top left corner.
#[derive(Serialize, ToSchema)]
pub struct CodeJson {
    x: u32,
    y: u32,
    size: u32,
}

#[derive(Serialize, ToSchema)]
pub struct ProcessedJson {
    image_url: String,
    /// A small version, whose code can be scanned too.
    preview_url: String,
    width: u32,
    height: u32,
    qr: CodeJson,
}

/// Draw a QR code on a picture
///
/// The code is put where the picture is calm, and decoded again before the answer. Nothing is fetched: a
/// picture is sent along, or was uploaded before.
#[utoipa::path(
    post,
    path = "/api/images/process",
    operation_id = "process_image",
    tag = "orders",
    request_body(content((ImageForm = "multipart/form-data"), (ProcessInput = "application/json"))),
    responses((status = 200, body = ProcessedJson))
)]
pub async fn process(
    State(app): State<AppState>,
    Caller(caller): Caller,
    request: Request,
) -> Result<Json<ProcessedJson>, Problem> {
    let (source, target_url) = if is_form(&request) {
        let form = Form::read(request, &app).await?;
        (form.image.map(PictureSource::File), form.target_url)
    } else {
        let extract::Json(input) = extract::Json::<ProcessInput>::from_request(request, &app).await?;
        let stored = input.image_url.map(|url| own_image(&app, &url)).transpose()?;
        (stored.map(PictureSource::Stored), input.target_url)
    };
    let target_url = target_url.filter(|url| !url.trim().is_empty());
    let missing = [("image", source.is_none()), ("target_url", target_url.is_none())];
    let (Some(source), Some(target_url)) = (source, target_url) else {
        let fields = missing.into_iter().filter_map(|(field, is_missing)| is_missing.then_some(field));
        return Err(Problem::new(Code::PlacementIncomplete).with("fields", fields.collect::<Vec<_>>()));
    };
    let processed = app.placements.process(caller.user, source, &target_url, app.now()).await?;
    Ok(Json(processed.into()))
}

impl From<Processed> for ProcessedJson {
    fn from(Processed { image, area: CodeArea { x, y, size } }: Processed) -> Self {
        Self {
            image_url: image_url(image.id),
            preview_url: preview_url(image.id),
            width: image.width,
            height: image.height,
            qr: CodeJson { x, y, size },
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `1`: the small version.
    preview: Option<String>,
}

/// Get a picture of the caller's; any picture for an admin
#[utoipa::path(
    get,
    path = "/api/images/{image_id}",
    operation_id = "get_image",
    tag = "orders",
    params(("image_id" = Uuid, Path), Which),
    responses((status = 200, description = "The picture", body = Binary, content_type = "image/jpeg"))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<CustomerImageId>,
    Params(which): Params<Which>,
) -> Result<Response, Problem> {
    let preview = which.preview.as_deref() == Some("1");
    let picture = app.placements.file(viewer(&caller), id, preview).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        // Another content is another picture.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
    ];
    Ok((headers, picture).into_response())
}

fn is_form(request: &Request) -> bool {
    extract::media_type(request.headers()) == "multipart/form-data"
}

#[derive(Default)]
struct Form {
    image: Option<Bytes>,
    target_url: Option<String>,
}

impl Form {
    async fn read(request: Request, app: &AppState) -> Result<Self, Problem> {
        let mut multipart = Multipart::from_request(request, app).await?;
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await? {
            match extract::snake_case(field.name().unwrap_or_default()).as_str() {
                "image" => form.image = Some(file(field).await?),
                "target_url" => form.target_url = Some(field.text().await?),
                other => return Err(extract::unknown_field(other)),
            }
        }
        Ok(form)
    }
}

async fn file(mut field: Field<'_>) -> Result<Bytes, Problem> {
    let mut file = BytesMut::new();
    while let Some(chunk) = field.chunk().await? {
        if file.len() + chunk.len() > MAX_IMAGE_BYTES {
            return Err(Code::ImageTooLarge.into());
        }
        file.extend_from_slice(&chunk);
    }
    Ok(file.freeze())
}
