//! Where a picture is cut, so that the heads in it stay whole.

use super::RelativeBox;

/// Hair, in heights of the face above it.
const HAIR: f32 = 0.4;
/// A face that is smaller than this part of the largest one, by its height, is of somebody in the background.
const BACKGROUND: f32 = 1.0 / 3.0;

/// The point, as fractions of the upright picture, that CSS takes as `object-position`: then a crop of any shape in
/// which the heads of these faces have room has all of each of them. `None` where there is no face.
///
/// A crop that shows the part `c` of a side begins at `p · (1 − c)`. It holds everything from `a` to `b` when
/// `p · (1 − c) ≤ a` and `p · (1 − c) + c ≥ b`; for every `c ≥ b − a` that is so with `p = a / (1 − (b − a))`.
#[must_use]
pub fn kept_by_crops(faces: &[RelativeBox]) -> Option<(f64, f64)> {
    let largest = faces.iter().map(|face| face.h).fold(0.0, f32::max);
    if largest <= 0.0 {
        return None;
    }
    let near = || faces.iter().filter(move |face| face.h >= BACKGROUND * largest);
    let least = |side: fn(&RelativeBox) -> f32| near().map(side).fold(1.0, f32::min);
    let most = |side: fn(&RelativeBox) -> f32| near().map(side).fold(0.0, f32::max);
    let across = kept(least(|face| face.x), most(|face| face.x + face.w));
    let down = kept(least(|face| face.y - HAIR * face.h), most(|face| face.y + face.h));
    Some((across, down))
}

/// The largest part of a picture of these sides that is `shape` times as wide as it is high, as `[left, top, width,
/// height]` in its pixels, cut at a point of [`kept_by_crops`].
#[must_use]
pub fn part_of_shape((width, height): (u32, u32), shape: f64, (across, down): (f64, f64)) -> [f64; 4] {
    let (width, height) = (f64::from(width), f64::from(height));
    let (part_width, part_height) =
        if width > height * shape { (height * shape, height) } else { (width, width / shape) };
    [across * (width - part_width), down * (height - part_height), part_width, part_height]
}

fn kept(from: f32, to: f32) -> f64 {
    let (from, to) = (f64::from(from.clamp(0.0, 1.0)), f64::from(to.clamp(0.0, 1.0)));
    let rest = 1.0 - (to - from);
    // What fills the whole side is cut on both ends alike.
    if rest < 1e-6 { 0.5 } else { (from / rest).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_crop_in_which_a_head_has_room_cuts_it(
            faces in prop::collection::vec((0.0..0.9f32, 0.0..0.9f32, 0.02..0.1f32), 1..6),
            crop in 0.02..1.0f64,
        ) {
            let faces: Vec<_> = faces.iter().map(|&(x, y, side)| RelativeBox { x, y, w: side, h: side }).collect();
            let (across, down) = kept_by_crops(&faces).expect("there are faces");
            let largest = faces.iter().map(|face| face.h).fold(0.0, f32::max);
            let near: Vec<_> = faces.iter().filter(|face| face.h >= largest / 3.0).collect();
            let sides = [
                (across, near.iter().map(|face| (face.x, face.x + face.w)).collect::<Vec<_>>()),
                (down, near.iter().map(|face| ((face.y - HAIR * face.h).max(0.0), face.y + face.h)).collect()),
            ];
            for (at, heads) in sides {
                let from = heads.iter().map(|head| f64::from(head.0)).fold(1.0, f64::min);
                let to = heads.iter().map(|head| f64::from(head.1)).fold(0.0, f64::max);
                let (begins, ends) = (at * (1.0 - crop), at * (1.0 - crop) + crop);
                if to - from <= crop {
                    prop_assert!(begins <= from + 1e-5 && ends >= to - 1e-5, "{begins}..{ends} of {from}..{to}");
                }
            }
        }
    }

    #[test]
    fn a_part_fills_one_side_and_begins_where_the_heads_are() {
        assert_eq!(part_of_shape((2000, 1000), 1.0, (0.25, 0.5)), [250.0, 0.0, 1000.0, 1000.0]);
        assert_eq!(part_of_shape((1000, 2000), 2.0, (0.5, 0.2)), [0.0, 300.0, 1000.0, 500.0]);
        assert_eq!(part_of_shape((300, 200), 1.5, (0.0, 1.0)), [0.0, 0.0, 300.0, 200.0]);
    }

    #[test]
    fn who_is_far_behind_moves_no_crop() {
        let bride = RelativeBox { x: 0.1, y: 0.1, w: 0.2, h: 0.3 };
        let stranger = RelativeBox { x: 0.9, y: 0.9, w: 0.02, h: 0.03 };
        assert_eq!(kept_by_crops(&[bride, stranger]), kept_by_crops(&[bride]));
        assert_eq!(kept_by_crops(&[]), None);
    }
}
