//! How much a face can be trusted, in the terms a guest can act on.

use serde::{Deserialize, Serialize};

use super::{align::AlignedFace, geometry::Landmarks, onnx::luma};

/// What is wrong with a face, worst first when several are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    TooSmall,
    TooDark,
    TooBright,
    Blurred,
    TurnedAway,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Geometric mean of the parts below, 0..=1.
    pub score: f32,
    /// Height of the face box in the original, pixels.
    pub size: f32,
    /// Variance of the Laplacian of the aligned crop over the variance of its luma: independent of contrast.
    pub sharpness: f32,
    /// Mean luma of the aligned crop, 0..=1.
    pub brightness: f32,
    /// Degrees, positive when the face looks to the picture's right; from five points, so roughly.
    pub yaw: f32,
    /// Degrees, positive when the face looks up.
    pub pitch: f32,
    /// Degrees, positive clockwise.
    pub roll: f32,
    /// Why a selfie should be taken again; empty when it need not be.
    pub faults: Vec<Fault>,
}

// Limits beyond which a selfie is sent back, from 29 faces of the sample photographs, worsened step by step
// and compared with themselves as they were (share of faces whose cosine fell under 0.6):
// size 48 px 0, 36 px .03, 28 px .21, 20 px .97; luma .09 .03, .04 .66; luma .83 .10, .92 .59;
// blur of 3.5 % of the face's height .28 (sharpness .015), of 5 % .97 (.008). Good faces: luma .20 to .73,
// sharpness .03 and more; a sharp face of 48 px has .011 and more.
const MIN_SIZE: f32 = 36.0;
const MIN_BRIGHTNESS: f32 = 0.07;
const MAX_BRIGHTNESS: f32 = 0.90;
const MIN_SHARPNESS: f32 = 0.010;
const MAX_YAW: f32 = 45.0;
const MAX_PITCH: f32 = 40.0;

/// `size`: height of the box in the original, pixels. `landmarks`: any scale, upright picture.
#[must_use]
pub(super) fn judge(crop: &AlignedFace, landmarks: &Landmarks, size: f32) -> Quality {
    let side = crop.size as usize;
    let grey: Vec<f32> = crop.rgb.chunks_exact(3).map(luma).collect();
    let brightness = grey.iter().sum::<f32>() / grey.len() as f32 / 255.0;
    let sharpness = sharpness(&grey, side);
    let [yaw, pitch, roll] = pose(landmarks);

    let faults: Vec<Fault> = [
        (Fault::TooSmall, size < MIN_SIZE),
        (Fault::TooDark, brightness < MIN_BRIGHTNESS),
        (Fault::TooBright, brightness > MAX_BRIGHTNESS),
        (Fault::Blurred, sharpness < MIN_SHARPNESS),
        (Fault::TurnedAway, yaw.abs() > MAX_YAW || pitch.abs() > MAX_PITCH),
    ]
    .into_iter()
    .filter_map(|(fault, is_so)| is_so.then_some(fault))
    .collect();

    let parts = [
        rise(size, 16.0, 112.0),
        rise(brightness, 0.02, 0.2) * rise(1.0 - brightness, 0.02, 0.2),
        rise(sharpness, 0.0, 0.04),
        1.0 - rise(yaw.abs(), 15.0, 75.0),
        1.0 - rise(pitch.abs(), 20.0, 75.0),
    ];
    let score = parts.iter().product::<f32>().powf(1.0 / parts.len() as f32);
    Quality { score, size, sharpness, brightness, yaw, pitch, roll, faults }
}

/// 0 up to `low`, 1 from `high`, straight between.
fn rise(value: f32, low: f32, high: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

fn sharpness(grey: &[f32], side: usize) -> f32 {
    // The middle, where the face is; hair and background at the rim say nothing of its focus.
    let rim = side / 5;
    let (mut sum, mut squares, mut n) = (0.0_f64, 0.0_f64, 0.0_f64);
    let (mut light, mut light_squares) = (0.0_f64, 0.0_f64);
    for y in rim..side - rim {
        for x in rim..side - rim {
            let at = y * side + x;
            let laplacian =
                f64::from(grey[at - 1] + grey[at + 1] + grey[at - side] + grey[at + side] - 4.0 * grey[at]);
            let l = f64::from(grey[at]);
            sum += laplacian;
            squares += laplacian * laplacian;
            light += l;
            light_squares += l * l;
            n += 1.0;
        }
    }
    let variance = squares / n - (sum / n).powi(2);
    let contrast = light_squares / n - (light / n).powi(2);
    (variance / contrast.max(25.0)) as f32
}

/// Yaw, pitch, roll in degrees from where the nose lies between eyes and mouth. A nose tip stands out from
/// the plane of eyes and mouth by about 0.6 eye distances (mean over adult faces), so its shift along that
/// plane is the sine of the turn times 0.6.
fn pose(landmarks: &Landmarks) -> [f32; 3] {
    const NOSE_DEPTH: f32 = 0.6;
    /// Where a frontal nose tip lies between the eye line (0) and the mouth line (1).
    const FRONTAL_NOSE: f32 = 0.52;
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = landmarks.0;
    let (eyes, mouth) = (left_eye.midpoint(right_eye), left_mouth.midpoint(right_mouth));
    let roll = (right_eye.y - left_eye.y).atan2(right_eye.x - left_eye.x);
    let down = ((mouth.x - eyes.x), (mouth.y - eyes.y));
    let length = down.0.hypot(down.1).max(1e-3);
    let (dx, dy) = (down.0 / length, down.1 / length);
    let from_eyes = (nose.x - eyes.x, nose.y - eyes.y);
    let along = (from_eyes.0 * dx + from_eyes.1 * dy) / length;
    let across = from_eyes.0 * dy - from_eyes.1 * dx;
    // Eyes shrink with yaw, the eye-mouth distance with pitch; the larger of the two is the truer ruler.
    let ruler = left_eye.distance(right_eye).max(length * 0.95).max(1e-3);
    let yaw = (across / (ruler * NOSE_DEPTH)).clamp(-1.0, 1.0).asin();
    let pitch = ((FRONTAL_NOSE - along) * length / (ruler * NOSE_DEPTH)).clamp(-1.0, 1.0).asin();
    [yaw, pitch, roll].map(f32::to_degrees)
}
