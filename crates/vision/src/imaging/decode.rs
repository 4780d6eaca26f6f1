//! Bytes to upright RGB.

use std::{io::Cursor, panic::catch_unwind};

use image::{
    DynamicImage, ImageDecoder, ImageError as CodecError, codecs::png::PngDecoder, codecs::webp::WebPDecoder,
};

use super::{ColourProfile, Format, Header, ImageError, Picture, jpeg, orient, png, turn};

/// What a WebP or an interlaced PNG may take whole, in bytes: 50 megapixels of RGBA8.
const MAX_ALLOC: u64 = 200_000_000;

/// Up to this many pixels a picture is decoded at full size when a small face asks for it, above at half.
const MAX_FULL_PIXELS: u64 = 32_000_000;

/// Decodes to upright RGB.
///
/// `serve` is the longest side that must be served. A JPEG comes at the smallest of 1/8, 2/8, 4/8 and full
/// size whose long side is at least that; a PNG divided by the largest whole number that leaves so much,
/// row by row; WebP and interlaced PNG have no such short cut and come full. An RGB profile goes along with
/// the pixels, a CMYK one is left out. Alpha is laid over white.
///
/// # Errors
/// `truncated`, `damaged`, `too_complex`. Never panics.
pub fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let _turn = turn::wait(header);
    let stored = match header.format {
        Format::Jpeg => jpeg::decode(bytes, header, serve)?,
        Format::Png if !header.interlaced => png::decode(bytes, header, serve)?,
        Format::Png | Format::WebP => with_image(bytes, header)?,
    };
    Ok(orient::upright(stored, header.orientation))
}

/// One photo's bytes, to be decoded again at a larger scale when a face turns out to be small.
#[derive(Debug, Clone, Copy)]
pub struct PictureSource<'a> {
    pub bytes: &'a [u8],
    pub header: &'a Header,
}

impl PictureSource<'_> {
    /// # Errors
    /// As [`decode`].
    pub fn at_least(&self, serve: u32) -> Result<Picture, ImageError> {
        decode(self.bytes, self.header, serve)
    }

    /// The long side of the largest picture that fits into memory beside others.
    #[must_use]
    pub fn largest_side(&self) -> u32 {
        let Header { width, height, .. } = self.header;
        let long = self.header.long_side();
        if u64::from(*width) * u64::from(*height) <= MAX_FULL_PIXELS { long } else { long.div_ceil(2) }
    }
}

fn with_image(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    let decoded = catch_unwind(|| match header.format {
        Format::WebP => pixels(WebPDecoder::new(Cursor::new(bytes))),
        _ => pixels(PngDecoder::new(Cursor::new(bytes))),
    });
    let (decoded, profile) =
        decoded.unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))?;
    let (width, height) = (decoded.width(), decoded.height());
    let rgb = if decoded.color().has_alpha() { over_white(decoded) } else { decoded.into_rgb8().into_raw() };
    Ok(Picture { profile, ..Picture::new(width, height, rgb) })
}

fn pixels<D: ImageDecoder>(
    decoder: Result<D, CodecError>,
) -> Result<(DynamicImage, Option<ColourProfile>), ImageError> {
    let mut decoder = decoder.map_err(refusal)?;
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(ImageError::TooComplex);
    }
    // A broken profile fails no photo.
    let profile = decoder.icc_profile().ok().flatten().and_then(|icc| ColourProfile::new(&icc));
    Ok((DynamicImage::from_decoder(decoder).map_err(refusal)?, profile))
}

fn refusal(error: CodecError) -> ImageError {
    match error {
        CodecError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            ImageError::Truncated
        }
        CodecError::Limits(_) => ImageError::TooComplex,
        other => ImageError::Damaged(other.to_string()),
    }
}

fn over_white(picture: DynamicImage) -> Vec<u8> {
    picture
        .into_rgba8()
        .as_raw()
        .chunks_exact(4)
        .flat_map(|p| {
            let a = u16::from(p[3]);
            [p[0], p[1], p[2]].map(|c| ((u16::from(c) * a + 255 * (255 - a) + 127) / 255) as u8)
        })
        .collect()
}
