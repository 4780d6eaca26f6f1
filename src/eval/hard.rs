//! Selfies as they should not be: what the gate refuses, and what those that pass still find.

use super::{
    Dataset,
    dataset::look_at,
    sessions::{KnownFacts, facts_of},
};
use crate::{
    domain::PhotoSessionId,
    imaging::{self, Filter, Picture},
    index::{ExactIndex, FaceIndex},
    search::{Gallery, MatchError, MatchOptions, OnThisThread, SearchError, embed_selfie_with, score_photos},
    vision::{FaceEngine, VisionError},
};

/// A way to spoil a clean selfie.
#[derive(Debug, Clone, Copy)]
pub enum Condition {
    Clean,
    /// Gaussian blur, standard deviation in percent of the face's height.
    Blur(u8),
    /// Motion from left to right, in percent of the face's height.
    Motion(u8),
    /// Light to the power of so many tenths: the picture gets darker.
    Dark(u8),
    /// The face is dark before a bright background.
    Backlit,
    /// Quarter turns clockwise of the whole picture.
    Turned(u8),
    /// The face's height in pixels.
    Small(u32),
    /// The left half of the face is covered.
    HalfCovered,
    /// A dark bar over the eyes.
    Sunglasses,
    /// Mouth and nose are covered.
    Mask,
}

/// In the order in which `pixora eval --hard` prints them.
pub const CONDITIONS: &[(&str, Condition)] = &[
    ("clean", Condition::Clean),
    ("blur 1 %", Condition::Blur(1)),
    ("blur 2 %", Condition::Blur(2)),
    ("blur 3 %", Condition::Blur(3)),
    ("blur 4 %", Condition::Blur(4)),
    ("blur 6 %", Condition::Blur(6)),
    ("blur 9 %", Condition::Blur(9)),
    ("motion 6 %", Condition::Motion(6)),
    ("motion 12 %", Condition::Motion(12)),
    ("motion 20 %", Condition::Motion(20)),
    ("gamma 2", Condition::Dark(20)),
    ("gamma 3", Condition::Dark(30)),
    ("backlit", Condition::Backlit),
    ("turned by 90°", Condition::Turned(1)),
    ("turned by 180°", Condition::Turned(2)),
    ("turned by 270°", Condition::Turned(3)),
    ("face of 64 px", Condition::Small(64)),
    ("face of 40 px", Condition::Small(40)),
    ("half covered", Condition::HalfCovered),
    ("sunglasses", Condition::Sunglasses),
    ("mask", Condition::Mask),
];

/// A clean selfie, and where its face is.
pub struct CleanSelfie {
    pub person: usize,
    pub picture: Picture,
    /// Left, top, width, height in pixels.
    pub face: [f32; 4],
}

/// The outcome of one condition.
#[derive(Debug, Clone, Copy, Default)]
pub struct HardOutcome {
    pub tried: usize,
    pub refused: usize,
    /// Photos of those who passed, and how many of them were shown.
    pub wanted: usize,
    pub right: usize,
    /// Photos of others that were shown.
    pub wrong: usize,
}

/// Takes one photo that could be a selfie of each person out of the dataset, `most` at most.
///
/// # Errors
/// A failing model.
pub fn take_clean_selfies(
    engine: &mut FaceEngine,
    dataset: &mut Dataset,
    most: usize,
) -> Result<Vec<CleanSelfie>, VisionError> {
    let mut selfies = Vec::new();
    for person in 0..dataset.people.len() {
        let of_person = |at: &usize| dataset.samples[*at].person == person;
        let photos = (0..dataset.samples.len()).filter(of_person).count();
        let clean =
            (0..dataset.samples.len()).filter(of_person).find(|at| dataset.samples[*at].selfie.is_some());
        let Some(at) = clean.filter(|_| photos > 1 && selfies.len() < most) else { continue };
        if let Some((picture, found, chosen)) = look_at(engine, &dataset.samples[at].path)? {
            let rect = found[chosen].rect.scaled(picture.scale);
            let picture = Picture { scale: 1.0, ..picture };
            selfies.push(CleanSelfie { person, picture, face: [rect.x, rect.y, rect.w, rect.h] });
            dataset.samples.remove(at);
        }
    }
    Ok(selfies)
}

/// Searches with every selfie spoilt in one way. The gallery is everybody's other photos.
///
/// # Errors
/// [`MatchError`] from the in-memory index, or what is wrong with a model.
pub async fn search_hard(
    engine: &mut FaceEngine,
    dataset: &Dataset,
    selfies: &[CleanSelfie],
    condition: Condition,
    options: &MatchOptions,
) -> Result<HardOutcome, MatchError> {
    let session = PhotoSessionId::generate();
    let dimension = dataset.samples.first().map_or(0, |sample| sample.vector.len());
    let index = ExactIndex::new(dimension);
    let (faces, owners, poor) = dataset.as_gallery();
    let facts = KnownFacts { poor, session: facts_of(&faces) };
    index.upsert(session, faces).await?;
    let gallery = Gallery { index: &index, facts: &facts, threads: &OnThisThread };
    let mut outcome = HardOutcome::default();
    for selfie in selfies {
        outcome.tried += 1;
        let spoilt = spoil(&selfie.picture, selfie.face, condition);
        let Ok(bytes) = imaging::encode_jpeg(&spoilt, 90) else { continue };
        let probe = match embed_selfie_with(engine, &bytes) {
            Ok(probe) => probe,
            Err(SearchError::NoFace | SearchError::LowQuality { .. }) => {
                outcome.refused += 1;
                continue;
            }
            Err(_) => continue,
        };
        let found = score_photos(&gallery, session, &[probe], options).await?;
        let shown: Vec<_> = found.iter().filter(|found| found.is_sure()).collect();
        let right = shown.iter().filter(|found| owners[&found.photo_id] == selfie.person).count();
        outcome.right += right;
        outcome.wrong += shown.len() - right;
        outcome.wanted += owners.values().filter(|person| **person == selfie.person).count();
    }
    Ok(outcome)
}

fn spoil(picture: &Picture, face: [f32; 4], condition: Condition) -> Picture {
    let [x, y, w, h] = face;
    match condition {
        Condition::Clean => picture.clone(),
        Condition::Blur(percent) => blurred(picture, f32::from(percent) / 100.0 * h),
        Condition::Motion(percent) => moved(picture, (f32::from(percent) / 100.0 * h).round() as usize),
        Condition::Dark(tenths) => {
            toned(picture, |_, _, value| ((value / 255.0).powf(f32::from(tenths) / 10.0)) * 255.0)
        }
        Condition::Backlit => toned(picture, |px, py, value| {
            let (dx, dy) = ((px - x - w / 2.0) / (w * 0.8), (py - y - h / 2.0) / (h * 0.8));
            if dx * dx + dy * dy < 1.0 { value * 0.25 } else { 128.0 + value * 0.5 }
        }),
        Condition::Turned(turns) => (0..turns).fold(picture.clone(), |picture, _| turned(&picture)),
        Condition::Small(height) => {
            imaging::resize_by(picture, f64::from(height) / f64::from(h), Filter::Area)
        }
        Condition::HalfCovered => covered(picture, [x, y, w / 2.0, h], 60),
        Condition::Sunglasses => covered(picture, [x, y + h * 0.25, w, h * 0.22], 15),
        Condition::Mask => covered(picture, [x, y + h * 0.5, w, h * 0.5], 210),
    }
}

fn toned(picture: &Picture, tone: impl Fn(f32, f32, f32) -> f32) -> Picture {
    let width = picture.width as usize;
    let rgb = picture.rgb.iter().enumerate().map(|(at, value)| {
        let (px, py) = ((at / 3 % width) as f32, (at / 3 / width) as f32);
        tone(px, py, f32::from(*value)).clamp(0.0, 255.0) as u8
    });
    Picture::new(picture.width, picture.height, rgb.collect())
}

fn covered(picture: &Picture, [x, y, w, h]: [f32; 4], grey: u8) -> Picture {
    toned(picture, |px, py, value| {
        let inside = px >= x && px < x + w && py >= y && py < y + h;
        if inside { f32::from(grey) } else { value }
    })
}

/// Clockwise by 90°.
fn turned(picture: &Picture) -> Picture {
    let (w, h) = (picture.width, picture.height);
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for row in 0..w {
        for column in 0..h {
            let at = (((h - 1 - column) * w + row) * 3) as usize;
            rgb.extend_from_slice(&picture.rgb[at..at + 3]);
        }
    }
    Picture::new(h, w, rgb)
}

/// Three box blurs are a Gaussian to the eye.
fn blurred(picture: &Picture, sigma: f32) -> Picture {
    let length = ((4.0 * sigma * sigma + 1.0).sqrt().round() as usize).max(1);
    (0..3).fold(picture.clone(), |picture, _| {
        let across = moved(&picture, length);
        let on_its_side = moved(&turned(&across), length);
        (0..3).fold(on_its_side, |picture, _| turned(&picture))
    })
}

/// The mean of `length` pixels in each row.
fn moved(picture: &Picture, length: usize) -> Picture {
    let width = picture.width as usize;
    let (before, length) = (length / 2, length.max(1));
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for row in picture.rgb.chunks_exact(width * 3) {
        for column in 0..width {
            for channel in 0..3 {
                let sum: u32 = (0..length)
                    .map(|n| (column + n).saturating_sub(before).min(width - 1))
                    .map(|at| u32::from(row[at * 3 + channel]))
                    .sum();
                rgb.push((sum / length as u32) as u8);
            }
        }
    }
    Picture::new(picture.width, picture.height, rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarter_turns_are_none_and_blur_keeps_the_mean() {
        let picture = Picture::new(3, 2, (0..18).map(|n| n * 14).collect());
        let once = turned(&picture);
        assert_eq!((once.width, once.height), (2, 3));
        assert_eq!(once.rgb[..3], picture.rgb[9..12], "the lower left corner comes to the upper left");
        assert_eq!((0..4).fold(picture.clone(), |picture, _| turned(&picture)).rgb, picture.rgb);
        let grey = Picture::new(8, 8, vec![100; 192]);
        assert_eq!(blurred(&grey, 2.0).rgb, grey.rgb);
    }
}
