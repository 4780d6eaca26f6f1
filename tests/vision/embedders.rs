//! A model is added by its manifest, chosen by its name, and refused when its file is not what it says.

use std::{fs, path::Path};

use pixora::{
    imaging::Picture,
    vision::{AlignedFace, Choice, Face, FaceEngine, Manifest, Models, PictureKind, VisionError},
};

use crate::fixtures::{dylib, manifest_dir, model_dir, models, sample_picture};

/// The shipped manifests in a new directory, and one more made from one of them by `change`.
fn manifests_with(from: &str, change: impl Fn(String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(manifest_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let shipped = fs::read_to_string(manifest_dir().join(from)).unwrap();
    fs::write(dir.path().join("second.toml"), change(shipped)).unwrap();
    dir
}

fn named_second(text: &str, name: &str) -> String {
    text.replace(&format!("name = \"{name}\""), "name = \"second\"")
}

fn load(manifests: &Path, choice: Choice) -> Result<std::sync::Arc<Models>, VisionError> {
    Models::load(&model_dir(), manifests, &dylib(), choice)
}

fn embedder(name: &str) -> Choice {
    Choice { embedder: Some(name.to_owned()), ..Choice::default() }
}

fn first_face(engine: &mut FaceEngine, picture: &Picture) -> Face {
    engine.faces(picture, PictureKind::Portrait).unwrap().remove(0)
}

#[test]
fn a_second_embedder_is_a_second_manifest_and_is_chosen_by_name() {
    let (Some(models), Some(picture)) = (models(), sample_picture("officials/obama.jpg")) else { return };
    let dir = manifests_with("fr_feature.toml", |text| {
        named_second(&text, "fr_feature")
            .replace("color = \"bgr\"", "color = \"rgb\"")
            .replace("mean = [127.0, 127.0, 127.0]", "mean = [100.0, 110.0, 120.0]")
    });
    let error = load(dir.path(), Choice::default()).expect_err("two embedders and no choice");
    assert_eq!(error.code(), "ambiguous_model", "{error}");
    assert!(
        error.to_string().contains("fused, second") && error.to_string().contains("PIXORA_EMBEDDER"),
        "{error}"
    );

    let both = load(dir.path(), embedder("fr_feature")).unwrap();
    let mut names: Vec<&str> = both.embedders().map(|info| info.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["fr_feature", "fused", "second", "sface"]);
    let mut first = FaceEngine::new(&both).unwrap();
    let mut second = FaceEngine::with_embedder(&both, "second").unwrap();
    assert_eq!((first.embedder_name(), second.embedder_name()), ("fr_feature", "second"));
    let (a, b) = (first_face(&mut first, &picture), first_face(&mut second, &picture));
    assert_eq!(a.rect, b.rect, "the detector is the same");
    assert!(a.embedding.cosine(&b.embedding) < 0.9, "the colour order reaches the network");
    let alone = first_face(&mut FaceEngine::with_embedder(&models, "fr_feature").unwrap(), &picture);
    assert_eq!(a.embedding, alone.embedding, "a second model changes nothing for the first");

    let error = load(dir.path(), embedder("third")).expect_err("nobody is called third");
    assert_eq!(error.code(), "unknown_embedder", "{error}");
}

#[test]
fn a_second_detector_without_a_choice_is_refused_and_with_one_is_used() {
    let (Some(_), Some(picture)) = (models(), sample_picture("groups/sample3.jpg")) else { return };
    let dir = manifests_with("centerface.toml", |text| named_second(&text, "centerface"));
    let error = load(dir.path(), Choice::default()).expect_err("two detectors and no choice");
    assert_eq!(error.code(), "ambiguous_model", "{error}");
    assert!(error.to_string().contains("PIXORA_DETECTOR"), "{error}");
    for name in ["second", "centerface"] {
        let choice = Choice { detector: Some(name.to_owned()), ..Choice::default() };
        let mut engine = FaceEngine::new(&load(dir.path(), choice).unwrap()).unwrap();
        assert_eq!(engine.detect(&picture, PictureKind::Photo).unwrap().len(), 3, "{name}");
    }
    let choice = Choice { detector: Some("third".to_owned()), ..Choice::default() };
    assert_eq!(load(dir.path(), choice).expect_err("unknown").code(), "unknown_model");

    let two = manifests_with("fr_landmark.toml", |text| named_second(&text, "fr_landmark"));
    let error = load(two.path(), Choice::default()).expect_err("two landmark models and no choice");
    assert_eq!(error.code(), "ambiguous_model", "{error}");
}

#[test]
fn fused_is_its_parts_one_after_the_other() {
    let (Some(models), Some(picture)) = (models(), sample_picture("officials/obama.jpg")) else { return };
    let engine = |name: &str| FaceEngine::with_embedder(&models, name).unwrap();
    assert_eq!(FaceEngine::new(&models).unwrap().embedder_name(), "fused", "nothing has to be chosen");
    let whole = first_face(&mut engine("fused"), &picture).embedding.vector;
    let parts: Vec<f32> = ["fr_feature", "sface"]
        .into_iter()
        .flat_map(|name| first_face(&mut engine(name), &picture).embedding.vector)
        .map(|value| value / 2_f32.sqrt())
        .collect();
    assert_eq!((whole.len(), parts.len()), (640, 640));
    assert!(whole.iter().zip(&parts).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn a_manifest_that_does_not_fit_its_file_is_named() {
    let Some(_) = models() else { return };
    let cases: [(&str, &str, &str); 4] = [
        ("embedding = \"output\"", "embedding = \"nothing\"", "model_unusable"),
        ("file = \"fr_feature_zeroed.onnx\"", "file = \"absent.onnx\"", "model_unusable"),
        ("name = \"input\"", "name = \"entrance\"", "model_unusable"),
        ("sha256 = \"911836b4", "sha256 = \"00000000", "model_damaged"),
    ];
    for (from, to, code) in cases {
        let dir =
            manifests_with("fr_feature.toml", |text| named_second(&text, "fr_feature").replace(from, to));
        let error = load(dir.path(), embedder("fused")).expect_err(to);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains("second"), "{error}");
    }
}

#[test]
fn a_fused_manifest_whose_parts_do_not_fit_is_refused() {
    let Some(_) = models() else { return };
    let cases = [
        ("dimension = 640", "dimension = 512", "sum of its parts"),
        ("\"sface\"]", "\"nobody\"]", "nobody"),
        ("\"sface\"]", "\"fr_feature\"]", "twice"),
        ("\"sface\"]", "\"fused\"]", "fused"),
        ("[\"fr_feature\", \"sface\"]", "[\"sface\"]", "at least two"),
    ];
    for (from, to, reason) in cases {
        let dir = manifests_with("fused.toml", |text| named_second(&text, "fused").replace(from, to));
        let error = load(dir.path(), embedder("fused")).expect_err(to);
        assert_eq!(error.code(), "bad_manifest", "{error}");
        assert!(error.to_string().contains(reason), "{error}");
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
    // Loading reads every file's weights.
    load(&manifest_dir(), Choice::default()).expect("the prepared models have none");

    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(model_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "onnx") {
            fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let file = dir.path().join("fr_feature_zeroed.onnx");
    let mut bytes = fs::read(&file).unwrap();
    let at = first_weights(&bytes);
    bytes[at..at + 4].copy_from_slice(&1e-45_f32.to_le_bytes());
    fs::write(&file, &bytes).unwrap();
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
    let manifests = manifests_with("fr_feature.toml", |text| text);
    let text = fs::read_to_string(manifest_dir().join("fr_feature.toml")).unwrap();
    let pinned = text.lines().find(|line| line.starts_with("sha256")).unwrap().to_owned();
    fs::write(
        manifests.path().join("fr_feature.toml"),
        text.replace(&pinned, &format!("sha256 = \"{hash}\"")),
    )
    .unwrap();
    fs::remove_file(manifests.path().join("second.toml")).unwrap();
    let error =
        Models::load(dir.path(), manifests.path(), &dylib(), Choice::default()).expect_err("a denormal");
    assert_eq!(error.code(), "model_has_denormals", "{error}");
    assert!(error.to_string().contains("fr_feature"), "{error}");
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
    let dir = manifests_with("fr_feature.toml", |text| text);
    let error = Manifest::load_dir(dir.path()).expect_err("two manifests of one name");
    assert!(error.to_string().contains("is taken"), "{error}");

    let path = manifest_dir().join("centerface.toml");
    let text = fs::read_to_string(&path).unwrap();
    for (from, to, reason) in
        [("decoder = \"centerface\"", "decoder = \"nothing\"", "nothing"), ("nms_iou = 0.3", "", "nms_iou")]
    {
        let error = Manifest::parse(&path, &text.replace(from, to)).expect_err(to);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn mirroring_twice_gives_the_crop_back() {
    let face = AlignedFace { size: 2, rgb: (0..12).collect() };
    assert_eq!(face.mirrored().rgb, [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
    assert_eq!(face.mirrored().mirrored(), face);
}
