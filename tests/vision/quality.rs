//! A poor selfie is told what is wrong with it.

use pixora::{
    imaging::{Filter, Picture, resize_by},
    vision::{Face, FaceEngine, Fault, POOR, PictureKind, Quality, largest_central},
};

use crate::fixtures::{models, sample_picture};

fn judged(engine: &mut FaceEngine, picture: &Picture) -> Quality {
    judged_if_found(engine, picture).expect("there is a face")
}

/// As a selfie is: with what the embedder says of it.
fn judged_if_found(engine: &mut FaceEngine, picture: &Picture) -> Option<Quality> {
    selfie(engine, picture).map(|face| face.quality)
}

fn selfie(engine: &mut FaceEngine, picture: &Picture) -> Option<Face> {
    let found = engine.detect(picture, PictureKind::Portrait).unwrap();
    let who = largest_central(&found, picture.width, picture.height)?;
    let crop = engine.align(picture, &found[who..=who]).unwrap().remove(0);
    Some(engine.embed_probe(crop).unwrap())
}

/// The mean of `length` pixels to the right, or downwards.
fn moved(picture: &Picture, length: usize, downwards: bool) -> Picture {
    let (w, h) = (picture.width as usize, picture.height as usize);
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for at in 0..w * h {
        let (x, y) = (at % w, at / w);
        for c in 0..3 {
            let pixel = |n: usize| {
                let (x, y) = if downwards { (x, (y + n).min(h - 1)) } else { ((x + n).min(w - 1), y) };
                u32::from(picture.rgb[(y * w + x) * 3 + c])
            };
            rgb.push(((0..length).map(pixel).sum::<u32>() / length as u32) as u8);
        }
    }
    Picture::new(picture.width, picture.height, rgb)
}

/// Three box blurs each way are a Gaussian to the eye.
fn gaussian(picture: &Picture, sigma: f32) -> Picture {
    let length = (4.0 * sigma * sigma + 1.0).sqrt().round() as usize;
    (0..3).fold(picture.clone(), |picture, _| moved(&moved(&picture, length, false), length, true))
}

/// Of one face 4.6 pixels of blur were refused and 7.6 and 10.6 were taken, and such selfies came back with up to
/// ten strangers.
#[test]
fn more_blur_is_never_taken_again() {
    let (Some(models), Some(good)) = (models(), sample_picture("officials/obama.jpg")) else { return };
    let mut engine = FaceEngine::new(&models).unwrap();
    let size = judged(&mut engine, &good).size;
    // The face 130 pixels high, as in a selfie from arm's length.
    let small = resize_by(&good, f64::from(130.0 / size), Filter::Area);
    let good = Picture::new(small.width, small.height, small.rgb);
    assert_eq!(judged(&mut engine, &good).faults, []);
    let mut refused = false;
    for sigma in [0.8, 1.6, 2.6, 3.6, 4.6, 6.0, 7.6, 9.0, 10.6, 14.0] {
        let quality = judged_if_found(&mut engine, &gaussian(&good, sigma));
        let is_refused = quality.as_ref().is_none_or(|quality| !quality.faults.is_empty());
        assert!(is_refused || !refused, "{sigma} pixels are taken, less was refused: {quality:?}");
        assert!(is_refused || sigma < 4.6, "{sigma} pixels are taken: {quality:?}");
        assert!(!is_refused || sigma > 1.0, "{sigma} pixels are refused: {quality:?}");
        if let Some(quality) = quality.filter(|_| sigma >= 6.0) {
            assert!(quality.score < POOR, "a refused face is no support for others: {quality:?}");
        }
        refused = is_refused;
    }
}

fn tone(picture: &Picture, change: impl Fn(f32) -> f32) -> Picture {
    let rgb = picture.rgb.iter().map(|&c| change(f32::from(c)).clamp(0.0, 255.0) as u8).collect();
    Picture::new(picture.width, picture.height, rgb)
}

/// Box blur by averaging down; a large picture made from few pixels.
fn blurred(picture: &Picture, by: u32) -> Picture {
    let small = resize_by(picture, 1.0 / f64::from(by), Filter::Area);
    let (w, h) = (small.width, small.height);
    let at =
        |x: u32, y: u32, c: u32| f32::from(small.rgb[((y.min(h - 1) * w + x.min(w - 1)) * 3 + c) as usize]);
    let mut rgb = Vec::new();
    for y in 0..h * by {
        for x in 0..w * by {
            let (fx, fy) = ((x % by) as f32 / by as f32, (y % by) as f32 / by as f32);
            for c in 0..3 {
                let (x, y) = (x / by, y / by);
                let top = at(x, y, c) * (1.0 - fx) + at(x + 1, y, c) * fx;
                let bottom = at(x, y + 1, c) * (1.0 - fx) + at(x + 1, y + 1, c) * fx;
                rgb.push((top * (1.0 - fy) + bottom * fy) as u8);
            }
        }
    }
    Picture::new(w * by, h * by, rgb)
}

#[test]
fn each_fault_is_named_and_a_good_selfie_has_none() {
    let (Some(models), Some(good)) = (models(), sample_picture("officials/obama.jpg")) else { return };
    let mut engine = FaceEngine::new(&models).unwrap();
    let quality = judged(&mut engine, &good);
    assert_eq!(quality.faults, [], "{quality:?}");
    assert!(quality.score > 0.8, "{quality:?}");
    assert!(quality.yaw.abs() < 15.0 && quality.roll.abs() < 10.0, "{quality:?}");

    let small = resize_by(&good, 0.08, Filter::Area);
    let small = Picture::new(small.width, small.height, small.rgb);
    let cases = [
        (Fault::TooSmall, small),
        (Fault::TooDark, tone(&good, |c| c * 0.1)),
        (Fault::TooBright, tone(&good, |c| 190.0 + c * 0.5)),
        (Fault::Blurred, blurred(&good, 24)),
    ];
    for (fault, picture) in cases {
        let worse = judged(&mut engine, &picture);
        assert!(worse.faults.contains(&fault), "{fault:?}: {worse:?}");
        assert!(worse.score < quality.score, "{fault:?}: {worse:?}");
    }
}

/// Of a face of 121 pixels a movement by 20 was taken: what is sharp in one direction only was sharp enough.
#[test]
fn a_selfie_of_a_camera_that_moved_is_refused_and_no_longer_movement_is_taken_again() {
    let Some(models) = models() else { return };
    let mut engine = FaceEngine::new(&models).unwrap();
    for name in ["officials/obama.jpg", "officials/obama2.jpg", "officials/biden.jpg"] {
        let Some(good) = sample_picture(name) else { return };
        let size = judged(&mut engine, &good).size;
        let small = resize_by(&good, f64::from(121.0 / size), Filter::Area);
        let good = Picture::new(small.width, small.height, small.rgb);
        for downwards in [false, true] {
            let mut refused = false;
            for length in [1, 4, 7, 11, 15, 20, 25, 30] {
                let quality = judged_if_found(&mut engine, &moved(&good, length, downwards));
                let is_refused = quality.as_ref().is_none_or(|quality| !quality.faults.is_empty());
                assert!(is_refused || !refused, "{name}: {length} pixels are taken: {quality:?}");
                assert!(is_refused || length < 20, "{name}: {length} pixels are taken: {quality:?}");
                assert!(!is_refused || length > 7, "{name}: {length} pixels are refused: {quality:?}");
                refused = is_refused;
            }
        }
    }
}
