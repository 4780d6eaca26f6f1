//! How a photo looks in JSON, and where its pictures are.

use std::{collections::BTreeMap, fmt::Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::camera_time;
use crate::{
    domain::{DERIVATIVE_SIZES, Derivative, Photo, TILE},
    marks::{CLEAN, StudioMark},
};

/// What the name of a picture for a messenger begins with; the name of the copy that it is cut out of follows.
pub const LINK_NAME: &str = "link-";
/// Width over height below which a tile cuts a picture.
const NARROWEST: f64 = 0.66;

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
    /// A guest has sent it; only then it is said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(default = false)]
    is_from_guest: bool,
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
            is_from_guest: photo.is_from_guest,
            thumb_url: url(320),
            tile_url: url(TILE),
            preview_url: url(1024),
            full_url: url(2048),
        }
    }
}

impl Picture {
    pub const fn id(&self) -> Uuid {
        self.photo_id
    }

    /// The address of its smallest copy.
    pub fn into_thumb(self) -> String {
        self.thumb_url
    }

    /// Whether it is at least as wide as it is high.
    pub const fn is_wide(&self) -> bool {
        self.width >= self.height
    }

    /// Whether it is so narrow that a tile cuts it.
    pub fn is_narrow(&self) -> bool {
        f64::from(self.width) < f64::from(self.height) * NARROWEST
    }

    /// `src` and `srcset` of a tile, with the real widths; the smallest first. `sources` in `static/js/guest/tile.js`
    /// does the same.
    pub fn sources(&self) -> (&str, String) {
        let all = [(&self.thumb_url, 320), (&self.tile_url, TILE), (&self.preview_url, 1024)];
        // Where the studio has set a mark, tiles with and without it would stand side by side.
        let is_marked = |url: &str| url.matches('-').count() > all[0].0.matches('-').count();
        let any = all.iter().any(|(url, _)| is_marked(url));
        let mut urls: Vec<&str> = Vec::new();
        let mut set = String::new();
        for (url, size) in all.into_iter().filter(|(url, _)| !any || is_marked(url)) {
            if urls.contains(&url.as_str()) {
                continue;
            }
            let comma = if urls.is_empty() { "" } else { ", " };
            let _ = write!(set, "{comma}{url} {}w", self.width_at(long_side(url).unwrap_or(size)));
            urls.push(url);
        }
        (urls.first().copied().unwrap_or_default(), set)
    }

    /// Where the picture is that a messenger shows beside a link; it is cut out of the largest copy that guests are sent.
    pub fn link_url(&self) -> String {
        let (folder, name) = self.full_url.rsplit_once('/').unwrap_or_default();
        format!("{folder}/{LINK_NAME}{name}")
    }

    /// The width of a copy with this long side, which is never larger than the picture.
    fn width_at(&self, long: u32) -> u32 {
        self.at(self.width, long)
    }

    fn at(&self, side: u32, long: u32) -> u32 {
        let scale = (f64::from(long) / f64::from(self.width.max(self.height).max(1))).min(1.0);
        ((f64::from(side) * scale).round() as u32).max(1)
    }
}

/// The long side that stands in a derivative's address.
fn long_side(url: &str) -> Option<u32> {
    url.rsplit('/').next()?.split('-').next()?.parse().ok()
}

/// The `object-position` of a picture with which no crop cuts a head that has room in it, as fractions (0..1) of the
/// upright picture.
#[derive(Serialize, ToSchema)]
pub struct Focus {
    x: f64,
    y: f64,
}

impl Focus {
    /// In whole percent.
    pub fn percent(&self) -> (u32, u32) {
        let percent = |part: f64| (part.clamp(0.0, 1.0) * 100.0).round() as u32;
        (percent(self.x), percent(self.y))
    }
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

#[cfg(test)]
impl Picture {
    /// A picture of this shape under an invented name.
    pub fn example(filename: &str, width: u32, height: u32) -> Self {
        let url = |size: u32| format!("/media/0/1/{size}-0123456789abcdef.jpg");
        Self {
            photo_id: Uuid::now_v7(),
            photo_session_id: Uuid::nil(),
            filename: filename.to_owned(),
            width,
            height,
            thumbhash: None,
            taken_at: None,
            is_from_guest: false,
            thumb_url: url(320),
            tile_url: url(TILE),
            preview_url: url(1024),
            full_url: url(2048),
        }
    }

    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// The same picture, as another answer has it.
    pub fn copied(&self) -> Self {
        Self { photo_id: self.photo_id, ..Self::example(&self.filename, self.width, self.height) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_names_each_copy_once_with_its_real_width() {
        let mut picture = Picture::example("a.jpg", 1500, 3000);
        picture.preview_url = picture.tile_url.clone();
        let (src, set) = picture.sources();
        assert_eq!(src, picture.thumb_url);
        assert_eq!(set, format!("{} 160w, {} 320w", picture.thumb_url, picture.tile_url));
    }

    #[test]
    fn marked_and_unmarked_copies_do_not_stand_side_by_side() {
        let mut picture = Picture::example("a.jpg", 3000, 1500);
        picture.tile_url = "/media/0/1/640-0123456789abcdef-fedcba9876543210.jpg".to_owned();
        picture.preview_url = "/media/0/1/1024-0123456789abcdef-fedcba9876543210.jpg".to_owned();
        let (src, set) = picture.sources();
        assert_eq!(src, picture.tile_url);
        assert!(!set.contains(&picture.thumb_url), "{set}");
    }
}
