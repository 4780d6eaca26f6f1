use std::time::Duration;

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::Tree,
};

use super::*;
use crate::cards::Cards;

const SESSION: &str = "0192f0c1-7a3b-7c4d-8e5f-001122334455";

fn urls() -> [String; 3] {
    [
        format!("http://localhost:8000/session/{SESSION}"),
        format!("https://photos.example/session/{SESSION}"),
        format!("https://{}.example/session/{SESSION}", "a-studio-with-a-long-name.".repeat(6)),
    ]
}

/// A dark disc on a transparent ground: the worst that a logo can do to a code.
fn logo(side: u32) -> Vec<u8> {
    let mut pixels = Vec::new();
    for (x, y) in (0..side * side).map(|at| (at % side, at / side)) {
        let inside = (x as f32 - side as f32 / 2.0).hypot(y as f32 - side as f32 / 2.0) < side as f32 / 2.0;
        pixels.extend([120, 10, 40, if inside { 255 } else { 0 }]);
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    png
}

/// The text that a scanner reads in an RGB picture, and its level of error correction.
fn scan(width: usize, height: usize, luminance: impl FnMut(usize, usize) -> u8) -> (String, u16) {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, luminance);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1, "one code is seen");
    let (meta, text) = grids[0].decode().expect("the code can be read");
    (text, meta.ecc_level)
}

fn scan_svg(tree: &Tree, scale: f32) -> (String, u16) {
    let (width, height) = ((tree.size().width() * scale) as u32, (tree.size().height() * scale) as u32);
    let mut pixels = Pixmap::new(width, height).unwrap();
    resvg::render(tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    scan(width as usize, height as usize, |x, y| pixels.pixel(x as u32, y as u32).unwrap().green())
}

fn scan_png(png: &[u8]) -> (String, u16) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    scan(width, height, |x, y| rgb[(y * width + x) * 3 + 1])
}

/// The two bits of the format information for levels Q and H (ISO/IEC 18004, table 12).
const LEVELS: [(bool, u16); 2] = [(false, 0b11), (true, 0b10)];

#[tokio::test]
async fn every_code_scans_with_and_without_a_logo() {
    let cards = Cards::start().unwrap();
    for url in urls() {
        for (with_logo, level) in LEVELS {
            let picture = with_logo.then(|| logo(300));
            for side in [256, 300, 1024, 2000] {
                let png = cards.png(url.clone(), picture.clone(), side).await.unwrap();
                assert_eq!(scan_png(&png), (url.clone(), level), "PNG of {side} pixels");
            }
            let svg = cards.svg(url.clone(), picture).await.unwrap();
            let tree = Tree::from_str(&svg, &Default::default()).unwrap();
            assert_eq!(scan_svg(&tree, 1.0), (url.clone(), level), "SVG");
        }
    }
}

#[test]
fn a_logo_takes_less_than_eight_percent_of_every_code() {
    for length in (10..1200).step_by(30) {
        let url = "a".repeat(length);
        let plain = QrCard::new(&url, None).unwrap();
        let with_logo = QrCard::new(&url, Some(Logo::read(&logo(64)).unwrap())).unwrap();
        let (from, to) = with_logo.plate();
        let modules = (with_logo.side() - 8) as f32;
        let part = ((to - from) as f32 / modules).powi(2);
        assert!(part < 0.08 && part > 0.03, "{part} of a code of {modules} modules");
        assert_eq!(from as f32 + to as f32, modules, "the plate is in the middle");
        assert!(plain.side() <= with_logo.side());
    }
}

fn content(language: Language) -> CardContent {
    CardContent {
        session: "Свадьба Анны & Ивана ❤ <b>на берегу</b> озера".into(),
        studio: "Фотостудия «Свет»".into(),
        colour: "#b45309".into(),
        logo: Some(logo(400)),
        url: urls()[1].clone(),
        label: String::new(),
        language,
    }
}

#[tokio::test]
async fn a_card_is_one_a6_page_whose_code_scans() {
    let fonts = Fonts::bundled();
    for &language in Language::ALL {
        for url in urls() {
            let content = CardContent { url: url.clone(), ..content(language) };
            let drawn = svg(&content, &fonts).unwrap();
            for text in [Words(language).say("cards.title"), "Фотостудия «Свет»", "&lt;b&gt;на"]
            {
                assert!(drawn.contains(text), "{text}: {drawn}");
            }
            assert!(!drawn.contains('❤'));
            let tree = fonts.parse(&drawn).unwrap();
            // 300 dots an inch, as a printer would.
            assert_eq!(scan_svg(&tree, 300.0 / DPI).0, url);

            let pdf = pdf(&content, &fonts).unwrap();
            assert!(pdf.starts_with(b"%PDF-"));
            let text = String::from_utf8_lossy(&pdf);
            // 105 x 148 mm in points.
            let media_box = text.split("/MediaBox [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
            let numbers: Vec<f32> = media_box.split(' ').map(|n| n.parse().unwrap()).collect();
            assert!((numbers[2] - 297.64).abs() < 0.1 && (numbers[3] - 419.53).abs() < 0.1, "{numbers:?}");
            assert_eq!(text.matches("/Type /Page\n").count(), 1);
        }
    }
}

#[test]
fn nothing_stands_in_the_safe_margin() {
    let fonts = Fonts::bundled();
    for &language in Language::ALL {
        let content =
            CardContent { session: "Ш".repeat(200), studio: "Щ".repeat(200), ..content(language) };
        let content = CardContent { url: urls()[2].clone(), ..content };
        let tree = fonts.parse(&svg(&content, &fonts).unwrap()).unwrap();
        let safe = 3.0 / 25.4 * DPI;
        let mut seen = 0;
        // The first element is the paper.
        for node in drawn(tree.root()).into_iter().skip(1) {
            let found = node.abs_stroke_bounding_box();
            let inside = found.left() >= safe
                && found.top() >= safe
                && found.right() <= tree.size().width() - safe
                && found.bottom() <= tree.size().height() - safe;
            assert!(inside, "{found:?}");
            seen += 1;
        }
        assert!(seen > 10, "{seen} elements");
    }
}

fn drawn(group: &resvg::usvg::Group) -> Vec<&resvg::usvg::Node> {
    let each = group.children().iter().flat_map(|node| match node {
        resvg::usvg::Node::Group(group) => drawn(group),
        node => vec![node],
    });
    each.collect()
}

#[tokio::test]
async fn only_a_sound_png_is_a_logo() {
    let cards = Cards::start().unwrap();
    let check = async |png: &[u8]| match cards.draw_logo(png.to_vec()).await {
        Ok(_) => "ok",
        Err(CardError::Logo(error)) => match error {
            crate::cards::LogoError::TooLarge(_) => "too large",
            crate::cards::LogoError::NotPng => "no PNG",
            crate::cards::LogoError::Size { .. } => "size",
            crate::cards::LogoError::Damaged(_) => "damaged",
        },
        Err(other) => panic!("{other}"),
    };
    let sound = logo(64);
    assert_eq!(check(&sound).await, "ok");
    assert_eq!(check(&sound[..sound.len() / 2]).await, "damaged");
    assert_eq!(check(&logo(31)).await, "size");
    assert_eq!(check(b"<svg/>").await, "no PNG");
    assert_eq!(check(b"").await, "no PNG");
    assert_eq!(check(&[sound.clone(), vec![0; 600 << 10]].concat()).await, "too large");
    let mut jpeg = Vec::new();
    image::RgbImage::new(64, 64)
        .write_to(&mut std::io::Cursor::new(&mut jpeg), image::ImageFormat::Jpeg)
        .unwrap();
    assert_eq!(check(&jpeg).await, "no PNG");
}

#[tokio::test]
async fn a_code_too_large_for_its_picture_is_refused() {
    let cards = Cards::start().unwrap();
    let refused = tokio::time::timeout(Duration::from_secs(20), cards.png(urls()[2].clone(), None, 64)).await;
    assert!(matches!(refused, Ok(Err(CardError::Qr(crate::cards::QrError::TooSmall { .. })))));
}
