//! Carries events between the nodes on one PostgreSQL: what is published here goes out, what the others publish
//! is received here. Whoever may have missed something gets an event that says so, and reads the rows.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{App, AppState};
use crate::{
    domain::{BackOff, PhotoSessionId},
    events::{Event, Outlet, Published, Topic},
    store::{LONGEST_NOTIFICATION, Listener, StoreError},
};

/// Between tries to reach the database again.
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_millis(250), Duration::from_secs(10));

#[derive(Deserialize)]
struct Bundle {
    from: Uuid,
    /// None: there was more than could be sent.
    events: Option<Vec<Published>>,
}

/// A node's way to the others and back.
pub struct Bridge {
    over: CancellationToken,
    task: JoinHandle<()>,
}

impl Bridge {
    /// Opens it; `None` where there are no others, or where it is open.
    #[must_use]
    pub fn open(app: &AppState) -> Option<Self> {
        let mut outlet = if app.store.is_shared() { app.events.outlet()? } else { return None };
        let (app, over) = (Arc::clone(app), CancellationToken::new());
        let stop = over.clone();
        let task = tokio::spawn(async move {
            let me = Uuid::now_v7();
            let listening = stop.run_until_cancelled(listen(&app, me));
            tokio::join!(send(&app, &mut outlet, me, &stop), listening);
        });
        Some(Self { over, task })
    }

    /// Closes it; what was published by then still goes out.
    pub async fn close(self) {
        self.over.cancel();
        // A panic in it has been reported by then.
        let _ = self.task.await;
    }
}

async fn send(app: &App, outlet: &mut Outlet, me: Uuid, stop: &CancellationToken) {
    loop {
        let events = tokio::select! {
            biased;
            events = outlet.next() => events,
            () = stop.cancelled() => return,
        };
        let Some(events) = events else { return };
        let mut bundles = bundles(me, &events);
        if outlet.overflowed() {
            bundles = vec![too_much(me)];
        }
        let mut failures = 0;
        for mut bundle in bundles {
            while let Err(error) = app.store.notify(&bundle).await {
                tracing::warn!(%error, "events cannot be sent to other nodes");
                failures += 1;
                if stop.run_until_cancelled(tokio::time::sleep(BACK_OFF.wait(failures))).await.is_none() {
                    return;
                }
                // By then they have looked for themselves, or must.
                bundle = too_much(me);
            }
        }
    }
}

/// A bundle that says only that others must look for themselves.
fn too_much(me: Uuid) -> String {
    format!(r#"{{"from":"{me}","events":null}}"#)
}

/// Events in as few bundles as they fit in. An event that fits into none is sent as too much.
fn bundles(me: Uuid, events: &[Published]) -> Vec<String> {
    let (begin, end) = (format!(r#"{{"from":"{me}","events":["#), "]}");
    let mut bundles = Vec::new();
    let mut bundle = begin.clone();
    for event in events {
        let text = serde_json::to_string(event).expect("ids, words and flags are JSON");
        if begin.len() + text.len() + end.len() > LONGEST_NOTIFICATION {
            return vec![too_much(me)];
        }
        if bundle.len() + 1 + text.len() + end.len() > LONGEST_NOTIFICATION {
            bundles.push(std::mem::replace(&mut bundle, begin.clone()) + end);
        }
        if bundle.len() > begin.len() {
            bundle.push(',');
        }
        bundle.push_str(&text);
    }
    bundles.push(bundle + end);
    bundles
}

async fn listen(app: &App, me: Uuid) {
    let mut failures = 0;
    loop {
        let error = match app.store.listen().await {
            Ok(None) => return,
            Ok(Some(listener)) => {
                failures = 0;
                // Nobody knows what was sent before.
                look_for_yourself(app);
                receive(app, me, listener).await
            }
            Err(error) => error,
        };
        tracing::warn!(%error, "events of other nodes cannot be received");
        failures += 1;
        tokio::time::sleep(BACK_OFF.wait(failures)).await;
    }
}

async fn receive(app: &App, me: Uuid, mut listener: Listener) -> StoreError {
    loop {
        let text = match listener.next().await {
            Ok(text) => text,
            Err(error) => return error,
        };
        match serde_json::from_str(&text) {
            Ok(Bundle { from, .. }) if from == me => {}
            Ok(Bundle { events: Some(events), .. }) => {
                for event in events {
                    note(app, event).await;
                }
            }
            // Too much, or another version's.
            Ok(Bundle { events: None, .. }) | Err(_) => look_for_yourself(app),
        }
    }
}

async fn note(app: &App, published: Published) {
    match &published {
        Published {
            topic: Topic::Session(id),
            event: Event::Session { status, gallery_open, face_search },
        } => {
            let id: PhotoSessionId = *id;
            app.sessions.changed_elsewhere(id, status, *gallery_open, *face_search).await;
        }
        Published { event: Event::Withdrawn(consent), .. } => app.live.forget(*consent),
        _ => {}
    }
    app.events.receive(published);
}

/// Something may have been missed: what this node believes is asked for again, and open pages look.
fn look_for_yourself(app: &App) {
    app.sessions.forget_all();
    app.live.forget_all();
    app.events.missed();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PhotoId, PhotoState};

    #[test]
    fn a_burst_goes_out_in_few_notifications() {
        let me = Uuid::now_v7();
        let session = PhotoSessionId::generate();
        let ready = |_| Published {
            topic: session.into(),
            event: Event::Photo {
                id: PhotoId::generate(),
                state: Some(PhotoState::Ready),
                is_selected: true,
                is_visible: true,
            },
        };
        let events: Vec<Published> = (0..1_000).map(ready).collect();
        let bundles = bundles(me, &events);
        assert!(bundles.len() <= 30, "{} bundles", bundles.len());
        assert!(bundles.iter().all(|bundle| bundle.len() <= LONGEST_NOTIFICATION));
        let received: Vec<Published> = bundles
            .iter()
            .flat_map(|bundle| {
                let Bundle { from, events } = serde_json::from_str(bundle).expect("is read again");
                assert_eq!(from, me);
                events.expect("is not too much")
            })
            .collect();
        assert_eq!(received, events);
    }

    #[test]
    fn what_fits_into_no_notification_is_sent_as_too_much() {
        let status = "x".repeat(LONGEST_NOTIFICATION);
        let event = Event::Session { status, gallery_open: true, face_search: true };
        let bundles =
            bundles(Uuid::now_v7(), &[Published { topic: PhotoSessionId::generate().into(), event }]);
        let [bundle] = &bundles[..] else { panic!("one bundle: {bundles:?}") };
        assert!(serde_json::from_str::<Bundle>(bundle).expect("is read again").events.is_none());
    }
}
