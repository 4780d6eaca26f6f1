//! `/api/photo-sessions/{session_id}/analytics`: how a session is used, hour by hour.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{managed, parsed_time};
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        extract::{Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        sessions::time,
    },
    store::{UsageCounts, UsageHour},
};

/// More hours than this are not drawn by anybody.
const LONGEST: TimeDelta = TimeDelta::days(366);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// RFC 3339; else a year before `to`.
    from: Option<String>,
    /// RFC 3339; else now.
    to: Option<String>,
}

impl Period {
    /// At most a year.
    fn read(&self) -> Result<(DateTime<Utc>, DateTime<Utc>), Problem> {
        let to = self.to.as_deref().map(parsed_time).transpose()?.unwrap_or_else(Utc::now);
        let earliest = to.checked_sub_signed(LONGEST).ok_or(Code::InvalidTime)?;
        let from = self.from.as_deref().map(parsed_time).transpose()?.unwrap_or(earliest);
        if (earliest..=to).contains(&from) { Ok((from, to)) } else { Err(Code::InvalidTime.into()) }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Counts {
    page_view: u64,
    search: u64,
    /// Searches that found photos.
    hit: u64,
    /// Searches that found none.
    empty: u64,
    download: u64,
}

impl From<UsageCounts> for Counts {
    fn from(counts: UsageCounts) -> Self {
        Self {
            page_view: counts.page_views,
            search: counts.searches,
            hit: counts.hits,
            empty: counts.empty,
            download: counts.downloads,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Hour {
    /// Its start.
    #[schema(format = DateTime)]
    hour: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize, ToSchema)]
pub struct Analytics {
    /// Over the hours shown.
    totals: Counts,
    /// Oldest first; hours in which nothing happened are left out.
    hours: Vec<Hour>,
}

async fn hours(
    app: &AppState,
    caller: &crate::accounts::Caller,
    id: PhotoSessionId,
    period: &Period,
) -> Result<Vec<UsageHour>, Problem> {
    let (from, to) = period.read()?;
    managed(app, caller, id).await?;
    // What was counted in the last seconds is part of the answer.
    app.usage.flush().await?;
    Ok(app.store.usage().hours(id, from, to).await?)
}

/// A session's use: in all, and by the hour
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/analytics",
    tag = "studio",
    params(("session_id" = Uuid, Path), Period),
    responses((status = 200, body = Analytics))
)]
pub async fn json(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(period): Params<Period>,
) -> Result<Json<Analytics>, Problem> {
    let hours = hours(&app, &caller, id, &period).await?;
    let mut totals = UsageCounts::default();
    hours.iter().for_each(|hour| totals += hour.counts);
    let hour = |each: UsageHour| Hour { hour: time(each.hour), counts: each.counts.into() };
    Ok(Json(Analytics { totals: totals.into(), hours: hours.into_iter().map(hour).collect() }))
}

/// The same by the hour as CSV, for a spreadsheet
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/analytics.csv",
    tag = "studio",
    params(("session_id" = Uuid, Path), Period),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn csv(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(period): Params<Period>,
) -> Result<Response, Problem> {
    let hours = hours(&app, &caller, id, &period).await?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = ["hour", "page_view", "search", "hit", "empty", "download"];
    table.write_record(head).map_err(Problem::internal)?;
    for UsageHour { hour, counts } in hours {
        let Counts { page_view, search, hit, empty, download } = counts.into();
        table.serialize((time(hour), page_view, search, hit, empty, download)).map_err(Problem::internal)?;
    }
    let table = table.into_inner().map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"pixora-{}.csv\"", &id.to_string()[..8]),
        ),
    ];
    Ok((headers, table).into_response())
}
