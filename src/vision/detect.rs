//! Where the faces are: CenterFace (Xu et al. 2019, <https://arxiv.org/abs/1911.03599>), coarse to fine.

use serde::{Deserialize, Serialize};

use super::{
    VisionError,
    geometry::{Landmarks, Point, Rect},
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
}

impl Detection {
    fn map(&self, factor: f32, dx: f32, dy: f32) -> Self {
        Self {
            rect: self.rect.moved(dx, dy).scaled(factor),
            landmarks: self.landmarks.map(|p| Point::new(p.x + dx, p.y + dy).scaled(factor)),
            score: self.score,
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

/// A tile of the second look: its cost in memory, not in time, is what is bounded.
const TILE: u32 = 1024;
/// Neighbouring tiles share this much, so that a face on the seam is whole in one of them.
const OVERLAP: u32 = 96;

pub(super) struct Detector {
    net: Net,
    model: DetectorModel,
}

impl Detector {
    pub fn new(net: Net, model: DetectorModel) -> Self {
        Self { net, model }
    }

    /// All faces of a picture, best score first, in pixels of the original.
    pub fn detect(&mut self, picture: &Picture, options: DetectOptions) -> Result<Vec<Detection>, VisionError> {
        let search = self.model.search.clone();
        let (coarse, dx, dy) = self.first_look(picture);
        let to_picture = picture.long_side() as f32 / (coarse.long_side() as f32 - 2.0 * dx.max(dy));
        let hint_score = search.hint_score.min(self.model.score);
        let seen = self.look(&coarse, hint_score)?;
        let mut found: Vec<Detection> = seen
            .iter()
            .filter(|seen| seen.score >= self.model.score)
            .map(|seen| seen.map(to_picture, -dx, -dy))
            .collect();

        let fine_side = search.fine_side.min(picture.long_side());
        if options == DetectOptions::Photo && f64::from(fine_side) > 1.2 * f64::from(coarse.long_side()) {
            let hints: Vec<Point> = seen
                .iter()
                .filter(|seen| seen.rect.w.max(seen.rect.h) <= search.hint_size)
                .map(|seen| seen.map(to_picture, -dx, -dy).rect.center())
                .collect();
            if !hints.is_empty() {
                found.extend(self.second_look(picture, fine_side, &hints)?);
            }
        }
        let kept = suppress(found, self.model.nms_iou);
        Ok(kept.iter().map(|face| face.map(1.0 / picture.scale, 0.0, 0.0)).collect())
    }

    /// The picture at the first look's size, and how far its content is moved by the border, in pixels.
    fn first_look(&self, picture: &Picture) -> (Picture, f32, f32) {
        let search = &self.model.search;
        let long = picture.long_side();
        let coarse = if long < search.enlarge_to {
            let factor = f64::from(search.enlarge_to) / f64::from(long);
            let side = |n: u32| (f64::from(n) * factor).round().max(1.0) as u32;
            let whole = [0.0, 0.0, f64::from(picture.width), f64::from(picture.height)];
            crop_resize(picture, whole, side(picture.width), side(picture.height), Filter::CatmullRom)
        } else {
            resize(picture, search.coarse_side, Filter::Box)
        };
        let border = (coarse.long_side() as f32 * search.border).round();
        if border < 1.0 || long >= search.coarse_side {
            return (coarse, 0.0, 0.0);
        }
        (framed(&coarse, border as usize), border, border)
    }

    fn second_look(
        &mut self,
        picture: &Picture,
        fine_side: u32,
        hints: &[Point],
    ) -> Result<Vec<Detection>, VisionError> {
        let factor = fine_side as f32 / picture.long_side() as f32;
        let side = |n: u32| ((n as f32 * factor).round() as u32).max(1);
        let (width, height) = (side(picture.width), side(picture.height));
        let mut found = Vec::new();
        for (top, tile_h) in spans(height) {
            for (left, tile_w) in spans(width) {
                let tile = Rect { x: left as f32, y: top as f32, w: tile_w as f32, h: tile_h as f32 };
                let holds = |p: &&Point| {
                    let p = p.scaled(factor);
                    p.x >= tile.x && p.y >= tile.y && p.x < tile.x + tile.w && p.y < tile.y + tile.h
                };
                if hints.iter().find(holds).is_none() {
                    continue;
                }
                let part = [left, top, tile_w, tile_h].map(|n| f64::from(n) / f64::from(factor));
                let part = inside(part, picture);
                let pixels = crop_resize(picture, part, tile_w, tile_h, Filter::Box);
                for face in self.look(&pixels, self.model.score)? {
                    if !cut_by_seam(&face.rect, &tile, width as f32, height as f32) {
                        found.push(face.map(1.0 / factor, tile.x, tile.y));
                    }
                }
            }
        }
        Ok(found)
    }

    /// One pass of the network: peaks of at least `least` in pixels of `picture`, best first, not yet
    /// suppressed against each other beyond their cell.
    fn look(&mut self, picture: &Picture, least: f32) -> Result<Vec<Detection>, VisionError> {
        let DetectorModel { stride, heatmap, size, offset, landmarks, nms_iou, .. } = &self.model;
        let (stride, nms_iou) = (*stride as f32, *nms_iou);
        let (w, h) = (picture.width as usize, picture.height as usize);
        let found =
            self.net.run(&picture.rgb, w, h, [heatmap, size, offset, landmarks], |[heat, size, offset, points]| {
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
                        }
                    })
                    .filter(|face| face.rect.area().is_normal())
                    .collect::<Vec<_>>()
            })?;
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

/// Covers `0..length` by tiles of `TILE` that share at least `OVERLAP`: (start, length) each.
fn spans(length: u32) -> Vec<(u32, u32)> {
    if length <= TILE {
        return vec![(0, length)];
    }
    let count = (length - OVERLAP).div_ceil(TILE - OVERLAP);
    let step = f64::from(length - TILE) / f64::from(count - 1);
    (0..count).map(|n| ((f64::from(n) * step) as u32, TILE)).collect()
}

/// Rounding may carry a part a fraction of a pixel over the edge.
fn inside([left, top, w, h]: [f64; 4], picture: &Picture) -> [f64; 4] {
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let (left, top) = (left.min(width - 1.0), top.min(height - 1.0));
    [left, top, w.min(width - left), h.min(height - top)]
}

/// Whether a box (tile pixels) touches an edge of its tile that is not an edge of the picture.
fn cut_by_seam(rect: &Rect, tile: &Rect, width: f32, height: f32) -> bool {
    let near = 2.0;
    (tile.x > 0.0 && rect.x < near)
        || (tile.y > 0.0 && rect.y < near)
        || (tile.x + tile.w < width && rect.x + rect.w > tile.w - near)
        || (tile.y + tile.h < height && rect.y + rect.h > tile.h - near)
}

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

/// Whose picture this is: large and near the middle of `width` × `height` counts, as area less twice the
/// squared distance of the centres.
#[must_use]
pub fn largest_central(found: &[Detection], width: u32, height: u32) -> Option<usize> {
    let middle = Point::new(width as f32 / 2.0, height as f32 / 2.0);
    let weight = |face: &Detection| face.rect.area() - 2.0 * face.rect.center().distance(middle).powi(2);
    (0..found.len()).max_by(|&a, &b| weight(&found[a]).total_cmp(&weight(&found[b])))
}
