//! WebP through `image`, and what is there of one that breaks off.

use std::{io::Cursor, panic::catch_unwind};

use image::{DynamicImage, ImageDecoder, ImageError as CodecError, codecs::webp::WebPDecoder};

use super::{
    Header, ImageError, Picture,
    colour::{self, Colour, Samples},
    error::damage,
    header::{WebPChunk, webp_chunk},
    memory::{MAX_WHOLE, over_white},
};

pub(super) fn decode(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    if header.has_faults && !header.animated {
        return in_part(bytes, header);
    }
    let (decoded, icc) = whole(bytes)?;
    let (width, height) = (decoded.width(), decoded.height());
    let colour = icc.and_then(|icc| Colour::from_icc(&icc));
    let rgb = colour::to_srgb(flat(decoded), Samples::Rgb, colour.as_ref());
    let damage = damage(height as usize, height as usize, header.has_faults)?;
    Ok(Picture { damage, ..Picture::new(width, height, rgb) })
}

/// RGB, over white where it is transparent.
fn flat(decoded: DynamicImage) -> Vec<u8> {
    if !decoded.color().has_alpha() {
        return decoded.into_rgb8().into_raw();
    }
    let mut rgb = Vec::with_capacity(decoded.width() as usize * decoded.height() as usize * 3);
    over_white(decoded.into_rgba8().as_raw(), 4, &mut rgb);
    rgb
}

/// The picture, and its profile where it has one.
fn whole(bytes: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>), ImageError> {
    let decoded = catch_unwind(|| {
        let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(refusal)?;
        if decoder.total_bytes() > MAX_WHOLE {
            return Err(ImageError::TooComplex);
        }
        // A broken profile fails no photo.
        let icc = decoder.icc_profile().ok().flatten();
        Ok((DynamicImage::from_decoder(decoder).map_err(refusal)?, icc))
    });
    decoded.unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))
}

/// Fillings for the missing bytes; not every one of them makes a picture.
const FILLINGS: [u8; 4] = [0, 0xFF, 0x55, 0xAA];

/// The decoder wants all bytes of a picture. What is missing is filled up in two ways, and the rows above the first
/// one in which the two pictures differ come from the file. Below there is grey, as libjpeg shows it. The alpha of a
/// lossy picture is not looked at.
fn in_part(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    let lossy = webp_chunk(bytes, b"VP8 ").map(|chunk| (b"VP8 ", chunk));
    let found = lossy.or_else(|| Some((b"VP8L", webp_chunk(bytes, b"VP8L")?)));
    let (kind, WebPChunk { data, length }) = found.ok_or(ImageError::CUT)?;
    let there = (data.len() * 100 / length.max(1)) as u8;
    // More than half of it is missing: no two thirds of the picture can be there.
    if data.len() < length / 2 {
        return Err(ImageError::Truncated { readable: there });
    }
    if header.pixels() * 3 > MAX_WHOLE {
        return Err(ImageError::TooComplex);
    }
    // Nonsense takes more bits than a picture, and a decoder that runs out of them gives no picture at all. The last
    // part of the data goes to the end of its chunk, however long that is.
    let length = (length + header.pixels() as usize + 4096).next_multiple_of(2);
    let filled = |filling: u8| {
        let size = |length: usize| (length as u32).to_le_bytes();
        let begin = [&b"RIFF"[..], &size(length + 12), b"WEBP", kind, &size(length)].concat();
        let mut file = [&begin, data].concat();
        file.resize(begin.len() + length, filling);
        let (picture, _) = whole(&file).ok()?;
        ((picture.width(), picture.height()) == (header.width, header.height)).then(|| flat(picture))
    };
    let mut pictures = FILLINGS.into_iter().filter_map(filled);
    let (Some(mut rgb), Some(other)) = (pictures.next(), pictures.next()) else {
        return Err(ImageError::Truncated { readable: there });
    };
    let (width, height) = (header.width, header.height);
    let stride = width as usize * 3;
    let rows = rgb.chunks_exact(stride).zip(other.chunks_exact(stride));
    let readable = rows.take_while(|(one, other)| one == other).count();
    let damage = damage(readable, height as usize, true)?;
    rgb[readable * stride..].fill(128);
    let colour = webp_chunk(bytes, b"ICCP").and_then(|icc| Colour::from_icc(icc.data));
    let rgb = colour::to_srgb(rgb, Samples::Rgb, colour.as_ref());
    Ok(Picture { damage, ..Picture::new(width, height, rgb) })
}

fn refusal(error: CodecError) -> ImageError {
    match error {
        CodecError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => ImageError::CUT,
        CodecError::Limits(_) => ImageError::TooComplex,
        other => ImageError::Damaged(other.to_string()),
    }
}
