//! WebP through `image`, and what is there of a lossy one that breaks off.

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
    if header.has_faults {
        return in_part(bytes, header);
    }
    let (decoded, icc) = whole(bytes)?;
    let (width, height) = (decoded.width(), decoded.height());
    let rgb = if decoded.color().has_alpha() {
        let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
        over_white(decoded.into_rgba8().as_raw(), 4, &mut rgb);
        rgb
    } else {
        decoded.into_rgb8().into_raw()
    };
    let colour = icc.and_then(|icc| Colour::from_icc(&icc));
    Ok(Picture::new(width, height, colour::to_srgb(rgb, Samples::Rgb, colour.as_ref())))
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

/// The decoder wants all bytes of a picture. What is missing is filled up in two ways, and the rows above the first
/// one in which the two pictures differ come from the file. Below there is grey, as libjpeg shows it. Alpha is not
/// looked at.
fn in_part(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    let WebPChunk { data, length } = webp_chunk(bytes, b"VP8 ").ok_or(ImageError::CUT)?;
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
        let begin = [&b"RIFF"[..], &size(length + 12), b"WEBPVP8 ", &size(length)].concat();
        let mut file = [&begin, data].concat();
        file.resize(begin.len() + length, filling);
        whole(&file).map(|(picture, _)| picture.into_rgb8())
    };
    let (one, other) = (filled(0)?, filled(0xFF)?);
    let (width, height) = one.dimensions();
    if (width, height) != (header.width, header.height) || other.dimensions() != (width, height) {
        return Err(ImageError::Damaged("a WebP of two sizes".into()));
    }
    let stride = width as usize * 3;
    let rows = one.as_raw().chunks_exact(stride).zip(other.as_raw().chunks_exact(stride));
    let readable = rows.take_while(|(one, other)| one == other).count();
    let damage = damage(readable, height as usize, true)?;
    let mut rgb = one.into_raw();
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
