//! Labelled photos and their embeddings.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    imaging::{self, PictureSource},
    vision::{FaceEngine, PictureKind, VisionError, largest_central},
};

/// The labelled face of one photo.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Index of the person.
    pub person: usize,
    /// `[dimension] f32`, L2-normalised.
    pub vector: Vec<f32>,
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
    /// for each engine. `progress` hears (photos done, photos in all).
    ///
    /// # Errors
    /// A sentence naming what is missing, or a failing model.
    pub fn embed(
        directory: &Path,
        engines: Vec<FaceEngine>,
        progress: impl Fn(usize, usize) + Sync,
    ) -> Result<Self, String> {
        let (people, files) = scan(directory)?;
        let next = AtomicUsize::new(0);
        let embedded: Mutex<Vec<(usize, Option<Vec<f32>>)>> = Mutex::new(Vec::with_capacity(files.len()));
        let failure: Mutex<Option<VisionError>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for mut engine in engines {
                let (next, embedded, failure, files, progress) =
                    (&next, &embedded, &failure, &files, &progress);
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some((_, path)) = files.get(at) else { return };
                        match embed_labelled(&mut engine, path) {
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
        for (at, vector) in embedded {
            let person = files[at].0;
            match vector {
                Some(vector) => samples.push(Sample { person, vector }),
                None => no_face[person] += 1,
            }
        }
        Ok(Self { people, samples, photos: files.len(), no_face })
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
fn embed_labelled(engine: &mut FaceEngine, path: &Path) -> Result<Option<Vec<f32>>, VisionError> {
    let Ok(bytes) = std::fs::read(path) else { return Ok(None) };
    let Ok(header) = imaging::read_header(&bytes) else { return Ok(None) };
    let Ok(picture) = (PictureSource { bytes: &bytes, header: &header }).at_least(LONG_SIDE) else {
        return Ok(None);
    };
    let (width, height) = header.upright_size();
    let found = engine.detect(&picture, PictureKind::Portrait)?;
    let Some(chosen) = largest_central(&found, width, height) else { return Ok(None) };
    let crops = engine.align(&picture, &found[chosen..=chosen])?;
    let Some(crop) = crops.into_iter().next() else { return Ok(None) };
    Ok(Some(engine.embed(crop)?.embedding.vector))
}
