//! Where small faces may be, from a network that is cheap for each pixel and wrong at times.

use super::{
    VisionError,
    geometry::Rect,
    manifest::ProposalModel,
    onnx::{Net, luma},
};
use crate::imaging::{Filter, Picture, crop_resize};

/// Neighbouring tiles share this much, so that a small face on the seam is whole in one of them.
const OVERLAP: u32 = 32;
/// A tile whose luma varies less (standard deviation, 0..=255) shows sky, wall or blur, and no face.
const FLAT: f32 = 4.0;

pub(super) struct Proposer {
    net: Net,
    model: ProposalModel,
}

impl Proposer {
    pub fn new(net: Net, model: ProposalModel) -> Self {
        Self { net, model }
    }

    /// Boxes that may hold a face, in pixels of `picture`; many overlap.
    pub fn propose(&mut self, picture: &Picture) -> Result<Vec<Rect>, VisionError> {
        let ProposalModel { scores, boxes, width, height, score } = &self.model;
        let (tile_w, tile_h, least) = (*width, *height, *score);
        let mut found = Vec::new();
        for (top, h) in spans(picture.height, tile_h) {
            for (left, w) in spans(picture.width, tile_w) {
                let mut tile = vec![0; (tile_w * tile_h * 3) as usize];
                for row in 0..h as usize {
                    let from = ((top as usize + row) * picture.width as usize + left as usize) * 3;
                    let to = row * tile_w as usize * 3;
                    tile[to..to + w as usize * 3].copy_from_slice(&picture.rgb[from..from + w as usize * 3]);
                }
                if is_flat(&tile) {
                    continue;
                }
                self.net.run(
                    &tile,
                    tile_w as usize,
                    tile_h as usize,
                    [scores, boxes],
                    |[scores, boxes]| {
                        for (pair, corners) in scores.1.chunks_exact(2).zip(boxes.1.chunks_exact(4)) {
                            if pair[1] >= least {
                                let (x, y) = (corners[0] * tile_w as f32, corners[1] * tile_h as f32);
                                let (right, bottom) =
                                    (corners[2] * tile_w as f32, corners[3] * tile_h as f32);
                                found.push(
                                    Rect { x, y, w: right - x, h: bottom - y }.moved(left as f32, top as f32),
                                );
                            }
                        }
                    },
                )?;
            }
        }
        Ok(found)
    }
}

/// Covers `0..length` by tiles of `tile` that share at least [`OVERLAP`]: (start, length) each.
fn spans(length: u32, tile: u32) -> Vec<(u32, u32)> {
    if length <= tile {
        return vec![(0, length)];
    }
    let count = (length - OVERLAP).div_ceil(tile - OVERLAP);
    let step = f64::from(length - tile) / f64::from(count - 1);
    (0..count).map(|n| ((f64::from(n) * step) as u32, tile)).collect()
}

fn is_flat(rgb: &[u8]) -> bool {
    // Every eleventh pixel tells enough and falls into another column each row.
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for pixel in rgb.chunks_exact(3).step_by(11) {
        let l = luma(pixel);
        n += 1.0;
        sum += l;
        squares += l * l;
    }
    squares / n - (sum / n) * (sum / n) < FLAT * FLAT
}

/// A part of the picture for the detector to look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub rect: Rect,
    /// Side of the smallest face proposed in it.
    pub smallest: f32,
}

/// Windows around proposals, grown to show a face's surroundings and at least `least` wide, merged where
/// that saves work. `proposals` and the result in pixels of a picture of `width` × `height`.
pub(super) fn windows(proposals: &[Rect], least: f32, width: f32, height: f32) -> Vec<Window> {
    /// Sides of a window in sides of the proposed face.
    const SURROUNDINGS: f32 = 3.0;
    /// Bounds the memory of one look.
    const MOST: f32 = 512.0;
    /// A merged window may cover this much more than its parts together.
    const WASTE: f32 = 1.1;
    let mut windows: Vec<Window> = Vec::new();
    for face in proposals {
        let smallest = face.w.max(face.h);
        let side = (smallest * SURROUNDINGS).max(least);
        let center = face.center();
        let rect = Rect { x: center.x - side / 2.0, y: center.y - side / 2.0, w: side, h: side };
        let mut window = Window { rect: rect.clipped(width, height), smallest };
        // Each merge may make another one worth it.
        while let Some(other) = windows.iter().position(|other| {
            let both = union(&window.rect, &other.rect);
            both.w <= MOST
                && both.h <= MOST
                && both.area() <= WASTE * (window.rect.area() + other.rect.area())
        }) {
            let other = windows.swap_remove(other);
            window = Window {
                rect: union(&window.rect, &other.rect),
                smallest: window.smallest.min(other.smallest),
            };
        }
        windows.push(window);
    }
    windows
}

fn union(a: &Rect, b: &Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
}

/// The pixels of a window given in `picture`'s pixels times `factor`, enlarged by `enlarge`; and the window
/// rounded to whole pixels.
pub(super) fn cut(picture: &Picture, window: &Rect, factor: f32, enlarge: f32) -> (Rect, Picture) {
    let (x, y) = (window.x.floor(), window.y.floor());
    let (w, h) = (window.w.ceil().max(1.0), window.h.ceil().max(1.0));
    let part = [x, y, w, h].map(|n| f64::from(n) / f64::from(factor));
    let (full_w, full_h) = (f64::from(picture.width), f64::from(picture.height));
    let (left, top) = (part[0].min(full_w - 1.0), part[1].min(full_h - 1.0));
    let part = [left, top, part[2].min(full_w - left), part[3].min(full_h - top)];
    let side = |n: f32| (n * enlarge).round() as u32;
    let filter = if factor * enlarge > 1.0 { Filter::CatmullRom } else { Filter::Area };
    (Rect { x, y, w, h }, crop_resize(picture, part, side(w), side(h), filter))
}
