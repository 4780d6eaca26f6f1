//! JPEG through mozjpeg, which can decode at 1/8, 2/8 and 4/8 of the size for a fraction of the work.
//!
//! The rows of a damaged file that libjpeg can show are shown and counted: libjpeg warns of parts that it skips or makes up.

use std::{
    cell::Cell,
    ffi::c_int,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use mozjpeg::{ColorSpace, Decompress, Marker};
use mozjpeg_sys::{jpeg_common_struct, jpeg_error_mgr};

use super::{
    Header, ImageError, Picture,
    colour::{self, Colour, Samples},
    error::damage,
    header::scans,
    memory::affordable,
};

/// The smallest numerator of n/8 whose long side is still at least `serve`.
/// Only powers of two: their inverse DCTs are the ones with SIMD kernels.
pub(super) fn scale_for(header: &Header, serve: u32) -> u8 {
    let serves = |n: u32| (header.long_side() * n).div_ceil(8) >= serve;
    [1, 2, 4].into_iter().find(|&n| serves(n)).unwrap_or(8) as u8
}

/// Decodes as stored, not yet upright. `bytes` begin with the picture.
pub(super) fn decode(bytes: &[u8], header: &Header, serve: u32) -> Result<Picture, ImageError> {
    let scale = scale_for(header, serve);
    let side = |length: u32| (length * u32::from(scale)).div_ceil(8);
    affordable(side(header.width), side(header.height))?;
    SEEN.set(Seen::default());
    let mut rows = Rows::default();
    // mozjpeg reports a fatal error by unwinding; the rows that it has read until then stay.
    let outcome = catch_unwind(AssertUnwindSafe(|| rows.read(bytes, scale, header.channels)));
    let fault = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => {
            Some(panic.downcast_ref::<String>().map_or("the decoder gave up", String::as_str).to_owned())
        }
    };
    if let (0, Some(fault)) = (rows.done, &fault) {
        // A header that passed and no data behind it is a file that was cut off there.
        let seen = SEEN.get();
        return Err(if seen.ran_out { ImageError::CUT } else { ImageError::Damaged(fault.clone()) });
    }
    let seen = SEEN.get();
    let readable = if header.interlaced && seen.is_cut() && !scans(bytes, header.channels).covers_picture {
        0
    } else {
        rows.readable(seen)
    };
    let has_faults = header.has_faults || fault.is_some() || seen.faults > 0 || seen.is_cut();
    let damage = damage(readable, rows.height, has_faults)?;
    let Rows { width, height, samples, pixels, icc, .. } = rows;
    let colour = Colour::from_icc(&icc).or_else(|| header.facts.is_adobe_rgb.then(Colour::adobe_rgb));
    let rgb = colour::to_srgb(pixels, samples, colour.as_ref());
    Ok(Picture { scale: f32::from(scale) / 8.0, damage, ..Picture::new(width as u32, height as u32, rgb) })
}

struct Rows {
    width: usize,
    height: usize,
    samples: Samples,
    pixels: Vec<u8>,
    icc: Vec<u8>,
    /// Rows that the decoder has handed out.
    done: usize,
    /// The row at which data was first missing.
    gap: Option<usize>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            width: 0,
            height: 0,
            samples: Samples::Rgb,
            pixels: Vec::new(),
            icc: Vec::new(),
            done: 0,
            gap: None,
        }
    }
}

impl Rows {
    fn read(&mut self, bytes: &[u8], scale: u8, channels: u8) -> io::Result<()> {
        let builder = Decompress::builder().with_markers(&[Marker::APP(2)]).with_err(error_manager());
        let mut decompress = builder.from_reader(bytes)?;
        self.icc = icc(&decompress);
        decompress.scale(scale);
        let (space, samples) = match channels {
            1 => (ColorSpace::JCS_GRAYSCALE, Samples::Grey),
            4 => (ColorSpace::JCS_CMYK, Samples::InvertedCmyk),
            _ => (ColorSpace::JCS_RGB, Samples::Rgb),
        };
        let mut started = decompress.to_colorspace(space)?;
        (self.width, self.height, self.samples) = (started.width(), started.height(), samples);
        let stride = self.width * samples.count();
        // Grey is what libjpeg shows where there is nothing.
        self.pixels = vec![128; stride * self.height];
        let in_one_go = !SEEN.get().is_cut();
        for row in self.pixels.chunks_exact_mut(stride) {
            started.read_scanlines_into(row)?;
            if in_one_go {
                self.gap = SEEN.get().is_cut().then(|| self.gap.unwrap_or(self.done));
            }
            self.done += 1;
        }
        // Reads on to the end marker, which may be missing.
        started.finish()
    }

    /// How many rows show what the camera saw.
    fn readable(&self, seen: Seen) -> usize {
        match self.gap {
            // Bits are fetched ahead: at the very end that says nothing of the pixels.
            Some(row) if !seen.hit_end && row + 32 >= self.height => self.done,
            Some(row) => row.min(self.done),
            None => self.done,
        }
    }
}

/// ICC.1:2022, B.4: a profile lies in one or more APP2 segments, each with its number and their count.
fn icc<R>(decompress: &Decompress<R>) -> Vec<u8> {
    let mut parts: Vec<(u8, &[u8])> = decompress
        .markers()
        .filter_map(|marker| match marker.data.strip_prefix(b"ICC_PROFILE\0")? {
            [number, _count, part @ ..] => Some((*number, part)),
            _ => None,
        })
        .collect();
    parts.sort_by_key(|(number, _)| *number);
    parts.dedup_by_key(|(number, _)| *number);
    parts.into_iter().flat_map(|(_, part)| part).copied().collect()
}

/// libjpeg's warnings since the picture was begun.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Warnings of bytes that were skipped or made no sense.
    faults: u32,
    /// A marker stood where data was expected; the rest is made up.
    hit_end: bool,
    /// The file ended before the picture said that it ends.
    ran_out: bool,
}

impl Seen {
    fn is_cut(self) -> bool {
        self.hit_end || self.ran_out
    }
}

thread_local! {
    /// libjpeg's callbacks have no place of their own for this; a picture is decoded by one thread.
    static SEEN: Cell<Seen> = const { Cell::new(Seen { faults: 0, hit_end: false, ran_out: false }) };
}

/// libjpeg's own error manager, but for the two ways in which it would speak.
#[expect(unsafe_code, reason = "libjpeg fills the table of its own functions in")]
fn error_manager() -> jpeg_error_mgr {
    // SAFETY: the table is plain data, for which zeros are what C programs begin with.
    let mut manager: jpeg_error_mgr = unsafe { std::mem::zeroed() };
    // SAFETY: the reference lives through the call, which only writes to it.
    unsafe { mozjpeg_sys::jpeg_std_error(&mut manager) };
    manager.error_exit = Some(give_up);
    manager.emit_message = Some(note);
    manager
}

#[expect(unsafe_code, reason = "libjpeg hands its state over by pointer")]
fn code(info: &jpeg_common_struct) -> c_int {
    // SAFETY: libjpeg calls back with the manager that it was given, which outlives the decompression.
    unsafe { info.err.as_ref() }.map_or(0, |manager| manager.msg_code)
}

#[cold]
extern "C-unwind" fn give_up(info: &mut jpeg_common_struct) {
    std::panic::resume_unwind(Box::new(format!("libjpeg's error {}", code(info))));
}

/// `JWRN_ARITH_BAD_CODE` of `jerror.h` with arithmetic coding, which the binding's list does not know.
const ARITH_BAD_CODE: c_int = 126;

#[cold]
extern "C-unwind" fn note(info: &mut jpeg_common_struct, level: c_int) {
    let is = |message: mozjpeg_sys::J_MESSAGE_CODE| code(info) == message;
    let mut seen = SEEN.get();
    if level >= 0 {
        // Other levels trace the course of the work. At the right restart marker the picture goes on: not its end was
        // missing before, but a part.
        if seen.hit_end && is(mozjpeg_sys::JTRC_RST) {
            SEEN.set(Seen { hit_end: false, faults: seen.faults.saturating_add(1), ..seen });
        }
        return;
    }
    seen.hit_end |= is(mozjpeg_sys::JWRN_HIT_MARKER);
    seen.ran_out |= is(mozjpeg_sys::JWRN_JPEG_EOF);
    let is_fault = [
        ARITH_BAD_CODE,
        mozjpeg_sys::JWRN_EXTRANEOUS_DATA,
        mozjpeg_sys::JWRN_HUFF_BAD_CODE,
        mozjpeg_sys::JWRN_MUST_RESYNC,
        mozjpeg_sys::JWRN_NOT_SEQUENTIAL,
    ];
    seen.faults = seen.faults.saturating_add(u32::from(is_fault.into_iter().any(is)));
    SEEN.set(seen);
}
