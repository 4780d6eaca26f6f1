//! `/api/photo-sessions/{session_id}/clocks`: the cameras of a session and how their clocks stand to each other.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::managed;
use crate::{
    app::{App, AppState},
    domain::PhotoSessionId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::camera_time,
    },
    photos::CameraClock,
};

/// The farthest zones are 14 hours ahead and 12 behind.
const ZONES: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;
/// A clock that was never set may be off by decades.
const LONGEST_SHIFT: u64 = 60 * 60 * 24 * 366 * 60;

#[derive(Serialize, ToSchema)]
pub struct Clocks {
    /// Minutes ahead of UTC in which clocks are read that do not say their own zone.
    utc_offset_minutes: i32,
    /// Whether the photographer chose the zone; if not, it is the zone that most photos name, or UTC.
    is_chosen: bool,
    cameras: Vec<Camera>,
}

#[derive(Serialize, ToSchema)]
pub struct Camera {
    /// The camera's name; empty for photos that name no camera.
    camera: String,
    photos: u64,
    /// First and last shot by its own clock.
    first_taken_at: String,
    last_taken_at: String,
    /// The number of seconds by which the camera's clock is moved.
    shift_seconds: i64,
}

impl From<CameraClock> for Camera {
    fn from(CameraClock { camera, photos, first, last, shift_seconds }: CameraClock) -> Self {
        let (first_taken_at, last_taken_at) = (camera_time(first), camera_time(last));
        Self { camera, photos, first_taken_at, last_taken_at, shift_seconds }
    }
}

/// List the cameras of a session and their clocks
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/clocks",
    operation_id = "show_clocks",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Clocks))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<Clocks>, Problem> {
    managed(&app, &caller, id).await?;
    Ok(Json(clocks(&app, id).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct ClockChange {
    /// `null` goes back to the zone that most photos name; absent leaves it.
    #[serde(default, alias = "utcOffsetMinutes", deserialize_with = "extract::given")]
    #[schema(value_type = Option<i32>, minimum = -720, maximum = 840)]
    utc_offset_minutes: Option<Option<i32>>,
    #[serde(default)]
    cameras: Vec<Shift>,
}

#[derive(Deserialize, ToSchema)]
pub struct Shift {
    camera: String,
    #[serde(alias = "shiftSeconds")]
    shift_seconds: i64,
}

/// Move a camera's clock, or read clocks in another zone
///
/// The gallery is in the new order at once.
#[utoipa::path(
    patch,
    path = "/api/photo-sessions/{session_id}/clocks",
    operation_id = "change_clocks",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = ClockChange,
    responses((status = 200, body = Clocks))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    change: Result<extract::Json<ClockChange>, Problem>,
) -> Result<Json<Clocks>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(change) = change?;
    if change.utc_offset_minutes.flatten().is_some_and(|minutes| !ZONES.contains(&minutes))
        || change.cameras.iter().any(|shift| shift.shift_seconds.unsigned_abs() > LONGEST_SHIFT)
    {
        return Err(Code::InvalidClock.into());
    }
    let known = app.gallery.cameras(id).await?;
    let is_known = |shift: &Shift| known.iter().any(|clock| clock.camera == shift.camera);
    if !change.cameras.iter().all(is_known) {
        return Err(Code::UnknownCamera.into());
    }
    if let Some(minutes) = change.utc_offset_minutes {
        app.gallery.set_zone(id, minutes).await?;
    }
    for Shift { camera, shift_seconds } in change.cameras {
        app.gallery.shift_clock(id, &camera, shift_seconds).await?;
    }
    Ok(Json(clocks(&app, id).await?))
}

async fn clocks(app: &App, id: PhotoSessionId) -> Result<Clocks, Problem> {
    let zone = app.gallery.zone(id).await?;
    let cameras = app.gallery.cameras(id).await?;
    Ok(Clocks {
        utc_offset_minutes: zone.offset_minutes,
        is_chosen: zone.is_chosen,
        cameras: cameras.into_iter().map(Camera::from).collect(),
    })
}
