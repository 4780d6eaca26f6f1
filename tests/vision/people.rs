//! Two public officials, several photographs each.

use pixora::{
    imaging::{decode, read_header},
    vision::{Embedding, FaceEngine, PictureKind, largest_central},
};

use crate::fixtures::{models, sample};

fn portrait(engine: &mut FaceEngine, name: &str, kind: PictureKind) -> Option<Embedding> {
    let bytes = sample(name)?;
    let header = read_header(&bytes).unwrap();
    let picture = decode(&bytes, &header, 2048).unwrap();
    let (width, height) = header.upright_size();
    let found = engine.detect(&picture, kind).unwrap();
    let who = largest_central(&found, width, height).expect("somebody is in the picture");
    let crop = engine.align(&picture, &found[who..=who]).unwrap().remove(0);
    let face = engine.embed(crop).unwrap();
    let length: f32 = face.embedding.vector.iter().map(|v| v * v).sum();
    assert!((length - 1.0).abs() < 1e-4 && face.embedding.clarity > 0.0);
    Some(face.embedding)
}

#[test]
fn a_person_is_like_themselves_and_unlike_another() {
    let Some(models) = models() else { return };
    let mut engine = FaceEngine::new(&models).unwrap();
    let threshold = engine.embedder().matching.threshold;
    let one = ["obama", "obama2", "obama3", "obama_partial_face", "obama_partial_face2"];
    for kind in [PictureKind::Photo, PictureKind::Portrait] {
        let Some(other) = portrait(&mut engine, "officials/biden.jpg", kind) else { return };
        let one: Vec<Embedding> = one
            .iter()
            .map(|name| {
                portrait(&mut engine, &format!("officials/{name}.jpg"), kind).expect("the set is whole")
            })
            .collect();
        for (n, a) in one.iter().enumerate() {
            assert!(a.cosine(&other) < 0.25, "photo {n} against the other person: {}", a.cosine(&other));
            for b in &one {
                assert!(a.cosine(b) > threshold, "photo {n}: {} is below {threshold}", a.cosine(b));
            }
        }
    }
}

/// A phone sends a smaller picture than the photographer's; who is in it does not change.
#[test]
fn scale_does_not_change_who_it_is() {
    let (Some(models), Some(bytes)) = (models(), sample("officials/obama.jpg")) else { return };
    let mut engine = FaceEngine::new(&models).unwrap();
    let header = read_header(&bytes).unwrap();
    let full = decode(&bytes, &header, header.long_side()).unwrap();
    let expected = engine.faces(&full, PictureKind::Photo).unwrap().remove(0);
    let half = decode(&bytes, &header, 500).unwrap();
    assert!(half.scale < 1.0);
    let face = engine.faces(&half, PictureKind::Photo).unwrap().remove(0);
    assert!(face.rect.iou(&expected.rect) > 0.8, "boxes are in pixels of the original at any scale");
    assert!(face.embedding.cosine(&expected.embedding) > 0.95);
}
