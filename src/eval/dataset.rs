//! Labelled photos and their embeddings.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::half_of;
use crate::{
    domain::{FaceId, PhotoId},
    imaging::{self, Filter, Picture, PictureSource},
    index::IndexedFace,
    vision::{Detection, Face, FaceEngine, POOR, PictureKind, VisionError, largest_central},
};

/// The labelled face of one photo.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Index of the person.
    pub person: usize,
    pub path: PathBuf,
    /// As of a photo in a session: `[dimension] f32`, L2-normalised.
    pub vector: Vec<f32>,
    pub quality: f32,
    /// The same as of a selfie, where the photo could be one: one large face, upright, facing, clear.
    pub selfie: Option<Vec<f32>>,
    /// The same of the photo shrunk until the face has these heights, where it was larger.
    pub shrunk: Vec<Shrunk>,
}

#[derive(Debug, Clone)]
pub struct Shrunk {
    /// Of the face, pixels.
    pub height: u32,
    pub vector: Vec<f32>,
    pub quality: f32,
}

impl Sample {
    /// Vector and quality with the face no higher than `height` pixels.
    #[must_use]
    pub fn at_height(&self, height: Option<u32>) -> (&[f32], f32) {
        let shrunk = self.shrunk.iter().find(|shrunk| Some(shrunk.height) == height);
        shrunk.map_or((&self.vector, self.quality), |shrunk| (&shrunk.vector, shrunk.quality))
    }
}

#[derive(Debug)]
pub struct Dataset {
    pub people: Vec<String>,
    pub samples: Vec<Sample>,
    pub photos: usize,
    /// Photos by person in which no face was found or that cannot be read; index as in `people`.
    pub no_face: Vec<usize>,
}

/// Long side at which a labelled photo is looked at, pixels.
const LONG_SIDE: u32 = 1280;

impl Dataset {
    /// Reads `directory/PERSON/PHOTO` and embeds the largest central face of every photo, with one thread
    /// for each engine. `heights`: also of photos shrunk to faces of these heights. `progress` hears (photos
    /// done, photos in all).
    ///
    /// # Errors
    /// A sentence naming what is missing, or a failing model.
    pub fn embed(
        directory: &Path,
        engines: Vec<FaceEngine>,
        heights: &[u32],
        progress: impl Fn(usize, usize) + Sync,
    ) -> Result<Self, String> {
        let (people, files) = scan(directory)?;
        let next = AtomicUsize::new(0);
        let embedded: Mutex<Vec<(usize, Option<Sample>)>> = Mutex::new(Vec::with_capacity(files.len()));
        let failure: Mutex<Option<VisionError>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for mut engine in engines {
                let (next, embedded, failure, files, progress) =
                    (&next, &embedded, &failure, &files, &progress);
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some((person, path)) = files.get(at) else { return };
                        match embed_labelled(&mut engine, path, *person, heights) {
                            Ok(vector) => embedded.lock().expect("no thread panics").push((at, vector)),
                            Err(error) => {
                                *failure.lock().expect("no thread panics") = Some(error);
                                return;
                            }
                        }
                        progress(at + 1, files.len());
                    }
                });
            }
        });
        if let Some(error) = failure.into_inner().expect("no thread panics") {
            return Err(error.to_string());
        }
        let mut embedded = embedded.into_inner().expect("no thread panics");
        // In the order of the files, so that seeded draws do not depend on which thread was faster.
        embedded.sort_by_key(|(at, _)| *at);
        let mut no_face = vec![0; people.len()];
        let mut samples = Vec::with_capacity(embedded.len());
        for (at, sample) in embedded {
            match sample {
                Some(sample) => samples.push(sample),
                None => no_face[files[at].0] += 1,
            }
        }
        Ok(Self { people, samples, photos: files.len(), no_face })
    }
}

impl Dataset {
    /// Leaves out the people of the other half.
    pub fn keep_half(&mut self, half: u8) {
        let is_kept: Vec<bool> = self.people.iter().map(|name| half_of(name) == half).collect();
        self.samples.retain(|sample| is_kept[sample.person]);
        self.no_face.iter_mut().zip(is_kept).filter(|(_, kept)| !kept).for_each(|(count, _)| *count = 0);
        self.photos = self.samples.len() + self.no_face.iter().sum::<usize>();
    }

    /// Numbers of the people of whom there are photos.
    #[must_use]
    pub fn with_photos(&self) -> Vec<usize> {
        let people: BTreeSet<usize> = self.samples.iter().map(|sample| sample.person).collect();
        people.into_iter().collect()
    }
}

/// Faces of a gallery, whose each photo is, and which faces are too poor to be matched.
pub(super) type AsGallery = (Vec<IndexedFace>, HashMap<PhotoId, usize>, HashSet<FaceId>);

impl Dataset {
    /// Everybody's photos, one face in each.
    pub(super) fn as_gallery(&self) -> AsGallery {
        let (mut faces, mut owners, mut poor) = (Vec::new(), HashMap::new(), HashSet::new());
        for sample in &self.samples {
            let photo_id = PhotoId::generate();
            let id = FaceId::derive(photo_id, 0, "eval");
            owners.insert(photo_id, sample.person);
            if sample.quality < POOR {
                poor.insert(id);
            }
            faces.push(IndexedFace { id, photo_id, vector: sample.vector.clone() });
        }
        (faces, owners, poor)
    }
}

/// Names of people and (person, photo), both sorted.
fn scan(directory: &Path) -> Result<(Vec<String>, Vec<(usize, PathBuf)>), String> {
    let entries = |path: &Path| -> Result<Vec<PathBuf>, String> {
        let read = std::fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut paths: Vec<PathBuf> = read.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
        paths.sort();
        Ok(paths)
    };
    let (mut people, mut files) = (Vec::new(), Vec::new());
    for folder in entries(directory)?.into_iter().filter(|path| path.is_dir()) {
        let photos: Vec<PathBuf> = entries(&folder)?.into_iter().filter(|path| path.is_file()).collect();
        if !photos.is_empty() {
            files.extend(photos.into_iter().map(|photo| (people.len(), photo)));
            people
                .push(folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
        }
    }
    if people.len() < 2 {
        return Err(format!(
            "{} has no folders of photos, one for each person (two at least)",
            directory.display()
        ));
    }
    Ok((people, files))
}

/// The labelled face: the largest central one. `None` when there is none or the file is no photo.
fn embed_labelled(
    engine: &mut FaceEngine,
    path: &Path,
    person: usize,
    heights: &[u32],
) -> Result<Option<Sample>, VisionError> {
    let Some((picture, found, chosen)) = look_at(engine, path)? else { return Ok(None) };
    let Some(face) = embed_one(engine, &picture, &found[chosen], false)? else { return Ok(None) };
    let selfie = if could_be_selfie(&face, &found) {
        let face = embed_one(engine, &picture, &found[chosen], true)?;
        face.filter(|face| face.quality.faults.is_empty()).map(|face| face.embedding.vector)
    } else {
        None
    };
    let mut shrunk = Vec::new();
    for &height in heights.iter().filter(|height| (**height as f32) < face.rect.h) {
        let factor = height as f32 / (face.rect.h * picture.scale);
        let small = imaging::resize_by(&picture, f64::from(factor), Filter::Area);
        let small = Picture::new(small.width, small.height, small.rgb);
        let to_small = factor * picture.scale;
        let there = Detection {
            rect: found[chosen].rect.scaled(to_small),
            landmarks: found[chosen].landmarks.map(|point| point.scaled(to_small)),
            ..found[chosen]
        };
        if let Some(face) = embed_one(engine, &small, &there, false)? {
            shrunk.push(Shrunk { height, vector: face.embedding.vector, quality: face.quality.score });
        }
    }
    let quality = face.quality.score;
    let path = path.to_owned();
    Ok(Some(Sample { person, path, vector: face.embedding.vector, quality, selfie, shrunk }))
}

/// A photo, the faces in it, and which of them is the labelled one.
pub(super) fn look_at(
    engine: &mut FaceEngine,
    path: &Path,
) -> Result<Option<(Picture, Vec<Detection>, usize)>, VisionError> {
    let Ok(bytes) = std::fs::read(path) else { return Ok(None) };
    let Ok(header) = imaging::read_header(&bytes) else { return Ok(None) };
    let Ok(picture) = (PictureSource { bytes: &bytes, header: &header }).at_least(LONG_SIDE) else {
        return Ok(None);
    };
    let (width, height) = header.upright_size();
    let found = engine.detect(&picture, PictureKind::Portrait)?;
    let chosen = largest_central(&found, width, height);
    Ok(chosen.map(|chosen| (picture, found, chosen)))
}

fn embed_one(
    engine: &mut FaceEngine,
    picture: &Picture,
    found: &Detection,
    as_selfie: bool,
) -> Result<Option<Face>, VisionError> {
    let Some(crop) = engine.align(picture, std::slice::from_ref(found))?.pop() else { return Ok(None) };
    let face = if as_selfie { engine.embed_probe(crop) } else { engine.embed(crop) };
    face.map(Some)
}

/// Nobody takes a selfie in profile, or with somebody else as large beside them whom they do not choose.
fn could_be_selfie(face: &Face, found: &[Detection]) -> bool {
    const LEAST_HEIGHT: f32 = 56.0;
    const MOST_DEGREES: f32 = 30.0;
    let quality = &face.quality;
    let faces = [quality.yaw, quality.pitch, quality.roll].iter().all(|angle| angle.abs() < MOST_DEGREES);
    let rival = |other: &&Detection| other.rect.area() > face.rect.area() * 0.5;
    face.rect.h >= LEAST_HEIGHT && faces && found.iter().filter(rival).count() < 2
}
