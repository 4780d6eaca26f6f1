//! Where the faces are, coarse to fine.
//!
//! One detector looks at the whole picture at a few sizes. What it is sure of is taken; what it is not sure
//! of is looked at again, closely, by the detector that its manifest names as `second_look`. Measured with
//! YuNet at 640 and 1600 pixels and CenterFace for the second look: as many faces as CenterFace alone from
//! 24 pixels up in photos of 24 megapixels, in half of the time and less.
//!
//! A face that lies on its side (a photo without an orientation, a selfie lying down) is found, but its points
//! are not. [`turn`] says how each face has to be turned.

mod turn;
mod windows;

use serde::{Deserialize, Serialize};

use super::{
    VisionError,
    geometry::{Landmarks, Point, QuarterTurns, Rect},
    manifest::DetectorModel,
    onnx::Net,
};
use crate::imaging::{Filter, Picture, crop_resize, resize};

/// A face found, in pixels of the original.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    pub rect: Rect,
    pub landmarks: Landmarks,
    /// 0..=1.
    pub score: f32,
    /// How the picture has to be turned for the face to stand upright.
    #[serde(default)]
    pub turn: QuarterTurns,
}

impl Detection {
    fn map(&self, factor: f32, dx: f32, dy: f32) -> Self {
        Self {
            rect: self.rect.moved(dx, dy).scaled(factor),
            landmarks: self.landmarks.map(|p| Point::new(p.x + dx, p.y + dy).scaled(factor)),
            ..*self
        }
    }
}

/// What is expected of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DetectOptions {
    /// A photographer's picture: also look for faces that are tiny in it.
    #[default]
    Photo,
    /// A selfie or a labelled portrait: who matters is large.
    Portrait,
}

/// One detector network.
pub(super) struct Looker {
    net: Net,
    model: DetectorModel,
}

impl Looker {
    pub fn new(net: Net, model: DetectorModel) -> Self {
        Self { net, model }
    }

    /// One pass of the network: faces of at least `least` in pixels of `picture`, best first.
    fn look(&mut self, picture: &Picture, least: f32) -> Result<Vec<Detection>, VisionError> {
        let decoder = &self.model.decoder;
        let (width, height) = (picture.width as usize, picture.height as usize);
        let found = self.net.run(&picture.rgb, width, height, &decoder.outputs(), |outputs, w, h| {
            let mut found = decoder.decode(outputs, w, h, least);
            found.retain(|face| face.rect.area().is_normal());
            found
        })?;
        Ok(suppress(found, self.model.nms_iou))
    }
}

pub(super) struct Detector {
    first: Looker,
    second: Option<Looker>,
}

impl Detector {
    pub fn new(first: Looker, second: Option<Looker>) -> Self {
        Self { first, second }
    }

    /// All faces of a picture, best score first, in pixels of the original.
    pub fn detect(
        &mut self,
        picture: &Picture,
        options: DetectOptions,
    ) -> Result<Vec<Detection>, VisionError> {
        let small = picture.long_side() <= self.first.model.search.whole_sides[0];
        let mut found = match options {
            DetectOptions::Photo if !small => self.whole(picture)?,
            _ => self.portrait(picture)?,
        };
        turn::upright(&mut self.first, picture, &mut found, options)?;
        Ok(found.iter().map(|face| face.map(1.0 / picture.scale, 0.0, 0.0)).collect())
    }

    /// The first detector's looks, and the second's at what the first was not sure of.
    fn whole(&mut self, picture: &Picture) -> Result<Vec<Detection>, VisionError> {
        let model = self.first.model.clone();
        let long = picture.long_side();
        let mut found = Vec::new();
        let mut looked: Option<Picture> = None;
        // From the largest to the smallest, each made from the one before.
        for (n, &side) in model.search.whole_sides.iter().enumerate().rev() {
            if n > 0 && model.search.whole_sides[n - 1] >= long {
                continue;
            }
            let smaller = resize(looked.as_ref().unwrap_or(picture), side, Filter::Area);
            let factor = long as f32 / smaller.long_side() as f32;
            let seen = self.first.look(&smaller, model.search.unsure.min(model.score))?;
            found.extend(seen.iter().map(|face| face.map(factor, 0.0, 0.0)));
            looked = Some(smaller);
        }
        drop(looked);
        let found = suppress(found, model.nms_iou);
        let (mut sure, unsure): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|face| face.score >= model.score);
        let again = self.look_again(picture, &sure, &unsure)?;
        sure.extend(again);
        Ok(suppress(sure, model.nms_iou))
    }

    /// What the second detector finds where the first was not sure.
    fn look_again(
        &mut self,
        picture: &Picture,
        sure: &[Detection],
        unsure: &[Detection],
    ) -> Result<Vec<Detection>, VisionError> {
        let Some(second) = &mut self.second else { return Ok(Vec::new()) };
        let search = second.model.search.clone();
        let to_fine = (search.fine_side as f32 / picture.long_side() as f32).min(1.0);
        // Best first, so the least likely are left out.
        let places: Vec<Rect> = unsure
            .iter()
            .filter(|face| !sure.iter().any(|other| is_feature_of(&face.rect, &other.rect)))
            .take(search.most_windows)
            .map(|face| face.rect.scaled(to_fine))
            .collect();
        let (width, height) = (picture.width as f32 * to_fine, picture.height as f32 * to_fine);
        let mut found = Vec::new();
        for window in windows::windows(&places, search.window, width, height) {
            let enlarge = if window.smallest < search.tiny_face { search.tiny_enlarge } else { 1.0 };
            let (place, pixels) = windows::cut(picture, &window.rect, to_fine, enlarge);
            for face in second.look(&pixels, second.model.score)? {
                let face = face.map(1.0 / enlarge, 0.0, 0.0);
                if !is_cut(&face.rect, &place, width, height) {
                    found.push(face.map(1.0 / to_fine, place.x, place.y));
                }
            }
        }
        Ok(found)
    }

    /// One person close up. The second detector tries where the first sees nobody.
    fn portrait(&mut self, picture: &Picture) -> Result<Vec<Detection>, VisionError> {
        let found = close_up(&mut self.first, picture, 1)?;
        match &mut self.second {
            _ if !found.is_empty() => Ok(found),
            Some(second) => close_up(second, picture, 3),
            None => close_up(&mut self.first, picture, 3),
        }
    }
}

/// A person close up: enlarged when small, framed when tiny, and looked for harder in each further attempt.
fn close_up(looker: &mut Looker, picture: &Picture, attempts: usize) -> Result<Vec<Detection>, VisionError> {
    let model = looker.model.clone();
    let search = &model.search;
    let long = picture.long_side();
    let border = if long <= search.tiny_side { search.tiny_border } else { 0.0 };
    let ways = [
        (1.0, border, model.score),
        (0.5, search.tiny_border, model.score),
        (1.5, 2.0 * search.tiny_border, model.score.min(0.2)),
    ];
    for (times, border, least) in ways.into_iter().take(attempts) {
        let mut found = Vec::new();
        for &side in &search.portrait_sides {
            let factor = times * search.portrait_enlarge.min(f64::from(side) / f64::from(long));
            found.extend(look_framed(looker, picture, factor, border, least)?);
        }
        if !found.is_empty() {
            return Ok(suppress(found, model.nms_iou));
        }
    }
    Ok(Vec::new())
}

/// A look at the picture scaled by `factor`, with a black frame of `border` long sides around it.
fn look_framed(
    looker: &mut Looker,
    picture: &Picture,
    factor: f64,
    border: f64,
    least: f32,
) -> Result<Vec<Detection>, VisionError> {
    let side = |n: u32| (f64::from(n) * factor).round().max(1.0) as u32;
    let (width, height) = (side(picture.width), side(picture.height));
    let whole = [0.0, 0.0, f64::from(picture.width), f64::from(picture.height)];
    let filter = if factor < 1.0 { Filter::Area } else { Filter::CatmullRom };
    let scaled = crop_resize(picture, whole, width, height, filter);
    let frame = (f64::from(width.max(height)) * border).round() as usize;
    let found = looker.look(&framed(&scaled, frame), least)?;
    let frame = frame as f32;
    Ok(found.iter().map(|face| face.map((1.0 / factor) as f32, -frame, -frame)).collect())
}

/// Greedy non-maximum suppression; best first.
fn suppress(mut found: Vec<Detection>, most_iou: f32) -> Vec<Detection> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Detection> = Vec::new();
    for face in found {
        if kept.iter().all(|other| face.rect.iou(&other.rect) <= most_iou) {
            kept.push(face);
        }
    }
    kept
}

/// Whether a proposal is an eye or a button inside the oval of a face already found.
fn is_feature_of(proposal: &Rect, face: &Rect) -> bool {
    let (p, f) = (proposal.center(), face.center());
    let (dx, dy) = ((p.x - f.x) / (face.w / 2.0), (p.y - f.y) / (face.h / 2.0));
    dx * dx + dy * dy <= 1.0 && proposal.w.max(proposal.h) < 0.6 * face.w.max(face.h)
}

/// Whether a box touches an edge of its window (both in pixels of the same picture, the box from the
/// window's corner) that is not an edge of the picture.
fn is_cut(rect: &Rect, window: &Rect, width: f32, height: f32) -> bool {
    const NEAR: f32 = 2.0;
    (window.x > NEAR && rect.x < NEAR)
        || (window.y > NEAR && rect.y < NEAR)
        || (window.x + window.w < width - NEAR && rect.x + rect.w > window.w - NEAR)
        || (window.y + window.h < height - NEAR && rect.y + rect.h > window.h - NEAR)
}

/// With `border` black pixels on all sides.
fn framed(picture: &Picture, border: usize) -> Picture {
    let (w, h) = (picture.width as usize, picture.height as usize);
    let (out_w, out_h) = (w + 2 * border, h + 2 * border);
    let mut rgb = vec![0; out_w * out_h * 3];
    for (y, row) in picture.rgb.chunks_exact(w * 3).enumerate() {
        let at = ((y + border) * out_w + border) * 3;
        rgb[at..at + w * 3].copy_from_slice(row);
    }
    Picture { scale: picture.scale, ..Picture::new(out_w as u32, out_h as u32, rgb) }
}

/// Whose picture this is: the face with the largest area less up to 65 % for lying off the centre of
/// `width` × `height`. Of 181 labelled pictures with several faces it took no wrong one; plain area took one.
#[must_use]
pub fn largest_central(found: &[Detection], width: u32, height: u32) -> Option<usize> {
    let middle = Point::new(width as f32 / 2.0, height as f32 / 2.0);
    let half_diagonal = middle.distance(Point::default()).max(1.0);
    let weight = |face: &Detection| {
        face.rect.area() * (1.0 - 0.65 * face.rect.center().distance(middle) / half_diagonal)
    };
    (0..found.len()).max_by(|&a, &b| weight(&found[a]).total_cmp(&weight(&found[b])))
}
