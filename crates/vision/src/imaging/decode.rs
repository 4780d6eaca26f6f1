//! Bytes to upright RGB.

use super::{Format, Header, ImageError, Picture, gif, heif, jpeg, jxl, orient, png, tiff, turn, webp};

/// A picture is looked at again at a larger scale, when a small face asks for it, up to this many pixels.
const MAX_CLOSE_PIXELS: u64 = 32_000_000;

/// Decodes to upright sRGB.
///
/// `serve` is the longest side that must be served. A JPEG (also a RAW's) comes at the smallest of 1/8, 2/8, 4/8
/// and full size whose long side is at least that; PNG and TIFF divided by the largest whole number that leaves
/// so much, row by row; the others have no such short cut and come full. Alpha is laid over white. Of several
/// pictures the first is shown.
///
/// # Errors
/// `truncated`, `damaged`, `too_complex`, `too_many_pixels`. Never panics.
pub fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let _turn = turn::wait(header);
    let bytes = bytes.get(header.at..).unwrap_or_default();
    let stored = match header.format {
        Format::Jpeg | Format::Raw(_) => jpeg::decode(bytes, header, serve)?,
        Format::Png => png::decode(bytes, header, serve)?,
        Format::Tiff => tiff::decode(bytes, header, serve)?,
        Format::WebP => webp::decode(bytes, header)?,
        Format::Gif => gif::decode(bytes, header)?,
        Format::JpegXl => jxl::decode(bytes)?,
        Format::Heic | Format::Avif => heif::decode(bytes, header)?,
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
        let divisors = [1, 2, 4, 8];
        let fits = |divisor: &u32| self.header.pixels() <= MAX_CLOSE_PIXELS * u64::from(divisor * divisor);
        self.header.long_side().div_ceil(divisors.into_iter().find(fits).unwrap_or(8))
    }
}
