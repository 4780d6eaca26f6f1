//! A database in a temporary folder, and things to put into it.

use chrono::{DateTime, NaiveDate, Utc};
use pixora::{
    domain::{
        Derivative, FaceId, FaceRow, GalleryTerms, PhotoFacts, PhotoId, PhotoSession, PhotoSessionId,
        RelativeBox, StudioId,
    },
    index::IndexedFace,
    jobs::{Job, JobKind, Jobs},
    store::{Completed, NewPhoto, Processed, Received, Store},
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tempfile::TempDir;

use crate::database::database_url;

pub const MODEL: &str = "test";
pub const DIMENSION: usize = 64;

pub struct Database {
    pub store: Store,
    pub folder: TempDir,
}

impl Database {
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { store: open(&folder).await, folder }
    }

    pub fn jobs(&self) -> Jobs {
        Jobs::new(self.store.clone(), "test")
    }

    /// A session of our own.
    pub async fn session(&self) -> PhotoSession {
        let session = session(self.store.sessions().default_studio(now()).await.unwrap());
        self.store.sessions().create(&session).await.unwrap();
        session
    }

    /// A received photo with unique bytes, not yet processed.
    pub async fn photo(&self, session: PhotoSessionId) -> PhotoId {
        let photo = new_photo(session);
        let received = self.store.photos().receive(&photo, now()).await.unwrap();
        assert_eq!(received, Received::Stored(photo.id));
        photo.id
    }

    /// The one waiting job of a photo, leased.
    pub async fn job_of(&self, photo: PhotoId) -> Job {
        let jobs = self.jobs().lease(JobKind::ProcessPhoto, 100, now()).await.unwrap();
        jobs.into_iter().find(|job| job.subject == photo.0).unwrap()
    }

    /// A photo that the pipeline has finished, with these many faces.
    pub async fn ready_photo(&self, session: PhotoSessionId, faces: u32) -> (PhotoId, Vec<FaceRow>) {
        let photo = self.photo(session).await;
        let job = self.job_of(photo).await;
        let made = processed(photo, faces);
        assert_eq!(self.store.photos().complete(photo, &made, job.id).await.unwrap(), Completed::Done);
        (photo, made.faces)
    }
}

pub async fn open(folder: &TempDir) -> Store {
    Store::open(&database_url(folder.path()).await).await.unwrap()
}

/// The database keeps microseconds.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap()
}

pub fn session(studio_id: StudioId) -> PhotoSession {
    PhotoSession {
        id: PhotoSessionId::generate(),
        name: "Свадьба".to_owned(),
        description: None,
        studio_id,
        photographer_id: None,
        status: pixora::domain::SessionStatus::Active,
        gallery_open: true,
        face_search: true,
        terms: GalleryTerms::default(),
        scheduled_at: None,
        time_zone: None,
        completed_at: None,
        created_at: now(),
        updated_at: now(),
    }
}

pub fn new_photo(photo_session_id: PhotoSessionId) -> NewPhoto {
    let id = PhotoId::generate();
    NewPhoto {
        id,
        photo_session_id,
        guest_id: None,
        is_selected: true,
        filename: "IMG_0001.JPG".to_owned(),
        sha256: format!("{:0>64}", id.0.simple()),
        bytes: 12_345_678,
        media_type: "image/jpeg".to_owned(),
        width: 6000,
        height: 4000,
        taken_at: None,
        camera: None,
        crc32: None,
        header: None,
        replaces: false,
    }
}

pub fn processed(photo: PhotoId, faces: u32) -> Processed {
    let mut random = SmallRng::seed_from_u64(photo.0.as_u64_pair().1);
    Processed {
        original: photo,
        began: Utc::now(),
        width: 4000,
        height: 6000,
        taken_at: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap().and_hms_opt(10, 0, 0),
        facts: PhotoFacts::default(),
        thumbhash: Some(vec![1, 2, 3]),
        derivatives: vec![Derivative {
            size: 320,
            width: 213,
            height: 320,
            hash: "0123456789abcdef".to_owned(),
        }],
        files: Vec::new(),
        model: MODEL.to_owned(),
        faces: (0..faces)
            .map(|number| FaceRow {
                id: FaceId::derive(photo, number, MODEL),
                photo_id: photo,
                number,
                model: MODEL.to_owned(),
                rect: RelativeBox { x: 0.25, y: 0.5, w: 0.125, h: 0.0625 },
                quality: 0.75,
                embedding: unit_vector(&mut random),
            })
            .collect(),
        also: Vec::new(),
    }
}

pub fn indexed(face: &FaceRow) -> IndexedFace {
    IndexedFace { id: face.id, photo_id: face.photo_id, vector: face.embedding.clone() }
}

/// So many faces of as many photos.
pub fn indexed_faces(random: &mut SmallRng, count: usize) -> Vec<IndexedFace> {
    let face = |_| {
        let photo_id = PhotoId::generate();
        IndexedFace { id: FaceId::derive(photo_id, 0, MODEL), photo_id, vector: unit_vector(random) }
    };
    (0..count).map(face).collect()
}

pub fn unit_vector(random: &mut SmallRng) -> Vec<f32> {
    let vector: Vec<f32> = (0..DIMENSION).map(|_| random.random_range(-1.0..1.0)).collect();
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}
