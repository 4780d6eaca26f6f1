//! One photo's stages on one thread: `cargo bench --bench stages`. Needs `make setup`.
//!
//! The picture is a sample photograph with four people, enlarged to 24 megapixels.

mod made;

use std::{path::Path, sync::OnceLock};

use divan::{Bencher, black_box};
use fast_image_resize::{PixelType, ResizeOptions, Resizer, images::Image, images::ImageRef};
use pixora::{
    domain::DERIVATIVE_SIZES,
    imaging::{Filter, Header, Mark, Picture, decode, encode_jpeg, read_header, resize, thumbhash},
    vision::{Choice, FaceEngine, Models, PictureKind},
};

fn main() {
    divan::main();
}

fn photo() -> &'static (Vec<u8>, Header) {
    static PHOTO: OnceLock<(Vec<u8>, Header)> = OnceLock::new();
    PHOTO.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".build/samples/groups/sample4.jpg");
        let bytes = std::fs::read(path).expect("`make setup` fetches the samples");
        let header = read_header(&bytes).expect("a sample is a picture");
        let small = decode(&bytes, &header, header.long_side()).expect("a sample is whole");
        let source = ImageRef::new(small.width, small.height, &small.rgb, PixelType::U8x3).expect("RGB8");
        let mut large = Image::new(6000, 4000, PixelType::U8x3);
        Resizer::new().resize(&source, &mut large, &ResizeOptions::new()).expect("both are RGB8");
        let bytes = encode_jpeg(&Picture::new(6000, 4000, large.into_vec()), 92).expect("it can be encoded");
        let header = read_header(&bytes).expect("we wrote it");
        (bytes, header)
    })
}

fn picture() -> Picture {
    let (bytes, header) = photo();
    decode(bytes, header, 2048).expect("we wrote it")
}

fn engine() -> FaceEngine {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let build = root.join(".build");
    let dylib = build.join("onnxruntime/libonnxruntime.so");
    let models = Models::load(&build.join("nets"), &root.join("models"), &dylib, Choice::default());
    FaceEngine::new(&models.expect("`make setup` prepares the models")).expect("they were loaded before")
}

#[divan::bench(args = [2048, 6000])]
fn decode_to(bencher: Bencher, side: u32) {
    let (bytes, header) = photo();
    bencher.bench(|| decode(black_box(bytes), header, side));
}

/// The same picture as the files of a camera and of an editor, and a telephone's of the same size.
fn files() -> &'static [(&'static str, Vec<u8>); 3] {
    static FILES: OnceLock<[(&str, Vec<u8>); 3]> = OnceLock::new();
    FILES.get_or_init(|| {
        let (jpeg, header) = photo();
        let whole = decode(jpeg, header, header.long_side()).expect("we wrote it");
        [("raw", made::raw(jpeg)), ("heic", made::heic()), ("tiff", made::tiff(&whole))]
    })
}

/// Header and pixels. Without libheif a HEIC ends with its refusal, which takes no time.
#[divan::bench(args = ["raw", "heic", "tiff"])]
fn decode_file(bencher: Bencher, kind: &str) {
    let (_, bytes) = files().iter().find(|(name, _)| *name == kind).expect("is one of them");
    bencher.bench(|| {
        let header = read_header(black_box(bytes))?;
        decode(bytes, &header, 2048)
    });
}

#[divan::bench]
fn derivatives(bencher: Bencher) {
    let picture = picture();
    bencher.bench(|| {
        let mut current = resize(&picture, 2048, Filter::CatmullRom);
        for size in DERIVATIVE_SIZES.into_iter().rev() {
            current = resize(&current, size, Filter::CatmullRom);
            black_box(encode_jpeg(&current, 82)).expect("it can be encoded");
        }
        thumbhash(&current)
    });
}

/// A preview as guests see it before they pay: decoded, marked, encoded again.
#[divan::bench]
fn watermark(bencher: Bencher) {
    let preview = resize(&picture(), 2048, Filter::CatmullRom);
    let jpeg = encode_jpeg(&preview, 82).expect("it can be encoded");
    let header = read_header(&jpeg).expect("we wrote it");
    let mark = Mark::text("Studio Example", 40).expect("the letters are bundled");
    bencher.bench(|| {
        let mut preview = decode(black_box(&jpeg), &header, header.long_side()).expect("we wrote it");
        mark.lay_over(&mut preview);
        encode_jpeg(&preview, 82)
    });
}

#[divan::bench]
fn detect(bencher: Bencher) {
    let (picture, mut engine) = (picture(), engine());
    bencher.bench_local(|| engine.detect(black_box(&picture), PictureKind::Photo));
}

#[divan::bench]
fn detect_selfie(bencher: Bencher) {
    let (picture, mut engine) = (picture(), engine());
    bencher.bench_local(|| engine.detect(black_box(&picture), PictureKind::Portrait));
}

/// Landmark refinement, alignment and quality of one face.
#[divan::bench]
fn align(bencher: Bencher) {
    let (picture, mut engine) = (picture(), engine());
    let found = engine.detect(&picture, PictureKind::Photo).expect("the models are loaded");
    bencher.bench_local(|| engine.align(black_box(&picture), &found[..1]));
}

/// One face: two runs of the network, as it is and mirrored.
#[divan::bench]
fn embed(bencher: Bencher) {
    let (picture, mut engine) = (picture(), engine());
    let found = engine.detect(&picture, PictureKind::Photo).expect("the models are loaded");
    let crop = engine.align(&picture, &found[..1]).expect("the models are loaded").remove(0);
    bencher.with_inputs(|| crop.clone()).bench_local_values(|crop| engine.embed(crop));
}
