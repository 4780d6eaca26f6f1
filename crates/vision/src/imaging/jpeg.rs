//! JPEG through mozjpeg, which can decode at 1/8, 2/8 and 4/8 of the size for a fraction of the work.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use mozjpeg::{ColorSpace, Decompress, Marker};

use super::{ColourProfile, Header, ImageError, Picture};

/// The smallest numerator of n/8 whose long side is still at least `serve`.
/// Only powers of two: their inverse DCTs are the ones with SIMD kernels.
pub(super) fn scale_for(header: &Header, serve: u32) -> u8 {
    let serves = |n: u32| (header.long_side() * n).div_ceil(8) >= serve;
    [1, 2, 4].into_iter().find(|&n| serves(n)).unwrap_or(8) as u8
}

/// Decodes as stored, not yet upright.
pub(super) fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let scale = scale_for(header, serve);
    let ran_out = Cell::new(false);
    let reader = Watched { rest: bytes, ran_out: &ran_out };
    // mozjpeg reports a fatal error by unwinding; the picture of that call is dropped with it.
    let decoded = catch_unwind(AssertUnwindSafe(|| scanlines(reader, scale, header.channels == 4)));
    // libjpeg makes up an end-of-image marker and grey rows where the file ends; we do not show that.
    if ran_out.get() {
        return Err(ImageError::Truncated);
    }
    let picture = match decoded {
        Ok(Ok(decoded)) => decoded,
        Ok(Err(error)) => return Err(ImageError::Damaged(error.to_string())),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map_or("the decoder gave up", String::as_str);
            return Err(ImageError::Damaged(message.to_owned()));
        }
    };
    Ok(Picture { scale: f32::from(scale) / 8.0, ..picture })
}

fn scanlines(reader: Watched<'_>, scale: u8, cmyk: bool) -> io::Result<Picture> {
    let mut decompress = Decompress::builder().with_markers(&[Marker::APP(2)]).from_reader(reader)?;
    let profile = profile(&decompress);
    decompress.scale(scale);
    let space = if cmyk { ColorSpace::JCS_CMYK } else { ColorSpace::JCS_RGB };
    let mut started = decompress.to_colorspace(space)?;
    let (width, height) = (started.width(), started.height());
    let pixels: Vec<u8> = started.read_scanlines()?;
    started.finish()?;
    let rgb = if cmyk { cmyk_to_rgb(&pixels) } else { pixels };
    Ok(Picture { profile, ..Picture::new(width as u32, height as u32, rgb) })
}

/// ICC.1:2022, B.4: a profile lies in one or more APP2 segments, each with its number and their count.
fn profile<R>(decompress: &Decompress<R>) -> Option<ColourProfile> {
    let mut parts: Vec<(u8, &[u8])> = decompress
        .markers()
        .filter_map(|marker| match marker.data.strip_prefix(b"ICC_PROFILE\0")? {
            [number, _count, part @ ..] => Some((*number, part)),
            _ => None,
        })
        .collect();
    parts.sort_by_key(|(number, _)| *number);
    ColourProfile::new(&parts.into_iter().flat_map(|(_, part)| part).copied().collect::<Vec<u8>>())
}

/// Adobe writes CMYK inverted (255 is no ink), and libjpeg hands it on so; others are not seen in practice.
/// Without an ICC profile the plain product is what viewers show.
fn cmyk_to_rgb(cmyk: &[u8]) -> Vec<u8> {
    cmyk.chunks_exact(4)
        .flat_map(|ink| {
            let k = u16::from(ink[3]);
            [ink[0], ink[1], ink[2]].map(|c| ((u16::from(c) * k + 127) / 255) as u8)
        })
        .collect()
}

/// Remembers whether the decoder asked for bytes after the last one.
struct Watched<'a> {
    rest: &'a [u8],
    ran_out: &'a Cell<bool>,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.rest.read(into)?;
        if n == 0 {
            self.ran_out.set(true);
        }
        Ok(n)
    }
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest.is_empty() {
            self.ran_out.set(true);
        }
        Ok(self.rest)
    }

    fn consume(&mut self, n: usize) {
        self.rest = &self.rest[n..];
    }
}
