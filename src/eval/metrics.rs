//! Verification: of two photos, are they of one person?

use super::Sample;

/// Rates over every pair of photos.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Cosines of pairs of one person, descending.
    pub genuine: Vec<f32>,
    /// Cosines of pairs of two people, descending.
    pub impostor: Vec<f32>,
    /// Share of photos whose most similar other photo is of the same person.
    pub rank1: f64,
    /// Share of pairs told rightly at the best threshold, both kinds weighing the same.
    pub accuracy: f64,
}

impl Verification {
    /// True accept rate at a false accept rate, and the cosine where it is reached.
    #[must_use]
    pub fn tar_at(&self, far: f64) -> (f64, f32) {
        let allowed = (far * self.impostor.len() as f64).floor() as usize;
        // The threshold lies just above the first impostor that must not be accepted.
        let threshold = self.impostor.get(allowed).copied().unwrap_or(-1.0);
        let accepted = self.genuine.partition_point(|&cosine| cosine > threshold);
        (accepted as f64 / self.genuine.len().max(1) as f64, threshold)
    }
}

/// Compares every photo with every other.
#[must_use]
pub fn verify(samples: &[Sample]) -> Verification {
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    let mut nearest: Vec<(f32, usize)> = vec![(f32::NEG_INFINITY, usize::MAX); samples.len()];
    for (i, a) in samples.iter().enumerate() {
        for (j, b) in samples.iter().enumerate().skip(i + 1) {
            let cosine: f32 = a.vector.iter().zip(&b.vector).map(|(x, y)| x * y).sum();
            if a.person == b.person {
                genuine.push(cosine)
            } else {
                impostor.push(cosine)
            }
            for (at, other) in [(i, b.person), (j, a.person)] {
                if cosine > nearest[at].0 {
                    nearest[at] = (cosine, other);
                }
            }
        }
    }
    let descending = |cosines: &mut Vec<f32>| cosines.sort_unstable_by(|a, b| b.total_cmp(a));
    descending(&mut genuine);
    descending(&mut impostor);
    let right = samples.iter().zip(&nearest).filter(|(sample, (_, person))| sample.person == *person).count();
    let accuracy = best_accuracy(&genuine, &impostor);
    Verification { rank1: right as f64 / samples.len().max(1) as f64, accuracy, genuine, impostor }
}

fn best_accuracy(genuine: &[f32], impostor: &[f32]) -> f64 {
    let share = |cosines: &[f32], threshold: f32| {
        cosines.partition_point(|&cosine| cosine > threshold) as f64 / cosines.len().max(1) as f64
    };
    let accuracy = |step: i16| {
        let threshold = f32::from(step) / 500.0;
        f64::midpoint(share(genuine, threshold), 1.0 - share(impostor, threshold))
    };
    (-500..=500).map(accuracy).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(person: usize, degrees: f32) -> Sample {
        let angle = degrees.to_radians();
        let vector = vec![angle.cos(), angle.sin()];
        let path = std::path::PathBuf::new();
        Sample { person, path, vector, quality: 1.0, selfie: None, shrunk: Vec::new() }
    }

    #[test]
    fn rates_of_a_set_small_enough_to_count_by_hand() {
        // Two people, 10° apart within, 45° between the nearest of both; the last photo is nearer to the other person.
        let samples = [sample(0, 0.0), sample(0, 10.0), sample(1, 55.0), sample(1, 30.0)];
        let rates = verify(&samples);
        assert_eq!((rates.genuine.len(), rates.impostor.len()), (2, 4));
        assert!((rates.rank1 - 0.75).abs() < 1e-9, "{}", rates.rank1);
        // Genuine angles 10, 25; impostor 20, 30, 45, 55: without a false accept only the first is taken.
        assert!((rates.tar_at(0.0).0 - 0.5).abs() < 1e-9);
        assert!((rates.tar_at(0.25).0 - 1.0).abs() < 1e-9);
    }
}
