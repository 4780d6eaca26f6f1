//! Groups of people, and how differently the search treats them.

use std::{collections::BTreeMap, path::Path};

use super::{Dataset, Outcomes, Plan, Sample, search_selfies, search_sessions, verify};
use crate::search::{MatchError, MatchOptions};

/// People of one group, as indexes into the dataset.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub people: Vec<usize>,
}

/// The rates of one group, with the group alone in the session.
#[derive(Debug, Clone)]
pub struct GroupRates {
    pub people: usize,
    pub photos: usize,
    /// Sessions of half of the group.
    pub outcomes: Outcomes,
    /// One selfie of each against everybody's other photos.
    pub recall_at_99: f64,
    pub tar_1e3: f64,
}

/// Draws of sessions for each group, which is small.
const DRAWS: u64 = 20;

/// Reads a table of person and group, separated by a tab; a first line of these words is skipped.
///
/// # Errors
/// A sentence naming the file, or the line that is no pair.
pub fn read_groups(path: &Path, dataset: &Dataset) -> Result<Vec<Group>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((person, group)) = line.split_once('\t') else {
            return Err(format!(
                "{}: line {} is not a person, a tab and a group",
                path.display(),
                number + 1
            ));
        };
        let (person, group) = (person.trim(), group.trim());
        if (person, group) == ("person", "group") {
            continue;
        }
        if let Some(at) = dataset.people.iter().position(|name| name == person) {
            groups.entry(group.to_owned()).or_default().push(at);
        }
    }
    let with_photos = dataset.with_photos();
    let groups: Vec<Group> = groups
        .into_iter()
        .map(|(name, mut people)| {
            people.retain(|person| with_photos.contains(person));
            (name, people)
        })
        .filter(|(_, people)| people.len() > 1)
        .map(|(name, people)| Group { name, people })
        .collect();
    if groups.is_empty() {
        return Err(format!("{} names nobody of the dataset twice or more in one group", path.display()));
    }
    Ok(groups)
}

impl Group {
    /// # Errors
    /// [`MatchError`] from the in-memory index.
    pub async fn measure(&self, dataset: &Dataset, options: &MatchOptions) -> Result<GroupRates, MatchError> {
        let samples: Vec<Sample> =
            dataset.samples.iter().filter(|sample| self.people.contains(&sample.person)).cloned().collect();
        let no_face = (0..dataset.people.len())
            .map(|person| if self.people.contains(&person) { dataset.no_face[person] } else { 0 })
            .collect();
        let photos = samples.len();
        let alone = Dataset { people: dataset.people.clone(), samples, photos, no_face };
        let plan = Plan { people: &self.people, photos: usize::MAX, draws: DRAWS, face_height: None };
        let outcomes = search_sessions(&alone, &plan, options).await?;
        let recall_at_99 = search_selfies(&alone, options).await?.recall_at(0.99).0;
        let tar_1e3 = verify(&alone.samples).tar_at(1e-3).0;
        Ok(GroupRates { people: alone.with_photos().len(), photos, outcomes, recall_at_99, tar_1e3 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset() -> Dataset {
        let people = ["ann", "bob", "cid"].map(str::to_owned).to_vec();
        let sample = |person| Sample {
            person,
            path: std::path::PathBuf::new(),
            vector: vec![1.0],
            quality: 1.0,
            selfie: None,
            shrunk: Vec::new(),
        };
        Dataset { people, samples: (0..3).map(sample).collect(), photos: 3, no_face: vec![0; 3] }
    }

    #[test]
    fn a_table_names_groups_and_a_wrong_line_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("groups.tsv");
        std::fs::write(&file, "person\tgroup\nann\tfirst\nbob\tfirst\ncid\tsecond\nnobody\tsecond\n")
            .expect("written");
        let groups = read_groups(&file, &dataset()).expect("the table is sound");
        assert_eq!(groups.len(), 1, "a group of one says nothing");
        assert_eq!((groups[0].name.as_str(), &groups[0].people[..]), ("first", &[0, 1][..]));
        std::fs::write(&file, "ann first\n").expect("written");
        assert!(read_groups(&file, &dataset()).expect_err("no tab").contains("line 1"));
        std::fs::write(&file, "eve\tfirst\n").expect("written");
        assert!(read_groups(&file, &dataset()).is_err());
    }
}
