//! `pixora erase`

use super::{CliError, node, print_json};
use crate::{
    config::Settings,
    domain::{ConsentId, OrderId, PhotoId, PhotoSessionId},
    photos::{EraseError, Receipt},
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

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let node = node(settings).await?;
    let failed = |error: EraseError| CliError::failed("erase_failed", error);
    let receipt = match args.what {
        What { session: Some(session), .. } => Some(node.app.eraser.session(session).await.map_err(failed)?),
        What { photo: Some(photo), .. } => {
            let receipt = node.app.eraser.photo(photo).await.map_err(failed)?;
            Some(
                receipt.ok_or_else(|| {
                    CliError::failed("photo_not_found", format!("there is no photo {photo}"))
                })?,
            )
        }
        What { consent: Some(consent), .. } => {
            if !node.app.store.guests().withdraw_consent(consent).await? {
                return Err(CliError::failed("consent_not_found", format!("there is no consent {consent}")));
            }
            None
        }
        What { order: Some(order), .. } => {
            if !node.app.store.erase_buyer(order).await? {
                return Err(CliError::failed("order_not_found", format!("there is no order {order}")));
            }
            None
        }
        What { session: None, photo: None, consent: None, order: None } => {
            return Err(CliError::Usage("name a session, a photo, a consent or an order".into()));
        }
    };
    let node = if receipt.is_some() { node.rewrite_index().await? } else { node };
    // Folds the write-ahead log, where the erased rows still stand, into the database.
    node.app.store.close().await;
    match receipt {
        Some(Receipt { left, .. }) if left != crate::photos::Left::default() => {
            Err(CliError::failed("erase_incomplete", "something is left; run the command again"))
        }
        Some(receipt) if args.receipt => print_json(&receipt),
        _ => {
            outln!("erased");
            Ok(())
        }
    }
}
