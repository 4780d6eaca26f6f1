//! GIF: the first picture on its screen.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};

use super::{
    Header, ImageError, Picture,
    memory::{MAX_WHOLE, over_white},
};

pub(super) fn decode(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    catch_unwind(AssertUnwindSafe(|| first(bytes, header)))
        .unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))
}

fn first(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    if header.pixels() * 4 > MAX_WHOLE {
        return Err(ImageError::TooComplex);
    }
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    if let Some(limit) = std::num::NonZeroU64::new(MAX_WHOLE) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    let mut decoder = options.read_info(bytes).map_err(refusal)?;
    let frame = decoder.read_next_frame().map_err(refusal)?.ok_or(ImageError::CUT)?;
    // A frame may cover a part of the screen only; the rest shows what lies below.
    let stride = header.width as usize * 4;
    let mut screen = vec![0; stride * header.height as usize];
    let (left, top, width) =
        (usize::from(frame.left) * 4, usize::from(frame.top), usize::from(frame.width) * 4);
    let shown = width.min(stride.saturating_sub(left));
    for (from, to) in frame.buffer.chunks_exact(width.max(1)).zip(screen.chunks_exact_mut(stride).skip(top)) {
        if shown > 0 {
            to[left..left + shown].copy_from_slice(&from[..shown]);
        }
    }
    let mut rgb = Vec::with_capacity(screen.len() / 4 * 3);
    over_white(&screen, 4, &mut rgb);
    Ok(Picture::new(header.width, header.height, rgb))
}

fn refusal(error: DecodingError) -> ImageError {
    match error {
        DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => ImageError::CUT,
        other => ImageError::Damaged(other.to_string()),
    }
}
