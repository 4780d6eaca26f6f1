//! `/api/photo-sessions/{session_id}/comments/export`: comments for a spreadsheet.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        extract::PathId,
        guard::Caller,
        problem::Problem,
        shared::time,
        shop::{plain_cell, table_writer},
        studio::managed,
    },
};

/// Export the comments of a session as a table
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/comments/export",
    operation_id = "export_comments",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, description = "The table", body = String, content_type = "text/csv"))
)]
pub async fn export(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Response, Problem> {
    managed(&app, &caller, id).await?;
    let mut table = table_writer();
    let head = ["filename", "name", "text", "answer", "state", "created_at", "photo_id", "id"];
    table.write_record(head).map_err(Problem::internal)?;
    for exported in app.guests.exported_comments(id).await? {
        let comment = exported.comment;
        let record = [
            plain_cell(&exported.filename),
            plain_cell(&comment.name),
            plain_cell(&comment.text),
            plain_cell(comment.answer.as_deref().unwrap_or_default()),
            comment.state.to_string(),
            time(comment.created_at),
            comment.photo.to_string(),
            comment.id.to_string(),
        ];
        table.write_record(record).map_err(Problem::internal)?;
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"pixora-comments.csv\""),
    ];
    Ok((headers, table.into_inner().map_err(Problem::internal)?).into_response())
}
