//! Pictures made for a test, out of the photographs of the demo set.

use std::path::Path;

use image::{DynamicImage, ImageReader, RgbImage, codecs::jpeg::JpegEncoder, imageops};

/// A photograph, at most `long_side` pixels wide or high.
pub fn photograph(path: &Path, long_side: u32) -> DynamicImage {
    let reader = ImageReader::open(path).expect("the sample can be read").with_guessed_format();
    let picture = reader.expect("the sample can be read").decode().expect("the sample is a picture");
    let picture = picture.resize(long_side, long_side, imageops::FilterType::Triangle);
    DynamicImage::ImageRgb8(picture.into_rgb8())
}

pub fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).expect("memory takes all");
    bytes
}

/// Two pictures of equal height beside one another.
pub fn beside(left: &DynamicImage, right: &DynamicImage) -> DynamicImage {
    let mut both = RgbImage::new(left.width() + right.width(), left.height().max(right.height()));
    imageops::replace(&mut both, &left.to_rgb8(), 0, 0);
    imageops::replace(&mut both, &right.to_rgb8(), i64::from(left.width()), 0);
    DynamicImage::ImageRgb8(both)
}

/// The rows that a camera stores, for the picture to be seen upright with this EXIF orientation.
pub fn stored_as(upright: &DynamicImage, orientation: u16) -> DynamicImage {
    match orientation {
        2 => upright.fliph(),
        3 => upright.rotate180(),
        4 => upright.flipv(),
        5 => upright.rotate90().fliph(),
        6 => upright.rotate270(),
        7 => upright.rotate90().flipv(),
        8 => upright.rotate90(),
        _ => upright.clone(),
    }
}

/// Puts an EXIF segment with this TIFF content before everything else in a JPEG.
pub fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a segment has at most 64 KB");
    [&[0xFF, 0xD8, 0xFF, 0xE1][..], &length.to_be_bytes(), b"Exif\0\0", tiff, &jpeg[2..]].concat()
}

/// A TIFF structure with one tag: orientation, one short.
pub fn orientation_tiff(orientation: u16) -> Vec<u8> {
    let header = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01";
    [&header[..], &orientation.to_be_bytes(), &[0; 6]].concat()
}

/// A CMYK JPEG as Adobe's programs write it: inverted, here with all black taken out.
pub fn cmyk_jpeg(picture: &DynamicImage) -> Vec<u8> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_CMYK);
    compress.set_size(picture.width() as usize, picture.height() as usize);
    compress.set_quality(90.0);
    let mut started = compress.start_compress(Vec::new()).expect("memory takes all");
    let inks: Vec<u8> =
        picture.to_rgb8().pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    started.write_scanlines(&inks).expect("memory takes all");
    started.finish().expect("memory takes all")
}

/// A PNG's header and an empty data chunk, claiming this size.
pub fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&b"\0\0\0\x0DIHDR"[..], &size, &[8, 2, 0, 0, 0], &[0; 4]].concat();
    [&b"\x89PNG\r\n\x1A\n"[..], &header, b"\0\0\0\0IDAT\0\0\0\0", b"\0\0\0\0IEND\0\0\0\0"].concat()
}

/// The first chunk of an animated WebP.
pub fn animated_webp() -> Vec<u8> {
    let chunk = [&b"VP8X\x0A\0\0\0\x02\0\0\0"[..], &[63, 0, 0, 63, 0, 0]].concat();
    let size = u32::try_from(4 + chunk.len()).expect("is small").to_le_bytes();
    [&b"RIFF"[..], &size, b"WEBP", &chunk].concat()
}
