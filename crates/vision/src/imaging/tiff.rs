//! TIFF, a band of strips or tiles at a time.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tiff::{
    ColorType, TiffError, TiffUnsupportedError,
    decoder::{Decoder, DecodingResult, Limits},
    tags::Tag,
};

use super::{
    Header, ImageError, Picture,
    colour::{self, Colour, Samples},
    error::damage,
    ifd::{Kind, Tiff},
    memory::{MAX_WHOLE, affordable},
    shrink::Shrink,
};

type TiffReader<'a> = Decoder<Cursor<&'a [u8]>>;

/// Decodes the first picture as stored, each side divided as a PNG's.
pub(super) fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let divisor = Shrink::divisor(header.long_side(), serve);
    affordable(header.width.div_ceil(divisor), header.height.div_ceil(divisor))?;
    catch_unwind(AssertUnwindSafe(|| shrunk(bytes, header, divisor)))
        .unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))
}

fn shrunk(bytes: &[u8], header: &Header, divisor: u32) -> Result<Picture, ImageError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_WHOLE as usize;
    limits.intermediate_buffer_size = MAX_WHOLE as usize;
    limits.ifd_value_size = 8 << 20;
    let palette = Palette::of(bytes)?;
    let bytes = palette.as_ref().map_or(bytes, |palette| &palette.as_grey);
    let mut reader = Decoder::new(Cursor::new(bytes)).map_err(refusal)?.with_limits(limits);
    let kind = reader.colortype().map_err(refusal)?;
    let mut layout = Layout::of(kind)?;
    let planar = reader.find_tag_unsigned::<u16>(Tag::PlanarConfiguration).ok().flatten();
    layout.is_planar = planar == Some(2) && layout.stored > 1;
    if palette.is_some() {
        (layout.samples, layout.is_indexed) = (Samples::Rgb, true);
    }
    let colours = palette.as_ref().map_or(&[][..], |palette| &palette.colours);
    let icc = reader.get_tag_u8_vec(Tag::IccProfile).unwrap_or_default();
    let mut shrink = Shrink::new(header.width, header.height, divisor, layout.samples.count());
    let (got, fault) = match bands(&mut reader, header, layout, colours, &mut shrink) {
        Ok(()) => (header.height as usize, false),
        Err(ImageError::Truncated { .. } | ImageError::Damaged(_)) if shrink.rows() > 0 => {
            (shrink.rows(), true)
        }
        Err(error) => return Err(error),
    };
    let damage = damage(got, header.height as usize, fault)?;
    let (width, height) = shrink.size();
    let rgb = colour::to_srgb(shrink.finish(), layout.samples, Colour::from_icc(&icc).as_ref());
    Ok(Picture { scale: 1.0 / divisor as f32, damage, ..Picture::new(width, height, rgb) })
}

/// How the samples of a pixel lie, and what becomes of them.
#[derive(Clone, Copy)]
struct Layout {
    samples: Samples,
    /// Samples of a pixel as stored.
    stored: usize,
    bits: u8,
    has_alpha: bool,
    is_ycbcr: bool,
    /// Samples are numbers of colours in a palette.
    is_indexed: bool,
    /// Each colour has chunks of its own (PlanarConfiguration 2).
    is_planar: bool,
}

/// A picture whose samples are numbers of colours (TIFF 6.0, section 5). The decoder knows no such pictures, but it
/// reads the numbers when the file calls them grey.
struct Palette {
    as_grey: Vec<u8>,
    colours: Vec<[u8; 3]>,
}

impl Palette {
    /// `None` when the file has none.
    fn of(bytes: &[u8]) -> Result<Option<Self>, ImageError> {
        let Some(tiff) = Tiff::read(bytes) else { return Ok(None) };
        let entry = |tag| tiff.get(Kind::Main(0), tag);
        let Some(interpretation) = entry(0x0106).filter(|it| tiff.number(it, 0) == Some(3)) else {
            return Ok(None);
        };
        let map = entry(0x0140).ok_or_else(|| ImageError::Damaged("a TIFF without its palette".into()))?;
        let values: Vec<u32> = (0..3 << 8).map_while(|n| tiff.number(&map, n)).collect();
        // All red values, then all green, then all blue. Some programs fill the lower half of the sixteen bits.
        let shift = if values.iter().all(|&value| value < 256) { 0 } else { 8 };
        let count = values.len() / 3;
        let colour = |n| [0, 1, 2].map(|plane| (values[plane * count + n] >> shift) as u8);
        let colours = (0..count).map(colour).collect();
        let mut as_grey = bytes.to_vec();
        let place = tiff.place(&interpretation);
        let grey: [u8; 2] = if bytes[0] == b'I' { [1, 0] } else { [0, 1] };
        as_grey.get_mut(place..place + 2).ok_or(ImageError::CUT)?.copy_from_slice(&grey);
        Ok(Some(Self { as_grey, colours }))
    }
}

impl Layout {
    fn of(kind: ColorType) -> Result<Self, ImageError> {
        let (samples, stored, bits, has_alpha, is_ycbcr) = match kind {
            ColorType::Gray(bits @ (1 | 2 | 4 | 8 | 16)) => (Samples::Grey, 1, bits, false, false),
            ColorType::GrayA(bits @ (8 | 16)) => (Samples::Grey, 2, bits, true, false),
            ColorType::RGB(bits @ (8 | 16)) => (Samples::Rgb, 3, bits, false, false),
            ColorType::RGBA(bits @ (8 | 16)) => (Samples::Rgb, 4, bits, true, false),
            ColorType::CMYK(bits @ (8 | 16)) => (Samples::InvertedCmyk, 4, bits, false, false),
            ColorType::YCbCr(8) => (Samples::Rgb, 3, 8, false, true),
            _ => return Err(ImageError::UnsupportedType("this kind of TIFF")),
        };
        Ok(Self { samples, stored, bits, has_alpha, is_ycbcr, is_indexed: false, is_planar: false })
    }
}

/// Puts the chunks of each row of chunks together and hands their rows on.
fn bands(
    reader: &mut TiffReader,
    header: &Header,
    layout: Layout,
    colours: &[[u8; 3]],
    shrink: &mut Shrink,
) -> Result<(), ImageError> {
    let (chunk_width, chunk_height) = reader.chunk_dimensions();
    if chunk_width == 0 || chunk_height == 0 {
        return Err(ImageError::Damaged("a TIFF of empty strips".into()));
    }
    let across = header.width.div_ceil(chunk_width);
    let stride = header.width as usize * layout.stored;
    let down = header.height.div_ceil(chunk_height);
    for band in 0..down {
        let rows = chunk_height.min(header.height - band * chunk_height) as usize;
        if (stride * rows) as u64 > MAX_WHOLE {
            return Err(ImageError::TooComplex);
        }
        let mut pixels = vec![0; stride * rows];
        for column in 0..across {
            let index = band * across + column;
            let wide = reader.chunk_data_dimensions(index).0 as usize;
            let left = column as usize * chunk_width as usize * layout.stored;
            let planes = if layout.is_planar { layout.stored } else { 1 };
            let width = wide * layout.stored / planes;
            for plane in 0..planes {
                let chunk = reader.read_chunk(index + plane as u32 * across * down).map_err(refusal)?;
                let chunk = eight_bits(chunk, layout, || wide)?;
                for (from, to) in chunk.chunks_exact(width.max(1)).zip(pixels.chunks_exact_mut(stride)) {
                    // One sample after the other, or every so many of them.
                    let to = to[left + plane..].iter_mut().step_by(planes);
                    from.iter().zip(to).for_each(|(from, to)| *to = *from);
                }
            }
        }
        let mut shown = Vec::with_capacity(header.width as usize * layout.samples.count());
        for row in pixels.chunks_exact(stride) {
            shown.clear();
            show(row, layout, colours, &mut shown);
            shrink.push(&shown);
        }
    }
    Ok(())
}

/// Eight bits a sample, whatever the file has.
fn eight_bits(
    chunk: DecodingResult,
    layout: Layout,
    width: impl FnOnce() -> usize,
) -> Result<Vec<u8>, ImageError> {
    match chunk {
        DecodingResult::U8(bytes) if layout.bits == 8 => Ok(bytes),
        DecodingResult::U8(bytes) => {
            // Several samples lie in one byte, the first in its highest bits; rows begin with a byte.
            let (bits, width) = (usize::from(layout.bits), width());
            let (each, most) = (8 / bits, (1_u16 << bits) - 1);
            let rows = bytes.chunks(width.div_ceil(each).max(1));
            let value = |row: &[u8], x: usize| {
                let byte = row.get(x / each).copied().unwrap_or(0);
                let value = u16::from(byte >> (8 - bits * (x % each + 1))) & most;
                (if layout.is_indexed { value } else { value * 255 / most }) as u8
            };
            Ok(rows.flat_map(|row| (0..width).map(move |x| value(row, x))).collect())
        }
        DecodingResult::U16(words) => {
            Ok(words.into_iter().map(|word| ((u32::from(word) + 128) / 257) as u8).collect())
        }
        _ => Err(ImageError::UnsupportedType("a TIFF of fractions")),
    }
}

/// A row as the samples that [`colour::to_srgb`] takes.
fn show(row: &[u8], layout: Layout, colours: &[[u8; 3]], into: &mut Vec<u8>) {
    if layout.is_indexed {
        into.extend(row.iter().flat_map(|&n| colours.get(usize::from(n)).copied().unwrap_or_default()));
    } else if layout.has_alpha {
        super::memory::over_white(row, layout.stored, into);
    } else if layout.is_ycbcr {
        for pixel in row.chunks_exact(3) {
            into.extend(rgb_of([pixel[0], pixel[1], pixel[2]]));
        }
    } else if layout.samples == Samples::InvertedCmyk {
        // TIFF stores ink, JPEG its absence.
        into.extend(row.iter().map(|&ink| 255 - ink));
    } else {
        into.extend_from_slice(row);
    }
}

/// ITU-R BT.601 at full range, as in JPEG (T.871, 7).
fn rgb_of([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|c| c.round() as u8)
}

fn refusal(error: TiffError) -> ImageError {
    match error {
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => ImageError::CUT,
        TiffError::LimitsExceeded | TiffError::IntSizeError => ImageError::TooComplex,
        TiffError::UnsupportedError(TiffUnsupportedError::UnsupportedCompressionMethod(_)) => {
            ImageError::UnsupportedType("this compression of TIFF")
        }
        TiffError::UnsupportedError(_) => ImageError::UnsupportedType("this kind of TIFF"),
        other => ImageError::Damaged(other.to_string()),
    }
}
