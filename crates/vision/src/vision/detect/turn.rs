//! Finds the orientation of a face.
//!
//! The detector boxes a face that lies on its side, but scores it lower than the same face upright, and its points are
//! wrong. So faces are cut out and looked at in four ways, and the way with the best score wins. Where most of a
//! picture's faces are turned the same way, the picture itself is (a photo without an orientation): it is turned and
//! looked at again, which finds what was missed and boxes all of it as if the picture had been upright.
//!
//! A look at a face costs some milliseconds, so in a photo only the largest and the least sure faces are looked at, and
//! the others when one of these is turned. Of 160 labelled faces, turned by 0, 90, 180 and 270 degrees, the large ones
//! were all told the right way up.

use super::{Detection, Detector, PictureKind};
use crate::{
    imaging::Picture,
    vision::{
        VisionError,
        align::warp,
        geometry::{Landmarks, Point, QuarterTurns, Rect, Similarity},
    },
};

/// Faces of a photo that are looked at whatever their score: a face on its head may score as high as one upright.
const LARGEST: usize = 2;
/// Below this a face of a photo may be turned: upright ones mostly score more, those on their side mostly less.
const SURELY_UPRIGHT: f32 = 0.88;
/// So many faces of a photo are looked at, at most, while none is turned.
const MOST: usize = 8;
/// Side of the cut-out in pixels, and in sides of the face's box.
const SIDE: u32 = 96;
const SURROUNDINGS: f32 = 2.0;
/// How far from the middle of the cut-out a face may lie that is still the one looked for, in its sides.
const NEAR: f32 = 0.25;
/// A turned face must beat the upright one by this much.
const MARGIN: f32 = 0.05;
/// Scores below this say nothing.
const LEAST: f32 = 0.1;

/// The faces, in pixels of `picture`, with [`Detection::turn`] set.
pub(super) fn upright(
    detector: &mut Detector,
    picture: &Picture,
    mut found: Vec<Detection>,
    kind: PictureKind,
) -> Result<Vec<Detection>, VisionError> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| found[*b].rect.area().total_cmp(&found[*a].rect.area()));
    let (mut looked, mut turned) = (0, [0_usize; 4]);
    for (rank, at) in order.into_iter().enumerate() {
        let is_doubtful = rank < LARGEST || found[at].score < SURELY_UPRIGHT;
        let any = turned[1..].iter().any(|count| *count > 0);
        if kind == PictureKind::Portrait || any || (is_doubtful && looked < MOST) {
            let turn = turn_of(detector, picture, &found[at])?;
            found[at].turn = turn;
            turned[usize::from(turn.count())] += 1;
            looked += 1;
        }
    }
    let (most, count) =
        (1..4).map(|turn| (turn, turned[turn])).max_by_key(|(_, count)| *count).unwrap_or_default();
    if count * 2 <= looked {
        return Ok(found);
    }
    let turn = QuarterTurns::ALL[most];
    let again = detector.looks(&rotated(picture, turn), kind)?;
    if again.len() < found.len() {
        return Ok(found);
    }
    let (width, height) = (picture.width as f32, picture.height as f32);
    Ok(again.into_iter().map(|face| turned_back(face, turn, width, height)).collect())
}

fn turn_of(
    detector: &mut Detector,
    picture: &Picture,
    face: &Detection,
) -> Result<QuarterTurns, VisionError> {
    let side = SIDE as f32;
    let scale = side / (face.rect.w.max(face.rect.h) * SURROUNDINGS).max(1.0);
    let middle = Point::new(side / 2.0, side / 2.0);
    let mut scores = [0.0_f32; 4];
    for (turn, score) in QuarterTurns::ALL.into_iter().zip(&mut scores) {
        let to_crop = Similarity::about(face.rect.center(), scale, turn, middle);
        let crop = Picture::new(SIDE, SIDE, warp(picture, &to_crop, SIDE));
        let seen = detector.look(&crop, LEAST)?;
        let near = seen.iter().filter(|seen| seen.rect.center().distance(middle) < side * NEAR);
        *score = near.map(|seen| seen.score).fold(0.0, f32::max);
    }
    let turns = QuarterTurns::ALL.into_iter().zip(scores).skip(1);
    let (turn, _) = turns.fold((QuarterTurns::default(), scores[0] + MARGIN), |best, turned| {
        if turned.1 > best.1 { turned } else { best }
    });
    Ok(turn)
}

/// The picture turned clockwise.
fn rotated(picture: &Picture, turn: QuarterTurns) -> Picture {
    let (w, h) = (picture.width as usize, picture.height as usize);
    let (width, height) = if turn.count() % 2 == 1 { (h, w) } else { (w, h) };
    let mut rgb = vec![0; picture.rgb.len()];
    for (at, pixel) in picture.rgb.chunks_exact(3).enumerate() {
        let (x, y) = (at % w, at / w);
        let (x, y) = match turn.count() {
            1 => (h - 1 - y, x),
            2 => (w - 1 - x, h - 1 - y),
            3 => (y, w - 1 - x),
            _ => (x, y),
        };
        let to = (y * width + x) * 3;
        rgb[to..to + 3].copy_from_slice(pixel);
    }
    Picture { scale: picture.scale, ..Picture::new(width as u32, height as u32, rgb) }
}

/// A face of the turned picture, in the one of `width` × `height` that it was made of.
fn turned_back(face: Detection, turn: QuarterTurns, width: f32, height: f32) -> Detection {
    let back = |p: Point| match turn.count() {
        1 => Point::new(p.y, height - p.x),
        2 => Point::new(width - p.x, height - p.y),
        3 => Point::new(width - p.y, p.x),
        _ => p,
    };
    let Rect { x, y, w, h } = face.rect;
    let (a, b) = (back(Point::new(x, y)), back(Point::new(x + w, y + h)));
    let rect = Rect { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() };
    Detection { rect, landmarks: Landmarks(face.landmarks.0.map(back)), turn, score: face.score }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_picture_and_its_faces_come_back() {
        let picture = Picture::new(3, 2, (0..18).collect());
        for turn in QuarterTurns::ALL {
            let there = rotated(&picture, turn);
            let back = QuarterTurns::ALL[usize::from((4 - turn.count()) % 4)];
            assert_eq!(rotated(&there, back).rgb, picture.rgb, "{turn:?}");
            let (w, h) = (there.width as f32, there.height as f32);
            let rect = Rect { x: 0.25, y: 0.5, w: 1.0, h: 0.75 };
            let points = Landmarks([Point::new(0.5, 0.75); 5]);
            let face = Detection { rect, landmarks: points, score: 0.5, turn: QuarterTurns::default() };
            let once = turned_back(face, turn, 3.0, 2.0);
            assert_eq!(once.turn, turn);
            let twice = turned_back(once, back, w, h);
            assert_eq!((twice.rect, twice.landmarks), (rect, points), "{turn:?}");
        }
    }
}
