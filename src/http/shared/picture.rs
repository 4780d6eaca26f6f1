//! How a photo looks in JSON, and where its pictures are.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::camera_time;
use crate::{
    domain::{DERIVATIVE_SIZES, Derivative, Photo, TILE},
    marks::{CLEAN, StudioMark},
};

/// The picture of a photo, as the gallery and the matches of a search show it.
#[derive(Serialize, ToSchema)]
pub struct Picture {
    photo_id: Uuid,
    photo_session_id: Uuid,
    filename: String,
    /// The width of the upright picture, in pixels.
    width: u32,
    height: u32,
    /// See <https://evanw.github.io/thumbhash/>; base64.
    thumbhash: Option<String>,
    /// The camera's clock, without a zone.
    taken_at: Option<String>,
    /// 320 pixels on the long side, like the others never enlarged. `?download=1` saves instead of showing.
    thumb_url: String,
    /// 640 pixels on the long side; 320 of photos that were taken in before there was this size.
    tile_url: String,
    /// 1024 pixels on the long side.
    preview_url: String,
    /// 2048 pixels on the long side, or the largest that guests are sent.
    full_url: String,
}

impl Picture {
    /// As guests see it while their studio has set a mark; without one, as those who manage the session do.
    /// `most` is the long side of the largest copy that they are sent.
    pub fn new(photo: &Photo, mark: Option<&StudioMark>, most: u32) -> Self {
        let mut urls = picture_urls(photo, mark, most);
        let mut url = |size| urls.remove(&size).unwrap_or_default();
        Self {
            photo_id: photo.id.0,
            photo_session_id: photo.photo_session_id.0,
            filename: photo.filename.clone(),
            width: photo.width,
            height: photo.height,
            thumbhash: photo.thumbhash.as_ref().map(|hash| BASE64_STANDARD.encode(hash)),
            taken_at: photo.taken_at.map(camera_time),
            thumb_url: url(320),
            tile_url: url(TILE),
            preview_url: url(1024),
            full_url: url(2048),
        }
    }
}

/// The point of a picture that a crop keeps: the middle of its faces, as fractions (0..1) of the upright picture.
#[derive(Serialize, ToSchema)]
pub struct Focus {
    x: f64,
    y: f64,
}

impl From<(f64, f64)> for Focus {
    fn from((x, y): (f64, f64)) -> Self {
        Self { x, y }
    }
}

/// The name of a derivative in its address: with the mark's hash where guests see it marked.
pub fn file_name(Derivative { size, hash, .. }: &Derivative, mark: Option<&StudioMark>) -> String {
    match mark.filter(|_| *size > CLEAN) {
        Some(mark) => format!("{size}-{hash}-{}.jpg", mark.id()),
        None => format!("{size}-{hash}.jpg"),
    }
}

/// The addresses of a photo's derivatives by long side, in pixels.
///
/// A picture that is too small for a size has no derivative of it: the largest there is, of `most` pixels, stands in.
/// `mark` is what guests see over the larger ones.
pub fn picture_urls(photo: &Photo, mark: Option<&StudioMark>, most: u32) -> BTreeMap<u32, String> {
    let url =
        |d: &Derivative| format!("/media/{}/{}/{}", photo.photo_session_id, photo.id, file_name(d, mark));
    DERIVATIVE_SIZES
        .iter()
        .filter_map(|&size| {
            let fits = photo.derivatives.iter().filter(|d| d.size <= size.min(most)).max_by_key(|d| d.size);
            Some((size, url(fits.or(photo.derivatives.first())?)))
        })
        .collect()
}
