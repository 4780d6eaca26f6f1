//! The receipt of an erasure: ids and counts, nothing of what is erased.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Write as _},
    path::Path,
};

use serde::Serialize;

use crate::{
    domain::{ConsentId, Erasable, ErasureId, OrderId, PersonId, PhotoSessionId, UserId, timestamp},
    photos::{self, Left},
    store::{AccountKept, AccountRows, Erased, ErasureRequest, NewsKept, Scrubbed},
};

/// The number of removed rows and files, the result of a second look, and the state of the files in which rows and
/// vectors lie.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Of an erasure that was asked for beside the running service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<ErasureId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<String>,
    #[serde(flatten)]
    pub about: About,
    /// Where vectors went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexFiles>,
    pub database: Database,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum About {
    Photos(Box<photos::Receipt>),
    Person { session: PhotoSessionId, person: PersonId, rows: PersonRows, vectors: u64, left: PersonRows },
    Consent { consent: ConsentId, rows: ConsentRows, left: ConsentRows },
    Order { order: OrderId, rows: OrderRows, left: OrderRows },
    News { news: ConsentId, rows: NewsKept, left: NewsKept },
    Account { account: UserId, rows: AccountRows, stays: AccountKept, left: AccountRows },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PersonRows {
    pub people: u64,
    pub faces: u64,
    pub vectors: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ConsentRows {
    pub consents: u64,
    pub searches: u64,
    pub comments: u64,
}

/// Orders that say who bought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OrderRows {
    pub orders_with_buyer: u64,
}

/// The face index's own files after the erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum IndexFiles {
    /// Written anew without the erased vectors.
    Embedded { rewritten: bool },
    /// They are a server's, which removes the bytes when it next merges them.
    Server { server: bool },
}

/// The database's own files after the erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Database {
    Embedded {
        #[serde(flatten)]
        scrubbed: Scrubbed,
        /// How often the erased id stands in the files: in orders, which stay for the books, in the note of the
        /// erasure, and nowhere else.
        mentions: u64,
    },
    /// PostgreSQL's files are its server's.
    Server { server: bool },
}

impl About {
    /// The id that was erased.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Photos(receipt) => match receipt.photo {
                Some(photo) => photo.to_string(),
                None => receipt.session.to_string(),
            },
            Self::Person { person, .. } => person.to_string(),
            Self::Consent { consent, .. } => consent.to_string(),
            Self::Order { order, .. } => order.to_string(),
            Self::News { news, .. } => news.to_string(),
            Self::Account { account, .. } => account.to_string(),
        }
    }

    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Photos(receipt) => receipt.left == Left::default(),
            Self::Person { left, .. } => *left == PersonRows::default(),
            Self::Consent { left, .. } => *left == ConsentRows::default(),
            Self::Order { left, .. } => *left == OrderRows::default(),
            Self::News { left, .. } => *left == NewsKept::default(),
            Self::Account { left, .. } => left.total() == 0,
        }
    }

    /// Of a request of which nothing is left.
    #[must_use]
    pub fn of(request: &ErasureRequest) -> Self {
        let removed = &request.removed;
        let (rows, files, vectors) = (removed.rows, removed.files, removed.vectors);
        let session = request.asked.session;
        let photos = |photo| {
            let left = Left::default();
            let receipt = photos::Receipt { session, photo, rows: Some(rows), files, vectors, left };
            Self::Photos(Box::new(receipt))
        };
        let Erased { people, faces, consents, searches, comments, .. } = rows;
        let Erased { orders_emptied, news, news_vectors, .. } = rows;
        match request.asked.of {
            Erasable::Session(_) => photos(None),
            Erasable::Photo(photo) => photos(Some(photo)),
            Erasable::Person(person) => Self::Person {
                session,
                person,
                rows: PersonRows { people, faces, vectors },
                vectors,
                left: PersonRows::default(),
            },
            Erasable::Consent(consent) => Self::Consent {
                consent,
                rows: ConsentRows { consents, searches, comments },
                left: ConsentRows::default(),
            },
            Erasable::News(id) => {
                Self::News { news: id, rows: NewsKept { news, news_vectors }, left: NewsKept::default() }
            }
            Erasable::Account(account) => {
                let (rows, stays) =
                    removed.account.as_ref().map_or_else(Default::default, |it| (it.rows, it.stays));
                Self::Account { account, rows, stays, left: AccountRows::default() }
            }
            Erasable::Order(order) => Self::Order {
                order,
                rows: OrderRows { orders_with_buyer: orders_emptied },
                left: OrderRows::default(),
            },
        }
    }
}

impl Receipt {
    /// Of a request of which nothing is left.
    #[must_use]
    pub fn of(request: &ErasureRequest, index: Option<IndexFiles>, database: Database) -> Self {
        let asked_at = Some(timestamp(request.asked.asked_at));
        Self { erasure: Some(request.asked.id), asked_at, about: About::of(request), index, database }
    }

    /// Keeps the receipt in a folder, whole and flushed; returns its JSON.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, folder: &Path) -> io::Result<String> {
        let json = serde_json::to_string(self)?;
        let name = self.erasure.map_or_else(|| self.about.id(), |erasure| erasure.to_string());
        fs::create_dir_all(folder)?;
        let staged = folder.join(format!("{name}.new"));
        let mut file = File::create(&staged)?;
        file.write_all(json.as_bytes())?;
        file.sync_all()?;
        fs::rename(&staged, folder.join(format!("{name}.json")))?;
        File::open(folder)?.sync_all()?;
        Ok(json)
    }
}

/// How often a text stands in the database's file and its write-ahead log.
///
/// # Errors
/// When they cannot be read.
pub fn mentions(file: &Path, text: &str) -> io::Result<u64> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let mut found = 0;
    for file in [file, Path::new(&log)] {
        let mut reader = match File::open(file) {
            Ok(file) => BufReader::with_capacity(1 << 20, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        // Of the piece before, so that what lies across two is seen.
        let mut window: Vec<u8> = Vec::new();
        loop {
            let piece = reader.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            window.extend_from_slice(piece);
            let read = piece.len();
            reader.consume(read);
            found += window.windows(text.len()).filter(|part| *part == text.as_bytes()).count() as u64;
            window.drain(..window.len().saturating_sub(text.len() - 1));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_lies_in_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("pixora.db");
        let mut bytes = vec![b'.'; (1 << 20) - 3];
        bytes.extend(b"needle..needle");
        std::fs::write(&file, &bytes).expect("can be written");
        std::fs::write(folder.path().join("pixora.db-wal"), "a needle").expect("can be written");
        assert_eq!(mentions(&file, "needle").expect("can be read"), 3);
        assert_eq!(mentions(&file, "hay").expect("can be read"), 0);
    }
}
