//! How well faces are put to people: every labelled photo comes into one session, in a random order.

use std::collections::HashMap;

use rand::{SeedableRng, rngs::SmallRng, seq::SliceRandom};

use super::{Dataset, Sample, sessions::facts_of};
use crate::{
    domain::{FaceId, PersonId, PhotoId, RelativeBox},
    index::IndexedFace,
    people::{GroupOptions, Grouping, SeenFace, SeenPhoto, limit_of},
    search::MatchOptions,
    vision::POOR,
};

/// Photos that come at a time.
const AT_ONCE: usize = 64;
const DRAWS: u64 = 5;

/// What became of the faces, over all draws.
#[derive(Debug, Clone, Copy, Default)]
pub struct People {
    /// Faces clear enough to be put to somebody.
    pub faces: usize,
    /// Who there are, and who was found.
    pub people: f64,
    pub found: f64,
    /// Of those, with more than one photo.
    pub found_twice: f64,
    pair: Pairs,
}

#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    right: u64,
    found: u64,
    wanted: u64,
}

impl People {
    /// Of the pairs of faces that are one person here, how many are.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.pair.right as f64 / self.pair.found.max(1) as f64
    }

    /// Of the pairs of faces that are one person, how many are here.
    #[must_use]
    pub fn recall(&self) -> f64 {
        self.pair.right as f64 / self.pair.wanted.max(1) as f64
    }
}

/// Groups the dataset as the product does.
#[must_use]
pub fn group_people(dataset: &Dataset, options: &MatchOptions) -> People {
    let mut total = People::default();
    for draw in 0..DRAWS {
        let mut samples: Vec<&Sample> =
            dataset.samples.iter().filter(|sample| sample.quality >= POOR).collect();
        samples.shuffle(&mut SmallRng::seed_from_u64(draw));
        let owners = owners(&samples, options);
        let count = |pairs: HashMap<PersonId, HashMap<usize, u64>>| {
            let of = |n: u64| n * n.saturating_sub(1) / 2;
            pairs.into_values().fold((0, 0), |(right, found), by_person| {
                let all = by_person.values().sum::<u64>();
                (right + by_person.into_values().map(of).sum::<u64>(), found + of(all))
            })
        };
        let mut groups: HashMap<PersonId, HashMap<usize, u64>> = HashMap::new();
        let mut truth: HashMap<usize, u64> = HashMap::new();
        for (sample, person) in samples.iter().zip(&owners) {
            *groups.entry(*person).or_default().entry(sample.person).or_default() += 1;
            *truth.entry(sample.person).or_default() += 1;
        }
        total.faces += samples.len() / DRAWS as usize;
        total.people += truth.len() as f64 / DRAWS as f64;
        total.found += groups.len() as f64 / DRAWS as f64;
        let twice = groups.values().filter(|faces| faces.values().sum::<u64>() > 1).count();
        total.found_twice += twice as f64 / DRAWS as f64;
        let (right, found) = count(groups);
        total.pair.right += right;
        total.pair.found += found;
        total.pair.wanted += truth.into_values().map(|n| n * (n - 1) / 2).sum::<u64>();
    }
    total
}

/// Whom each sample's face was put to.
fn owners(samples: &[&Sample], options: &MatchOptions) -> Vec<PersonId> {
    let rect = RelativeBox { x: 0.2, y: 0.2, w: 0.5, h: 0.5 };
    let photos: Vec<PhotoId> = samples.iter().map(|_| PhotoId::generate()).collect();
    let indexed: Vec<IndexedFace> = photos
        .iter()
        .zip(samples)
        .map(|(photo, sample)| IndexedFace {
            id: FaceId::derive(*photo, 0, "eval"),
            photo_id: *photo,
            vector: sample.vector.clone(),
        })
        .collect();
    let limit = limit_of(options.judge.threshold, &facts_of(&indexed));
    let mut grouping = Grouping::new(GroupOptions::new(limit), &[]);
    let mut owners: HashMap<PhotoId, PersonId> = HashMap::new();
    for (photos, samples) in photos.chunks(AT_ONCE).zip(samples.chunks(AT_ONCE)) {
        let seen = photos.iter().zip(samples).map(|(id, sample)| SeenPhoto {
            id: *id,
            faces: vec![SeenFace { rect, quality: sample.quality, vector: Some(sample.vector.clone()) }],
            placed: Vec::new(),
            splits: Vec::new(),
        });
        let round = grouping.look(seen.collect());
        for (from, into) in round.merged {
            owners.values_mut().filter(|owner| **owner == from).for_each(|owner| *owner = into);
        }
        owners.extend(round.faces.into_iter().map(|(face, _)| (face.photo, face.person)));
    }
    photos.iter().filter_map(|photo| owners.get(photo).copied()).collect()
}
