//! Which faces of a session are one person: pure, one photo after the other.
//!
//! A person is known by the mean of their faces' vectors, so the memory grows with the people and not with the pairs of
//! faces, and a new face is compared with the people that there are. The scale is that of the search's clusters
//! (`search/cluster.rs`): the mean cosine to a person's faces, corrected for how far they are spread.
//!
//! - A photo's faces are put to different people, the clearest pairs first. What is like nobody is somebody new.
//! - People who have become as alike as one person are made one, unless they share a photo, or somebody has said of both
//!   who they are.
//! - Where somebody has said "not this person" of a face, neither the face nor whoever has it comes to that person.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{PersonFaceId, PersonId, PhotoId, RelativeBox},
    search::{SessionFacts, dot, spread},
    store::{KnownPerson, PlacedFace, Regrouped},
};

/// Bytes of a vector's number.
const NUMBER: usize = size_of::<f32>();

/// From which similarity on faces and people are one person.
#[derive(Debug, Clone, Copy)]
pub struct GroupOptions {
    /// A face and a person.
    pub join: f32,
    /// Two people.
    pub merge: f32,
}

impl GroupOptions {
    /// `limit`: as [`limit_of`] says. A face of which one photo is wrong is put right by hand, two people in one are harder
    /// to see: both limits lie above it.
    #[must_use]
    pub fn new(limit: f32) -> Self {
        Self { join: limit + 0.02, merge: limit + 0.08 }
    }
}

/// Faces of the session that a manifest's threshold is meant for, and fewer than which lower it no further.
const USUAL_FACES: f32 = 400.0;
const LEAST_FACES: f32 = 40.0;
/// By how much the limit rises when there are e (2.7) times as many faces to be mistaken for.
const PER_FACES: f32 = 0.02;
/// Above this a session's people are more alike than usual, and the limit rises by this part of it.
const ALIKE: f32 = 0.25;
const PER_ALIKE: f32 = 0.4;

/// From which similarity on two faces of a session are one person's. `threshold`: of the embedder's manifest.
#[must_use]
pub fn limit_of(threshold: f32, facts: &SessionFacts) -> f32 {
    let faces = (facts.faces as f32).max(LEAST_FACES);
    threshold + PER_FACES * (faces / USUAL_FACES).ln() + PER_ALIKE * (facts.different - ALIKE).max(0.0)
}

/// A face of a photo that is looked at.
#[derive(Debug, Clone)]
pub struct SeenFace {
    pub rect: RelativeBox,
    pub quality: f32,
    /// `[dimension] f32`, L2-normalised; `None` for a face too poor to say who it is.
    pub vector: Option<Vec<f32>>,
}

/// A photo that is looked at, with what is known of its faces.
#[derive(Debug, Clone)]
pub struct SeenPhoto {
    pub id: PhotoId,
    pub faces: Vec<SeenFace>,
    pub placed: Vec<PlacedFace>,
    /// Faces that were told not to be a person.
    pub splits: Vec<PlacedFace>,
}

#[derive(Debug)]
struct Person {
    id: PersonId,
    number: u32,
    by_hand: bool,
    is_new: bool,
    /// Sum of the vectors of the faces.
    sum: Vec<f32>,
    /// Squared length of their mean.
    compactness: f32,
    photos: HashSet<PhotoId>,
    /// Whom a face of theirs was told not to be.
    apart: HashSet<PersonId>,
    is_gone: bool,
}

impl Person {
    fn add(&mut self, photo: PhotoId, vector: &[f32]) {
        if self.sum.is_empty() {
            self.sum = vec![0.0; vector.len()];
        }
        self.sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
        self.photos.insert(photo);
        self.weigh();
    }

    fn weigh(&mut self) {
        let faces = self.photos.len().max(1) as f32;
        self.compactness = dot(&self.sum, &self.sum) / (faces * faces);
    }

    /// Mean cosine to a vector, corrected for the spread of the faces.
    fn similarity(&self, vector: &[f32]) -> f32 {
        dot(vector, &self.sum) / self.photos.len().max(1) as f32 / spread(self.compactness)
    }

    fn likeness(&self, other: &Self) -> f32 {
        let pairs = (self.photos.len() * other.photos.len()).max(1) as f32;
        dot(&self.sum, &other.sum) / pairs / spread(self.compactness * other.compactness)
    }

    /// Two faces of one photo are two people, and so are those of whom somebody has said so.
    fn may_be(&self, other: &Self) -> bool {
        let (few, many) = if self.photos.len() < other.photos.len() { (self, other) } else { (other, self) };
        let is_said = (self.by_hand && other.by_hand)
            || self.apart.contains(&other.id)
            || other.apart.contains(&self.id);
        !is_said && few.photos.iter().all(|photo| !many.photos.contains(photo))
    }
}

/// The people of one session as far as they are known.
#[derive(Debug)]
pub struct Grouping {
    options: GroupOptions,
    /// A face that is like nobody is somebody new.
    opens: bool,
    people: Vec<Person>,
    places: HashMap<PersonId, usize>,
}

impl Grouping {
    #[must_use]
    pub fn new(options: GroupOptions, known: &[KnownPerson]) -> Self {
        let mut grouping = Self { options, opens: true, people: Vec::new(), places: HashMap::new() };
        for person in known {
            grouping.enter(person.id, person.number, person.by_hand, false);
        }
        grouping
    }

    fn enter(&mut self, id: PersonId, number: u32, by_hand: bool, is_new: bool) -> usize {
        self.places.insert(id, self.people.len());
        self.people.push(Person {
            id,
            number,
            by_hand,
            is_new,
            sum: Vec::new(),
            compactness: 0.0,
            photos: HashSet::new(),
            apart: HashSet::new(),
            is_gone: false,
        });
        self.people.len() - 1
    }

    /// A face that was put to a person before.
    pub fn remember(&mut self, person: PersonId, photo: PhotoId, vector: &[f32]) {
        if let Some(place) = self.places.get(&person) {
            self.people[*place].add(photo, vector);
        }
    }

    /// A face of `person` was told not to be `other`.
    pub fn keep_apart(&mut self, person: PersonId, other: PersonId) {
        if let Some(place) = self.places.get(&person) {
            self.people[*place].apart.insert(other);
        }
    }

    /// The session has grown, and its judge has moved.
    pub fn judge_by(&mut self, options: GroupOptions) {
        self.options = options;
    }

    /// Where people are off, faces are only compared with who is known already: nobody new is made.
    pub fn only_known(&mut self, is_so: bool) {
        self.opens = !is_so;
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.iter().filter(|person| !person.is_gone).count()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how much memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let person = |person: &Person| {
            size_of::<Person>()
                + person.sum.capacity() * NUMBER
                + person.photos.capacity() * (size_of::<PhotoId>() + 1)
        };
        self.people.iter().map(person).sum::<usize>()
            + self.places.capacity() * size_of::<(PersonId, usize)>()
    }

    /// Puts the faces of some photos to people. What comes of it is to be written; what is kept here is as if it were.
    pub fn look(&mut self, photos: Vec<SeenPhoto>) -> Regrouped {
        let mut round = Regrouped::default();
        let mut placed: Vec<(usize, PlacedFace, f32)> = Vec::new();
        let mut touched = HashSet::new();
        for photo in photos {
            round.photos.push(photo.id);
            for (place, face, quality) in self.look_at(&photo, &mut round.gone) {
                touched.insert(place);
                placed.push((place, face, quality));
            }
        }
        let heirs = self.unite(touched, &mut round.merged);
        let heir = |mut place: usize| {
            while let Some(next) = heirs.get(&place) {
                place = *next;
            }
            place
        };
        for (place, face, quality) in placed {
            let person = self.people[heir(place)].id;
            round.faces.push((PlacedFace { person, ..face }, quality));
        }
        for person in &mut self.people {
            if std::mem::take(&mut person.is_new) && !person.is_gone {
                round.new_people.push(person.id);
            }
        }
        self.tidy();
        round
    }

    /// The new faces of one photo, each with the place of its person.
    fn look_at(&mut self, photo: &SeenPhoto, gone: &mut Vec<PersonFaceId>) -> Vec<(usize, PlacedFace, f32)> {
        let is_there =
            |face: &&PlacedFace| !photo.faces.iter().any(|seen| seen.rect.is_same_face(&face.rect));
        gone.extend(photo.placed.iter().filter(is_there).map(|face| face.id));
        let is_placed = |seen: &SeenFace| photo.placed.iter().any(|face| face.rect.is_same_face(&seen.rect));
        let new: Vec<(&SeenFace, &Vec<f32>)> = photo
            .faces
            .iter()
            .filter(|seen| !is_placed(seen))
            .filter_map(|seen| seen.vector.as_ref().map(|vector| (seen, vector)))
            .collect();
        let splits = |seen: &SeenFace| -> HashSet<PersonId> {
            let of_face = photo.splits.iter().filter(|face| face.rect.is_same_face(&seen.rect));
            of_face.map(|face| face.person).collect()
        };
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (number, (seen, vector)) in new.iter().enumerate() {
            let apart = splits(seen);
            for (place, person) in self.people.iter().enumerate() {
                if person.is_gone || person.photos.contains(&photo.id) || apart.contains(&person.id) {
                    continue;
                }
                let similarity = person.similarity(vector);
                if similarity >= self.options.join {
                    pairs.push((similarity, number, place));
                }
            }
        }
        pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut found: Vec<Option<usize>> = vec![None; new.len()];
        let mut taken = HashSet::new();
        for (_, number, place) in pairs {
            if found[number].is_none() && taken.insert(place) {
                found[number] = Some(place);
            }
        }
        let mut placed = Vec::new();
        let opens = self.opens;
        let put = new.into_iter().zip(found).filter(|(_, found)| opens || found.is_some());
        for ((seen, vector), found) in put {
            let place = found.unwrap_or_else(|| self.enter(PersonId::generate(), u32::MAX, false, true));
            let person = &mut self.people[place];
            person.add(photo.id, vector);
            person.apart.extend(splits(seen));
            let id = PersonFaceId::generate();
            let face = PlacedFace { id, photo: photo.id, person: person.id, rect: seen.rect };
            placed.push((place, face, seen.quality));
        }
        placed
    }

    /// Makes people one who have become as alike as one, the most alike first. Only those can have who got a face.
    /// Returns who went up in whom, by place.
    fn unite(
        &mut self,
        touched: HashSet<usize>,
        merged: &mut Vec<(PersonId, PersonId)>,
    ) -> HashMap<usize, usize> {
        let mut heirs = HashMap::new();
        let mut changed: Vec<usize> = touched.into_iter().collect();
        changed.sort_unstable();
        while !changed.is_empty() {
            let mut pairs = self.alike(&changed);
            pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            let mut used = HashSet::new();
            changed.clear();
            for (_, one, other) in pairs {
                if !self.people[one].may_be(&self.people[other])
                    || used.contains(&one)
                    || used.contains(&other)
                {
                    continue;
                }
                let (heir, goes) = self.heir_first(one, other);
                used.extend([one, other]);
                self.absorb(heir, goes, merged);
                heirs.insert(goes, heir);
                changed.push(heir);
            }
        }
        heirs
    }

    /// Pairs of these people with anybody that are alike enough to be one.
    fn alike(&self, changed: &[usize]) -> Vec<(f32, usize, usize)> {
        let is_changed: HashSet<usize> = changed.iter().copied().collect();
        let mut pairs = Vec::new();
        for &one in changed.iter().filter(|place| !self.people[**place].is_gone) {
            for (other, person) in self.people.iter().enumerate() {
                // A pair of which both have changed is looked at once.
                if person.is_gone || other == one || (is_changed.contains(&other) && other < one) {
                    continue;
                }
                let likeness = self.people[one].likeness(person);
                if likeness >= self.options.merge {
                    pairs.push((likeness, one, other));
                }
            }
        }
        pairs
    }

    /// Whom somebody knows stays, then who was there first.
    fn heir_first(&self, one: usize, other: usize) -> (usize, usize) {
        let rank = |place: usize| {
            let person = &self.people[place];
            (!person.by_hand, person.is_new, person.number, place)
        };
        if rank(one) <= rank(other) { (one, other) } else { (other, one) }
    }

    fn absorb(&mut self, heir: usize, goes: usize, merged: &mut Vec<(PersonId, PersonId)>) {
        let gone = &mut self.people[goes];
        gone.is_gone = true;
        let (id, is_new) = (gone.id, gone.is_new);
        let (sum, photos, apart) = (
            std::mem::take(&mut gone.sum),
            std::mem::take(&mut gone.photos),
            std::mem::take(&mut gone.apart),
        );
        let kept = &mut self.people[heir];
        kept.sum.iter_mut().zip(&sum).for_each(|(sum, value)| *sum += value);
        kept.photos.extend(photos);
        kept.apart.extend(apart);
        kept.weigh();
        let heir = kept.id;
        // Who was kept apart from the one is kept apart from both.
        for person in self.people.iter_mut().filter(|person| person.apart.contains(&id)) {
            person.apart.insert(heir);
        }
        if !is_new {
            merged.push((id, heir));
        }
    }

    /// Drops those who went up in others.
    fn tidy(&mut self) {
        self.people.retain(|person| !person.is_gone);
        self.places = self.people.iter().enumerate().map(|(place, person)| (person.id, place)).collect();
    }
}

#[cfg(test)]
#[path = "group/tests.rs"]
mod tests;
