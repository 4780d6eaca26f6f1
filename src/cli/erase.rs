//! `pixora erase`

use super::{CliError, node, print_json};
use crate::{
    app::Node,
    config::Settings,
    domain::{ConsentId, Erasable, OrderId, PhotoId, PhotoSessionId},
    erasures::{About, AccountHeld, ConsentRows, Database, IndexFiles, OrderRows, Receipt, mentions},
    index::Wiped,
    photos::EraseError,
    store::Store,
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
    /// Erase a guest's consent with what was done under it: searches, photos, comments
    #[arg(long)]
    consent: Option<ConsentId>,
    /// Erase what an order says of its buyer; its amounts stay
    #[arg(long)]
    order: Option<OrderId>,
    /// Erase an account by the e-mail address or telephone number that it signs in with; what it sold or ordered stays
    /// without its name
    #[arg(long, value_name = "LOGIN")]
    account: Option<String>,
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
    let (file, receipts) = (settings.database_file(), settings.receipts.clone());
    let node = node(settings).await?;
    let about = erase(&node, args.what).await?;
    let index = match &about {
        About::Photos(_) => Some(node.app.index.wipe().await.map_err(|error| failed(error.into()))?),
        About::Person { .. }
        | About::Consent { .. }
        | About::Order { .. }
        | About::Account { .. }
        | About::News { .. } => None,
    };
    let index = index.map(|wiped| match wiped {
        Wiped::Rewritten => IndexFiles::Embedded { rewritten: true },
        Wiped::ByServer => IndexFiles::Server { server: true },
    });
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
    let receipt = Receipt { erasure: None, asked_at: None, about, index, database };
    if let Some(folder) = receipts {
        receipt.keep(&folder)?;
    }
    if args.receipt {
        return print_json(&receipt);
    }
    outln!("erased");
    Ok(())
}

fn failed(error: EraseError) -> CliError {
    CliError::failed("erase_failed", error)
}

async fn erase(node: &Node, what: What) -> Result<About, CliError> {
    match what {
        What { session: Some(session), .. } => {
            Ok(About::Photos(Box::new(node.app.eraser.session(session).await.map_err(failed)?)))
        }
        What { photo: Some(photo), .. } => {
            let receipt = node.app.eraser.photo(photo).await.map_err(failed)?;
            receipt.map(|receipt| About::Photos(Box::new(receipt))).ok_or_else(|| missing("photo", &photo))
        }
        What { consent: Some(consent), .. } => {
            let store = &node.app.store;
            let before = consent_rows(store, consent).await?;
            let of = Erasable::Consent(consent);
            if !node.app.store.erasure_requests().carry_out(of, node.app.now()).await? {
                return Err(missing("consent", &consent));
            }
            let left = consent_rows(store, consent).await?;
            let rows = ConsentRows {
                consents: before.consents - left.consents,
                searches: before.searches.saturating_sub(left.searches),
                comments: before.comments.saturating_sub(left.comments),
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
        What { account: Some(login), .. } => account(node, &login).await,
        What { session: None, photo: None, consent: None, order: None, account: None } => {
            Err(CliError::Usage("name a session, a photo, a consent, an order or an account".into()))
        }
    }
}

async fn account(node: &Node, login: &str) -> Result<About, CliError> {
    let store = &node.app.store;
    let user = node.app.accounts.find(login).await.map_err(|error| CliError::failed(error.code(), error))?;
    match store.account_held(user.id).await? {
        None => {}
        Some(AccountHeld::LastSuperAdmin) => {
            return Err(CliError::failed(
                "last_super_admin",
                "nobody else could look after the installation",
            ));
        }
        Some(AccountHeld::OpenOrders) => {
            return Err(CliError::failed("account_has_orders", "an order of this account is open"));
        }
    }
    let removed = store.account(user.id).await?;
    store.erasure_requests().carry_out(Erasable::Account(user.id), node.app.now()).await?;
    let files = node.app.eraser.remove_account(user.id, Some(&removed)).await.map_err(failed)?.files;
    if files > 0 {
        return Err(CliError::failed("erase_incomplete", "something is left; run the command again"));
    }
    let left = store.account(user.id).await?.rows;
    Ok(About::Account { account: user.id, rows: removed.rows, stays: removed.stays, left })
}

fn missing(what: &str, id: &dyn std::fmt::Display) -> CliError {
    CliError::failed(format!("{what}_not_found"), format!("there is no {what} {id}"))
}

async fn consent_rows(store: &Store, consent: ConsentId) -> Result<ConsentRows, CliError> {
    let guests = store.guests();
    Ok(ConsentRows {
        consents: guests.recorded(consent).await?.map_or(0, |_| 1),
        searches: guests.searches_under(consent).await?,
        comments: store.comments().written_under(consent).await?.len() as u64,
    })
}
