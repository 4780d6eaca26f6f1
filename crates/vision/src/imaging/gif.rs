//! GIF: the first picture on its screen, as far as it is there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gif::{ColorOutput, DecodeOptions, DecodingError};

use super::{
    Header, ImageError, Picture,
    error::damage,
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
    let mut decoder = options.read_info(bytes).map_err(refusal)?;
    let frame = decoder.next_frame_info().map_err(refusal)?.ok_or(ImageError::CUT)?;
    // A frame may cover a part of the screen only; the rest shows what lies below.
    let (left, top) = (usize::from(frame.left) * 4, usize::from(frame.top));
    let (width, height) = (usize::from(frame.width) * 4, usize::from(frame.height));
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged("a GIF whose first picture has no pixels".into()));
    }
    let is_interlaced = frame.interlaced;
    let order = order(height, is_interlaced);
    let stride = header.width as usize * 4;
    let shown = width.min(stride.saturating_sub(left));
    let mut screen = vec![0; stride * header.height as usize];
    let place = |row: usize| {
        let is_on_screen = shown > 0 && top + row < header.height as usize;
        is_on_screen.then_some((top + row) * stride + left)
    };
    let mut line = vec![0; width];
    let mut got = 0;
    while got < height && matches!(decoder.fill_buffer(&mut line), Ok(true)) {
        if let Some(at) = place(order[got]) {
            screen[at..at + shown].copy_from_slice(&line[..shown]);
        }
        got += 1;
    }
    let damage = damage(got, height, header.has_faults)?;
    // So much is there that only rows of the last pass can be missing, which is every second row.
    if is_interlaced {
        for at in order[got..].iter().filter_map(|&row| place(row)) {
            screen.copy_within(at - stride..at - stride + shown, at);
        }
    }
    let mut rgb = Vec::with_capacity(screen.len() / 4 * 3);
    over_white(&screen, 4, &mut rgb);
    Ok(Picture { damage, ..Picture::new(header.width, header.height, rgb) })
}

/// The order in which rows are stored (GIF89a, appendix E).
fn order(height: usize, interlaced: bool) -> Vec<usize> {
    if !interlaced {
        return (0..height).collect();
    }
    let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
    passes.into_iter().flat_map(|(first, step)| (first..height).step_by(step)).collect()
}

fn refusal(error: DecodingError) -> ImageError {
    match error {
        DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => ImageError::CUT,
        other => ImageError::Damaged(other.to_string()),
    }
}
