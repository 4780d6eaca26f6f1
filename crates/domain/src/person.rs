//! Somebody in the photos of one session, as a group of faces.

use super::{PersonFaceId, PersonId, PhotoId, RelativeBox};

/// A person with the face that shows them best.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonSummary {
    pub id: PersonId,
    /// What they are called without a name.
    pub number: u32,
    pub name: Option<String>,
    pub is_hidden: bool,
    pub is_child: bool,
    /// In how many photos they are; each shows them once.
    pub photos: u64,
    pub face: PersonFaceId,
    pub photo: PhotoId,
    pub rect: RelativeBox,
}

/// How many people a photo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    Nobody,
    Solo,
    Couple,
    SmallGroup,
    Group,
}

impl Company {
    /// The fewest and the most faces.
    #[must_use]
    pub fn faces(self) -> (u32, u32) {
        match self {
            Self::Nobody => (0, 0),
            Self::Solo => (1, 1),
            Self::Couple => (2, 2),
            Self::SmallGroup => (3, 5),
            Self::Group => (6, u32::MAX),
        }
    }
}

impl std::str::FromStr for Company {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "nobody" => Ok(Self::Nobody),
            "solo" => Ok(Self::Solo),
            "couple" => Ok(Self::Couple),
            "small_group" => Ok(Self::SmallGroup),
            "group" => Ok(Self::Group),
            _ => Err("not a company"),
        }
    }
}
