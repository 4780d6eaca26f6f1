//! Where the faces are: CenterFace (Xu et al. 2019, <https://arxiv.org/abs/1911.03599>), coarse to fine.
//!
//! CenterFace needs about 20 pixels of a face (recall 1.00; .61 at 14, none at 7), so a 40-pixel face in a
//! 24-megapixel photo needs a look at 3000 pixels a side: 1.3 s of one core. Instead:
//! 1. a coarse look at 800 pixels finds who is large (65 ms);
//! 2. the proposals network, four times cheaper for each pixel, says at 2048 where small faces may be (140 ms);
//! 3. CenterFace looks there at up to 3072, and only there, enlarging where the smallest are proposed (0 to
//!    60 ms in photos of a few people, 300 for 75 small faces).
//!
//! Recall with group photos shrunk and pasted into 6000 × 4000 pictures, 252 faces: 1.00 at 100, 60 and 40
//! pixels, .99 at 30, with one false box; every large face in front was found too. Alone on a patch of 100
//! pixels in a strange background, which is harder than any photo, 40-pixel faces are found at .78.
//!
//! Measured and not kept: YuNet at 1600 and 640 pixels, with CenterFace for what it scores between .2 and .6. With 16
//! faces of 24, 28, 32, 40 and 64 pixels in 24 megapixels it found 0, 4, 8, 12 and 16 (this: 11, 13, 16, 16, 16) in 91 to
//! 209 ms of a core (this: 237 to 261). To find all from 32 pixels up it has to look at 2048 pixels and doubt from .1
//! (198 to 295 ms) or at 2560 (251 to 320 ms), and that is no gain.
//!
//! A face that lies on its side (a photo without an orientation, a selfie lying down) is found, but its points
//! are not. [`turn`] says how each face has to be turned.

mod turn;

use serde::{Deserialize, Serialize};

use super::{
    VisionError,
    geometry::{Landmarks, Point, QuarterTurns, Rect},
    manifest::{DetectorModel, DetectorSearch},
    onnx::Net,
    propose::{self, Proposer},
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

/// The kind of a picture, which decides how it is searched for faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PictureKind {
    /// A photographer's picture: also look for faces that are tiny in it.
    #[default]
    Photo,
    /// A selfie or a labelled portrait: who matters is large.
    Portrait,
}

/// A score at which the coarse look is not sure, and the fine look should see for itself.
const UNSURE: f32 = 0.1;

pub(super) struct Detector {
    net: Net,
    model: DetectorModel,
    proposer: Option<Proposer>,
}

impl Detector {
    pub fn new(net: Net, model: DetectorModel, proposer: Option<Proposer>) -> Self {
        Self { net, model, proposer }
    }

    /// All faces of a picture, best score first, in pixels of the original.
    pub fn detect(&mut self, picture: &Picture, kind: PictureKind) -> Result<Vec<Detection>, VisionError> {
        let found = self.looks(picture, kind)?;
        let found = turn::upright(self, picture, found, kind)?;
        Ok(found.iter().map(|face| face.map(1.0 / picture.scale, 0.0, 0.0)).collect())
    }

    /// The faces in pixels of `picture`, whichever way up they are.
    fn looks(&mut self, picture: &Picture, kind: PictureKind) -> Result<Vec<Detection>, VisionError> {
        let DetectorSearch { whole_side, portrait_side, .. } = self.model.search;
        let long = picture.long_side();
        if kind == PictureKind::Portrait || long <= portrait_side {
            self.portrait(picture)
        } else if long <= whole_side {
            self.look(picture, self.model.score)
        } else {
            self.coarse_to_fine(picture)
        }
    }

    fn coarse_to_fine(&mut self, picture: &Picture) -> Result<Vec<Detection>, VisionError> {
        let DetectorSearch {
            coarse_side,
            proposal_side,
            fine_side,
            coarse_face,
            window,
            tiny_face,
            tiny_enlarge,
            ..
        } = self.model.search;
        let sides = picture.long_side() as f32;
        let proposal_picture = resize(picture, proposal_side, Filter::Area);
        let coarse = resize(&proposal_picture, coarse_side, Filter::Area);
        let from_coarse = sides / coarse.long_side() as f32;
        let (sure, unsure): (Vec<_>, Vec<_>) = self
            .look(&coarse, UNSURE)?
            .into_iter()
            .map(|face| face.map(from_coarse, 0.0, 0.0))
            .partition(|face| face.score >= self.model.score);

        let from_proposals = sides / proposal_picture.long_side() as f32;
        let mut proposals: Vec<Rect> = unsure.iter().map(|face| face.rect).collect();
        if let Some(proposer) = &mut self.proposer {
            let proposed = proposer.propose(&proposal_picture)?;
            proposals.extend(proposed.iter().map(|rect| rect.scaled(from_proposals)));
        }
        drop((proposal_picture, coarse));

        let to_fine = (fine_side as f32 / sides).min(1.0);
        let small: Vec<Rect> = proposals
            .iter()
            .filter(|rect| rect.w.max(rect.h) <= coarse_face * from_coarse)
            .filter(|rect| !sure.iter().any(|face| is_feature_of(rect, &face.rect)))
            .map(|rect| rect.scaled(to_fine))
            .collect();
        let (width, height) = (picture.width as f32 * to_fine, picture.height as f32 * to_fine);
        let mut found = sure;
        for window in propose::windows(&small, window, width, height) {
            let enlarge = if window.smallest < tiny_face { tiny_enlarge } else { 1.0 };
            let (place, pixels) = propose::cut(picture, &window.rect, to_fine, enlarge);
            for face in self.look(&pixels, self.model.score)? {
                let face = face.map(1.0 / enlarge, 0.0, 0.0);
                if !is_cut(&face.rect, &place, width, height) {
                    found.push(face.map(1.0 / to_fine, place.x, place.y));
                }
            }
        }
        Ok(suppress(found, self.model.nms_iou))
    }

    /// One person close up: enlarged when small, framed when tiny, and looked for harder when not found.
    fn portrait(&mut self, picture: &Picture) -> Result<Vec<Detection>, VisionError> {
        let DetectorSearch { portrait_side, portrait_enlarge, tiny_side, tiny_border, .. } =
            self.model.search;
        let long = picture.long_side();
        let factor = portrait_enlarge.min(f64::from(portrait_side) / f64::from(long));
        let border = if long <= tiny_side { tiny_border } else { 0.0 };
        let score = self.model.score;
        let attempts = [
            (factor, border, score),
            (factor / 2.0, tiny_border, score),
            (factor * 1.5, 2.0 * tiny_border, score.min(0.2)),
        ];
        for (factor, border, score) in attempts {
            let side = |n: u32| (f64::from(n) * factor).round().max(1.0) as u32;
            let (width, height) = (side(picture.width), side(picture.height));
            let whole = [0.0, 0.0, f64::from(picture.width), f64::from(picture.height)];
            let filter = if factor < 1.0 { Filter::Area } else { Filter::CatmullRom };
            let scaled = crop_resize(picture, whole, width, height, filter);
            let frame = (f64::from(width.max(height)) * border).round() as usize;
            let found = self.look(&framed(&scaled, frame), score)?;
            if !found.is_empty() {
                let frame = frame as f32;
                return Ok(found
                    .iter()
                    .map(|face| face.map((1.0 / factor) as f32, -frame, -frame))
                    .collect());
            }
        }
        Ok(Vec::new())
    }

    /// One pass of the network: peaks of at least `least` in pixels of `picture`, best first, not yet
    /// suppressed against each other beyond their cell.
    fn look(&mut self, picture: &Picture, least: f32) -> Result<Vec<Detection>, VisionError> {
        let DetectorModel { stride, heatmap, size, offset, landmarks, nms_iou, .. } = &self.model;
        let (stride, nms_iou) = (*stride as f32, *nms_iou);
        let (w, h) = (picture.width as usize, picture.height as usize);
        let found = self.net.run(
            &picture.rgb,
            w,
            h,
            [heatmap, size, offset, landmarks],
            |[heat, size, offset, points]| {
                let columns = *heat.0.last().unwrap_or(&0) as usize;
                peaks(heat.1, columns, least)
                    .map(|(row, column)| {
                        let plane = heat.1.len();
                        let at = row * columns + column;
                        let channel = |of: &[f32], n: usize| of[n * plane + at];
                        let rect_h = channel(size.1, 0).exp() * stride;
                        let rect_w = channel(size.1, 1).exp() * stride;
                        let x = (column as f32 + channel(offset.1, 1) + 0.5) * stride - rect_w / 2.0;
                        let y = (row as f32 + channel(offset.1, 0) + 0.5) * stride - rect_h / 2.0;
                        let points = [0, 1, 2, 3, 4].map(|n| {
                            Point::new(
                                channel(points.1, 2 * n + 1) * rect_w + x,
                                channel(points.1, 2 * n) * rect_h + y,
                            )
                        });
                        Detection {
                            rect: Rect { x, y, w: rect_w, h: rect_h },
                            landmarks: Landmarks(points),
                            score: heat.1[at],
                            turn: QuarterTurns::default(),
                        }
                    })
                    .filter(|face| face.rect.area().is_normal())
                    .collect::<Vec<_>>()
            },
        )?;
        Ok(suppress(found, nms_iou))
    }
}

/// Cells of at least `least` that no neighbour exceeds.
fn peaks(heat: &[f32], columns: usize, least: f32) -> impl Iterator<Item = (usize, usize)> + '_ {
    let rows = heat.len().checked_div(columns).unwrap_or(0);
    heat.iter().enumerate().filter(move |(_, score)| **score >= least).filter_map(move |(at, &score)| {
        let (row, column) = (at / columns, at % columns);
        let highest = (row.saturating_sub(1)..(row + 2).min(rows)).all(|r| {
            (column.saturating_sub(1)..(column + 2).min(columns)).all(|c| heat[r * columns + c] <= score)
        });
        highest.then_some((row, column))
    })
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
    most_prominent(found, width, height).first().copied()
}

/// The faces whose picture it may be, the likeliest first: [`largest_central`] and whoever is nearly as large and
/// central.
#[must_use]
pub fn most_prominent(found: &[Detection], width: u32, height: u32) -> Vec<usize> {
    /// Share of the first one's weight that a rival has.
    const RIVAL: f32 = 0.5;
    let middle = Point::new(width as f32 / 2.0, height as f32 / 2.0);
    let half_diagonal = middle.distance(Point::default()).max(1.0);
    let weight = |at: &usize| {
        let rect = found[*at].rect;
        rect.area() * (1.0 - 0.65 * rect.center().distance(middle) / half_diagonal)
    };
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let least = order.first().map_or(0.0, weight) * RIVAL;
    order.retain(|at| weight(at) >= least);
    order
}
