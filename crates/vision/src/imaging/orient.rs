//! Turns stored rows upright.

use super::{Orientation, Picture};

/// Rows and columns that are moved together, so that both sides of a transposition stay in the cache.
const BLOCK: usize = 32;

/// Applies an EXIF orientation once; the result has none left to apply.
pub(super) fn upright(picture: Picture, orientation: Orientation) -> Picture {
    if orientation == Orientation::Upright {
        return picture;
    }
    let (w, h) = (picture.width as usize, picture.height as usize);
    let (out_w, out_h) = if orientation.swaps_sides() { (h, w) } else { (w, h) };
    // Where the output pixel (x, y) comes from.
    let source = |x: usize, y: usize| match orientation {
        Orientation::Upright => (x, y),
        Orientation::FlipHorizontal => (w - 1 - x, y),
        Orientation::Rotate180 => (w - 1 - x, h - 1 - y),
        Orientation::FlipVertical => (x, h - 1 - y),
        Orientation::Transpose => (y, x),
        Orientation::Rotate90 => (y, h - 1 - x),
        Orientation::Transverse => (w - 1 - y, h - 1 - x),
        Orientation::Rotate270 => (w - 1 - y, x),
    };
    let from = picture.rgb.as_slice();
    let mut rgb = vec![0_u8; from.len()];
    for top in (0..out_h).step_by(BLOCK) {
        for left in (0..out_w).step_by(BLOCK) {
            for y in top..(top + BLOCK).min(out_h) {
                for x in left..(left + BLOCK).min(out_w) {
                    let (sx, sy) = source(x, y);
                    let (s, d) = ((sy * w + sx) * 3, (y * out_w + x) * 3);
                    rgb[d..d + 3].copy_from_slice(&from[s..s + 3]);
                }
            }
        }
    }
    Picture { width: out_w as u32, height: out_h as u32, rgb, ..picture }
}
