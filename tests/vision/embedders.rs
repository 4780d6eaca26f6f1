//! A model is added by its manifest alone.

use std::fs;

use pixora::{
    imaging::Picture,
    vision::{AlignedFace, Face, FaceEngine, Manifest, Models, PictureKind, VisionError},
};

use crate::fixtures::{dylib, manifest_dir, model_dir, models, sample_picture};

/// The shipped manifests in a new directory, and one more made from the embedder's by `change`.
fn manifests_with(change: impl Fn(String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(manifest_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let shipped = fs::read_to_string(manifest_dir().join("fr_feature.toml")).unwrap();
    fs::write(dir.path().join("second.toml"), change(shipped)).unwrap();
    dir
}

fn first_face(engine: &mut FaceEngine, picture: &Picture) -> Face {
    engine.faces(picture, PictureKind::Portrait).unwrap().remove(0)
}

#[test]
fn a_second_embedder_is_a_second_manifest() {
    let (Some(models), Some(picture)) = (models(), sample_picture("officials/obama.jpg")) else { return };
    let dir = manifests_with(|text| {
        text.replace("name = \"fr_feature\"", "name = \"second\"")
            .replace("color = \"bgr\"", "color = \"rgb\"")
            .replace("mean = [127.0, 127.0, 127.0]", "mean = [100.0, 110.0, 120.0]")
    });
    let both = Models::load(&model_dir(), dir.path(), &dylib()).unwrap();
    let names: Vec<&str> = both.embedders().map(|(name, _)| name).collect();
    assert_eq!(names, ["fr_feature", "second"]);

    let mut first = FaceEngine::new(&both).unwrap();
    let mut second = FaceEngine::with_embedder(&both, "second").unwrap();
    assert_eq!((first.embedder_name(), second.embedder_name()), ("fr_feature", "second"));
    let (a, b) = (first_face(&mut first, &picture), first_face(&mut second, &picture));
    assert_eq!(a.rect, b.rect, "the detector is the same");
    assert!(a.embedding.cosine(&b.embedding) < 0.9, "the colour order reaches the network");
    let alone = first_face(&mut FaceEngine::new(&models).unwrap(), &picture);
    assert_eq!(a.embedding, alone.embedding, "a second model changes nothing for the first");

    assert!(matches!(FaceEngine::with_embedder(&both, "third"), Err(VisionError::UnknownEmbedder(_))));
}

#[test]
fn a_manifest_that_does_not_fit_its_file_is_named() {
    let Some(_) = models() else { return };
    let second = |text: String| text.replace("name = \"fr_feature\"", "name = \"second\"");
    let cases: [(&str, &str); 3] = [
        ("embedding = \"output\"", "embedding = \"nothing\""),
        ("file = \"fr_feature_zeroed.onnx\"", "file = \"absent.onnx\""),
        ("name = \"input\"", "name = \"entrance\""),
    ];
    for (from, to) in cases {
        let dir = manifests_with(|text| second(text).replace(from, to));
        let error = Models::load(&model_dir(), dir.path(), &dylib()).expect_err(to);
        assert_eq!(error.code(), "model_unusable", "{error}");
        assert!(error.to_string().contains("second"), "{error}");
    }
}

/// Where the first large tensor of an ONNX file has its weights, 4 bytes each: its `raw_data` is the protobuf field
/// 9, a tag, a length, and that many bytes.
fn first_weights(onnx: &[u8]) -> usize {
    const RAW_DATA: u8 = 0x4a;
    let large = |at: usize| {
        let (mut length, mut shift, mut next) = (0_usize, 0, at + 1);
        while let Some(byte) = onnx.get(next).filter(|_| shift < 28) {
            length |= usize::from(byte & 0x7f) << shift;
            (next, shift) = (next + 1, shift + 7);
            if byte & 0x80 == 0 {
                let fits = length > 4_096 && length.is_multiple_of(4) && next + length <= onnx.len();
                return fits.then_some(next);
            }
        }
        None
    };
    (0..onnx.len()).filter(|at| onnx[*at] == RAW_DATA).find_map(large).expect("a large tensor")
}

/// The published embedder had 8,938 denormal weights, with which each embedding took 14 times as long.
#[test]
fn no_prepared_model_has_denormal_weights_and_one_that_has_is_refused() {
    let Some(_) = models() else { return };
    let shipped = Manifest::load_dir(&manifest_dir()).unwrap();
    assert!(shipped.len() >= 4);
    for manifest in &shipped {
        assert!(model_dir().join(&manifest.file).exists(), "{}", manifest.file);
        manifest.check_weights(&model_dir()).unwrap();
    }

    let dir = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(model_dir().join("fr_feature_zeroed.onnx")).unwrap();
    let at = first_weights(&bytes);
    bytes[at..at + 4].copy_from_slice(&1e-45_f32.to_le_bytes());
    fs::write(dir.path().join("fr_feature_zeroed.onnx"), &bytes).unwrap();
    let path = manifest_dir().join("fr_feature.toml");
    let text = fs::read_to_string(&path).unwrap();
    let damaged = Manifest::parse(&path, &text).unwrap().check_weights(dir.path()).expect_err("another hash");
    assert_eq!(damaged.code(), "model_damaged", "{damaged}");
    let unpinned: String = text
        .lines()
        .filter(|line| !line.starts_with("sha256"))
        .fold(String::new(), |all, line| all + line + "\n");
    let error = Manifest::parse(&path, &unpinned).unwrap().check_weights(dir.path()).expect_err("a denormal");
    assert_eq!(error.code(), "model_has_denormals", "{error}");
    assert!(
        error.to_string().contains("fr_feature") && error.to_string().contains("has 1 denormal"),
        "{error}"
    );
}

#[test]
fn a_manifest_is_checked_when_it_is_read() {
    let path = manifest_dir().join("fr_feature.toml");
    let text = fs::read_to_string(&path).unwrap();
    Manifest::parse(&path, &text).unwrap();
    let cases = [
        ("std = [128.0, 128.0, 128.0]", "std = [128.0]", "3 numbers"),
        ("std = [128.0, 128.0, 128.0]", "std = [0.0, 1.0, 1.0]", "zero"),
        ("width = 112", "width = 111", "equal"),
        ("color = \"bgr\"", "color = \"cmyk\"", "cmyk"),
        ("dimension = 512", "", "dimension"),
    ];
    for (from, to, reason) in cases {
        let error = Manifest::parse(&path, &text.replace(from, to)).expect_err(to);
        assert!(error.to_string().contains(reason), "{error}");
    }
    let dir = manifests_with(|text| text);
    let error = Manifest::load_dir(dir.path()).expect_err("two manifests of one name");
    assert!(error.to_string().contains("is taken"), "{error}");
}

#[test]
fn mirroring_twice_gives_the_crop_back() {
    let face = AlignedFace { size: 2, rgb: (0..12).collect() };
    assert_eq!(face.mirrored().rgb, [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
    assert_eq!(face.mirrored().mirrored(), face);
}
