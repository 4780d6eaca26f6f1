//! A poor selfie is told what is wrong with it.

use pixora::{
    imaging::{Filter, Picture, resize_by},
    vision::{FaceEngine, Fault, PictureKind, Quality},
};

use crate::fixtures::{models, sample_picture};

fn judged(engine: &mut FaceEngine, picture: &Picture) -> Quality {
    let found = engine.detect(picture, PictureKind::Portrait).unwrap();
    engine.align(picture, &found[..1]).unwrap().remove(0).quality
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
