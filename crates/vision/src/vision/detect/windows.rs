//! The parts of a photo that the second detector looks at.

use super::Rect;
use crate::imaging::{Filter, Picture, crop_resize};

/// A part of the picture for the detector to look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub rect: Rect,
    /// Side of the smallest face that may be in it.
    pub smallest: f32,
}

/// Windows around places where faces may be, grown to show a face's surroundings and at least `least` wide, merged where
/// that saves work. `places` and the result in pixels of a picture of `width` × `height`.
pub(super) fn windows(places: &[Rect], least: f32, width: f32, height: f32) -> Vec<Window> {
    /// Sides of a window in sides of the face.
    const SURROUNDINGS: f32 = 3.0;
    /// Bounds the memory of one look.
    const MOST: f32 = 512.0;
    /// A merged window may cover this much more than its parts together.
    const WASTE: f32 = 1.1;
    let mut windows: Vec<Window> = Vec::new();
    for face in places {
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
