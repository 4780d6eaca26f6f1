//! Memory limits of decoders, and the removal of alpha.

use super::ImageError;

/// The largest picture, in bytes, of a format that cannot be decoded row by row: 50 megapixels of RGBA8.
pub(super) const MAX_WHOLE: u64 = 200_000_000;

/// The largest picture that is handed out, in bytes: 100 megapixels.
const MAX_PICTURE: u64 = 300_000_000;

/// Refuses a picture that would be too large in memory.
pub(super) fn affordable(width: u32, height: u32) -> Result<(), ImageError> {
    if u64::from(width) * u64::from(height) * 3 > MAX_PICTURE {
        return Err(ImageError::TooManyPixels { width, height });
    }
    Ok(())
}

/// Appends pixels without their last sample, alpha, laid over white.
pub(super) fn over_white(pixels: &[u8], samples: usize, into: &mut Vec<u8>) {
    for pixel in pixels.chunks_exact(samples) {
        let (colours, alpha) = pixel.split_at(samples - 1);
        let alpha = u16::from(alpha[0]);
        into.extend(
            colours.iter().map(|&c| ((u16::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8),
        );
    }
}
