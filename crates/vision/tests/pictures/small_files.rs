//! Small pictures made by code, for the tests of this crate and of the program.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use pixora_vision::imaging::{Picture, encode_jpeg};

/// A picture with edges, gradients and a little noise.
pub fn picture(width: u32, height: u32) -> Picture {
    let mut seed = 1_u32;
    let rgb = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) as u8;
            let edge = if (x / 16 + y / 16) % 2 == 0 { 40 } else { 0 };
            [
                (x * 200 / width) as u8 + edge,
                (y * 200 / height) as u8 + noise,
                ((x + y) * 200 / (width + height)) as u8,
            ]
        })
        .collect();
    Picture::new(width, height, rgb)
}

pub fn jpeg(picture: &Picture) -> Vec<u8> {
    encode_jpeg(picture, 95).expect("a small picture can be encoded")
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a small picture can be encoded");
    bytes.into_inner()
}

pub fn dynamic(picture: &Picture) -> DynamicImage {
    let buffer = image::RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone());
    DynamicImage::ImageRgb8(buffer.expect("RGB8 of that size"))
}

/// The JPEG with an APP1 segment behind its first marker.
pub fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a segment holds 64 KB");
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1];
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}
