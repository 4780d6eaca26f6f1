//! `pixora retry`: photos that failed by our fault (`processing_failed`) are queued again.
//!
//! Beside a running server its queue does the rest; otherwise the next worker that starts does.

use serde::Serialize;

use super::{CliError, print_json};
use crate::{
    app::Parts,
    config::Settings,
    domain::{PhotoId, PhotoSessionId},
    store::SetAside,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of this session
    #[arg(long, conflicts_with = "photos")]
    session: Option<PhotoSessionId>,
    /// Only these photos
    #[arg(long = "photo", value_name = "PHOTO")]
    photos: Vec<PhotoId>,
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document {
    retried: usize,
    photos: Vec<PhotoId>,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let parts = Parts::open(&settings).await?;
    if let Some(session) = args.session {
        super::existing_session(&parts, session).await?;
    }
    for photo in &args.photos {
        if parts.store.photos().get(*photo).await?.is_none() {
            return Err(CliError::failed("photo_not_found", format!("there is no photo {photo}")));
        }
    }
    let which = match args.session {
        Some(session) => SetAside::Session(session),
        None if args.photos.is_empty() => SetAside::All,
        None => SetAside::Photos(&args.photos),
    };
    let photos = parts.store.photos().retry(which, parts.now()).await?;
    parts.store.close().await;
    let document = Document { retried: photos.len(), photos };
    if args.json {
        return print_json(&document);
    }
    println!("{} photos are queued again", document.retried);
    Ok(())
}
