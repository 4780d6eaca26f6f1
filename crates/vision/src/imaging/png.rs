//! PNG row by row, so that a picture is never in memory larger than it is needed.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use png::{ColorType, Decoder, DecodingError, Info, InterlaceInfo, Limits, Reader, Transformations};

use super::{
    Header, ImageError, Picture,
    colour::{self, Colour, Samples},
    error::damage,
    memory::{MAX_WHOLE, affordable, over_white},
    shrink::Shrink,
};

type PngReader<'a> = Reader<Cursor<&'a [u8]>>;

/// Decodes as stored, each side divided by the largest whole number that leaves a long side of at least `serve`;
/// what is merged is averaged.
pub(super) fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let divisor = Shrink::divisor(header.long_side(), serve);
    affordable(header.width.div_ceil(divisor), header.height.div_ceil(divisor))?;
    catch_unwind(AssertUnwindSafe(|| shrunk(bytes, header, divisor)))
        .unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))
}

fn shrunk(bytes: &[u8], header: &Header, divisor: u32) -> Result<Picture, ImageError> {
    let limits = Limits { bytes: MAX_WHOLE as usize };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(refusal)?;
    let kind = reader.output_color_type().0;
    let samples = if matches!(kind, ColorType::Grayscale | ColorType::GrayscaleAlpha) {
        Samples::Grey
    } else {
        Samples::Rgb
    };
    let mut shrink = Shrink::new(header.width, header.height, divisor, samples.count());
    let Got { rows, fault } = if header.interlaced {
        whole(&mut reader, header, kind, &mut shrink)?
    } else {
        row_by_row(&mut reader, header, kind, &mut shrink)
    };
    let is_broken = match fault {
        None => false,
        // Rows of a broken file that are there are shown, as browsers do.
        Some(ImageError::Truncated { .. } | ImageError::Damaged(_)) if rows > 0 => true,
        Some(error) => return Err(error),
    };
    let damage = damage(rows, header.height as usize, is_broken || header.has_faults)?;
    let colour = colour_of(reader.info());
    let (width, height) = shrink.size();
    let rgb = colour::to_srgb(shrink.finish(), samples, colour.as_ref());
    Ok(Picture { scale: 1.0 / divisor as f32, damage, ..Picture::new(width, height, rgb) })
}

/// How many rows were there, and what ended them early.
struct Got {
    rows: usize,
    fault: Option<ImageError>,
}

fn row_by_row(reader: &mut PngReader, header: &Header, kind: ColorType, shrink: &mut Shrink) -> Got {
    let mut shown = Vec::new();
    for _ in 0..header.height {
        match reader.next_row() {
            Ok(Some(row)) => shrink.push(without_alpha(row.data(), kind, &mut shown)),
            Ok(None) => return Got { rows: shrink.rows(), fault: Some(ImageError::CUT) },
            Err(error) => return Got { rows: shrink.rows(), fault: Some(refusal(error)) },
        }
    }
    Got { rows: shrink.rows(), fault: None }
}

/// An interlaced picture comes in seven passes and has to be put together first. The last pass is every second row:
/// where it breaks off, the row above stands in for a missing one, as browsers show it.
fn whole(
    reader: &mut PngReader,
    header: &Header,
    kind: ColorType,
    shrink: &mut Shrink,
) -> Result<Got, ImageError> {
    let samples = kind.samples();
    let stride = header.width as usize * samples;
    if (stride * header.height as usize) as u64 > MAX_WHOLE {
        return Err(ImageError::TooComplex);
    }
    let mut pixels = vec![0; stride * header.height as usize];
    let mut got = 0;
    let fault = loop {
        let row = match reader.next_interlaced_row() {
            Ok(Some(row)) => row,
            Ok(None) => break None,
            Err(error) => break Some(refusal(error)),
        };
        let InterlaceInfo::Adam7(place) = row.interlace() else { break None };
        got += row.data().len() / samples;
        png::expand_interlaced_row(&mut pixels, stride, row.data(), place, samples as u8 * 8);
    };
    let (width, height) = (header.width as usize, header.height as usize);
    let of_last_pass = (got / width).saturating_sub(height.div_ceil(2));
    for row in (1 + 2 * of_last_pass..height).step_by(2) {
        pixels.copy_within((row - 1) * stride..row * stride, row * stride);
    }
    let mut shown = Vec::new();
    pixels.chunks_exact(stride).for_each(|row| shrink.push(without_alpha(row, kind, &mut shown)));
    Ok(Got { rows: got / width, fault })
}

/// A row's pixels over white where they are transparent.
fn without_alpha<'a>(row: &'a [u8], kind: ColorType, into: &'a mut Vec<u8>) -> &'a [u8] {
    let samples = match kind {
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgba => 4,
        _ => return row,
    };
    into.clear();
    over_white(row, samples, into);
    into
}

/// The first that is present of cICP, iCCP, sRGB, gAMA with cHRM (PNG, third edition, 4.3).
fn colour_of(info: &Info) -> Option<Colour> {
    if let Some(points) = info.coding_independent_code_points {
        return Colour::from_cicp(points.color_primaries, points.transfer_function);
    }
    if let Some(icc) = info.icc_profile.as_deref() {
        return Colour::from_icc(icc);
    }
    if info.srgb.is_some() {
        return None;
    }
    let points = info.chrm_chunk.map(|points| {
        [points.white, points.red, points.green, points.blue].map(|(x, y)| (x.into_value(), y.into_value()))
    });
    Colour::from_gamma(info.gama_chunk.map(png::ScaledFloat::into_value), points)
}

fn refusal(error: DecodingError) -> ImageError {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => ImageError::CUT,
        DecodingError::LimitsExceeded => ImageError::TooComplex,
        other => ImageError::Damaged(other.to_string()),
    }
}
