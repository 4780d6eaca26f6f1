//! How likely a face is the guest's, and from when on its photo is shown.
//!
//! One threshold of a cosine for every session shows strangers where people look alike or are many, and hides guests
//! where they are few and clear. So each merge of the probe's cluster with others (`search/cluster.rs`) is weighed as
//! a whole:
//! - how alike the two clusters are, and the selfie to the faces that join;
//! - how alike the probe's cluster is to those that **stay away**: a guest who resembles many is easily mistaken;
//! - whether the selfie is **typical** of the faces that it joins: the photos of one person are as alike among
//!   themselves as each is to a selfie of that person, and a stranger's selfie stands apart;
//! - **how many faces** support both sides: two clusters of many faces that are only somewhat alike are two
//!   people, brothers for instance, where a single face may have been a bad picture;
//! - the **session's own people**: two faces in one photo are two people, so a session with group photos shows
//!   without labels how alike its different people are. With few such pairs a usual value counts;
//! - how many faces there are to be mistaken for, and the budget.
//!
//! The weights are those of a logistic regression over the merges of simulated searches in 27 kinds of sessions, of
//! half of the people of four sets. How they do on the other half is what `pixora eval --half 1` prints; the README
//! has the table.

use super::cluster::{ALONE, Joining};

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

/// Faces of a usual session.
const USUAL_FACES: f32 = 400.0;
/// Fewer faces than this make no difference.
const LEAST_FACES: f32 = 40.0;
/// The usual 95th percentile of the cosines of different people.
const USUAL_DIFFERENT: f32 = 0.22;
/// So many pairs of faces say as much as what is usual.
const USUAL_PAIRS: f32 = 60.0;

/// The regression, in log-odds. Similarities count from the manifest's threshold, since another embedder's cosines lie
/// elsewhere.
const CONSTANT: f32 = 9.705;
const SIMILARITY: f32 = 29.006;
const TO_PROBE: f32 = 15.407;
const OTHERS: f32 = -8.228;
/// Where the probe is alone until then, so that its own cosine can be compared with those of the faces.
const FIRST: f32 = 1.483;
const FIRST_AMONG: f32 = -11.876;
/// By the logarithm of the smaller of the two clusters.
const SUPPORT: f32 = -1.913;
const SUPPORT_SIMILARITY: f32 = -1.980;
const DIFFERENT: f32 = -23.506;
const FACES: f32 = 0.293;

/// The log-odds from which a photo is shown in a usual session at a budget of one in a hundred: the value at which, on
/// the half that the weights were fitted on, no kind of session showed more than 1.6 % of the absent people somebody.
const LIMIT: f32 = 0.5;
/// The budget that this is meant for, and by how much the limit rises when it is e (2.7) times smaller.
const USUAL_BUDGET: f32 = 0.01;
const PER_BUDGET: f32 = 0.7;
/// By how much the limit rises when there are e times as many faces as usual, and falls where there are fewer.
const PER_MORE_FACES: f32 = 1.0;
const PER_FEWER_FACES: f32 = 0.5;
/// Faces this much below the limit or less may be the guest's.
pub const PERHAPS: f32 = 2.5;

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

/// Decides over one search.
#[derive(Debug, Clone, Copy)]
pub struct Judge {
    /// Of the embedder's manifest.
    pub threshold: f32,
    /// Share of the guests who are in no photo that may be shown somebody else's.
    pub budget: f32,
}

impl Judge {
    /// Log-odds that the faces of one merge are of whom the probe's cluster is of.
    #[must_use]
    pub fn score(&self, facts: &SessionFacts, joining: &Joining) -> f32 {
        let first = if joining.home == 1 { FIRST + FIRST_AMONG * joining.among } else { 0.0 };
        let support = (joining.home.min(joining.faces.len()).max(1) as f32).ln();
        CONSTANT
            + SIMILARITY * (joining.similarity - self.threshold)
            + TO_PROBE * (joining.to_probe - self.threshold)
            + OTHERS * joining.others
            + first
            + support * (SUPPORT + SUPPORT_SIMILARITY * joining.similarity)
            + DIFFERENT * facts.different
            + FACES * crowd(facts)
    }

    /// The same for one face that was not clustered.
    #[must_use]
    pub fn score_alone(&self, facts: &SessionFacts, similarity: f32, to_probe: f32, others: f32) -> f32 {
        let joining = Joining { similarity, to_probe, among: ALONE, others, home: 2, faces: vec![0] };
        self.score(facts, &joining)
    }

    /// The score from which a photo is shown. `probes`: how many selfies share the budget.
    #[must_use]
    pub fn limit(&self, facts: &SessionFacts, probes: usize) -> f32 {
        let budget = self.budget / probes.max(1) as f32;
        let crowd = crowd(facts);
        let per_faces = if crowd > 0.0 { PER_MORE_FACES } else { PER_FEWER_FACES };
        LIMIT + PER_BUDGET * (USUAL_BUDGET / budget).ln() + per_faces * crowd
    }

    /// How likely a face is the guest's, by how far its score is above the limit, at which it is as likely as not: in
    /// searches of guests who are there nearly all faces down to 2.5 below it were theirs, and a third of those below
    /// that, but what guests who are in no photo find comes as near.
    #[must_use]
    pub fn probability(margin: f32) -> f32 {
        1.0 / (1.0 + (-margin).exp())
    }
}

/// How many times more faces than usual, as a logarithm.
fn crowd(facts: &SessionFacts) -> f32 {
    ((facts.faces as f32).max(LEAST_FACES) / USUAL_FACES).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGE: Judge = Judge { threshold: 0.385, budget: 0.01 };

    fn facts(faces: u64, different: f32) -> SessionFacts {
        SessionFacts { faces, different }
    }

    /// A selfie joins five clear photos of the same person.
    fn guest() -> Joining {
        Joining { similarity: 0.6, to_probe: 0.55, among: 0.6, others: 0.1, home: 1, faces: (0..5).collect() }
    }

    fn margin(facts: &SessionFacts, joining: &Joining) -> f32 {
        JUDGE.score(facts, joining) - JUDGE.limit(facts, 1)
    }

    #[test]
    fn a_guest_is_shown_and_a_look_alike_is_not() {
        let usual = SessionFacts::default();
        assert!(margin(&usual, &guest()) > 1.0);
        // Their photos are much more alike among each other than to the selfie.
        let stranger = Joining { similarity: 0.42, to_probe: 0.38, among: 0.7, ..guest() };
        assert!(margin(&usual, &stranger) < -1.0);
        assert!((Judge::probability(0.0) - 0.5).abs() < 1e-6 && Judge::probability(4.0) > 0.98);
        assert!(Judge::probability(-PERHAPS) > 0.05);
    }

    #[test]
    fn two_large_clusters_that_are_somewhat_alike_are_two_people() {
        let usual = SessionFacts::default();
        let one =
            Joining { similarity: 0.43, to_probe: 0.40, others: 0.15, home: 8, faces: vec![0], ..guest() };
        let brother = Joining { faces: (0..8).collect(), ..one.clone() };
        assert!(margin(&usual, &one) > 0.0, "a bad picture of the guest");
        assert!(margin(&usual, &brother) < 0.0, "eight of somebody else");
    }

    #[test]
    fn more_faces_more_alike_people_and_a_smaller_budget_make_it_stricter() {
        let usual = margin(&facts(400, 0.22), &guest());
        assert!(margin(&facts(4000, 0.22), &guest()) < usual - 1.0);
        assert!(margin(&facts(100, 0.22), &guest()) > usual);
        assert_eq!(margin(&facts(1, 0.22), &guest()), margin(&facts(40, 0.22), &guest()));
        assert!(margin(&facts(400, 0.30), &guest()) < usual - 1.0);
        let near = Joining { others: 0.3, ..guest() };
        assert!(margin(&facts(400, 0.22), &near) < usual - 1.0, "who resembles many is easily mistaken");
        let strict = Judge { budget: 0.001, ..JUDGE };
        assert!(strict.limit(&facts(400, 0.22), 1) > JUDGE.limit(&facts(400, 0.22), 1) + 1.0);
        assert!(JUDGE.limit(&facts(400, 0.22), 3) > JUDGE.limit(&facts(400, 0.22), 1), "three share it");
    }

    #[test]
    fn few_pairs_leave_the_usual_value_and_many_replace_it() {
        assert_eq!(different_people(Vec::new()), 0.22);
        assert!(different_people(vec![0.6]) < 0.23);
        assert!(different_people(vec![0.4; 600]) > 0.38);
    }
}
