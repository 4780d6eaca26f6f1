//! From which score on a photo is shown, and how likely it then is the guest's.
//!
//! One threshold for every session shows strangers where people look alike or are many, and hides guests where
//! they are few and clear. Four things move it:
//! - **How many faces** there are to be mistaken for: the best of many strangers is more alike than of few.
//! - **The session's own people**: two faces in one photo are two people, so a session with group photos shows
//!   without labels how alike its different people are. With few such pairs a usual value counts.
//! - **Who is near** the selfie without being matched: a guest who resembles many is easily mistaken.
//! - **Whether the selfie is typical** of the faces that it was matched with. The photos of one person are as
//!   alike among themselves as each is to a selfie of that person; a stranger's selfie stands apart. This tells
//!   most: of 7,500 simulated searches the difference was above -0.13 for 95 of 100 guests who are there and below
//!   -0.15 for 95 of 100 who are not.
//!
//! The numbers were chosen on half of the people of four sets. How they do on the other half is what
//! `pixora eval --half 1` prints; it has not been measured with the program as it is.

/// The facts of a session besides its vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionFacts {
    /// Faces that can be found in it.
    pub faces: u64,
    /// How alike its different people are, see [`different_people`].
    pub different: f32,
}

impl Default for SessionFacts {
    fn default() -> Self {
        Self { faces: USUAL_FACES as u64, different: USUAL_DIFFERENT }
    }
}

/// Faces of the session that a manifest's threshold is meant for.
const USUAL_FACES: f32 = 400.0;
/// Fewer faces than this lower the threshold no further.
const LEAST_FACES: f32 = 40.0;
/// By how much it rises when there are e (2.7) times as many faces.
const PER_FACES: f32 = 0.02;
/// The usual 95th percentile of the cosines of different people.
const USUAL_DIFFERENT: f32 = 0.22;
/// So many pairs of faces say as much as what is usual.
const USUAL_PAIRS: f32 = 60.0;
/// Above this a session's people are more alike than usual, and the threshold rises by this part of it.
const ALIKE: f32 = 0.25;
const PER_ALIKE: f32 = 0.4;
/// How many of the nearest unmatched faces are looked at.
const NEAREST: usize = 20;
/// How far below those of the cluster's faces the selfie's own cosines may be before the threshold rises, and by
/// how much it then rises.
const ATYPICAL: f32 = 0.15;
const PER_ATYPICAL: f32 = 1.5;
/// The budget that a manifest's threshold is meant for, and by how much the threshold rises when it is e times
/// smaller.
const USUAL_BUDGET: f32 = 0.01;
const PER_BUDGET: f32 = 0.045;
/// A candidate this far below the manifest's threshold or nearer belongs to the cluster that the selfie is
/// compared with.
const LOOSE: f32 = 0.055;
/// A logistic of the distance to the threshold: .40 at it, .67 from .05, .86 from .1 above. Observed among 12,000
/// faces of simulated searches: .46, .66 and .95.
const OFFSET: f32 = -0.4;
const SLOPE: f32 = 22.0;
/// Faces this much below the threshold or less may be the guest's.
pub const PERHAPS: f32 = 0.06;

/// The 95th percentile of the cosines of different people, from pairs of faces in one photo; near what is usual
/// where there are few of them.
#[must_use]
pub fn different_people(mut cosines: Vec<f32>) -> f32 {
    cosines.sort_unstable_by(f32::total_cmp);
    let pairs = cosines.len() as f32;
    let at = (pairs * 0.95) as usize;
    let seen = cosines.get(at).or(cosines.last()).copied().unwrap_or(USUAL_DIFFERENT);
    (seen * pairs + USUAL_DIFFERENT * USUAL_PAIRS) / (pairs + USUAL_PAIRS)
}

/// A candidate as the judge sees it.
pub struct Candidate<'a> {
    pub vector: &'a [f32],
    /// To the selfie.
    pub cosine: f32,
    /// The matcher's.
    pub score: f32,
}

/// Decides over one search.
#[derive(Debug, Clone, Copy)]
pub struct Judge {
    /// Of the embedder's manifest.
    pub threshold: f32,
    /// Share of the guests who are in no photo that may be shown somebody else's.
    pub budget: f32,
}

impl Judge {
    /// The score from which this search's candidates are shown. `probes`: how many selfies share the budget.
    #[must_use]
    pub fn limit(&self, facts: &SessionFacts, probes: usize, candidates: &[Candidate<'_>]) -> f32 {
        let faces = (facts.faces as f32).max(LEAST_FACES);
        let budget = self.budget / probes.max(1) as f32;
        let loose = self.threshold - LOOSE;
        self.threshold
            + PER_FACES * (faces / USUAL_FACES).ln()
            + PER_BUDGET * (USUAL_BUDGET / budget).ln()
            + PER_ALIKE * (facts.different - ALIKE).max(0.0)
            + PER_ALIKE * (near(candidates, loose) - ALIKE).max(0.0)
            + PER_ATYPICAL * (-typicality(candidates, loose) - ATYPICAL).max(0.0)
    }

    /// How likely a face is the guest's, by how far its score is above the limit.
    #[must_use]
    pub fn probability(margin: f32) -> f32 {
        1.0 / (1.0 + (-(OFFSET + SLOPE * margin)).exp())
    }
}

/// Mean cosine of the nearest faces that are not matched.
fn near(candidates: &[Candidate<'_>], loose: f32) -> f32 {
    let mut unmatched: Vec<f32> =
        candidates.iter().filter(|found| found.score < loose).map(|found| found.cosine).collect();
    unmatched.sort_unstable_by(|a, b| b.total_cmp(a));
    unmatched.truncate(NEAREST);
    unmatched.iter().sum::<f32>() / unmatched.len().max(1) as f32
}

/// Mean cosine of the selfie to the matched faces less their mean cosine among themselves; 0 for less than two.
fn typicality(candidates: &[Candidate<'_>], loose: f32) -> f32 {
    let matched = || candidates.iter().filter(|found| found.score >= loose);
    let count = matched().count() as f32;
    let Some(first) = matched().next() else { return 0.0 };
    if count < 2.0 {
        return 0.0;
    }
    let mut sum = vec![0.0_f32; first.vector.len()];
    for found in matched() {
        sum.iter_mut().zip(found.vector).for_each(|(sum, value)| *sum += value);
    }
    // The square of the sum of unit vectors holds each pair twice, and each vector once with itself.
    let square = sum.iter().map(|value| value * value).sum::<f32>();
    let among = (square - count) / (count * (count - 1.0));
    let own = matched().map(|found| found.cosine).sum::<f32>() / count;
    own - among
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGE: Judge = Judge { threshold: 0.4, budget: 0.01 };

    fn facts(faces: u64, different: f32) -> SessionFacts {
        SessionFacts { faces, different }
    }

    fn limit(facts: &SessionFacts) -> f32 {
        JUDGE.limit(facts, 1, &[])
    }

    #[test]
    fn the_usual_session_has_the_manifests_threshold() {
        assert!((limit(&SessionFacts::default()) - 0.4).abs() < 1e-6);
        assert!((Judge::probability(0.0) - 0.4).abs() < 0.01 && Judge::probability(0.2) > 0.94);
        assert!(Judge::probability(-PERHAPS) > 0.1);
    }

    #[test]
    fn more_faces_more_alike_people_and_a_smaller_budget_raise_it() {
        let usual = limit(&facts(400, 0.22));
        assert!(limit(&facts(4000, 0.22)) > usual + 0.04);
        assert!(limit(&facts(100, 0.22)) < usual - 0.02);
        assert_eq!(limit(&facts(1, 0.22)), limit(&facts(40, 0.22)));
        assert!(limit(&facts(400, 0.40)) > usual + 0.05);
        assert_eq!(limit(&facts(400, 0.10)), usual, "people who are unlike each other lower nothing");
        let strict = Judge { budget: 0.001, ..JUDGE };
        assert!(strict.limit(&facts(400, 0.22), 1, &[]) > usual + 0.09);
        assert!(JUDGE.limit(&facts(400, 0.22), 3, &[]) > usual, "three selfies share the budget");
    }

    #[test]
    fn few_pairs_leave_the_usual_value_and_many_replace_it() {
        assert_eq!(different_people(Vec::new()), 0.22);
        assert!(different_people(vec![0.6]) < 0.23);
        assert!(different_people(vec![0.4; 600]) > 0.38);
    }

    #[test]
    fn a_selfie_that_stands_apart_from_the_faces_it_was_matched_with_raises_it() {
        let at = |degrees: f32| [degrees.to_radians().cos(), degrees.to_radians().sin()];
        let cluster = [at(50.0), at(51.0), at(52.0)];
        let judged = |probe: [f32; 2], score: f32| {
            let candidates: Vec<Candidate<'_>> = cluster
                .iter()
                .map(|vector| Candidate {
                    vector,
                    cosine: vector.iter().zip(&probe).map(|(a, b)| a * b).sum(),
                    score,
                })
                .collect();
            JUDGE.limit(&SessionFacts::default(), 1, &candidates)
        };
        assert!((judged(at(48.0), 0.9) - 0.4).abs() < 1e-5, "one of them");
        assert!(judged(at(0.0), 0.6) > 0.6, "somebody else");
    }
}
