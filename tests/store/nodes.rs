//! Membership and leadership of nodes. On SQLite there is one node, which may do everything.

use std::time::{Duration, Instant};

use pixora::store::{Duty, JoinRefused, Membership, Store};
use tempfile::TempDir;

use crate::fixtures::open;

/// A lock that a dead connection held is free when the server has noticed.
async fn comes_true(mut ask: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !ask().await {
        assert!(started.elapsed() < Duration::from_secs(20), "it never comes true");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn membership(store: &Store) -> Membership {
    store.membership().await.unwrap()
}

#[tokio::test]
async fn one_leads_and_another_takes_over_from_the_dead() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let (mut first, mut second) = (membership(&store).await, membership(&store).await);
    assert!(first.lead(Duty::Bot).await.unwrap());
    if !store.is_shared() {
        assert!(second.lead(Duty::Bot).await.unwrap(), "nobody else is there");
        return;
    }
    assert!(!second.lead(Duty::Bot).await.unwrap());
    assert!(second.lead(Duty::Upkeep).await.unwrap(), "another duty is another's");
    assert!(!first.lead(Duty::Upkeep).await.unwrap());
    // Nothing is said any more on this connection, as after `kill -9`.
    drop(first);
    comes_true(async || second.lead(Duty::Bot).await.unwrap()).await;
    let mut third = membership(&store).await;
    second.give_up().await;
    assert!(third.lead(Duty::Bot).await.unwrap(), "given up is given up at once");
}

#[tokio::test]
async fn who_loses_the_connection_learns_that_the_lead_is_lost() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    if !store.is_shared() {
        return;
    }
    let mut first = membership(&store).await;
    assert!(first.lead(Duty::Bot).await.unwrap());
    let lost = tokio::spawn(async move { first.lost().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!lost.is_finished());
    end_connections(&folder, "pg_try_advisory_lock%").await;
    tokio::time::timeout(Duration::from_secs(20), lost).await.expect("it is noticed").unwrap();
}

/// Ends every connection whose last query was such a one.
async fn end_connections(folder: &TempDir, query: &str) {
    use sqlx::Connection;
    let url = crate::database::database_url(folder.path()).await;
    let mut server = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%' || $1",
    )
    .bind(query)
    .execute(&mut server)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_node_with_an_index_of_its_own_is_alone() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    if !store.is_shared() {
        return;
    }
    let (mut first, mut second) = (membership(&store).await, membership(&store).await);
    assert_eq!(first.join(&store, false, "a").await.unwrap(), Ok(()));
    for shares_index in [true, false] {
        let refused = second.join(&store, shares_index, "a").await.unwrap();
        assert_eq!(refused, Err(JoinRefused::IndexNotShared), "shares its own: {shares_index}");
    }
    first.give_up().await;
    assert_eq!(second.join(&store, true, "a").await.unwrap(), Ok(()));
    let mut third = membership(&store).await;
    assert_eq!(third.join(&store, false, "a").await.unwrap(), Err(JoinRefused::IndexNotShared));
    assert_eq!(third.join(&store, true, "a").await.unwrap(), Ok(()), "the others share theirs");
}

#[tokio::test]
async fn nodes_sign_with_one_secret_and_who_is_alone_may_change_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    if !store.is_shared() {
        return;
    }
    let (mut first, mut second, mut third) =
        (membership(&store).await, membership(&store).await, membership(&store).await);
    assert_eq!(first.join(&store, true, "a").await.unwrap(), Ok(()));
    assert_eq!(second.join(&store, true, "b").await.unwrap(), Err(JoinRefused::SecretDiffers));
    assert_eq!(third.join(&store, true, "a").await.unwrap(), Ok(()));
    first.give_up().await;
    assert_eq!(second.join(&store, true, "b").await.unwrap(), Err(JoinRefused::SecretDiffers));
    third.give_up().await;
    assert_eq!(second.join(&store, true, "b").await.unwrap(), Ok(()), "alone");
    let (mut late, mut same) = (membership(&store).await, membership(&store).await);
    assert_eq!(late.join(&store, true, "a").await.unwrap(), Err(JoinRefused::SecretDiffers));
    assert_eq!(same.join(&store, true, "b").await.unwrap(), Ok(()));
}

#[tokio::test]
async fn what_is_told_is_heard_until_the_connection_ends() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let Some(mut listener) = store.listen().await.unwrap() else { return };
    let long = "ю".repeat(pixora::store::LONGEST_NOTIFICATION / 2);
    for text in ["{}", &long] {
        store.notify(text).await.unwrap();
        assert_eq!(listener.next().await.unwrap(), text);
    }
    end_connections(&folder, "LISTEN%").await;
    assert!(listener.next().await.is_err());
}
