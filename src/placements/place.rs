//! Where on a picture a code disturbs least, and is least disturbed.

use crate::imaging::{Filter, Picture, resize};

/// Long side of the picture that calm is measured on, in pixels.
const SMALL: u32 = 256;

/// How busy each part of a picture is.
pub(super) struct Calm {
    width: usize,
    height: usize,
    /// Sums of the luminance's steps over all pixels above and left, `(width + 1) * (height + 1)`.
    sums: Vec<u64>,
    /// Pixels here for one of the picture.
    scale: f64,
}

impl Calm {
    pub(super) fn of(picture: &Picture) -> Self {
        let small = resize(picture, SMALL, Filter::Area);
        let (width, height) = (small.width as usize, small.height as usize);
        let luma = luminance(&small.rgb);
        let mut sums = vec![0; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                let here = luma[y * width + x];
                let right = luma[y * width + (x + 1).min(width - 1)];
                let below = luma[(y + 1).min(height - 1) * width + x];
                row += u64::from(here.abs_diff(right)) + u64::from(here.abs_diff(below));
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        let scale = f64::from(small.width) / f64::from(picture.width);
        Self { width, height, sums, scale }
    }

    /// Mean step of the luminance inside a square of the picture, in levels a pixel.
    fn busy(&self, x: u32, y: u32, side: u32) -> f64 {
        let at = |n: u32, most: usize| ((f64::from(n) * self.scale).round() as usize).min(most);
        let (left, right) = (at(x, self.width - 1), at(x + side, self.width));
        let (top, bottom) = (at(y, self.height - 1), at(y + side, self.height));
        let (right, bottom) = (right.max(left + 1), bottom.max(top + 1));
        let sum = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let steps = sum(right, bottom) + sum(left, top) - sum(left, bottom) - sum(right, top);
        steps as f64 / ((right - left) * (bottom - top)) as f64
    }

    /// Top left corners for a square of `side` pixels in the corners of a `width` × `height` picture,
    /// `margin` from its edges; the calmest first. Where corners are much alike, the lower right one is:
    /// there a reader expects a code.
    pub(super) fn corners(&self, (width, height): (u32, u32), side: u32, margin: u32) -> Vec<(u32, u32)> {
        let (across, down) = (width - side, height - side);
        let (near_x, near_y) = (margin.min(across / 2), margin.min(down / 2));
        let (far_x, far_y) = (across - near_x, down - near_y);
        let mut corners: Vec<_> = [(far_x, far_y), (near_x, far_y), (far_x, near_y), (near_x, near_y)]
            .into_iter()
            .enumerate()
            .map(|(rank, (x, y))| ((self.busy(x, y, side) + 1.0) * (1.0 + 0.1 * rank as f64), (x, y)))
            .collect();
        corners.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut places: Vec<(u32, u32)> = corners.into_iter().map(|(_, place)| place).collect();
        // A square that fills a side has fewer corners to be in.
        places.dedup();
        places
    }
}

/// BT.601 luminance of RGB8.
pub(super) fn luminance(rgb: &[u8]) -> Vec<u8> {
    let weigh = |p: &[u8]| (u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29) >> 8;
    rgb.chunks_exact(3).map(|pixel| weigh(pixel) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripes everywhere but in the square from (x, y) with `side`.
    fn busy_but(width: u32, height: u32, (left, top): (u32, u32), side: u32) -> Picture {
        let calm = |x: u32, y: u32| (left..left + side).contains(&x) && (top..top + side).contains(&y);
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgb = pixels.flat_map(|(x, y)| [if calm(x, y) || (x / 8) % 2 == 0 { 90 } else { 200 }; 3]);
        Picture::new(width, height, rgb.collect())
    }

    #[test]
    fn the_calmest_corner_comes_first() {
        for (x, y) in [(0, 0), (700, 0), (0, 400), (700, 400)] {
            let picture = busy_but(1000, 700, (x, y), 300);
            let places = Calm::of(&picture).corners((1000, 700), 260, 20);
            assert!(places[0].0.abs_diff(x) <= 20 && places[0].1.abs_diff(y) <= 20, "{x},{y}: {places:?}");
            assert_eq!(places.len(), 4);
        }
    }

    #[test]
    fn on_an_even_picture_it_is_the_lower_right_corner() {
        let picture = Picture::new(400, 300, vec![128; 400 * 300 * 3]);
        assert_eq!(Calm::of(&picture).corners((400, 300), 100, 10)[0], (290, 190));
        assert_eq!(Calm::of(&picture).corners((400, 300), 300, 10)[0], (90, 0), "as high as the picture");
    }
}
