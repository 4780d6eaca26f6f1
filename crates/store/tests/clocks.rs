//! The order of a gallery: moments rather than what clocks showed, and names as people count.

#![expect(clippy::disallowed_methods, reason = "a test may look at the clock")]

use chrono::{NaiveDate, Utc};
use pixora_domain::{
    GalleryTerms, PhotoFacts, PhotoId, PhotoSession, PhotoSessionId, PhotoWords, SessionStatus, Viewer,
};
use pixora_store::{
    jobs::{JobKind, Jobs},
    store::{Completed, GalleryCursor, NewPhoto, PhotoFilter, Processed, Store, StudioSession},
};

struct Database {
    store: Store,
    _folder: tempfile::TempDir,
}

impl Database {
    async fn new() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&format!("sqlite:{}?mode=rwc", folder.path().join("rows.db").display()))
            .await
            .unwrap();
        Self { store, _folder: folder }
    }
}

/// A ready photo; seconds are those of the clock after noon.
async fn shot(
    db: &Database,
    session: PhotoSessionId,
    name: &str,
    seconds: Option<i64>,
    facts: PhotoFacts,
) -> PhotoId {
    let id = PhotoId::generate();
    let photo = NewPhoto {
        id,
        photo_session_id: session,
        guest_id: None,
        is_selected: true,
        filename: name.to_owned(),
        sha256: format!("{:0>64}", id.0.simple()),
        bytes: 1,
        media_type: "image/jpeg".to_owned(),
        width: 6000,
        height: 4000,
        taken_at: None,
        camera: None,
        crc32: None,
        header: None,
        replaces: false,
    };
    db.store.photos().receive(&photo, Utc::now()).await.unwrap();
    let jobs =
        Jobs::new(db.store.clone(), "test").lease(JobKind::ProcessPhoto, 100, Utc::now()).await.unwrap();
    let job = jobs.into_iter().find(|job| job.subject == id.0).unwrap();
    let noon = NaiveDate::from_ymd_opt(2024, 6, 1).unwrap().and_hms_opt(12, 0, 0).unwrap();
    let taken_at = seconds.map(|seconds| noon + chrono::TimeDelta::seconds(seconds));
    let made = Processed {
        original: id,
        began: Utc::now(),
        width: 6000,
        height: 4000,
        taken_at,
        facts,
        thumbhash: None,
        derivatives: Vec::new(),
        files: Vec::new(),
        model: "test".to_owned(),
        faces: Vec::new(),
        also: Vec::new(),
    };
    assert_eq!(db.store.photos().complete(photo.id, &made, job.id).await.unwrap(), Completed::Done);
    photo.id
}

fn by(camera: &str, offset_minutes: Option<i32>) -> PhotoFacts {
    PhotoFacts { camera: Some(camera.to_owned()), offset_minutes, ..PhotoFacts::default() }
}

async fn names(db: &Database, session: PhotoSessionId) -> Vec<String> {
    let mut after = None;
    let mut names = Vec::new();
    loop {
        let page = db
            .store
            .photos()
            .list_ready((session, Viewer::Studio), Default::default(), Default::default(), after, 2)
            .await
            .unwrap();
        let Some(last) = page.last() else { return names };
        // As a client would: through the text.
        after = Some(GalleryCursor::after(last).to_string().parse().unwrap());
        names.extend(page.into_iter().map(|photo| photo.filename));
    }
}

#[tokio::test]
async fn photos_of_one_moment_are_in_the_order_of_their_numbers() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    for name in ["IMG_10.JPG", "IMG_100.JPG", "img_9.jpg", "IMG_11.JPG"] {
        shot(&db, session, name, Some(0), PhotoFacts::default()).await;
    }
    assert_eq!(names(&db, session).await, ["img_9.jpg", "IMG_10.JPG", "IMG_11.JPG", "IMG_100.JPG"]);
}

#[tokio::test]
async fn cameras_of_two_zones_are_in_the_order_of_moments() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    shot(&db, session, "a 10:10 utc", Some(3 * 3600 + 600), by("A", Some(180))).await;
    shot(&db, session, "b 10:05 utc", Some(300), by("B", Some(0))).await;
    shot(&db, session, "a 10:00 utc", Some(3 * 3600), by("A", Some(180))).await;
    // It names no zone and is read in the one that most photos name: it was 10:02.
    shot(&db, session, "c 10:02 utc", Some(3 * 3600 + 120), by("C", None)).await;
    assert_eq!(names(&db, session).await, ["a 10:00 utc", "c 10:02 utc", "b 10:05 utc", "a 10:10 utc"]);
    let zone = db.store.clocks().zone(session).await.unwrap();
    assert_eq!((zone.offset_minutes, zone.is_chosen), (180, false));

    // The photographer knows better.
    db.store.clocks().set_zone(session, Some(0)).await.unwrap();
    assert_eq!(names(&db, session).await[3], "c 10:02 utc");
    shot(&db, session, "a 10:20 utc", Some(3 * 3600 + 1200), by("A", Some(180))).await;
    assert!(db.store.clocks().zone(session).await.unwrap().is_chosen, "and stays so");
    db.store.clocks().set_zone(session, None).await.unwrap();
    assert_eq!(names(&db, session).await[1], "c 10:02 utc");
}

#[tokio::test]
async fn clocks_without_a_zone_are_read_in_that_of_the_session() {
    let db = Database::new().await;
    let mut it = session_in(&db, Some("Asia/Tokyo")).await;
    let session = it.session.id;
    // One camera names its zone, which is not where the party was.
    shot(&db, session, "home 03:10 utc", Some(-9 * 3600 + 600), by("home", Some(0))).await;
    shot(&db, session, "tokyo 03:00 utc", Some(0), by("tokyo", None)).await;
    shot(&db, session, "tokyo 03:20 utc", Some(1200), by("tokyo", None)).await;
    assert_eq!(names(&db, session).await, ["tokyo 03:00 utc", "home 03:10 utc", "tokyo 03:20 utc"]);
    let zone = db.store.clocks().zone(session).await.unwrap();
    assert_eq!((zone.offset_minutes, zone.is_chosen), (540, false));
    // In June, in Berlin: two hours ahead, so that all of them were hours later.
    it = change_zone(&db, session, Some("Europe/Berlin")).await;
    assert_eq!(it.session.time_zone, Some("Europe/Berlin".parse().unwrap()));
    assert_eq!(db.store.clocks().zone(session).await.unwrap().offset_minutes, 120);
    assert_eq!(names(&db, session).await, ["home 03:10 utc", "tokyo 03:00 utc", "tokyo 03:20 utc"]);
    // What the photographer chose for the cameras stays, whatever becomes of the session's zone.
    db.store.clocks().set_zone(session, Some(0)).await.unwrap();
    change_zone(&db, session, None).await;
    let zone = db.store.clocks().zone(session).await.unwrap();
    assert_eq!((zone.offset_minutes, zone.is_chosen), (0, true));
    db.store.clocks().set_zone(session, None).await.unwrap();
    assert!(!db.store.clocks().zone(session).await.unwrap().is_chosen, "as most photos say again");
}

/// A session of the database.
async fn session_in(db: &Database, zone: Option<&str>) -> StudioSession {
    let now = chrono::DateTime::from_timestamp(1_717_200_000, 0).unwrap();
    let session = PhotoSession {
        id: PhotoSessionId::generate(),
        name: "Party".to_owned(),
        description: None,
        studio_id: db.store.sessions().default_studio(now).await.unwrap(),
        photographer_id: None,
        status: SessionStatus::Active,
        gallery_open: true,
        face_search: true,
        terms: GalleryTerms::default(),
        scheduled_at: None,
        time_zone: zone.map(|zone| zone.parse().unwrap()),
        completed_at: None,
        created_at: now,
        updated_at: now,
    };
    db.store.sessions().create(&session).await.unwrap();
    assert_eq!(db.store.sessions().get(session.id).await.unwrap(), Some(session.clone()));
    StudioSession { session, client_id: None, settings: None }
}

async fn change_zone(db: &Database, session: PhotoSessionId, zone: Option<&str>) -> StudioSession {
    let change = |it: &mut StudioSession| {
        it.session.time_zone = zone.map(|zone| zone.parse().unwrap());
        Ok::<_, ()>(())
    };
    db.store.sessions().change(session, change).await.unwrap().unwrap().unwrap()
}

#[tokio::test]
async fn a_camera_is_shifted_with_the_photos_that_come_later() {
    let db = Database::new().await;
    let (session, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
    shot(&db, session, "fast 1", Some(600), by("fast", None)).await;
    shot(&db, session, "right 1", Some(60), by("right", None)).await;
    shot(&db, other, "fast elsewhere", Some(600), by("fast", None)).await;
    assert_eq!(names(&db, session).await, ["right 1", "fast 1"]);
    db.store.clocks().shift(session, "fast", -570).await.unwrap();
    assert_eq!(names(&db, session).await, ["fast 1", "right 1"]);
    shot(&db, session, "fast 2", Some(640), by("fast", None)).await;
    shot(&db, session, "unnamed", Some(65), PhotoFacts::default()).await;
    assert_eq!(names(&db, session).await, ["fast 1", "right 1", "unnamed", "fast 2"]);

    let cameras = db.store.clocks().cameras(session).await.unwrap();
    let told: Vec<_> = cameras.iter().map(|it| (it.camera.as_str(), it.photos, it.shift_seconds)).collect();
    assert_eq!(told, [("", 1, 0), ("fast", 2, -570), ("right", 1, 0)]);
    assert_eq!(cameras[1].first.to_string(), "2024-06-01 12:10:00", "by its own clock");
    assert_eq!(cameras[1].last.to_string(), "2024-06-01 12:10:40");
    assert_eq!(
        db.store.clocks().cameras(other).await.unwrap()[0].shift_seconds,
        0,
        "another session's clock"
    );
}

#[tokio::test]
async fn what_the_file_says_is_kept_and_narrows_the_list() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let facts = PhotoFacts {
        readable: Some(93),
        rating: Some(4),
        label: Some("Red".into()),
        words: PhotoWords {
            keywords: vec!["танец".into()],
            caption: Some("First dance".into()),
            creator: Some("Anna Example".into()),
            copyright: Some("© Example".into()),
            animated: true,
        },
        ..by("A", Some(-210))
    };
    let starred = shot(&db, session, "starred", Some(0), facts.clone()).await;
    shot(&db, session, "plain", Some(1), PhotoFacts { rating: Some(3), ..PhotoFacts::default() }).await;
    shot(&db, session, "none", None, PhotoFacts::default()).await;
    assert_eq!(db.store.photos().get(starred).await.unwrap().unwrap().facts, facts);
    let narrowed = async |filter: PhotoFilter| {
        let photos =
            db.store.photos().list_managed(session, filter, Default::default(), None, 10).await.unwrap();
        photos.into_iter().map(|managed| managed.filename).collect::<Vec<_>>()
    };
    assert_eq!(narrowed(PhotoFilter { min_rating: Some(4), ..PhotoFilter::default() }).await, ["starred"]);
    assert_eq!(
        narrowed(PhotoFilter { min_rating: Some(1), ..PhotoFilter::default() }).await,
        ["starred", "plain"]
    );
    assert_eq!(
        narrowed(PhotoFilter { label: Some("Red".into()), ..PhotoFilter::default() }).await,
        ["starred"]
    );
    let words = |keywords: &[&str], caption: &str| PhotoWords {
        keywords: keywords.iter().map(|&word| word.to_owned()).collect(),
        caption: Some(caption.to_owned()),
        ..PhotoWords::default()
    };
    for (name, words) in [
        ("danced", words(&["first dance", "100%_sure \"!\""], "the hall")),
        ("told", words(&["hall"], "],\"caption\": first dance")),
    ] {
        shot(&db, session, name, Some(2), PhotoFacts { words, ..PhotoFacts::default() }).await;
    }
    let tagged =
        async |tag: &str| narrowed(PhotoFilter { tag: Some(tag.into()), ..PhotoFilter::default() }).await;
    assert_eq!(tagged("first dance").await, ["danced"], "captions and parts of keywords do not count");
    assert_eq!(tagged("100%_sure \"!\"").await, ["danced"]);
    assert_eq!((tagged("hall").await, tagged("Red").await), (vec!["told".into()], vec!["starred".into()]));
    assert_eq!((tagged("dance").await.len(), tagged("%").await.len(), tagged("").await.len()), (0, 0, 5));
    let filter = PhotoFilter { tag: Some("hall".into()), ..PhotoFilter::default() };
    assert_eq!(db.store.photos().managed_ids(session, filter, Default::default()).await.unwrap().len(), 1);
    assert_eq!(narrowed(PhotoFilter::default()).await.len(), 5);
    assert_eq!(db.store.photos().rated(session, 4).await.unwrap(), [starred]);
}

#[tokio::test]
async fn an_erased_session_leaves_no_camera() {
    let db = Database::new().await;
    let [erased, other] = [PhotoSessionId::generate(), PhotoSessionId::generate()];
    for session in [erased, other] {
        shot(&db, session, "a.jpg", Some(0), by("Canon ·1", None)).await;
        db.store.clocks().set_zone(session, Some(180)).await.unwrap();
        db.store.clocks().shift(session, "Canon ·1", 60).await.unwrap();
    }
    assert_eq!(db.store.erase_session(erased).await.unwrap().clocks, 2);
    assert!(!db.store.clocks().zone(erased).await.unwrap().is_chosen);
    assert!(db.store.clocks().zone(other).await.unwrap().is_chosen);
    assert_eq!(db.store.clocks().cameras(other).await.unwrap()[0].shift_seconds, 60);
}
