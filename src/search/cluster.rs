//! Average-linkage clustering of a probe with its nearest faces.
//!
//! A single selfie shows one light, one angle, one expression. Faces of a session are many pictures of
//! the same people on the same evening: a turned face is like a half-turned one, which is like the
//! selfie. Merging the two most alike clusters first (Sokal & Michener 1958), by the mean over all their
//! pairs, uses that, and unlike a chain of neighbours it does not drift: one lucky pair does not
//! outvote the rest. Two faces of one photo are two people: they never come into one cluster, nor do clusters
//! that hold them.

/// Merging ends when the best pair of clusters is less alike than this.
const STOP: f32 = 0.10;
/// How far the mean cosine of two clusters is corrected for their own spread: 0 not at all (a large
/// cluster then seems unlike everything), 1 fully (cosine of the two means).
const SPREAD_CORRECTION: f32 = 0.5;

/// How faces came into the probe's cluster: one merge of two clusters.
#[derive(Debug, Clone, PartialEq)]
pub struct Joining {
    /// How alike the two clusters were.
    pub similarity: f32,
    /// Mean cosine of the faces that joined to the probe.
    pub to_probe: f32,
    /// Mean cosine of the faces that joined among each other; [`ALONE`] for a single one.
    pub among: f32,
    /// How alike the probe's cluster was to the nearest others, which stayed away.
    pub others: f32,
    /// Vectors in the probe's cluster before, the probe included.
    pub home: usize,
    /// The vectors that joined, counted without the probe.
    pub faces: Vec<usize>,
}

/// What the faces of one person are usually alike, for a face that has no other to compare.
pub const ALONE: f32 = 0.6;
/// Other clusters that are looked at for how alike the probe's is to them.
const OTHERS: usize = 20;

/// The merges in which the cluster of the first vector grows, in their order.
///
/// `vectors`: `[n][dimension] f32`, L2-normalised. `photos[i]`: the photo of vector i, if it is of one. O(n² ·
/// dimension) time, O(n²) memory.
#[must_use]
pub fn joinings<P: PartialEq>(vectors: &[&[f32]], photos: &[Option<P>]) -> Vec<Joining> {
    let n = vectors.len();
    if n == 0 {
        return Vec::new();
    }
    let mut clusters = Clusters::new(vectors, photos);
    let to_probe = clusters.mean[..n].to_vec();
    let mut joinings = Vec::new();
    while let Some((a, b, similarity)) = clusters.best_pair() {
        if similarity < STOP {
            break;
        }
        let home = clusters.label[0];
        if home == a || home == b {
            let other = if home == a { b } else { a };
            let members: Vec<usize> = (1..n).filter(|i| clusters.label[*i] == other).collect();
            joinings.push(Joining {
                similarity,
                to_probe: members.iter().map(|i| to_probe[*i]).sum::<f32>() / members.len().max(1) as f32,
                among: clusters.among(other),
                others: clusters.nearest_others(home, other),
                home: clusters.size[home] as usize,
                faces: members.into_iter().map(|i| i - 1).collect(),
            });
        }
        clusters.merge(a, b);
    }
    joinings
}

/// Sums of a dot product that are kept side by side. A single one would have to be summed in order, one number after
/// the other; so many fit into the widest registers.
const LANES: usize = 16;

/// The dot product of two vectors of the same length.
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_whole, a_rest) = a.as_chunks::<LANES>();
    let (b_whole, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a_whole.iter().zip(b_whole) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// Clusters named by one of their members, with every pair's similarity and each one's best partner.
struct Clusters {
    n: usize,
    label: Vec<usize>,
    active: Vec<bool>,
    size: Vec<f32>,
    /// Squared length of the cluster's mean vector: 1 for one face, less the more its faces differ.
    compactness: Vec<f32>,
    /// `[n * n]` mean cosine over all pairs of two clusters.
    mean: Vec<f32>,
    /// `[n * n]` the same, corrected for spread; [`NONE`] for clusters that hold faces of one photo.
    similarity: Vec<f32>,
    /// Most similar active cluster of each, and how similar.
    best: Vec<(usize, f32)>,
}

const NONE: f32 = f32::NEG_INFINITY;

impl Clusters {
    fn new<P: PartialEq>(vectors: &[&[f32]], photos: &[Option<P>]) -> Self {
        let n = vectors.len();
        let mut mean = vec![NONE; n * n];
        for i in 0..n {
            for j in i + 1..n {
                let cosine = dot(vectors[i], vectors[j]);
                (mean[i * n + j], mean[j * n + i]) = (cosine, cosine);
            }
        }
        let mut similarity = mean.clone();
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i && photos[i].is_some() && photos[i] == photos[j]) {
                similarity[i * n + j] = NONE;
            }
        }
        let mut clusters = Self {
            n,
            label: (0..n).collect(),
            active: vec![true; n],
            size: vec![1.0; n],
            compactness: vec![1.0; n],
            mean,
            similarity,
            best: vec![(0, NONE); n],
        };
        (0..n).for_each(|i| clusters.find_best(i));
        clusters
    }

    fn best_pair(&self) -> Option<(usize, usize, f32)> {
        let active = (0..self.n).filter(|&i| self.active[i] && self.best[i].1 > NONE);
        let a = active.max_by(|&a, &b| self.best[a].1.total_cmp(&self.best[b].1).then(b.cmp(&a)))?;
        Some((a, self.best[a].0, self.best[a].1))
    }

    fn find_best(&mut self, i: usize) {
        self.best[i] = (0, NONE);
        for k in (0..self.n).filter(|&k| self.active[k] && k != i) {
            let similarity = self.similarity[i * self.n + k];
            if similarity > self.best[i].1 {
                self.best[i] = (k, similarity);
            }
        }
    }

    /// Mean cosine of a cluster's faces among each other. The square of the sum of unit vectors holds each pair
    /// twice, and each vector once with itself.
    fn among(&self, cluster: usize) -> f32 {
        let n = self.size[cluster];
        if n < 2.0 { ALONE } else { (n * n * self.compactness[cluster] - n) / (n * (n - 1.0)) }
    }

    fn corrected(&self, a: usize, b: usize) -> f32 {
        self.mean[a * self.n + b] / spread(self.compactness[a] * self.compactness[b])
    }

    /// How alike `home` is to the nearest clusters besides `joining`, whether they may join or not.
    fn nearest_others(&self, home: usize, joining: usize) -> f32 {
        let others = (0..self.n).filter(|&k| self.active[k] && k != home && k != joining);
        let mut similar: Vec<f32> = others.map(|k| self.corrected(home, k)).collect();
        similar.sort_unstable_by(|a, b| b.total_cmp(a));
        similar.truncate(OTHERS);
        similar.iter().sum::<f32>() / similar.len().max(1) as f32
    }

    /// `b` goes up in `a`.
    fn merge(&mut self, a: usize, b: usize) {
        let n = self.n;
        let (of_a, of_b) = (self.size[a], self.size[b]);
        let size = of_a + of_b;
        self.compactness[a] = (of_a * of_a * self.compactness[a]
            + of_b * of_b * self.compactness[b]
            + 2.0 * of_a * of_b * self.mean[a * n + b])
            / (size * size);
        self.size[a] = size;
        self.active[b] = false;
        self.label.iter_mut().filter(|label| **label == b).for_each(|label| *label = a);
        for k in (0..n).filter(|&k| self.active[k] && k != a) {
            let mean = (of_a * self.mean[a * n + k] + of_b * self.mean[b * n + k]) / size;
            (self.mean[a * n + k], self.mean[k * n + a]) = (mean, mean);
            let apart = self.similarity[a * n + k] == NONE || self.similarity[b * n + k] == NONE;
            let similarity = if apart { NONE } else { self.corrected(a, k) };
            (self.similarity[a * n + k], self.similarity[k * n + a]) = (similarity, similarity);
        }
        self.find_best(a);
        for k in 0..n {
            if !self.active[k] || k == a {
                continue;
            }
            let similarity = self.similarity[k * n + a];
            if self.best[k].0 == a || self.best[k].0 == b {
                self.find_best(k);
            } else if similarity > self.best[k].1 {
                self.best[k] = (a, similarity);
            }
        }
    }
}

/// How alike a face and a whole cluster are, on the scale of [`Joining::similarity`].
///
/// `mean`: mean vector of the cluster's faces, not normalised.
#[must_use]
pub fn similarity_to_cluster(face: &[f32], mean: &[f32]) -> f32 {
    dot(face, mean) / spread(dot(mean, mean))
}

/// What a mean cosine is divided by. `compactness`: the squared length of a cluster's mean vector, or the product of two
/// clusters'.
#[must_use]
pub fn spread(compactness: f32) -> f32 {
    compactness.max(f32::MIN_POSITIVE).powf(SPREAD_CORRECTION / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(degrees: f32) -> [f32; 2] {
        [degrees.to_radians().cos(), degrees.to_radians().sin()]
    }

    /// For every vector after the first, the similarity at which it comes into one cluster with the first; -1 when
    /// it never does.
    fn joining_similarity<P: PartialEq>(vectors: &[&[f32]], photos: &[Option<P>]) -> Vec<f32> {
        let mut joined = vec![-1.0; vectors.len().saturating_sub(1)];
        let mut level = 1.0_f32;
        for joining in joinings(vectors, photos) {
            level = level.min(joining.similarity);
            joining.faces.iter().for_each(|face| joined[*face] = level);
        }
        joined
    }

    fn joined(degrees: &[f32]) -> Vec<f32> {
        let vectors: Vec<[f32; 2]> = degrees.iter().map(|d| at(*d)).collect();
        let apart: Vec<Option<usize>> = vec![None; degrees.len()];
        joining_similarity(&vectors.iter().map(|v| v.as_slice()).collect::<Vec<_>>(), &apart)
    }

    #[test]
    fn a_joining_says_how_it_came_about() {
        let vectors = [at(0.0), at(40.0), at(50.0), at(150.0)];
        let vectors: Vec<&[f32]> = vectors.iter().map(|v| v.as_slice()).collect();
        let joinings = joinings::<usize>(&vectors, &[None, None, None, None]);
        assert_eq!(joinings.len(), 1, "the last is too far away: {joinings:?}");
        let joining = &joinings[0];
        let cos = |degrees: f32| degrees.to_radians().cos();
        assert_eq!((joining.home, &joining.faces[..]), (1, &[0, 1][..]));
        assert!((joining.to_probe - f32::midpoint(cos(40.0), cos(50.0))).abs() < 1e-5, "{joining:?}");
        assert!((joining.among - cos(10.0)).abs() < 1e-5, "{joining:?}");
        assert!((joining.others - cos(150.0)).abs() < 1e-5, "{joining:?}");
    }

    #[test]
    fn a_dot_product_counts_every_number_whatever_the_length() {
        for length in [0, 1, 15, 16, 17, 512] {
            let a: Vec<f32> = (0..length).map(|n| n as f32).collect();
            let expected: f32 = a.iter().sum();
            assert!((dot(&a, &vec![1.0; length]) - expected).abs() < 0.5, "{length}");
        }
    }

    #[test]
    fn two_vectors_join_at_their_cosine() {
        let similarity = joined(&[0.0, 60.0]);
        assert!((similarity[0] - 0.5).abs() < 1e-6, "{similarity:?}");
        assert!(joined(&[0.0]).is_empty());
        assert!(joining_similarity::<usize>(&[], &[]).is_empty());
    }

    #[test]
    fn a_turned_face_is_found_through_a_half_turned_one() {
        let alone = joined(&[0.0, 70.0])[0];
        let through = joined(&[0.0, 35.0, 70.0])[1];
        assert!(through > alone + 0.1, "{alone} alone, {through} through the half-turned one");
    }

    #[test]
    fn another_person_near_one_of_the_guests_faces_is_not_drawn_in() {
        // Five faces of the guest around 0°, a stranger at 75° with five faces of their own around 80°.
        let similarity = joined(&[0.0, 5.0, 10.0, -5.0, 12.0, 75.0, 80.0, 82.0, 78.0, 85.0]);
        assert!(similarity[..4].iter().all(|s| *s > 0.9), "{similarity:?}");
        assert!(similarity[4..].iter().all(|s| *s < 0.4), "{similarity:?}");
    }

    #[test]
    fn who_comes_later_is_never_more_alike() {
        let similarity = joined(&[0.0, 10.0, 20.0, 45.0, 85.0]);
        assert!(similarity.windows(2).all(|pair| pair[0] >= pair[1]), "{similarity:?}");
    }

    #[test]
    fn two_faces_of_one_photo_never_join_nor_do_clusters_that_hold_them() {
        // The probe at 0°, a guest at 4° with a look-alike at 8° beside them, who is also in another photo.
        let vectors = [at(0.0), at(4.0), at(8.0), at(9.0)];
        let vectors: Vec<&[f32]> = vectors.iter().map(|v| v.as_slice()).collect();
        let free = joining_similarity(&vectors, &[None, Some(1), Some(2), Some(3)]);
        assert!(free.iter().all(|s| *s > 0.9), "{free:?}");
        let apart = joining_similarity(&vectors, &[None, Some(1), Some(1), Some(3)]);
        assert!(apart[0] > 0.9, "{apart:?}");
        assert_eq!(apart[1..], [-1.0, -1.0], "the look-alike's cluster holds the other face of the photo");
    }
}
