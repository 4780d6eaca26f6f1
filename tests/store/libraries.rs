//! The contract of the rows of libraries.

use chrono::TimeDelta;
use pixora::{domain::PhotoSessionId, store::LibraryRow};

use crate::fixtures::{Database, now};

async fn row(db: &Database, session: PhotoSessionId) -> LibraryRow {
    db.store.library().get(session).await.unwrap().expect("is there")
}

/// The end of a sync wrote over the wish for another one, so that a change in the meantime waited for the next period.
#[tokio::test]
async fn a_sync_that_is_wanted_during_a_sync_follows_it() {
    let db = Database::new().await;
    let (library, session, start) = (db.store.library(), PhotoSessionId::generate(), now());
    let at = |seconds| start + TimeDelta::seconds(seconds);
    library.want(session, at(0)).await.unwrap();
    let began = row(&db, session).await;
    library.begin(session, "file:///nas").await.unwrap();
    library.want(session, at(5)).await.unwrap();
    library.end(&began, None, Some(at(3_600)), at(10)).await.unwrap();
    let waiting = row(&db, session).await;
    assert_eq!((waiting.due_at, waiting.is_running), (Some(at(5)), false));
    assert_eq!(library.due(1, at(10)).await.unwrap(), std::slice::from_ref(&waiting));

    // A folder that changed does the same; one that did not waits for its period.
    library.begin(session, "file:///nas").await.unwrap();
    library.changed(session, at(12)).await.unwrap();
    library.end(&waiting, None, Some(at(3_600)), at(15)).await.unwrap();
    let waiting = row(&db, session).await;
    assert_eq!(waiting.due_at, Some(at(12)));
    library.begin(session, "file:///nas").await.unwrap();
    library.end(&waiting, None, Some(at(3_600)), at(20)).await.unwrap();
    assert_eq!(row(&db, session).await.due_at, Some(at(3_600)));
    assert_eq!(library.due(1, at(20)).await.unwrap(), []);
}

#[tokio::test]
async fn the_sessions_in_use_last_come_first_and_an_erased_one_never() {
    let db = Database::new().await;
    let (library, start) = (db.store.library(), now());
    let at = |seconds| start + TimeDelta::seconds(seconds);
    let [quiet, visited, erased] = std::array::from_fn(|_| PhotoSessionId::generate());
    library.want(quiet, at(0)).await.unwrap();
    for (session, seconds) in [(erased, 30), (visited, 20)] {
        library.visited(session, at(0), at(seconds)).await.unwrap();
    }
    db.store.erase_session(erased).await.unwrap();
    let in_use: Vec<_> = library.in_use(5).await.unwrap().iter().map(|row| row.session).collect();
    assert_eq!(in_use, [visited, quiet]);
    assert_eq!(library.in_use(1).await.unwrap().len(), 1);
    library.changed(erased, at(40)).await.unwrap();
    assert!(library.due(5, at(50)).await.unwrap().iter().all(|row| row.session != erased));
}
