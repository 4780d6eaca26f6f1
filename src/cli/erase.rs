//! `pixora erase`

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use serde::Serialize;

use super::{CliError, node, print_json};
use crate::{
    app::Node,
    config::Settings,
    domain::{ConsentId, OrderId, PhotoId, PhotoSessionId},
    photos::{EraseError, Left, Receipt},
    store::{GuestRows, Scrubbed},
};

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct What {
    /// Erase a whole session: photos, faces, files, consents, counts
    #[arg(long)]
    session: Option<PhotoSessionId>,
    /// Erase one photo
    #[arg(long)]
    photo: Option<PhotoId>,
    /// Erase a guest's consent and their searches
    #[arg(long)]
    consent: Option<ConsentId>,
    /// Erase what an order says of its buyer; its amounts stay
    #[arg(long)]
    order: Option<OrderId>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    what: What,
    /// Print what was removed and what a second look found
    #[arg(long)]
    receipt: bool,
}

/// The number of removed rows and files, the result of a second look, and the state of the database's own files.
#[derive(Debug, Serialize)]
struct Printed {
    #[serde(flatten)]
    about: About,
    database: Database,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum About {
    Photos(Box<Receipt>),
    Consent { consent: ConsentId, rows: ConsentRows, left: ConsentRows },
    Order { order: OrderId, rows: OrderRows, left: OrderRows },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct ConsentRows {
    consents: u64,
    searches: u64,
}

/// Orders that say who bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct OrderRows {
    orders_with_buyer: u64,
}

/// The database's own files after the erasure.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Database {
    Embedded {
        #[serde(flatten)]
        scrubbed: Scrubbed,
        /// How often the erased id stands in the files: in orders, which stay for the books, and nowhere else.
        mentions: u64,
    },
    /// PostgreSQL's files are its server's.
    Server { server: bool },
}

impl About {
    /// The id that was erased.
    fn id(&self) -> String {
        match self {
            Self::Photos(receipt) => match receipt.photo {
                Some(photo) => photo.to_string(),
                None => receipt.session.to_string(),
            },
            Self::Consent { consent, .. } => consent.to_string(),
            Self::Order { order, .. } => order.to_string(),
        }
    }

    fn is_complete(&self) -> bool {
        match self {
            Self::Photos(receipt) => receipt.left == Left::default(),
            Self::Consent { left, .. } => left.consents + left.searches == 0,
            Self::Order { left, .. } => left.orders_with_buyer == 0,
        }
    }
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let file = settings.database.is_none().then(|| settings.data_dir.join("pixora.db"));
    let node = node(settings).await?;
    let about = erase(&node, args.what).await?;
    let node = if matches!(about, About::Photos(_)) { node.rewrite_index().await? } else { node };
    let scrubbed = node.app.store.scrub().await?;
    node.app.store.close().await;
    let database = match scrubbed.zip(file) {
        None => Database::Server { server: true },
        Some((scrubbed, file)) => Database::Embedded { scrubbed, mentions: mentions(&file, &about.id())? },
    };
    let complete = about.is_complete()
        && !matches!(&database, Database::Embedded { scrubbed, .. } if !scrubbed.is_clean());
    if !complete {
        return Err(CliError::failed("erase_incomplete", "something is left; run the command again"));
    }
    if args.receipt {
        return print_json(&Printed { about, database });
    }
    outln!("erased");
    Ok(())
}

async fn erase(node: &Node, what: What) -> Result<About, CliError> {
    let failed = |error: EraseError| CliError::failed("erase_failed", error);
    match what {
        What { session: Some(session), .. } => {
            Ok(About::Photos(Box::new(node.app.eraser.session(session).await.map_err(failed)?)))
        }
        What { photo: Some(photo), .. } => {
            let receipt = node.app.eraser.photo(photo).await.map_err(failed)?;
            receipt.map(|receipt| About::Photos(Box::new(receipt))).ok_or_else(|| missing("photo", &photo))
        }
        What { consent: Some(consent), .. } => {
            let guests = node.app.store.guests();
            let before = consent_rows(&guests, consent).await?;
            if !guests.withdraw_consent(consent).await? {
                return Err(missing("consent", &consent));
            }
            let left = consent_rows(&guests, consent).await?;
            let rows = ConsentRows {
                consents: before.consents - left.consents,
                searches: before.searches.saturating_sub(left.searches),
            };
            Ok(About::Consent { consent, rows, left })
        }
        What { order: Some(order), .. } => {
            let store = &node.app.store;
            let before = store.orders_with_buyer(order).await?;
            if !store.erase_buyer(order).await? {
                return Err(missing("order", &order));
            }
            let left = OrderRows { orders_with_buyer: store.orders_with_buyer(order).await? };
            let rows = OrderRows { orders_with_buyer: before.saturating_sub(left.orders_with_buyer) };
            Ok(About::Order { order, rows, left })
        }
        What { session: None, photo: None, consent: None, order: None } => {
            Err(CliError::Usage("name a session, a photo, a consent or an order".into()))
        }
    }
}

fn missing(what: &str, id: &dyn std::fmt::Display) -> CliError {
    CliError::failed(format!("{what}_not_found"), format!("there is no {what} {id}"))
}

async fn consent_rows(guests: &GuestRows<'_>, consent: ConsentId) -> Result<ConsentRows, CliError> {
    Ok(ConsentRows {
        consents: guests.consent(consent).await?.map_or(0, |_| 1),
        searches: guests.searches_under(consent).await?,
    })
}

/// How often a text stands in the database's file and its write-ahead log.
fn mentions(file: &Path, text: &str) -> Result<u64, CliError> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let mut found = 0;
    for file in [file, Path::new(&log)] {
        let mut reader = match File::open(file) {
            Ok(file) => BufReader::with_capacity(1 << 20, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
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
