//! Carries events between the nodes on one PostgreSQL: what is published here goes out, what the others publish
//! is heard here. Whoever may have missed something is told so, and reads the rows.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{App, AppState};
use crate::{
    domain::{BackOff, PhotoSessionId},
    events::{Event, News, Outlet, Topic},
    store::{Listener, MOST_TOLD, StoreError},
};

/// Between tries to reach the database again.
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_millis(250), Duration::from_secs(10));

#[derive(Deserialize)]
struct Letter {
    from: Uuid,
    /// None: there was more than could be told.
    news: Option<Vec<News>>,
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
        let news = tokio::select! {
            biased;
            news = outlet.next() => news,
            () = stop.cancelled() => return,
        };
        let Some(news) = news else { return };
        let mut letters = letters(me, &news);
        if outlet.overflowed() {
            letters = vec![too_much(me)];
        }
        let mut failures = 0;
        for mut letter in letters {
            while let Err(error) = app.store.tell(&letter).await {
                tracing::warn!(%error, "other nodes cannot be told what happens here");
                failures += 1;
                if stop.run_until_cancelled(tokio::time::sleep(BACK_OFF.wait(failures))).await.is_none() {
                    return;
                }
                // By then they have looked for themselves, or must.
                letter = too_much(me);
            }
        }
    }
}

/// A letter that says only that others must look for themselves.
fn too_much(me: Uuid) -> String {
    format!(r#"{{"from":"{me}","news":null}}"#)
}

/// Events in as few letters as they fit in. One that fits into none would be told as too much.
fn letters(me: Uuid, news: &[News]) -> Vec<String> {
    let (begin, end) = (format!(r#"{{"from":"{me}","news":["#), "]}");
    let mut letters = Vec::new();
    let mut letter = begin.clone();
    for news in news {
        let text = serde_json::to_string(news).expect("ids, words and flags are JSON");
        if begin.len() + text.len() + end.len() > MOST_TOLD {
            return vec![too_much(me)];
        }
        if letter.len() + 1 + text.len() + end.len() > MOST_TOLD {
            letters.push(std::mem::replace(&mut letter, begin.clone()) + end);
        }
        if letter.len() > begin.len() {
            letter.push(',');
        }
        letter.push_str(&text);
    }
    letters.push(letter + end);
    letters
}

async fn listen(app: &App, me: Uuid) {
    let mut failures = 0;
    loop {
        let error = match app.store.listen().await {
            Ok(None) => return,
            Ok(Some(listener)) => {
                failures = 0;
                // Nobody knows what was told before.
                look_for_yourself(app);
                hear(app, me, listener).await
            }
            Err(error) => error,
        };
        tracing::warn!(%error, "other nodes cannot be heard");
        failures += 1;
        tokio::time::sleep(BACK_OFF.wait(failures)).await;
    }
}

async fn hear(app: &App, me: Uuid, mut listener: Listener) -> StoreError {
    loop {
        let text = match listener.next().await {
            Ok(text) => text,
            Err(error) => return error,
        };
        match serde_json::from_str(&text) {
            Ok(Letter { from, .. }) if from == me => {}
            Ok(Letter { news: Some(news), .. }) => {
                for news in news {
                    note(app, news).await;
                }
            }
            // Too much, or another version's.
            Ok(Letter { news: None, .. }) | Err(_) => look_for_yourself(app),
        }
    }
}

async fn note(app: &App, news: News) {
    match &news {
        News { topic: Topic::Session(id), event: Event::Session { status, facepass_enabled } } => {
            let id: PhotoSessionId = *id;
            app.sessions.heard(id, status, *facepass_enabled).await;
        }
        News { event: Event::Withdrawn(consent), .. } => app.live.forget(*consent),
        _ => {}
    }
    app.events.hear(news);
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
    fn a_burst_goes_out_in_few_letters() {
        let me = Uuid::now_v7();
        let session = PhotoSessionId::generate();
        let ready = |_| News {
            topic: session.into(),
            event: Event::Photo {
                id: PhotoId::generate(),
                state: Some(PhotoState::Ready),
                is_selected: true,
                is_visible: true,
            },
        };
        let news: Vec<News> = (0..1_000).map(ready).collect();
        let letters = letters(me, &news);
        assert!(letters.len() <= 30, "{} letters", letters.len());
        assert!(letters.iter().all(|letter| letter.len() <= MOST_TOLD));
        let told: Vec<News> = letters
            .iter()
            .flat_map(|letter| {
                let Letter { from, news } = serde_json::from_str(letter).expect("is read again");
                assert_eq!(from, me);
                news.expect("is not too much")
            })
            .collect();
        assert_eq!(told, news);
    }

    #[test]
    fn what_fits_into_no_letter_is_told_as_too_much() {
        let status = "x".repeat(MOST_TOLD);
        let event = Event::Session { status, facepass_enabled: true };
        let letters = letters(Uuid::now_v7(), &[News { topic: PhotoSessionId::generate().into(), event }]);
        let [letter] = &letters[..] else { panic!("one letter: {letters:?}") };
        assert!(serde_json::from_str::<Letter>(letter).expect("is read again").news.is_none());
    }
}
