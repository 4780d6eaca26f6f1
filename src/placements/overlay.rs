//! A code on a picture, made so that it can be scanned, and read again before anybody gets it.
//!
//! The code stands on a white plate with a quiet zone of four modules, each module a whole number of
//! pixels, in the calmest corner. The JPEG as it would be answered and its small version are decoded
//! again; what cannot be read is drawn anew elsewhere, larger, or with fewer modules.

use std::time::{Duration, Instant};

use super::place::{Calm, luminance};
use crate::{
    cards::{QUIET, QrMatrix, Resilience},
    imaging::{self, Filter, ImageError, Picture},
};

/// Long side of the small version, in pixels, unless its code could not be read then.
pub(super) const PREVIEW: u32 = 1024;
/// JPEG quality of what is answered. What platforms make of it has less: the check is done at that.
const QUALITY: u8 = 92;
const CHECK_QUALITY: u8 = 75;

/// Fewer pixels a module than this, and JPEG smears them into each other.
const FEWEST: f64 = 3.0;
/// The same in a smaller version, where modules do not fall on whole pixels.
const FEWEST_SCALED: f64 = 4.0;
/// The plate's usual side as a part of the picture's short side; what it may take when it must; its limit.
const USUAL: f64 = 0.24;
const LARGE: f64 = 0.45;
const LARGEST: f64 = 0.8;
/// From the picture's edge, as a part of its short side.
const MARGIN: f64 = 0.03;
/// Times that a code is drawn before we give up.
const ATTEMPTS: usize = 8;
/// After this no other place is tried.
const PATIENCE: Duration = Duration::from_secs(10);
/// Modules of picture around the plate that the reader sees.
const BORDER: u32 = 2;

/// Where a code lies on a picture, quiet zone included; pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeArea {
    pub x: u32,
    pub y: u32,
    pub size: u32,
}

/// A picture with its code.
pub struct Drawn {
    /// JPEG.
    pub whole: Vec<u8>,
    /// JPEG; smaller where that leaves the code readable.
    pub preview: Vec<u8>,
    pub width: u32,
    pub height: u32,
    pub area: CodeArea,
}

#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    #[error("a code for this link does not fit a picture of {width}x{height}")]
    DoesNotFit { width: u32, height: u32 },
    /// It was drawn and could not be read, wherever it stood.
    #[error("the code cannot be read on this picture")]
    Unreadable,
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// A code of a certain size.
#[derive(Debug)]
struct Plan {
    matrix: QrMatrix,
    /// Pixels.
    module: u32,
}

impl Plan {
    /// The plate's side in pixels.
    fn side(&self) -> u32 {
        (self.matrix.side + 2 * QUIET) as u32 * self.module
    }
}

/// Draws a code that leads to `url`.
///
/// # Errors
/// [`OverlayError`].
pub fn draw(mut picture: Picture, url: &str) -> Result<Drawn, OverlayError> {
    let (width, height) = (picture.width, picture.height);
    let plans = plans(&picture, url);
    if plans.is_empty() {
        return Err(OverlayError::DoesNotFit { width, height });
    }
    let calm = Calm::of(&picture);
    let short = width.min(height);
    let margin = (f64::from(short) * MARGIN).round() as u32;
    let tries = plans.iter().flat_map(|plan| {
        // Two places for each size: a second size is a better guess than a third corner.
        let places = calm.corners((width, height), plan.side(), margin);
        places.into_iter().take(2).map(move |(x, y)| (plan, CodeArea { x, y, size: plan.side() }))
    });
    let begun = Instant::now();
    for (plan, area) in tries.take(ATTEMPTS).take_while(|_| begun.elapsed() < PATIENCE) {
        let below = cut(&picture, area);
        stamp(&mut picture, plan, area);
        let whole = checked(&picture, area, plan.module, url)?;
        paste(&mut picture, area, &below);
        let Some(whole) = whole else { continue };
        if let Some(preview) = preview(&picture, plan, area, url)? {
            return Ok(Drawn { whole, preview, width, height, area });
        }
    }
    Err(OverlayError::Unreadable)
}

/// Codes to try, the best first: as resilient and as small as scanners allow, then larger, then with
/// fewer modules.
fn plans(picture: &Picture, url: &str) -> Vec<Plan> {
    let (short, long) = (f64::from(picture.width.min(picture.height)), f64::from(picture.long_side()));
    let mut plans = Vec::new();
    for (part, stretch) in [(LARGE, 1.0), (LARGE, 1.4), (LARGEST, 1.4), (LARGEST, 2.0)] {
        for resilience in [Resilience::Quarter, Resilience::Medium, Resilience::Least] {
            let Ok(matrix) = QrMatrix::new(url, resilience) else { continue };
            let modules = (matrix.side + 2 * QUIET) as f64;
            let most = (short * part / modules).floor();
            // So that it can be read in a feed, too.
            let scaled = FEWEST_SCALED * long / f64::from(PREVIEW);
            let wanted = (short * USUAL / modules).max(scaled).max(FEWEST) * stretch;
            let module = wanted.ceil().min(most);
            let known = |plan: &Plan| plan.matrix == matrix && f64::from(plan.module) == module;
            if module >= FEWEST && !plans.iter().any(known) {
                plans.push(Plan { matrix, module: module as u32 });
                // Fewer modules are for where this does not fit.
                break;
            }
        }
    }
    plans
}

fn rows(picture: &Picture, area: CodeArea) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
    let (width, CodeArea { x, y, size }) = (picture.width as usize, area);
    (y..y + size).map(move |row| {
        let start = (row as usize * width + x as usize) * 3;
        start..start + size as usize * 3
    })
}

/// The pixels of a part.
fn cut(picture: &Picture, area: CodeArea) -> Vec<u8> {
    rows(picture, area).flat_map(|row| picture.rgb[row].iter().copied()).collect()
}

fn paste(picture: &mut Picture, area: CodeArea, rgb: &[u8]) {
    for (row, pixels) in rows(picture, area).zip(rgb.chunks_exact(area.size as usize * 3)) {
        picture.rgb[row].copy_from_slice(pixels);
    }
}

fn stamp(picture: &mut Picture, plan: &Plan, area: CodeArea) {
    let module = plan.module as usize;
    for (at, row) in rows(picture, area).enumerate() {
        let line = &mut picture.rgb[row];
        line.fill(255);
        let Some(y) = (at / module).checked_sub(QUIET).filter(|y| *y < plan.matrix.side) else { continue };
        for x in (0..plan.matrix.side).filter(|x| plan.matrix.dark[y * plan.matrix.side + x]) {
            let start = (x + QUIET) * module * 3;
            line[start..start + module * 3].fill(0);
        }
    }
}

/// The picture as JPEG, if its code can be read: as it is, and as a platform shows it, compressed again and
/// as small as leaves the modules their pixels.
fn checked(picture: &Picture, area: CodeArea, module: u32, url: &str) -> Result<Option<Vec<u8>>, ImageError> {
    let whole = imaging::encode_jpeg(picture, QUALITY)?;
    let around = surroundings(&decode(&whole)?, area, module);
    let again = |picture: &Picture| decode(&imaging::encode_jpeg(picture, CHECK_QUALITY)?);
    let scale = (f64::from(PREVIEW) / f64::from(picture.long_side())).max(FEWEST_SCALED / f64::from(module));
    let small = imaging::resize_by(&around, scale, Filter::CatmullRom);
    let readable = reads(&around, url) && reads(&again(&around)?, url) && reads(&again(&small)?, url);
    Ok(readable.then_some(whole))
}

/// A smaller picture, with the same code at the same place drawn anew, so that its modules are whole pixels
/// here too.
fn preview(bare: &Picture, plan: &Plan, area: CodeArea, url: &str) -> Result<Option<Vec<u8>>, ImageError> {
    let usual = f64::from(plan.module) * f64::from(PREVIEW) / f64::from(bare.long_side());
    let module = (usual.floor() as u32).max(FEWEST_SCALED as u32).min(plan.module);
    let scale = f64::from(module) / f64::from(plan.module);
    let mut small = imaging::resize_by(bare, scale, Filter::CatmullRom);
    let plan = Plan { module, matrix: plan.matrix.clone() };
    let size = plan.side();
    // Rounding must not push it over an edge.
    let scaled = |n: u32, side: u32| ((f64::from(n) * scale).round() as u32).min(side.saturating_sub(size));
    let area = CodeArea { x: scaled(area.x, small.width), y: scaled(area.y, small.height), size };
    stamp(&mut small, &plan, area);
    let preview = imaging::encode_jpeg(&small, QUALITY)?;
    let readable = reads(&surroundings(&decode(&preview)?, area, module), url);
    Ok(readable.then_some(preview))
}

fn decode(jpeg: &[u8]) -> Result<Picture, ImageError> {
    let header = imaging::read_header(jpeg)?;
    imaging::decode(jpeg, &header, header.long_side())
}

/// The code with a little of the picture around it. More would only cost: whoever fills a picture with
/// false finder patterns makes the reader try every three of them.
fn surroundings(picture: &Picture, area: CodeArea, module: u32) -> Picture {
    let border = BORDER * module;
    let (left, top) = (area.x.saturating_sub(border), area.y.saturating_sub(border));
    let right = (area.x + area.size + border).min(picture.width);
    let bottom = (area.y + area.size + border).min(picture.height);
    let line = |y: u32| {
        let start = (y as usize * picture.width as usize + left as usize) * 3;
        &picture.rgb[start..start + (right - left) as usize * 3]
    };
    let rgb = (top..bottom).flat_map(|y| line(y).iter().copied()).collect();
    Picture::new(right - left, bottom - top, rgb)
}

/// Whether a scanner reads just this.
fn reads(picture: &Picture, url: &str) -> bool {
    let (width, luma) = (picture.width as usize, luminance(&picture.rgb));
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, picture.height as usize, |x, y| {
        luma[y * width + x]
    });
    prepared.detect_grids().iter().any(|grid| grid.decode().is_ok_and(|(_, text)| text == url))
}

#[cfg(test)]
mod tests;
