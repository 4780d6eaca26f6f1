//! Many small photographs out of a few.

use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageReader, codecs::jpeg::JpegEncoder, imageops::FilterType};

use crate::support::sample;

const LONG_SIDE: u32 = 500;
/// Of one person the first four, of another the fifth; the others show groups of strangers. Picture `n` is made
/// of `n % SOURCES`.
pub const SOURCES: usize = 11;

/// Writes `count` JPEGs that all differ: in crop, brightness and quality.
pub fn write_distinct(folder: &Path, count: usize) -> Vec<PathBuf> {
    let officials = ["obama.jpg", "obama2.jpg", "obama3.jpg", "obama_partial_face.jpg", "biden.jpg"];
    let sources: Vec<DynamicImage> = officials
        .iter()
        .map(|name| format!("officials/{name}"))
        .chain((1..=6).map(|n| format!("groups/sample{n}.jpg")))
        .map(|name| photograph(&sample(&name)))
        .collect();
    assert_eq!(sources.len(), SOURCES);
    let write = |n: usize| {
        let source = &sources[n % SOURCES];
        let step = u32::try_from(n / SOURCES).expect("is small");
        let (cut, darker) = (step % 5 * 4, i32::try_from(step / 5).expect("is small") * -6);
        let picture =
            source.crop_imm(cut, cut / 2, source.width() - 2 * cut, source.height() - cut).brighten(darker);
        let mut bytes = Vec::new();
        let quality = 75 + u8::try_from(n % 20).expect("is small");
        JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&picture).expect("memory takes all");
        let path = folder.join(format!("{n:03}.jpg"));
        std::fs::write(&path, bytes).expect("can be written");
        path
    };
    (0..count).map(write).collect()
}

fn photograph(path: &Path) -> DynamicImage {
    let reader = ImageReader::open(path).expect("the sample can be read").with_guessed_format();
    let picture = reader.expect("the sample can be read").decode().expect("the sample is a picture");
    DynamicImage::ImageRgb8(picture.resize(LONG_SIDE, LONG_SIDE, FilterType::Triangle).into_rgb8())
}
