//! Selfies with faults that viewers forgive are searched with. Hopeless ones are refused with how much of them was there.

use std::{io::Cursor, path::PathBuf, sync::Arc};

use image::ImageFormat;
use pixora::imaging::{Picture, decode, encode_jpeg, read_header};
use reqwest::{
    Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    damaged_files::{faulty_jpegs, interlaced_png, progressive},
    helpers::{assert_problem, serve},
    real_search::{SAMPLES, node_with_photos, prepared},
};

fn portrait() -> Picture {
    let bytes = std::fs::read(PathBuf::from(SAMPLES).join("obama3.jpg")).expect("is there");
    let header = read_header(&bytes).expect("a sample is a picture");
    let picture = decode(&bytes, &header, header.long_side()).expect("a sample is whole");
    pixora::imaging::resize(&picture, 560, pixora::imaging::Filter::Area)
}

fn encoded(picture: &Picture, format: ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone());
    let mut bytes = Cursor::new(Vec::new());
    picture.expect("RGB8 of that size").write_to(&mut bytes, format).expect("memory takes all");
    bytes.into_inner()
}

/// The first tenths of a file.
fn part(file: &[u8], tenths: usize) -> Vec<u8> {
    file[..file.len() * tenths / 10].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_selfie_is_searched_with_and_a_hopeless_one_says_how_much_of_it_was_there() {
    pixora::tls::install_provider();
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let Some(settings) = prepared(&data) else { return };
    let (node, session) = node_with_photos(settings, &["obama.jpg", "biden.jpg"]).await;
    let (url, _server) = serve(Arc::clone(&node.app), CancellationToken::new()).await;
    let search = async |selfie: Vec<u8>| -> Response {
        let form = Form::new().part("selfie", Part::bytes(selfie));
        let request = reqwest::Client::new().post(format!("{url}/api/v1/sessions/{session}/search"));
        request.multipart(form).send().await.expect("the server answers")
    };

    let portrait = portrait();
    let baseline = encode_jpeg(&portrait, 90).expect("memory takes all");
    let progressive = progressive(&portrait);
    let png = encoded(&portrait, ImageFormat::Png);
    let interlaced = interlaced_png(&portrait);
    let webp = encoded(&portrait, ImageFormat::WebP);
    let mut shown = faulty_jpegs(&baseline);
    shown.extend(faulty_jpegs(&progressive));
    let cut = [
        ("JPEG", &baseline),
        ("progressive JPEG", &progressive),
        ("PNG", &png),
        ("interlaced PNG", &interlaced),
    ];
    shown.extend(cut.map(|(name, file)| (name, part(file, 9))));
    shown.push(("WebP", part(&webp, 9)));
    shown.push(("PNG without its end", png[..png.len() - 12].to_vec()));
    shown.push(("interlaced PNG without its end", interlaced[..interlaced.len() - 12].to_vec()));
    for (name, selfie) in shown {
        let response = search(selfie).await;
        let status = response.status();
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(
            (status.as_u16(), &answer["matches"][0]["filename"]),
            (200, &json!("obama.jpg")),
            "{name}: {answer}"
        );
        assert_eq!(answer["matches"].as_array().map(Vec::len), Some(1), "{name}");
    }

    for (name, file) in [("JPEG", &baseline), ("PNG", &png), ("interlaced PNG", &interlaced), ("WebP", &webp)]
    {
        let problem = assert_problem(search(part(file, 4)).await, 422, "undecodable_image").await;
        let readable = problem["readable"].as_u64().unwrap_or_else(|| panic!("{name}: {problem}"));
        assert!((10..60).contains(&readable), "{name}: {readable} %");
    }
    // The smallest pictures that were reported show nobody, which is only found out by looking.
    for name in ["no_eoi.jpg", "stray_bytes_between_segments.jpg", "no_iend.png"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/min").join(name);
        let Ok(selfie) = std::fs::read(path) else { continue };
        assert_problem(search(selfie).await, 422, "no_face").await;
    }
}
