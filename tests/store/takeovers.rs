//! One embedding model takes over from another: each step in the rows, and the index of the one that is forgotten.

use chrono::TimeDelta;
use pixora::{
    domain::{FaceId, FaceRow, PhotoId, PhotoSessionId},
    index::IndexPlace,
    store::TakeoverPlan,
};
use rand::{SeedableRng, rngs::SmallRng};
use tempfile::TempDir;

use crate::{
    fixtures::{DIMENSION, Database, MODEL, indexed_faces, now, processed},
    qdrant::QdrantServer,
    server,
};

fn as_of(model: &str, photo: PhotoId, faces: u32) -> Vec<FaceRow> {
    let of = |face: FaceRow| FaceRow {
        id: FaceId::derive(photo, face.number, model),
        model: model.to_owned(),
        ..face
    };
    processed(photo, faces).faces.into_iter().map(of).collect()
}

#[tokio::test]
async fn a_session_is_complete_when_no_ready_photo_lacks_the_model_and_then_it_takes_over() {
    let db = Database::new().await;
    let (one, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
    let (first, old) = db.ready_photo(one, 2).await;
    let (second, _) = db.ready_photo(one, 0).await;
    let (third, _) = db.ready_photo(other, 1).await;
    db.photo(one).await;
    let takeovers = db.store.takeovers();
    assert_eq!(takeovers.plan().await.unwrap(), TakeoverPlan::default());
    assert!(!takeovers.go_back(now(), now()).await.unwrap(), "there is nothing to go back to");

    takeovers.begin(MODEL, "next").await.unwrap();
    let plan = takeovers.plan().await.unwrap();
    assert_eq!((plan.used.as_deref(), plan.next.as_deref(), plan.before), (Some(MODEL), Some("next"), None));
    assert_eq!(db.store.photos().count_lacking("next").await.unwrap(), (3, 3));
    assert_eq!(
        db.store.photos().count_lacking(MODEL).await.unwrap(),
        (3, 0),
        "a photo without a face was looked at"
    );
    let all = db.store.photos().lacking("next", None, 10).await.unwrap();
    assert_eq!(all.len(), 3);
    let after = (all[0].photo_session_id, all[0].id);
    assert_eq!(db.store.photos().lacking("next", Some(after), 10).await.unwrap(), all[1..]);

    for (photo, faces) in [(first, 2), (second, 0)] {
        assert!(!takeovers.is_complete(one, "next").await.unwrap());
        assert!(!takeovers.finish(now()).await.unwrap());
        assert!(
            db.store.photos().add_model(photo, photo, "next", &as_of("next", photo, faces)).await.unwrap()
        );
    }
    assert!(takeovers.is_complete(one, "next").await.unwrap());
    assert!(!takeovers.is_complete(other, "next").await.unwrap(), "each session by itself");
    db.store.photos().add_model(third, third, "next", &as_of("next", third, 1)).await.unwrap();
    db.store.photos().add_model(third, third, "next", &as_of("next", third, 1)).await.unwrap();
    assert_eq!(db.store.faces().total("next").await.unwrap(), 3, "twice is once");

    let until = now() + TimeDelta::days(14);
    assert!(takeovers.finish(until).await.unwrap());
    let plan = takeovers.plan().await.unwrap();
    let expected =
        TakeoverPlan { used: Some("next".to_owned()), next: None, before: Some((MODEL.to_owned(), until)) };
    assert_eq!(plan, expected);
    let kept = db.store.faces().of_photo(first).await.unwrap();
    let kept: Vec<FaceRow> =
        kept.into_iter().map(|face| face.face).filter(|face| face.model == MODEL).collect();
    assert_eq!(kept, old, "the old vectors are as they were");

    assert!(takeovers.go_back(now(), until).await.unwrap());
    assert_eq!(takeovers.plan().await.unwrap().used.as_deref(), Some(MODEL));
    assert!(takeovers.end_keeping(now()).await.unwrap());
    assert!(!takeovers.forget_faces(MODEL).await.unwrap(), "the model in use is never forgotten");
    assert_eq!(db.store.faces().total(MODEL).await.unwrap(), 3);
    assert!(takeovers.forget_faces("next").await.unwrap());
    assert!(!takeovers.forget_faces("next").await.unwrap());
    takeovers.forget_model("next").await.unwrap();
    assert_eq!(db.store.faces().total("next").await.unwrap(), 0);
    assert_eq!(takeovers.plan().await.unwrap().before, None);
    assert!(!takeovers.end_keeping(now()).await.unwrap());
}

#[tokio::test]
async fn going_back_while_a_model_takes_over_ends_that_and_has_its_vectors_erased() {
    let db = Database::new().await;
    let (photo, _) = db.ready_photo(PhotoSessionId::generate(), 2).await;
    let takeovers = db.store.takeovers();
    takeovers.begin(MODEL, "next").await.unwrap();
    db.store.photos().add_model(photo, photo, "next", &as_of("next", photo, 2)).await.unwrap();
    let at = now();
    assert!(takeovers.go_back(at, at + TimeDelta::days(14)).await.unwrap());
    let expected =
        TakeoverPlan { used: Some(MODEL.to_owned()), next: None, before: Some(("next".to_owned(), at)) };
    assert_eq!(takeovers.plan().await.unwrap(), expected);
}

#[tokio::test]
async fn a_photo_that_was_erased_gets_no_faces_of_another_model() {
    let db = Database::new().await;
    let (photo, _) = db.ready_photo(PhotoSessionId::generate(), 2).await;
    db.store.erasures().begin(photo, now()).await.unwrap();
    assert!(!db.store.photos().add_model(photo, photo, "next", &as_of("next", photo, 2)).await.unwrap());
    assert_eq!(db.store.faces().total("next").await.unwrap(), 0);
}

#[tokio::test]
async fn the_index_of_one_model_is_removed_and_the_others_stay() {
    let (folder, qdrant) = (TempDir::new().unwrap(), QdrantServer::start(None));
    let mut places = vec![
        IndexPlace::Embedded(folder.path().to_owned()),
        IndexPlace::Server(server::settings(qdrant.url())),
    ];
    places.extend(server::real_server().map(IndexPlace::Server));
    for place in places {
        eprintln!("at {place}");
        let session = PhotoSessionId::generate();
        let faces = indexed_faces(&mut SmallRng::seed_from_u64(7), 5);
        for model in ["first", "second"] {
            let index = place.open(model, DIMENSION).await.unwrap();
            index.upsert(session, faces.clone()).await.unwrap();
        }
        place.remove_model("first").await.unwrap();
        place.remove_model("first").await.unwrap();
        place.remove_model("third").await.unwrap();
        for (model, expected) in [("first", 0), ("second", 5)] {
            let index = place.open(model, DIMENSION).await.unwrap();
            assert_eq!(index.count(session).await.unwrap(), expected, "{model}");
        }
        place.remove_model("first").await.unwrap();
        place.remove_model("second").await.unwrap();
    }
}
