//! PNG row by row, so that a picture is never in memory larger than it is needed.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use png::{ColorType, Decoder, DecodingError, Transformations};

use super::{ColourProfile, Header, ImageError, Picture};

/// Decodes as stored (not interlaced), each side divided by the largest whole number that leaves a long
/// side of at least `serve`; what is merged is averaged.
pub(super) fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let divisor = (header.long_side() / serve.max(1)).max(1);
    catch_unwind(AssertUnwindSafe(|| rows(bytes, header, divisor)))
        .unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))
}

fn rows(bytes: &[u8], header: &Header, divisor: u32) -> Result<Picture, ImageError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(refusal)?;
    let colour = reader.output_color_type().0;
    let (width, height) = (header.width.div_ceil(divisor), header.height.div_ceil(divisor));
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    let mut line = vec![[0_u32; 3]; width as usize];
    let mut merged = 0;
    for y in 0..header.height {
        let row = reader.next_row().map_err(refusal)?.ok_or(ImageError::Truncated)?;
        let samples = colour.samples();
        for (x, pixel) in row.data().chunks_exact(samples).enumerate() {
            let sum = &mut line[x / divisor as usize];
            sum.iter_mut().zip(shown(pixel, colour)).for_each(|(sum, value)| *sum += u32::from(value));
        }
        merged += 1;
        if merged == divisor || y + 1 == header.height {
            for (x, sum) in line.iter_mut().enumerate() {
                let columns = divisor.min(header.width - x as u32 * divisor);
                let pixels = columns * merged;
                rgb.extend(sum.map(|sum| ((sum + pixels / 2) / pixels) as u8));
                *sum = [0; 3];
            }
            merged = 0;
        }
    }
    let profile = reader.info().icc_profile.as_deref().and_then(ColourProfile::new);
    Ok(Picture { scale: 1.0 / divisor as f32, profile, ..Picture::new(width, height, rgb) })
}

/// A pixel's RGB, over white where it is transparent.
fn shown(pixel: &[u8], colour: ColorType) -> [u8; 3] {
    let over_white = |c: u8, alpha: u8| {
        let alpha = u16::from(alpha);
        ((u16::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    match (colour, pixel) {
        (ColorType::GrayscaleAlpha, &[l, a]) => [over_white(l, a); 3],
        (ColorType::Rgba, &[r, g, b, a]) => [r, g, b].map(|c| over_white(c, a)),
        (_, &[r, g, b]) => [r, g, b],
        (_, pixel) => [pixel[0]; 3],
    }
}

fn refusal(error: DecodingError) -> ImageError {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            ImageError::Truncated
        }
        DecodingError::LimitsExceeded => ImageError::TooComplex,
        other => ImageError::Damaged(other.to_string()),
    }
}
