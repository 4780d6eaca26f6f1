//! `/api/photo-sessions/{session_id}/choices`: which photos were chosen, for editors.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::AppState,
    choices::{ChosenBy, ChosenPhoto, sidecar},
    domain::PhotoSessionId,
    galleries::archive_of,
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shop::{plain_cell, table_writer},
        studio::managed,
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// Only what these have chosen.
    #[param(inline, value_type = Option<By>)]
    by: Option<String>,
    /// Only what is in this list.
    #[param(value_type = Option<Uuid>)]
    list: Option<String>,
}

/// See [`ChosenBy`].
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described, never made")]
pub enum By {
    Orders,
    Hearts,
    Couple,
    /// The photographer, with stars, a label or a rejection.
    Studio,
}

impl Whose {
    fn read(&self) -> Result<Option<ChosenBy>, Problem> {
        match (self.by.as_deref(), self.list.as_deref()) {
            (None, None) => Ok(None),
            (None, Some(list)) => Ok(Some(ChosenBy::List(extract::id(list)?))),
            (Some("orders"), None) => Ok(Some(ChosenBy::Orders)),
            (Some("hearts"), None) => Ok(Some(ChosenBy::Hearts)),
            (Some("couple"), None) => Ok(Some(ChosenBy::Couple)),
            (Some("studio"), None) => Ok(Some(ChosenBy::Studio)),
            _ => Err(Code::MalformedQuery.into()),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Choice {
    photo_id: Uuid,
    filename: String,
    /// The name of the RAW beside it.
    raw_filename: Option<String>,
    /// Orders that name the photo.
    orders: u64,
    /// Copies in all of them.
    quantity: u64,
    /// Guests who have given it a heart.
    hearts: u64,
    /// The couple has chosen it.
    by_couple: bool,
    /// The photographer's stars, 1 to 5; -1 is "rejected".
    rating: Option<i8>,
    label: Option<String>,
}

impl From<ChosenPhoto> for Choice {
    fn from(chosen: ChosenPhoto) -> Self {
        let ChosenPhoto { id, filename, raw_filename, orders, quantity, hearts, rating, label } = chosen;
        let (hearts, by_couple) = (hearts.guests, hearts.by_couple);
        Self { photo_id: id.0, filename, raw_filename, orders, quantity, hearts, by_couple, rating, label }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Choices {
    /// By name.
    choices: Vec<Choice>,
}

/// List the photos of a session that guests and clients have chosen
///
/// Chosen is what a guest has given a heart, what the couple has selected, and what an order names that is placed, paid or
/// fulfilled; by `studio`, what the photographer has given stars, a label or a rejection. Who it was is not said, and an order
/// of the whole session chooses no photo.
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/choices",
    operation_id = "list_choices",
    tag = "choices",
    params(("session_id" = Uuid, Path), Whose),
    responses((status = 200, body = Choices))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(whose): Params<Whose>,
) -> Result<Json<Choices>, Problem> {
    let by = whose.read()?;
    managed(&app, &caller, id).await?;
    let chosen = app.choices.chosen(id, by).await?;
    Ok(Json(Choices { choices: chosen.into_iter().map(Into::into).collect() }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `names`: names of files without their extensions, separated by commas, as the search of Lightroom takes them. `csv`: a
    /// table. `xmp`: a ZIP of sidecars with stars and keywords.
    #[param(inline, value_type = Option<Form>)]
    form: Option<String>,
}

/// The form of an export.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described, never made")]
pub enum Form {
    Names,
    Csv,
    Xmp,
}

/// Export what was chosen for an editor of photos
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/choices/export",
    operation_id = "export_choices",
    tag = "choices",
    params(("session_id" = Uuid, Path), Wanted, Whose),
    responses((status = 200, description = "The file", content(
        (String = "text/plain"), (String = "text/csv"), (crate::http::words::Binary = "application/zip")
    )))
)]
pub async fn export(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(Wanted { form }): Params<Wanted>,
    Params(whose): Params<Whose>,
) -> Result<Response, Problem> {
    let by = whose.read()?;
    managed(&app, &caller, id).await?;
    let chosen = app.choices.chosen(id, by).await?;
    let (body, media_type, extension) = match form.as_deref().unwrap_or("csv") {
        "names" => (names(&chosen).into_bytes(), "text/plain; charset=utf-8", "txt"),
        "csv" => (table(&chosen)?, "text/csv; charset=utf-8", "csv"),
        "xmp" => {
            let files = chosen.iter().map(sidecar).map(|(name, xmp)| (name, xmp.into_bytes())).collect();
            (archive_of(files, app.now().naive_utc()), "application/zip", "zip")
        }
        _ => return Err(Code::MalformedQuery.into()),
    };
    let disposition = format!("attachment; filename=\"pixora-choices.{extension}\"");
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

/// Each name once: two cards of one camera count alike.
fn names(chosen: &[ChosenPhoto]) -> String {
    let mut names: Vec<&str> = chosen
        .iter()
        .map(|photo| photo.filename.rsplit_once('.').map_or(photo.filename.as_str(), |(stem, _)| stem))
        .collect();
    names.dedup();
    names.join(", ")
}

fn table(chosen: &[ChosenPhoto]) -> Result<Vec<u8>, Problem> {
    let mut table = table_writer();
    let head = [
        "filename",
        "raw_filename",
        "by_couple",
        "hearts",
        "orders",
        "quantity",
        "photo_id",
        "rating",
        "label",
    ];
    table.write_record(head).map_err(Problem::internal)?;
    for photo in chosen {
        let record = [
            plain_cell(&photo.filename),
            plain_cell(photo.raw_filename.as_deref().unwrap_or_default()),
            photo.hearts.by_couple.to_string(),
            photo.hearts.guests.to_string(),
            photo.orders.to_string(),
            photo.quantity.to_string(),
            photo.id.to_string(),
            photo.rating.map(|stars| stars.to_string()).unwrap_or_default(),
            plain_cell(photo.label.as_deref().unwrap_or_default()),
        ];
        table.write_record(record).map_err(Problem::internal)?;
    }
    table.into_inner().map_err(Problem::internal)
}
