//! How much a face can be trusted, in the terms a guest can act on.

use serde::{Deserialize, Serialize};

use super::{align::AlignedFace, geometry::Landmarks, onnx::luma};

/// Faults of a face, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    TooSmall,
    TooDark,
    TooBright,
    Blurred,
    TurnedAway,
    /// The embedder could make nothing of it: covered, cut off, or no face at all.
    Unclear,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Geometric mean of the parts below, 0..=1; below [`POOR`] when the face says nothing of who it is.
    pub score: f32,
    /// Height of the face box in the original, pixels.
    pub size: f32,
    /// Energy of the second differences of the face over the variance of its luma, in the direction where it
    /// is less: a hand that shook blurs one direction only.
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

/// A face of a lower score is not matched and supports no other: poor faces of different people are more
/// alike (median cosine .5) than good faces of one person at times are.
pub const POOR: f32 = 0.3;

// Limits beyond which a selfie is sent back. Of 29 faces of the sample photographs, worsened step by step and
// compared with themselves as they were (share of faces whose cosine fell under 0.6): size 48 px 0, 36 px .03,
// 28 px .21, 20 px .97; luma .09 .03, .04 .66; luma .83 .10, .92 .59. Good faces have a luma of .20 to .73.
const MIN_SIZE: f32 = 36.0;
const MIN_BRIGHTNESS: f32 = 0.07;
const MAX_BRIGHTNESS: f32 = 0.90;
// Of 157 faces blurred by a Gaussian of 1, 2, 3, 4, 6 and 8 % of the face's height, a cosine of .45 to the sharp
// face is kept by 1.00, 1.00, .76, .08, 0 and 0. The three limits together refuse .00, .14, .68, .96, .99 and
// 1.00 of them, of a motion of 6, 12, 18 and 25 % .01, .27, .61 and .94, and none of the sharp ones.
const MIN_SHARPNESS: f32 = 0.0009;
/// Below this a face is blurred if the embedder, too, finds it less than clear.
const DOUBTFUL_SHARPNESS: f32 = 0.0022;
const MAX_YAW: f32 = 45.0;
const MAX_PITCH: f32 = 40.0;

/// `focus`: RGB of the face box, upright, of the same sides as its height. `size`: height of the box in the
/// original, pixels. `landmarks`: any scale.
#[must_use]
pub(super) fn judge(crop: &AlignedFace, focus: &[u8], landmarks: &Landmarks, size: f32) -> Quality {
    let brightness = crop.rgb.chunks_exact(3).map(luma).sum::<f32>() / (crop.rgb.len() / 3) as f32 / 255.0;
    let sharpness = sharpness(focus);
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
        rise(sharpness, 0.0, 0.006),
        1.0 - rise(yaw.abs(), 15.0, 75.0),
        1.0 - rise(pitch.abs(), 20.0, 75.0),
    ];
    let score = parts.iter().product::<f32>().powf(1.0 / parts.len() as f32);
    Quality { score, size, sharpness, brightness, yaw, pitch, roll, faults }
}

impl Quality {
    /// Adds what the embedder says, see [`super::Embedding::clarity`].
    pub(super) fn see(&mut self, clarity: f32) {
        let blurred = clarity < 1.0 && self.sharpness < DOUBTFUL_SHARPNESS;
        if blurred && !self.faults.contains(&Fault::Blurred) {
            self.faults.push(Fault::Blurred);
        }
        if clarity == 0.0 && self.faults.is_empty() {
            self.faults.push(Fault::Unclear);
        }
        self.score *= (0.25 + clarity).min(1.0);
        if blurred || clarity == 0.0 {
            self.score = self.score.min(POOR * 0.9);
        }
    }
}

/// 0 up to `low`, 1 from `high`, straight between.
fn rise(value: f32, low: f32, high: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

/// `rgb`: a square. In a direction where the camera moved there are no fine steps. Faces have less of them
/// from left to right than from top to bottom (eyes, brows and mouth lie across), hence the divisor.
fn sharpness(rgb: &[u8]) -> f32 {
    const ACROSS: f64 = 2.2;
    let side = ((rgb.len() / 3) as f64).sqrt() as usize;
    let grey: Vec<f32> = rgb.chunks_exact(3).map(luma).collect();
    // The middle, where the face is; hair and background at the rim say nothing of its focus.
    let (top, left) = (side / 5, side / 4);
    let (mut across, mut down, mut n) = (0.0_f64, 0.0_f64, 0.0_f64);
    let (mut light, mut light_squares) = (0.0_f64, 0.0_f64);
    for y in top.max(1)..(side - top).min(side.saturating_sub(1)) {
        for x in left.max(1)..(side - left).min(side.saturating_sub(1)) {
            let at = y * side + x;
            let twice = 2.0 * grey[at];
            across += f64::from(grey[at - 1] + grey[at + 1] - twice).powi(2);
            down += f64::from(grey[at - side] + grey[at + side] - twice).powi(2);
            let l = f64::from(grey[at]);
            light += l;
            light_squares += l * l;
            n += 1.0;
        }
    }
    let n = n.max(1.0);
    let contrast = light_squares / n - (light / n).powi(2);
    (across.min(down / ACROSS) / n / contrast.max(25.0)) as f32
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
