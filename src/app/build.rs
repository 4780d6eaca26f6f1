//! The one place where features are wired to their parts.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{App, AppState, Engine, OpenError, Parts, accounts, postbox};
use crate::{
    cards::Cards,
    chats::Chats,
    choices::Choices,
    config::{Settings, Tls},
    consents::Consents,
    domain::Addresses,
    erasures::{Erasures, Neighbours, Places},
    galleries::Archives,
    guests::{Guests, Rooms},
    handoff::Handoff,
    hosts::{Certified, Hosts, Judges},
    live::Live,
    marks::Marks,
    news::{self, News},
    notices::Notices,
    people::People,
    photo_sessions::{PhotoSessions, StudioSessions},
    photos::{Eraser, ExternalPhotos, GalleryKeeper, Libraries, LibraryLimits, Uploads},
    placements::Placements,
    push::Push,
    shop::{Payments, Shop},
    studios::Studios,
    support::Support,
    telegram::Telegram,
    webhooks::Webhooks,
};

/// Wires the application.
///
/// # Errors
/// [`OpenError`] when keys cannot be read or a thread cannot be started.
pub fn build(parts: &Parts, engine: Engine, settings: Settings) -> Result<AppState, OpenError> {
    let receiver = parts.receiver();
    let Parts {
        store, blobs, jobs, spool, events, sources, libraries, target, outside, texts, clock, ..
    } = parts.clone();
    let Engine { index, search, finder, probing, usage, links, push_keys, payments } = engine;
    let url = settings.public_url.clone();
    let addresses = Addresses::new(&url);
    let judges = Judges { target: target.clone(), lookup: texts, certified: certified(&settings.tls) };
    let hosts = Hosts::new(store.clone(), addresses.clone(), links.clone(), judges, Arc::clone(&clock));
    let postbox = postbox(&settings);
    let sessions = PhotoSessions::new(sources, settings.session_cache, Arc::clone(&clock));
    // Two pictures at a time: whoever looks through a gallery waits for few, and the rest of the machine works on.
    let marks = Marks::start(store.clone(), blobs.clone(), settings.workers.min(2), Arc::clone(&clock))?;
    let consents = Consents::new(store.clone(), links.clone());
    let people = People::new(store.clone(), events.clone(), consents.clone());
    let rooms = Rooms {
        sessions: sessions.clone(),
        marks: marks.clone(),
        people: people.clone(),
        consents: consents.clone(),
    };
    let guests = Guests::new(
        store.clone(),
        rooms,
        Arc::clone(&search),
        probing.clone(),
        events.clone(),
        links.clone(),
    );
    let handoff = Handoff::start(store.clone(), blobs.clone(), events.clone(), Arc::clone(&clock))?;
    let (telegram, cards) = (settings.telegram.as_ref(), Cards::start()?);
    let eraser = Eraser {
        store: store.clone(),
        blobs: blobs.clone(),
        spool: spool.clone(),
        index: Arc::clone(&index),
        usage: usage.clone(),
        clock: Arc::clone(&clock),
    };
    let gallery = GalleryKeeper::new(
        store.clone(),
        eraser.clone(),
        events.clone(),
        TimeDelta::days(i64::from(settings.bin_days)),
    );
    let libraries = Libraries::new(
        store.clone(),
        receiver.clone(),
        gallery.clone(),
        events.clone(),
        libraries,
        LibraryLimits {
            interval: TimeDelta::from_std(settings.library.sync).unwrap_or(TimeDelta::MAX),
            most_files: settings.library.most_files,
        },
        Arc::clone(&clock),
    );
    let neighbours = Neighbours {
        sessions: sessions.clone(),
        guests: guests.clone(),
        people: people.clone(),
        events: events.clone(),
    };
    let places = Places { receipts: settings.receipts_folder(), database: settings.database_file() };
    let external = ExternalPhotos {
        store: store.clone(),
        receiver: receiver.clone(),
        eraser: eraser.clone(),
        libraries: libraries.clone(),
        finder,
        jobs: jobs.clone(),
        events: events.clone(),
        clock: Arc::clone(&clock),
    };
    let push = Push::new(push_keys, outside);
    let neighbours_of_news = news::Neighbours {
        sessions: sessions.clone(),
        guests: guests.clone(),
        consents: consents.clone(),
        search: Arc::clone(&search),
        postbox: postbox.clone(),
        push: push.clone(),
        has_bot: telegram.is_some(),
    };
    let news =
        News::new(store.clone(), neighbours_of_news, links.clone(), addresses.clone(), Arc::clone(&clock));
    Ok(Arc::new(App {
        erasures: Erasures::new(eraser.clone(), neighbours, links.clone(), places),
        accounts: accounts(&settings, &store, postbox.clone(), Arc::clone(&clock))?,
        uploads: Uploads::new(store.clone(), spool.clone(), receiver),
        telegram: telegram.map(|bot| {
            let chats = Chats::new(store.clone());
            let (guests, handoff, news) = (guests.clone(), handoff.clone(), news.clone());
            Telegram::new(bot, addresses.clone(), chats, guests, handoff, news, Arc::clone(&clock))
        }),
        webhooks: Webhooks::new(store.clone(), target),
        live: Live::new(store.clone(), events.clone(), guests.clone(), probing),
        studio: StudioSessions::new(store.clone(), sessions.clone(), events.clone()),
        people,
        news,
        push,
        notices: Notices::new(store.clone(), postbox.clone(), url.clone(), Arc::clone(&clock)),
        gallery,
        libraries,
        external,
        choices: Choices::new(store.clone(), links.clone(), events.clone()),
        studios: Studios::new(store.clone(), cards.clone(), marks.clone()),
        cards,
        consents,
        archives: Archives::new(store.clone(), blobs.clone(), marks.clone(), links.clone()),
        support: Support::new(
            store.clone(),
            blobs.clone(),
            spool,
            events.clone(),
            postbox.clone(),
            url.clone(),
            Arc::clone(&clock),
        ),
        shop: Shop::new(
            store.clone(),
            links.clone(),
            postbox.clone(),
            addresses.clone(),
            Payments::new(payments),
        ),
        placements: Placements::start(store.clone(), blobs.clone(), postbox.clone(), url)?,
        addresses,
        hosts,
        settings,
        clock,
        store,
        blobs,
        jobs,
        usage,
        index,
        sessions,
        search,
        guests,
        events,
        handoff,
        marks,
        eraser,
        postbox,
        links,
    }))
}

/// How hosts of studios come to certificates.
fn certified(tls: &Tls) -> Certified {
    match tls {
        Tls::Acme(_) => Certified::ByDirectory,
        Tls::SelfSigned => Certified::Never,
        Tls::Off | Tls::Files { .. } => Certified::Elsewhere,
    }
}
