//! Tickets with files against a server that is killed: each is there once with its files whole, and of what was
//! cut short nothing is left after a day.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use pixora::{
    blobs::{BlobKey, Blobs, Spool},
    domain::{TicketId, TicketSight},
    events::Events,
    jobs::Jobs,
    mail::Postbox,
    photos::{Receiver, Uploads},
    store::TicketFilter,
    support::Support,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::multipart::{Form, Part};

use crate::{account, open, seed, support::Pixora, uploads::serve};

const TICKETS: usize = 200;
const FILES: usize = 3;
const CLIENTS: usize = 4;
const KILLS: usize = 8;
const ALL: Duration = Duration::from_secs(240);

/// What the n-th file of a ticket holds: some hundred kilobytes of words.
fn content(ticket: usize, file: usize) -> String {
    format!("ticket {ticket}, file {file}\n").repeat(5_000 + 3_000 * file)
}

/// Sends one ticket until it is told that it is there.
async fn send(address: &Mutex<String>, token: &str, ticket: usize) {
    let client = reqwest::Client::new();
    loop {
        let mut form = Form::new().text("subject", format!("{ticket}")).text("message", "M");
        for file in 0..FILES {
            form =
                form.part("attachment", Part::text(content(ticket, file)).file_name(format!("{file}.txt")));
        }
        let to = format!("http://{}/api/ticket", address.lock().expect("nobody panicked"));
        let request = client.post(to).bearer_auth(token).header("idempotency-key", format!("{ticket}"));
        let answer = request.multipart(form).send().await;
        if answer.is_ok_and(|answer| answer.status() == 201) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn two_hundred_tickets_survive_eight_kills() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    account::add(&pixora);
    let mut server = serve(&pixora);
    let address = Arc::new(Mutex::new(server.address.clone()));
    let token = account::sign_in(&server.address).await;
    let done = Arc::new(AtomicUsize::new(0));
    let clients = (0..CLIENTS).map(|client| {
        let (address, token, done) = (Arc::clone(&address), token.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            for ticket in (client..TICKETS).step_by(CLIENTS) {
                send(&address, &token, ticket).await;
                done.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    let clients: Vec<_> = clients.collect();

    let started = Instant::now();
    for kill in 1..=KILLS {
        while done.load(Ordering::SeqCst) < TICKETS * kill / (KILLS + 1) {
            assert!(started.elapsed() < ALL, "too slow: {}", pixora.server_log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..60))).await;
        server.child.kill().expect("can be killed");
        server.child.wait().expect("is dead");
        server = serve(&pixora);
        address.lock().expect("nobody panicked").clone_from(&server.address);
    }
    for client in clients {
        let left = ALL.saturating_sub(started.elapsed());
        tokio::time::timeout(left, client).await.expect("a client comes to an end").expect("did not panic");
    }
    drop(server);

    let (store, data) = (open(&pixora.data()).await, pixora.data());
    let blobs = Blobs::open_folder(data.join("blobs")).expect("the folder is there");
    let spool = Spool::open(data.join("uploads")).expect("the folder is there");
    let (sight, all) = (TicketSight::All, TicketFilter::default());
    let tickets =
        store.tickets().list(&sight, &all, None, 2 * TICKETS as u32).await.expect("rows can be read");
    let mut subjects: Vec<usize> = tickets.iter().map(|it| it.subject.parse().expect("a number")).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, (0..TICKETS).collect::<Vec<_>>(), "every ticket once");
    let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id).collect();
    let files = store.tickets().attachments(&ids, true).await.expect("rows can be read");
    assert_eq!(files.len(), TICKETS * FILES);
    for (ticket, file) in &files {
        let key = BlobKey::Attachment { ticket: *ticket, attachment: file.id };
        let subject = tickets.iter().find(|it| it.id == *ticket).expect("is listed").subject.parse();
        let number = file.filename[..1].parse().expect("a number");
        let stored = blobs.get(key).await.expect("the file is there");
        assert_eq!(stored, content(subject.expect("a number"), number), "{}", file.filename);
    }

    let tomorrow = Utc::now() + TimeDelta::hours(25);
    let (events, jobs) = (Events::default(), Jobs::new(store.clone(), "test"));
    let receiver = Receiver::new(store.clone(), blobs.clone(), jobs, events.clone(), pixora::clock::system());
    Uploads::new(store.clone(), spool.clone(), receiver).sweep(tomorrow).await.expect("is swept");
    let url = "https://photos.example".to_owned();
    let support = Support::new(
        store,
        blobs.clone(),
        spool.clone(),
        events,
        Postbox::default(),
        url,
        pixora::clock::system(),
    );
    let swept = support.sweep(tomorrow).await.expect("is swept");
    println!("{KILLS} kills left {swept} files without a ticket");
    assert_eq!(blobs.attachments().await.expect("can be listed").len(), TICKETS * FILES);
    assert_eq!(spool.files().await.expect("can be listed"), vec![]);
}
