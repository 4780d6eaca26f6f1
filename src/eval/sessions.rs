//! Sessions as they happen, put together from labelled photos: some people are in them and some are not, and a
//! photo shows one to four people. Everybody searches with one picture that could be a selfie.

use std::{
    collections::{HashMap, HashSet},
    ops::AddAssign,
};

use rand::{RngExt, SeedableRng, rngs::SmallRng, seq::SliceRandom};

use super::{Dataset, Sample};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{ExactIndex, FaceIndex, IndexedFace},
    search::{
        FaceFacts, Gallery, MatchError, MatchOptions, OnThisThread, PhotoMatch, SessionFacts,
        different_people, score_photos,
    },
    vision::POOR,
};

/// People of whom so many are in the session, the others are not.
const PRESENT: f64 = 0.6;
/// Somebody who is in no photo searches with so many pictures of theirs, one after the other, at most.
const ABSENT_SELFIES: usize = 5;
/// Faces in a photo, each as likely.
const COMPANY: [usize; 5] = [1, 1, 2, 3, 4];

/// The outcome of the searches in some sessions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// Photos that should have been found, those without a detected face included.
    pub wanted: usize,
    /// Of them, shown.
    pub right: usize,
    /// Of the rest, offered as doubtful.
    pub offered: usize,
    /// Photos of somebody else shown to people who are in the session.
    pub wrong: usize,
    /// Searches of people who are in no photo.
    pub absent: usize,
    /// Of them, shown a photo.
    pub shown: usize,
    /// Of the others of them, offered one as doubtful.
    pub absent_offered: usize,
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.wanted += other.wanted;
        self.right += other.right;
        self.offered += other.offered;
        self.wrong += other.wrong;
        self.absent += other.absent;
        self.shown += other.shown;
        self.absent_offered += other.absent_offered;
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl Outcome {
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.right, self.wanted)
    }

    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Share of the people in no photo who are shown one.
    #[must_use]
    pub fn strangers(&self) -> f64 {
        share(self.shown, self.absent)
    }
}

/// What became of the searches, in all and by person.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    pub total: Outcome,
    by_person: HashMap<usize, Outcome>,
}

impl Outcomes {
    fn add(&mut self, person: usize, outcome: Outcome) {
        self.total += outcome;
        *self.by_person.entry(person).or_default() += outcome;
    }

    /// Half of the 95 % interval of the recall. Searches of one person are alike, so that people are counted and not
    /// searches.
    #[must_use]
    pub fn recall_uncertainty(&self) -> f64 {
        let searched = self.by_person.values().filter(|outcome| outcome.wanted > 0);
        uncertainty(&searched.map(Outcome::recall).collect::<Vec<_>>())
    }

    /// People of whom a search without a photo of theirs was made, and of them those who were shown somebody at least
    /// once.
    #[must_use]
    pub fn absent_people(&self) -> (usize, usize) {
        let absent = || self.by_person.values().filter(|outcome| outcome.absent > 0);
        (absent().count(), absent().filter(|outcome| outcome.shown > 0).count())
    }
}

fn uncertainty(rates: &[f64]) -> f64 {
    let n = rates.len() as f64;
    let mean = rates.iter().sum::<f64>() / n.max(1.0);
    let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    1.96 * (variance / n.max(1.0)).sqrt()
}

/// The people and the size of a session.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// Indexes of the people who may be in it or search in it.
    pub people: &'a [usize],
    pub photos: usize,
    pub draws: u64,
    /// Faces of the photos are shrunk to this height, pixels; probes are not.
    pub face_height: Option<u32>,
}

/// The photos of one drawn session.
struct Drawn<'a> {
    faces: Vec<(&'a Sample, PhotoId)>,
    /// Each with whether the person is in the session.
    probes: Vec<(&'a Sample, bool)>,
}

/// Runs the product's search for everybody in the sessions that a plan draws.
///
/// # Errors
/// [`MatchError`] from the in-memory index.
pub async fn search_sessions(
    dataset: &Dataset,
    plan: &Plan<'_>,
    options: &MatchOptions,
) -> Result<Outcomes, MatchError> {
    let mut outcomes = Outcomes::default();
    for draw in 0..plan.draws {
        let drawn = draw_session(dataset, plan, draw);
        run(dataset, &drawn, plan.face_height, options, &mut outcomes).await?;
    }
    Ok(outcomes)
}

fn draw_session<'a>(dataset: &'a Dataset, plan: &Plan<'_>, seed: u64) -> Drawn<'a> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut people = plan.people.to_vec();
    people.shuffle(&mut random);
    let most = ((people.len() as f64 * PRESENT).round() as usize).max(1);
    let mut drawn = Drawn { faces: Vec::new(), probes: Vec::new() };
    let mut gallery: Vec<&Sample> = Vec::new();
    for (n, person) in people.into_iter().enumerate() {
        let own: Vec<&Sample> = dataset.samples.iter().filter(|sample| sample.person == person).collect();
        let mut selfies: Vec<usize> = (0..own.len()).filter(|at| own[*at].selfie.is_some()).collect();
        selfies.shuffle(&mut random);
        let Some(chosen) = selfies.first() else { continue };
        if n < most && gallery.len() < plan.photos && own.len() > 1 {
            gallery.extend(own.iter().enumerate().filter(|(at, _)| at != chosen).map(|(_, sample)| *sample));
            drawn.probes.push((own[*chosen], true));
        } else {
            drawn.probes.extend(selfies.iter().take(ABSENT_SELFIES).map(|at| (own[*at], false)));
        }
    }
    gallery.shuffle(&mut random);
    let mut rest = gallery.into_iter().peekable();
    while rest.peek().is_some() {
        let photo = PhotoId::generate();
        let mut together = HashSet::new();
        for _ in 0..COMPANY[random.random_range(0..COMPANY.len())] {
            let Some(sample) = rest.next_if(|next| together.insert(next.person)) else { break };
            drawn.faces.push((sample, photo));
        }
    }
    drawn
}

async fn run(
    dataset: &Dataset,
    drawn: &Drawn<'_>,
    face_height: Option<u32>,
    options: &MatchOptions,
    outcomes: &mut Outcomes,
) -> Result<(), MatchError> {
    let session = PhotoSessionId::generate();
    let dimension = dataset.samples.first().map_or(0, |sample| sample.vector.len());
    let index = ExactIndex::new(dimension);
    let mut facts = KnownFacts::default();
    let mut owners: HashMap<PhotoId, Vec<usize>> = HashMap::new();
    let mut faces = Vec::new();
    for (number, (sample, photo_id)) in drawn.faces.iter().enumerate() {
        let id = FaceId::derive(*photo_id, number as u32, "eval");
        owners.entry(*photo_id).or_default().push(sample.person);
        let (vector, quality) = sample.at_height(face_height);
        if quality < POOR {
            facts.poor.insert(id);
        }
        faces.push(IndexedFace { id, photo_id: *photo_id, vector: vector.to_vec() });
    }
    facts.session = facts_of(&faces);
    index.upsert(session, faces).await?;
    let gallery = Gallery { index: &index, facts: &facts, threads: &OnThisThread };
    for (probe, is_present) in &drawn.probes {
        let selfie = probe.selfie.as_ref().map_or(&probe.vector, |selfie| selfie);
        let found = score_photos(&gallery, session, std::slice::from_ref(selfie), options).await?;
        let is_theirs = |found: &PhotoMatch| owners[&found.photo_id].contains(&probe.person);
        let mut outcome = count(&found, is_theirs, *is_present);
        if *is_present {
            let own = owners.values().filter(|people| people.contains(&probe.person)).count();
            outcome.wanted += own + dataset.no_face[probe.person];
        }
        outcomes.add(probe.person, outcome);
    }
    Ok(())
}

fn count(found: &[PhotoMatch], is_theirs: impl Fn(&PhotoMatch) -> bool, is_present: bool) -> Outcome {
    let shown = found.iter().filter(|found| found.is_sure());
    let offered = found.iter().filter(|found| !found.is_sure() && found.is_offered()).take(6);
    if is_present {
        let right = shown.clone().filter(|found| is_theirs(found)).count();
        let offered = offered.filter(|found| is_theirs(found)).count();
        return Outcome { right, wrong: shown.count() - right, offered, ..Outcome::default() };
    }
    let (shown, offered) = (usize::from(shown.count() > 0), usize::from(offered.count() > 0));
    Outcome { absent: 1, shown, absent_offered: offered * (1 - shown), ..Outcome::default() }
}

/// The facts that the rows would hold.
#[derive(Default)]
pub(super) struct KnownFacts {
    pub poor: HashSet<FaceId>,
    pub session: SessionFacts,
}

impl FaceFacts for KnownFacts {
    async fn poor(&self, faces: &[FaceId]) -> Result<HashSet<FaceId>, MatchError> {
        Ok(faces.iter().filter(|face| self.poor.contains(face)).copied().collect())
    }

    async fn session(&self, _: PhotoSessionId) -> Result<SessionFacts, MatchError> {
        Ok(self.session)
    }
}

/// As `RowFacts` finds it out; faces of one photo follow each other.
pub(super) fn facts_of(faces: &[IndexedFace]) -> SessionFacts {
    let mut cosines = Vec::new();
    for (n, one) in faces.iter().enumerate() {
        let others = faces[n + 1..].iter().take_while(|other| other.photo_id == one.photo_id);
        cosines.extend(
            others.map(|other| one.vector.iter().zip(&other.vector).map(|(a, b)| a * b).sum::<f32>()),
        );
    }
    SessionFacts { faces: faces.len() as u64, different: different_people(cosines) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two people whose faces are at right angles, and one who looks like the first.
    fn dataset() -> Dataset {
        let sample = |person: usize, degrees: f32| {
            let angle = degrees.to_radians();
            let vector = vec![angle.cos(), angle.sin()];
            Sample {
                person,
                path: std::path::PathBuf::new(),
                selfie: Some(vector.clone()),
                vector,
                quality: 1.0,
                shrunk: Vec::new(),
            }
        };
        let samples = (0..5).flat_map(|n| [sample(0, n as f32), sample(1, 90.0 + n as f32)]).collect();
        let people = vec!["one".to_owned(), "two".to_owned()];
        Dataset { people, samples, photos: 10, no_face: vec![0, 1] }
    }

    #[test]
    fn uncertainty_counts_people() {
        assert_eq!(uncertainty(&[0.5, 0.5, 0.5]), 0.0);
        // A standard deviation of .5 over 100 people.
        let rates: Vec<f64> = (0..100).map(|n| f64::from(n % 2)).collect();
        assert!((uncertainty(&rates) - 0.098).abs() < 0.001);
    }

    #[tokio::test]
    async fn everybody_present_is_found_and_nobody_absent_is_shown() {
        let options =
            MatchOptions { candidates: 300, judge: crate::search::Judge { threshold: 0.385, budget: 0.01 } };
        let plan = Plan { people: &[0, 1], photos: 100, draws: 6, face_height: None };
        let outcomes = search_sessions(&dataset(), &plan, &options).await.expect("the index answers");
        let outcome = outcomes.total;
        assert_eq!((outcome.absent, outcome.shown, outcome.wrong), (30, 0, 0), "{outcome:?}");
        assert_eq!(outcomes.absent_people().1, 0);
        assert!(outcome.right >= 24, "four photos of whoever is there, six times: {outcome:?}");
        assert!(outcome.wanted >= outcome.right, "a photo without a face is wanted all the same");
    }
}
