//! What can be erased, by its id.

use uuid::Uuid;

use super::{ConsentId, OrderId, PersonId, PhotoId, PhotoSessionId, UserId};

/// One thing that is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Erasable {
    /// Everything that hangs on it goes too.
    Session(PhotoSessionId),
    Photo(PhotoId),
    /// The faces of somebody in a session. The photos stay.
    Person(PersonId),
    /// With the searches made under it.
    Consent(ConsentId),
    /// What it says of its buyer. Its amounts stay.
    Order(OrderId),
    /// A guest's news: address, vectors, and what they were told. The consent stays on record.
    News(ConsentId),
    /// Who it is, with their tickets and pictures. What they sold or ordered stays without their name.
    Account(UserId),
}

impl Erasable {
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Photo(_) => "photo",
            Self::Person(_) => "person",
            Self::Consent(_) => "consent",
            Self::Order(_) => "order",
            Self::News(_) => "news",
            Self::Account(_) => "account",
        }
    }

    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Session(id) => id.0,
            Self::Photo(id) => id.0,
            Self::Person(id) => id.0,
            Self::Consent(id) => id.0,
            Self::Order(id) => id.0,
            Self::News(id) => id.0,
            Self::Account(id) => id.0,
        }
    }

    /// `None` for a kind that there is not.
    #[must_use]
    pub fn new(kind: &str, id: Uuid) -> Option<Self> {
        Some(match kind {
            "session" => Self::Session(PhotoSessionId(id)),
            "photo" => Self::Photo(PhotoId(id)),
            "person" => Self::Person(PersonId(id)),
            "consent" => Self::Consent(ConsentId(id)),
            "order" => Self::Order(OrderId(id)),
            "news" => Self::News(ConsentId(id)),
            "account" => Self::Account(UserId(id)),
            _ => return None,
        })
    }

    /// Whether vectors of the index go with it.
    #[must_use]
    pub fn has_vectors(&self) -> bool {
        match self {
            Self::Session(_) | Self::Photo(_) | Self::Person(_) => true,
            Self::Consent(_) | Self::Order(_) | Self::Account(_) | Self::News(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_erased_is_known_again_by_kind_and_id() {
        let id = Uuid::now_v7();
        for kind in ["session", "photo", "person", "consent", "order", "account", "news"] {
            let erasable = Erasable::new(kind, id).expect("is a kind");
            assert_eq!((erasable.kind(), erasable.id()), (kind, id));
        }
        assert_eq!(Erasable::new("studio", id), None);
    }
}
