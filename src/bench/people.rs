//! How long it takes to put the faces of one large session to people, and how much memory.

use std::time::Instant;

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde::Serialize;

use super::{peak_memory_mb, reset_peak_memory};
use crate::{
    domain::{PhotoId, RelativeBox},
    people::{GroupOptions, Grouping, SeenFace, SeenPhoto},
};

/// Photos of one round, as the product looks at them.
const AT_ONCE: usize = 64;
const FACES_IN_A_PHOTO: usize = 4;
/// Photos in which one guest is, more or less.
const PHOTOS_OF_ONE: usize = 40;
/// How far a face lies from its person's: two faces of one person have a cosine of 0.64, two people none.
const SPREAD: f32 = 0.75;
/// Between the two.
const LIMIT: f32 = 0.4;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeopleSpeed {
    pub faces: usize,
    /// Who there are, and who was found.
    pub people: usize,
    pub found: usize,
    pub seconds: f64,
    /// What the last hundred photos took, in milliseconds each: new ones join at this price.
    pub last_ms_a_photo: f64,
    /// By how much the process grew above what it held before.
    pub peak_mb: Option<f64>,
}

/// Groups made-up faces of one session, round by round as photos come. The faces are made while they are looked at, so
/// that only the grouping's own memory is measured.
#[must_use]
pub fn measure_people(faces: usize, dimension: usize) -> PeopleSpeed {
    let people = faces.div_ceil(PHOTOS_OF_ONE).max(FACES_IN_A_PHOTO);
    let mut random = SmallRng::seed_from_u64(1);
    let mut grouping = Grouping::new(GroupOptions::new(LIMIT), &[]);
    reset_peak_memory();
    let before = peak_memory_mb();
    let (mut seconds, mut late, mut found) = (0.0, 0.0, 0_usize);
    let photos = faces.div_ceil(FACES_IN_A_PHOTO);
    for start in (0..photos).step_by(AT_ONCE) {
        let round = start..photos.min(start + AT_ONCE);
        let (count, is_last) = (round.len(), round.end == photos);
        let seen = round.map(|photo| photo_of(photo, people, dimension, &mut random)).collect();
        let began = Instant::now();
        let round = grouping.look(seen);
        let took = began.elapsed().as_secs_f64();
        seconds += took;
        found = (found + round.new_people.len()).saturating_sub(round.merged.len());
        if is_last {
            late = took * 1000.0 / count as f64;
        }
    }
    let peak_mb = peak_memory_mb().zip(before).map(|(peak, before)| peak - before);
    PeopleSpeed { faces: photos * FACES_IN_A_PHOTO, people, found, seconds, last_ms_a_photo: late, peak_mb }
}

fn photo_of(photo: usize, people: usize, dimension: usize, random: &mut SmallRng) -> SeenPhoto {
    let first = random.random_range(0..people);
    let face = |n: usize| {
        let person = (first + n * (1 + photo % 7)) % people;
        let rect = RelativeBox { x: 0.05 + 0.24 * n as f32, y: 0.3, w: 0.15, h: 0.2 };
        (person, rect)
    };
    let mut faces: Vec<(usize, RelativeBox)> = (0..FACES_IN_A_PHOTO).map(face).collect();
    faces.dedup_by_key(|(person, _)| *person);
    let seen = faces.into_iter().map(|(person, rect)| {
        let own = unit(&mut SmallRng::seed_from_u64(person as u64 + 1_000), dimension);
        let noise = unit(random, dimension);
        let mixed: Vec<f32> = own.iter().zip(&noise).map(|(own, noise)| own + SPREAD * noise).collect();
        SeenFace { rect, quality: 0.9, vector: Some(normalised(mixed)) }
    });
    SeenPhoto { id: PhotoId::generate(), faces: seen.collect(), placed: Vec::new(), splits: Vec::new() }
}

fn unit(random: &mut SmallRng, dimension: usize) -> Vec<f32> {
    normalised((0..dimension).map(|_| random.random_range(-1.0..1.0)).collect())
}

fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= length);
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_faces_are_put_to_the_people_that_they_were_made_of() {
        let speed = measure_people(2_000, 128);
        assert_eq!((speed.faces, speed.people), (2_000, 50));
        assert_eq!(speed.found, 50, "{speed:?}");
    }
}
