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
    /// How many times more fine detail there is in one direction than in the other; a camera that moved leaves it
    /// in one only.
    pub shake: f32,
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
// Of 3,427 labelled photos that could be selfies the least sharp has .0018, and 1 in 200 less than .0033; with .0009
// every second one that was blurred by 3 % of the face's height passed, and found a sixth of its photos.
const MIN_SHARPNESS: f32 = 0.0016;
/// Below this a face is blurred if the embedder, too, finds it less than clear.
const DOUBTFUL_SHARPNESS: f32 = 0.0022;
// A camera that moves blurs one direction only. Of 26 faces of 120 pixels moved by 4, 7, 11, 15 and 20 pixels, across and
// down, the mean cosine to the face at rest is .97, .85, .63, .46 and .33. All sharp faces have a sharpness divided by
// the shake of .0019 and more, moved by 7 pixels nearly all more than this, and by 20 all less.
const LEAST_SHARPNESS_OF_SHAKE: f32 = 0.000_16;
/// Above this a face moved if the embedder, too, finds it less than clear: long movements leave doubled edges, which
/// are sharp.
const DOUBTFUL_SHAKE: f32 = 8.0;
const MAX_YAW: f32 = 45.0;
const MAX_PITCH: f32 = 40.0;

/// `focus`: RGB of the face box, upright, of the same sides as its height. `size`: height of the box in the
/// original, pixels. `landmarks`: any scale.
#[must_use]
pub(super) fn judge(crop: &AlignedFace, focus: &[u8], landmarks: &Landmarks, size: f32) -> Quality {
    let brightness = crop.rgb.chunks_exact(3).map(luma).sum::<f32>() / (crop.rgb.len() / 3) as f32 / 255.0;
    let [across, down] = detail(focus);
    let sharpness = across.min(down);
    let shake = across.max(down) / sharpness.max(f32::MIN_POSITIVE);
    let [yaw, pitch, roll] = pose(landmarks);

    let faults: Vec<Fault> = [
        (Fault::TooSmall, size < MIN_SIZE),
        (Fault::TooDark, brightness < MIN_BRIGHTNESS),
        (Fault::TooBright, brightness > MAX_BRIGHTNESS),
        (Fault::Blurred, sharpness < MIN_SHARPNESS || sharpness < LEAST_SHARPNESS_OF_SHAKE * shake),
        (Fault::TurnedAway, yaw.abs() > MAX_YAW || pitch.abs() > MAX_PITCH),
    ]
    .into_iter()
    .filter_map(|(fault, is_so)| is_so.then_some(fault))
    .collect();

    let mut quality = Quality { score: 1.0, size, sharpness, shake, brightness, yaw, pitch, roll, faults };
    let parts = quality.parts();
    quality.score = parts.iter().map(|(_, part)| part).product::<f32>().powf(1.0 / parts.len() as f32);
    quality
}

impl Quality {
    /// What the score is made of, 0..=1 each, and the fault that a low one is.
    fn parts(&self) -> [(Fault, f32); 5] {
        let light = if self.brightness < 0.5 { Fault::TooDark } else { Fault::TooBright };
        let lit = rise(self.brightness, 0.02, 0.2) * rise(1.0 - self.brightness, 0.02, 0.2);
        [
            (Fault::TooSmall, rise(self.size, 16.0, 112.0)),
            (light, lit),
            (Fault::Blurred, rise(self.sharpness, 0.0, 0.006)),
            (Fault::TurnedAway, 1.0 - rise(self.yaw.abs(), 15.0, 75.0)),
            (Fault::TurnedAway, 1.0 - rise(self.pitch.abs(), 20.0, 75.0)),
        ]
    }

    /// Adds what the embedder says, see [`super::Embedding::clarity`].
    pub(super) fn see(&mut self, clarity: f32) {
        let soft = self.sharpness < DOUBTFUL_SHARPNESS || self.shake > DOUBTFUL_SHAKE;
        let blurred = clarity < 1.0 && soft;
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
        // What is too poor to be matched finds nothing either.
        if self.score < POOR && self.faults.is_empty() {
            let worst = |least: (Fault, f32), part: (Fault, f32)| if part.1 < least.1 { part } else { least };
            let (fault, _) = self.parts().into_iter().fold((Fault::Unclear, clarity), worst);
            self.faults.push(fault);
        }
    }
}

/// 0 up to `low`, 1 from `high`, straight between.
fn rise(value: f32, low: f32, high: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

/// Energy of the second differences over the variance of the luma, from left to right and from top to bottom.
/// `rgb`: a square. In a direction where the camera moved there are no fine steps. Faces have less of them
/// from left to right than from top to bottom (eyes, brows and mouth lie across), hence the divisor.
fn detail(rgb: &[u8]) -> [f32; 2] {
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
    [across, down / ACROSS].map(|energy| (energy / n / contrast.max(25.0)) as f32)
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
