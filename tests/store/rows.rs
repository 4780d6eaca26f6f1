//! The contract of the rows.

use std::collections::HashSet;

use chrono::{TimeDelta, Utc};
use pixora::{
    domain::{
        AtEnd, Comments, ConsentId, ConsentPurpose, Downloads, FaceId, GalleryTerms, GuestPhotos, Language,
        Photo, PhotoId, PhotoSessionId, PhotoState, Previews, PriceId, RelativeBox, SearchId, StudioId,
        Viewer,
    },
    store::{
        Completed, Consent, CoupleWish, GalleryCursor, JobKind, NewPhoto, NewSearch, PhotoCounts, Processed,
        Received, Store, StoreError,
    },
    usage::{Usage, UsageKind},
};
use sqlx::{AnyConnection, Connection, Row};

use crate::{
    database::database_url,
    fixtures::{self, Database, MODEL, new_photo, now, processed},
};

#[tokio::test]
async fn a_session_reads_back_as_it_was_written() {
    let db = Database::new().await;
    let mut session = fixtures::session(db.store.sessions().default_studio(now()).await.unwrap());
    session.description = Some("Outdoors".to_owned());
    session.photographer_id = Some(PhotoId::generate().0);
    session.scheduled_at = Some(now());
    session.terms = GalleryTerms {
        pin: Some("ёлка7".to_owned()),
        reveals_at: Some(now()),
        ends_at: Some(now() + TimeDelta::days(1)),
        at_end: AtEnd::Erase,
        downloads: Downloads::Web,
        watermark: false,
        prices: Some(vec![PriceId::generate(), PriceId::generate()]),
        cover: Some(PhotoId::generate()),
        previews: Previews::Photos,
        guest_photos: GuestPhotos::Open,
        most_from_a_guest: 7,
        most_from_guests: 70,
        comments: Comments::Moderated,
    };
    db.store.sessions().create(&session).await.unwrap();
    assert_eq!(db.store.sessions().get(session.id).await.unwrap(), Some(session.clone()));
    assert_eq!(db.store.sessions().get(PhotoSessionId::generate()).await.unwrap(), None);
    let again = db.store.sessions().create(&session).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict(_)), "{again:?}");
}

#[tokio::test]
async fn there_is_one_default_studio() {
    let db = Database::new().await;
    let first = db.store.sessions().default_studio(now()).await.unwrap();
    assert_eq!(db.store.sessions().default_studio(now()).await.unwrap(), first);
}

#[tokio::test]
async fn sessions_are_listed_newest_first_page_by_page() {
    let db = Database::new().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, db.session().await.id);
    }
    let ids = async |after, limit| -> Vec<_> {
        db.store.sessions().list(after, limit).await.unwrap().iter().map(|session| session.id).collect()
    };
    assert_eq!(ids(None, 3).await, made[..3]);
    assert_eq!(ids(Some(made[2]), 3).await, made[3..]);
}

#[tokio::test]
async fn a_change_to_a_session_moves_updated_at() {
    let db = Database::new().await;
    let session = db.session().await;
    let later = session.updated_at + TimeDelta::seconds(5);
    assert!(db.store.sessions().set_switches(session.id, Some(false), None, later).await.unwrap());
    assert!(
        db.store
            .sessions()
            .set_status(session.id, pixora::domain::SessionStatus::Completed, later)
            .await
            .unwrap()
    );
    let changed = db.store.sessions().get(session.id).await.unwrap().unwrap();
    assert_eq!((changed.facepass_enabled(), changed.status.as_str()), (false, "completed"));
    assert_eq!((changed.created_at, changed.updated_at), (session.created_at, later));
    assert!(
        !db.store
            .sessions()
            .set_status(PhotoSessionId::generate(), pixora::domain::SessionStatus::Completed, later)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn the_same_bytes_are_one_photo_in_a_session_and_another_in_the_next() {
    let db = Database::new().await;
    let (a, b) = (PhotoSessionId::generate(), PhotoSessionId::generate());
    let first = new_photo(a);
    let mut again = new_photo(a);
    again.sha256.clone_from(&first.sha256);
    let mut elsewhere = new_photo(b);
    elsewhere.sha256.clone_from(&first.sha256);
    let photos = db.store.photos();
    assert_eq!(photos.receive(&first, now()).await.unwrap(), Received::Stored(first.id));
    assert_eq!(photos.receive(&again, now()).await.unwrap(), Received::Duplicate(first.id));
    assert_eq!(photos.receive(&elsewhere, now()).await.unwrap(), Received::Stored(elsewhere.id));
    assert_eq!(photos.find_by_hash(a, &first.sha256).await.unwrap().map(|known| known.photo), Some(first.id));
    assert_eq!(photos.get(again.id).await.unwrap(), None);
    assert_eq!(
        photos.counts(a).await.unwrap(),
        PhotoCounts { total: 1, queued: 1, ..PhotoCounts::default() }
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_uploads_of_the_same_bytes_make_one_photo_and_one_job() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let sha256 = new_photo(session).sha256;
    let uploads = (0..16).map(|_| {
        let (store, mut photo) = (db.store.clone(), new_photo(session));
        photo.sha256.clone_from(&sha256);
        tokio::spawn(async move { store.photos().receive(&photo, now()).await.unwrap() })
    });
    let received: Vec<_> = futures::future::try_join_all(uploads).await.unwrap();
    let stored: Vec<_> = received.iter().filter(|received| matches!(received, Received::Stored(_))).collect();
    assert_eq!(stored.len(), 1);
    let photos: HashSet<_> = received
        .iter()
        .map(|received| match received {
            Received::Stored(id) | Received::Duplicate(id) => *id,
            Received::Sidecar => panic!("is no sidecar"),
        })
        .collect();
    assert_eq!(photos.len(), 1);
    assert_eq!(count(&db, "jobs").await, 1);
}

#[tokio::test]
async fn completing_writes_everything_and_ends_the_job() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let id = db.photo(session).await;
    let job = db.job_of(id).await;
    let made = processed(id, 3);
    assert_eq!(db.store.photos().complete(id, &made, job.id).await.unwrap(), Completed::Done);
    let photo = db.store.photos().get(id).await.unwrap().unwrap();
    assert_eq!(photo.state, PhotoState::Ready);
    assert_eq!((photo.width, photo.height, photo.faces), (4000, 6000, 3));
    assert_eq!((photo.taken_at, photo.thumbhash), (made.taken_at, made.thumbhash.clone()));
    assert_eq!(photo.derivatives, made.derivatives);
    let faces: Vec<_> = db.store.faces().of_photo(id).await.unwrap();
    assert!(faces.iter().all(|face| face.photo_session_id == session));
    assert_eq!(faces.into_iter().map(|face| face.face).collect::<Vec<_>>(), made.faces);
    assert_eq!(count(&db, "jobs").await, 0);
}

#[tokio::test]
async fn completing_twice_leaves_the_last_faces_only() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let id = db.photo(session).await;
    let job = db.job_of(id).await;
    for faces in [3, 1] {
        assert_eq!(
            db.store.photos().complete(id, &processed(id, faces), job.id).await.unwrap(),
            Completed::Done
        );
    }
    assert_eq!(db.store.faces().count(session, MODEL).await.unwrap(), 1);
    assert_eq!(db.store.photos().counts(session).await.unwrap().faces, 1);
}

#[tokio::test]
async fn what_waited_for_a_photo_before_it_was_made_does_not_make_it_again() {
    let db = Database::new().await;
    let id = db.photo(PhotoSessionId::generate()).await;
    let queue = async |at| db.store.jobs().enqueue(JobKind::ProcessPhoto, id.0, at).await.unwrap();
    let (began, second) = (now(), TimeDelta::seconds(1));
    let in_hand = db.job_of(id).await;
    queue(began - second).await;
    let later = queue(began + second).await;
    let made = Processed { began, ..processed(id, 1) };
    assert_eq!(db.store.photos().complete(id, &made, in_hand.id).await.unwrap(), Completed::Done);
    let left = db.jobs().lease(JobKind::ProcessPhoto, 9, began + second * 2).await.unwrap();
    let left: Vec<_> = left.iter().map(|job| job.id).collect();
    assert_eq!(left, [later], "somebody has asked for it since");

    // One that another worker has in hand is that worker's.
    let other = queue(began + second * 3).await;
    let made = Processed { began: began + second * 9, ..made };
    assert_eq!(db.store.photos().complete(id, &made, other).await.unwrap(), Completed::Done);
    assert_eq!(count(&db, "jobs").await, 1);
}

#[tokio::test]
async fn what_was_made_of_a_file_that_was_replaced_meanwhile_is_refused_and_its_job_stays() {
    let db = Database::new().await;
    let session = db.session().await.id;
    let id = db.photo(session).await;
    let job = db.job_of(id).await;
    let again = NewPhoto { replaces: true, sha256: "f".repeat(64), ..new_photo(session) };
    assert_eq!(db.store.photos().receive(&again, now()).await.unwrap(), Received::Stored(id));
    assert_eq!(db.store.photos().complete(id, &processed(id, 2), job.id).await.unwrap(), Completed::Outdated);
    assert_eq!(db.store.faces().count(session, MODEL).await.unwrap(), 0);
    assert_eq!(count(&db, "jobs").await, 2, "its own, and that of the new file");
    let made = Processed { original: again.id, ..processed(id, 1) };
    assert_eq!(db.store.photos().complete(id, &made, job.id).await.unwrap(), Completed::Done);
    assert_eq!(count(&db, "jobs").await, 0);
}

#[tokio::test]
async fn a_crop_keeps_the_heads_of_all_who_are_near() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let mut ids = Vec::new();
    for faces in [0, 2] {
        let id = db.photo(session).await;
        let job = db.job_of(id).await;
        let mut made = processed(id, faces);
        if let [large, small] = &mut made.faces[..] {
            large.rect = RelativeBox { x: 0.0, y: 0.0, w: 0.5, h: 0.5 };
            small.rect = RelativeBox { x: 0.5, y: 0.5, w: 0.25, h: 0.25 };
        }
        db.store.photos().complete(id, &made, job.id).await.unwrap();
        ids.push(id);
    }
    let crops = db.store.faces().crops(&ids).await.unwrap();
    assert_eq!(crops.len(), 1, "a photo without faces has none");
    let (x, y) = crops[&ids[1]];
    // All of both has room in a crop of three quarters that begins where they do.
    assert!(x.abs() < 1e-6 && y.abs() < 1e-6, "{x} {y}");
}

#[tokio::test]
async fn another_model_s_faces_stay() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let id = db.photo(session).await;
    let job = db.job_of(id).await;
    db.store.photos().complete(id, &processed(id, 2), job.id).await.unwrap();
    let mut other = processed(id, 2);
    other.model = "other".to_owned();
    for face in &mut other.faces {
        face.model.clone_from(&other.model);
        face.id = FaceId::derive(id, face.number, &other.model);
    }
    db.store.photos().complete(id, &other, job.id).await.unwrap();
    assert_eq!(db.store.faces().total(MODEL).await.unwrap(), 2);
    assert_eq!(db.store.faces().total("other").await.unwrap(), 2);
}

#[tokio::test]
async fn a_photo_erased_while_it_is_processed_does_not_come_back() {
    let db = Database::new().await;
    let id = db.photo(PhotoSessionId::generate()).await;
    let job = db.job_of(id).await;
    assert!(
        db.store
            .erasures()
            .begin(id, now())
            .await
            .unwrap()
            .is_some_and(|left| left.again && left.faces.is_empty())
    );
    assert_eq!(db.store.photos().complete(id, &processed(id, 2), job.id).await.unwrap(), Completed::Gone);
    assert!(!db.store.photos().reject(id, "truncated", None, job.id).await.unwrap());
    assert_eq!((count(&db, "photos").await, count(&db, "faces").await, count(&db, "jobs").await), (0, 0, 0));
}

#[tokio::test]
async fn deleting_a_photo_names_its_faces() {
    let db = Database::new().await;
    let (id, faces) = db.ready_photo(PhotoSessionId::generate(), 2).await;
    let left = db.store.erasures().begin(id, now()).await.unwrap().expect("there was a photo");
    let named: HashSet<_> = left.faces.iter().copied().collect();
    assert_eq!(named, faces.iter().map(|face| face.id).collect());
    assert!(!left.again, "no worker had it in hand");
    assert_eq!(db.store.erasures().begin(id, now()).await.unwrap(), None);
    assert_eq!(count(&db, "faces").await, 0);
    assert_eq!((left.rows.photos, left.rows.faces), (1, 2));
    // What is left to remove outlives a crash, until it is told to be done; which rows went then is known no more.
    let rows = pixora::store::Erased::default();
    let due = pixora::store::Erasure { rows, ..left };
    assert_eq!(db.store.erasures().due(Some(now())).await.unwrap(), [due]);
    db.store.erasures().finish(id).await.unwrap();
    assert_eq!(count(&db, "erasures").await, 0);
}

#[tokio::test]
async fn a_rejected_photo_says_why_and_has_no_faces() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let (id, _) = db.ready_photo(session, 2).await;
    let job = db.store.jobs().enqueue(pixora::jobs::JobKind::ProcessPhoto, id.0, now()).await.unwrap();
    assert!(db.store.photos().reject(id, "truncated", None, job).await.unwrap());
    let photo = db.store.photos().get(id).await.unwrap().unwrap();
    assert_eq!((photo.state, photo.reject_code.as_deref()), (PhotoState::Rejected, Some("truncated")));
    assert_eq!(photo.faces, 0);
    assert_eq!((count(&db, "faces").await, count(&db, "jobs").await), (0, 0));
    assert_eq!(db.store.photos().counts(session).await.unwrap().rejected, 1);
}

#[tokio::test]
async fn who_has_lost_a_job_does_not_reject_the_photo_that_another_made_ready() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let id = db.photo(session).await;
    let job = db.job_of(id).await;
    assert_eq!(db.store.photos().complete(id, &processed(id, 2), job.id).await.unwrap(), Completed::Done);
    assert!(!db.store.photos().reject(id, "processing_failed", None, job.id).await.unwrap());
    let photo = db.store.photos().get(id).await.unwrap().unwrap();
    assert_eq!((photo.state, photo.faces), (PhotoState::Ready, 2));
    assert_eq!(db.store.faces().count(session, MODEL).await.unwrap(), 2);
}

#[tokio::test]
async fn the_gallery_shows_ready_photos_by_the_time_of_the_shot() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    db.photo(session).await;
    db.ready_photo(PhotoSessionId::generate(), 0).await;
    let mut expected = Vec::new();
    // Uploaded in this order; two in the same second, one without a time (so: by upload, last).
    for (name, second) in [("c", Some(30)), ("a", Some(10)), ("b", Some(20)), ("d", Some(30)), ("e", None)] {
        let id = db.photo(session).await;
        let job = db.job_of(id).await;
        let mut made = processed(id, 0);
        made.taken_at =
            second.map(|second| made.taken_at.unwrap() - TimeDelta::days(400) + TimeDelta::seconds(second));
        db.store.photos().complete(id, &made, job.id).await.unwrap();
        expected.push((name, id));
    }
    expected.sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    let mut seen = Vec::new();
    let mut after: Option<GalleryCursor> = None;
    loop {
        let page = db
            .store
            .photos()
            .list_ready((session, Viewer::Studio), Default::default(), Default::default(), after, 2)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        // As a client would: through the text.
        after = Some(GalleryCursor::after(last).to_string().parse().unwrap());
        seen.extend(page.iter().map(|photo| photo.id));
    }
    assert_eq!(seen, expected);
    assert_eq!(db.store.photos().set_selected(session, &expected[1..3], false).await.unwrap(), 2);
    assert_eq!(
        db.store.photos().set_selected(PhotoSessionId::generate(), &expected, false).await.unwrap(),
        0
    );
    let selected = db
        .store
        .photos()
        .list_ready((session, Viewer::Guest), Default::default(), Default::default(), None, 10)
        .await
        .unwrap();
    let selected: Vec<_> = selected.iter().map(|photo| photo.id).collect();
    assert_eq!(selected, [expected[0], expected[3], expected[4]]);
}

/// `Photo::is_visible` and its words in SQL say the same of every photo.
#[tokio::test]
async fn rows_and_domain_agree_on_what_guests_see() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let mut ids = Vec::new();
    for is_selected in [true, false] {
        let (queued, (ready, _)) = (db.photo(session).await, db.ready_photo(session, 1).await);
        let rejected = db.photo(session).await;
        let job = db.job_of(rejected).await.id;
        assert!(db.store.photos().reject(rejected, "truncated", None, job).await.unwrap());
        let three = [queued, ready, rejected];
        db.store.photos().set_selected(session, &three, is_selected).await.unwrap();
        ids.extend(three);
    }
    let (by_couple, overruled) = (db.ready_photo(session, 1).await.0, db.ready_photo(session, 1).await.0);
    for wish in [CoupleWish::Hide(now()), CoupleWish::Overrule] {
        db.store.photos().wish(session, &[overruled], wish).await.unwrap();
    }
    db.store.photos().wish(session, &[by_couple], CoupleWish::Hide(now())).await.unwrap();
    ids.extend([by_couple, overruled]);
    let (stranger, _) = db.ready_photo(PhotoSessionId::generate(), 0).await;
    ids.push(stranger);
    let photos = db.store.photos().get_many(&ids).await.unwrap();
    let own = |photo: &&Photo| photo.photo_session_id == session;
    let visible: Vec<_> = photos.iter().filter(own).filter(|p| p.is_visible()).map(|p| p.id).collect();
    assert_eq!(visible.len(), 2, "one of six is ready and shown, and one that the studio shows all the same");
    let named = |photos: Vec<Photo>| photos.into_iter().map(|photo| photo.id).collect::<Vec<_>>();
    assert_eq!(named(db.store.photos().ready_of(session, &ids, Viewer::Guest).await.unwrap()), visible);
    assert_eq!(
        named(
            db.store
                .photos()
                .list_ready((session, Viewer::Guest), Default::default(), Default::default(), None, 10)
                .await
                .unwrap()
        ),
        visible
    );
    assert_eq!(named(db.store.photos().findable(session, &ids).await.unwrap()), visible);
    assert_eq!(db.store.photos().counts(session).await.unwrap().selected, 2);
    assert_eq!(db.store.photos().counts_of(&[session]).await.unwrap()[&session].selected, 2);
    for (viewer, seen) in [(Viewer::Couple, 3), (Viewer::Studio, 4)] {
        let for_them: Vec<_> = photos.iter().filter(own).filter(|p| p.is_for(viewer)).map(|p| p.id).collect();
        assert_eq!(for_them.len(), seen, "{viewer:?}");
        assert_eq!(named(db.store.photos().ready_of(session, &ids, viewer).await.unwrap()), for_them);
    }
}

#[test]
fn a_cursor_that_is_not_ours_is_refused() {
    for text in ["", ".", "zz.00", "10", "10.notanid", "-5.0198f2a0c0de7000800000000000000a"] {
        assert!(text.parse::<GalleryCursor>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn many_photos_and_faces_are_fetched_in_the_order_asked() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, db.photo(session).await);
    }
    // Longer than one IN list.
    let mut asked: Vec<_> = (0..1200).map(|_| PhotoId::generate()).collect();
    asked.extend(&ids);
    let found: Vec<_> =
        db.store.photos().get_many(&asked).await.unwrap().iter().map(|photo| photo.id).collect();
    assert_eq!(found, ids);
    let (photo, faces) = db.ready_photo(session, 2).await;
    let mut asked: Vec<_> = (0..1200).map(|n| FaceId::derive(photo, n + 2, MODEL)).collect();
    asked.push(faces[1].id);
    let found = db.store.faces().by_ids(&asked).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[&faces[1].id].photo_id, found[&faces[1].id].number), (photo, 1));
    assert_eq!(found[&faces[1].id].rect, faces[1].rect);
}

fn consent(session: PhotoSessionId, purpose: ConsentPurpose) -> Consent {
    let id = ConsentId::generate();
    Consent {
        id,
        record: id,
        photo_session_id: session,
        studio_id: Some(StudioId::generate()),
        purpose,
        version: "1".to_owned(),
        language: Language::Russian,
        created_at: now(),
        withdrawn_at: None,
    }
}

#[tokio::test]
async fn withdrawing_a_consent_takes_its_searches_along() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let consent = consent(session, ConsentPurpose::Match);
    db.store.guests().record_consent(&consent).await.unwrap();
    for consent_id in [Some(consent.id), Some(consent.id), None] {
        let search =
            NewSearch { id: SearchId::generate(), photo_session_id: session, consent_id, matches: 3 };
        db.store.guests().record_search(&search, now()).await.unwrap();
    }
    assert_eq!(db.store.guests().consent(consent.id).await.unwrap(), Some(consent.clone()));
    let guardian = Consent { record: consent.id, ..self::consent(session, ConsentPurpose::Guardian) };
    db.store.guests().record_consent(&guardian).await.unwrap();
    let later = now() + TimeDelta::hours(1);
    let withdrawn = db.store.guests().withdraw_consent(consent.id, later).await.unwrap().expect("stood");
    assert_eq!(withdrawn.searches, 2);
    assert_eq!(db.store.guests().withdraw_consent(consent.id, later).await.unwrap(), None);
    assert_eq!(db.store.guests().consent(consent.id).await.unwrap(), None);
    assert_eq!(db.store.guests().searches(session).await.unwrap(), 1);
    let kept = db.store.guests().consents_of(consent.id).await.unwrap();
    let expected = [consent, guardian].map(|it| Consent { withdrawn_at: Some(later), ..it });
    assert_eq!(kept.len(), 2, "the record stays, and the guardian's yes goes along");
    assert!(expected.iter().all(|it| kept.contains(it)), "{kept:?}");
}

#[tokio::test]
async fn use_is_counted_over_flushes_and_hours() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let usage = Usage::new(db.store.clone());
    for hour in 0..2 {
        for _ in 0..3 {
            usage.bump(session, UsageKind::Search, now() + TimeDelta::hours(hour));
        }
        usage.bump(session, UsageKind::Hit, now());
        usage.flush().await.unwrap();
    }
    let counts = db.store.usage().counts(session).await.unwrap();
    assert_eq!((counts.searches, counts.hits, counts.page_views), (6, 2, 0));
    usage.bump(session, UsageKind::Search, now());
    usage.forget(session);
    usage.flush().await.unwrap();
    assert_eq!(db.store.usage().counts(session).await.unwrap(), counts);
}

#[tokio::test]
async fn erasing_a_session_leaves_no_row_of_it_and_every_row_of_others() {
    let db = Database::new().await;
    let usage = Usage::new(db.store.clone());
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let id = db.session().await.id;
        db.ready_photo(id, 2).await;
        db.photo(id).await;
        let consent = consent(id, ConsentPurpose::Match);
        db.store.guests().record_consent(&consent).await.unwrap();
        let search = NewSearch {
            id: SearchId::generate(),
            photo_session_id: id,
            consent_id: Some(consent.id),
            matches: 1,
        };
        db.store.guests().record_search(&search, now()).await.unwrap();
        usage.bump(id, UsageKind::PageView, now());
        sessions.push(id);
    }
    usage.flush().await.unwrap();
    let before = rows_that_mention(&db, sessions[1]).await;
    let erased = db.store.erase_session(sessions[0]).await.unwrap();
    assert_eq!((erased.photo_sessions, erased.photos, erased.faces, erased.jobs), (1, 2, 2, 1));
    assert_eq!((erased.consents, erased.searches, erased.usage_counters), (1, 1, 1));
    assert_eq!(rows_that_mention(&db, sessions[0]).await, 0);
    assert_eq!(rows_that_mention(&db, sessions[1]).await, before);
    assert_eq!(count(&db, "jobs").await, 1);
    assert!(before >= 7);
}

/// A new table with a `photo_session_id` that erasing forgets fails the test above.
async fn rows_that_mention(db: &Database, session: PhotoSessionId) -> i64 {
    let mut connection = raw(db).await;
    let tables = if std::env::var_os("PIXORA_TEST_DATABASE_URL").is_some() {
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND (column_name = 'photo_session_id' \
         OR (table_name = 'photo_sessions' AND column_name = 'id'))"
    } else {
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND (c.name = 'photo_session_id' OR (m.name = 'photo_sessions' AND c.name = 'id'))"
    };
    let mut rows = 0;
    for table in sqlx::query(tables).fetch_all(&mut connection).await.unwrap() {
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE {} = $1",
            table.get::<&str, _>(0),
            table.get::<&str, _>(1)
        );
        let query = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
        rows += query.fetch_one(&mut connection).await.unwrap();
    }
    rows
}

async fn count(db: &Database, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut raw(db).await).await.unwrap()
}

/// A look into the database that does not pass through the store.
async fn raw(db: &Database) -> AnyConnection {
    AnyConnection::connect(&database_url(db.folder.path()).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_write_at_the_same_time() {
    let db = Database::new().await;
    // Two stores share nothing but the file, as two processes would.
    let other = fixtures::open(&db.folder).await;
    let session = PhotoSessionId::generate();
    let write = |store: Store| {
        tokio::spawn(async move {
            for _ in 0..50 {
                store.photos().receive(&new_photo(session), Utc::now()).await.unwrap();
            }
        })
    };
    let (a, b) = tokio::join!(write(db.store.clone()), write(other));
    a.unwrap();
    b.unwrap();
    assert_eq!(db.store.photos().counts(session).await.unwrap().queued, 100);
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named_without_its_url() {
    for (url, code) in [
        ("mysql://user:secret@db/pixora", "database_url_invalid"),
        ("postgres://user:secret@127.0.0.1:1/pixora", "database_unavailable"),
    ] {
        let refused = Store::open(url).await.unwrap_err();
        assert_eq!(refused.code(), code);
        assert!(!format!("{refused:?} {refused}").contains("secret"));
    }
    let missing = Store::open("sqlite:/nowhere/at/all/pixora.db?mode=rwc").await.unwrap_err();
    assert_eq!(missing.code(), "database_unavailable");
}
