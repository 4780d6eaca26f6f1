//! Small files made by code, and the models and sample photographs when they are there.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use pixora::{
    imaging::{Picture, decode, read_header},
    vision::{Choice, Models},
};

pub use crate::small_files::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn manifest_dir() -> PathBuf {
    root().join("models")
}

pub fn model_dir() -> PathBuf {
    std::env::var_os("PIXORA_MODEL_DIR").map_or_else(|| root().join(".build/nets"), PathBuf::from)
}

pub fn dylib() -> PathBuf {
    std::env::var_os("ORT_DYLIB_PATH")
        .map_or_else(|| root().join(".build/onnxruntime/libonnxruntime.so"), PathBuf::from)
}

fn skipped(what: &Path) {
    eprintln!("SKIPPED: {} is not there; run `make setup`", what.display());
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "nothing may be skipped in CI");
}

/// `None` (and a word on stderr) where set-up has not run.
pub fn models() -> Option<Arc<Models>> {
    static MODELS: OnceLock<Option<Arc<Models>>> = OnceLock::new();
    let loaded = MODELS.get_or_init(|| {
        let (dir, dylib) = (model_dir(), dylib());
        if let Some(missing) = [&dir, &dylib].into_iter().find(|path| !path.exists()) {
            skipped(missing);
            return None;
        }
        Some(
            Models::load(&dir, &manifest_dir(), &dylib, Choice::default())
                .expect("set-up prepared these models"),
        )
    });
    loaded.clone()
}

/// Bytes of a sample photograph, named below `.build/samples`.
pub fn sample(name: &str) -> Option<Vec<u8>> {
    let path = root().join(".build/samples").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        skipped(&path);
    }
    bytes
}

pub fn sample_picture(name: &str) -> Option<Picture> {
    let bytes = sample(name)?;
    let header = read_header(&bytes).expect("the samples are pictures");
    Some(decode(&bytes, &header, header.long_side()).expect("the samples are whole"))
}

/// A TIFF structure with an orientation and the date 2026-05-17 18:30:05.
pub fn tiff(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
    tiff.extend(2_u16.to_be_bytes());
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1]);
    tiff.extend(orientation.to_be_bytes());
    tiff.extend([0, 0]);
    tiff.extend([0x01, 0x32, 0, 2, 0, 0, 0, 20, 0, 0, 0, 38]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"2026:05:17 18:30:05\0");
    tiff
}
