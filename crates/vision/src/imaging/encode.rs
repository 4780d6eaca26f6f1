//! Encodes the files for guests: JPEGs without metadata, and the blur shown before they arrive.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mozjpeg::{ColorSpace, Compress};

use super::{Filter, ImageError, Picture, resize};

/// Encodes as 4:2:0 JPEG in sRGB, which goes without saying, and without metadata. `quality` is 1..=100.
///
/// # Errors
/// `damaged` when the encoder gives up, which only a picture above 65,500 pixels a side makes it do.
pub fn encode_jpeg(picture: &Picture, quality: u8) -> Result<Vec<u8>, ImageError> {
    let encoded = catch_unwind(AssertUnwindSafe(|| {
        let mut jpeg = Compress::new(ColorSpace::JCS_RGB);
        jpeg.set_size(picture.width as usize, picture.height as usize);
        jpeg.set_fastest_defaults();
        jpeg.set_quality(f32::from(quality));
        jpeg.set_optimize_coding(true);
        let mut started = jpeg.start_compress(Vec::with_capacity(picture.rgb.len() / 12))?;
        started.write_scanlines(&picture.rgb)?;
        started.finish()
    }));
    match encoded {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(ImageError::Damaged(error.to_string())),
        Err(_) => Err(ImageError::Damaged("the JPEG encoder gave up".into())),
    }
}

/// [ThumbHash](https://evanw.github.io/thumbhash/) of a picture, about 25 bytes.
#[must_use]
pub fn thumbhash(picture: &Picture) -> Vec<u8> {
    let small = resize(picture, 100, Filter::Area);
    let rgba: Vec<u8> = small.rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    thumbhash::rgba_to_thumb_hash(small.width as usize, small.height as usize, &rgba)
}
