//! A session's QR code, with the studio's logo in its middle where there is one.
//!
//! Without a logo the code has level Q, which withstands a quarter of it being stained or folded. With one
//! it has level H (30 %), and the logo's white plate takes less than 8 % of the modules: what is left serves
//! the print, the light and the phone.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

use super::Logo;
use crate::imaging::{self, Filter};

/// White modules around the code (ISO/IEC 18004 asks for four).
pub const QUIET: usize = 4;
/// Side of the logo's plate as a part of the code's side: 0.27² < 8 %.
const PLATE: f32 = 0.27;
/// Fewer pixels a module than this blur into each other on a screen.
const FEWEST_PIXELS: usize = 2;

#[derive(Debug, thiserror::Error)]
pub enum QrError {
    #[error("the link does not fit a QR code: {0}")]
    TooLong(qrcode::types::QrError),
    #[error("a code of {modules} modules does not fit {side} pixels")]
    TooSmall { modules: usize, side: u32 },
    #[error("the PNG cannot be written: {0}")]
    Png(#[from] png::EncodingError),
}

/// A short link as a code holds it: in capitals, which mean the same there and take two thirds of the room. Other
/// addresses stay as they are.
#[must_use]
pub fn coarse(url: &str) -> String {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    if path.is_some_and(|path| path.starts_with("g/")) { url.to_uppercase() } else { url.to_owned() }
}

/// How much of a code may be lost before it cannot be read any more; more of it means more modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resilience {
    /// 7 % (level L)
    Least,
    /// 15 % (level M)
    Medium,
    /// 25 % (level Q)
    Quarter,
    /// 30 % (level H)
    Most,
}

impl From<Resilience> for EcLevel {
    fn from(resilience: Resilience) -> Self {
        match resilience {
            Resilience::Least => Self::L,
            Resilience::Medium => Self::M,
            Resilience::Quarter => Self::Q,
            Resilience::Most => Self::H,
        }
    }
}

/// A code's modules, without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrMatrix {
    /// `side * side`, row by row; `true` is black.
    pub dark: Vec<bool>,
    /// Modules on a side.
    pub side: usize,
}

impl QrMatrix {
    /// # Errors
    /// [`QrError::TooLong`]: 2,953 bytes fit at the least resilience, 1,273 at the most.
    pub fn new(text: &str, resilience: Resilience) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, resilience.into()).map_err(QrError::TooLong)?;
        let side = code.width();
        Ok(Self { dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect(), side })
    }
}

/// A code and what lies on it.
pub struct QrCard {
    /// `modules * modules`, row by row; `true` is black.
    dark: Vec<bool>,
    /// On a side, without the quiet zone.
    modules: usize,
    logo: Option<Logo>,
}

impl QrCard {
    /// # Errors
    /// [`QrError::TooLong`] when the link has more than some 1,200 characters.
    pub fn new(url: &str, logo: Option<Logo>) -> Result<Self, QrError> {
        let resilience = if logo.is_some() { Resilience::Most } else { Resilience::Quarter };
        let QrMatrix { dark, side: modules } = QrMatrix::new(&coarse(url), resilience)?;
        let mut card = Self { dark, modules, logo };
        if card.logo.is_some() {
            let (from, to) = card.plate();
            for y in from..to {
                card.dark[y * modules + from..y * modules + to].fill(false);
            }
        }
        Ok(card)
    }

    /// Modules on a side with the quiet zone around it.
    pub(super) fn side(&self) -> usize {
        self.modules + 2 * QUIET
    }

    /// First and one past the last module of the logo's plate, the same across and down. Odd like every
    /// code's side, so that the plate lies in the middle.
    pub(super) fn plate(&self) -> (usize, usize) {
        let side = (self.modules as f32 * PLATE) as usize;
        let side = if side % 2 == 1 { side } else { side.saturating_sub(1) };
        let from = (self.modules - side) / 2;
        (from, from + side)
    }

    /// The code with its quiet zone as SVG elements, one unit a module, from (0, 0) to (side, side).
    pub(super) fn elements(&self) -> String {
        let mut path = String::new();
        for y in 0..self.modules {
            let row = &self.dark[y * self.modules..(y + 1) * self.modules];
            let mut x = 0;
            while x < self.modules {
                let run = row[x..].iter().take_while(|dark| **dark).count();
                if run > 0 {
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        let side = self.side();
        let mut svg = format!(
            r##"<rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" shape-rendering="crispEdges" d="{path}"/>"##
        );
        if let Some(logo) = &self.logo {
            let (from, to) = self.plate();
            let (at, size) = (from as f32 + QUIET as f32 + 0.5, (to - from) as f32 - 1.0);
            let _ = write!(
                svg,
                r#"<image x="{at}" y="{at}" width="{size}" height="{size}" href="{}"/>"#,
                logo.data_url()
            );
        }
        svg
    }

    #[must_use]
    pub fn svg(&self) -> String {
        let (side, pixels) = (self.side(), self.side() * 8);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{pixels}" height="{pixels}">{}</svg>"#,
            self.elements()
        )
    }

    /// A square PNG of `side` pixels, RGB8. Every module has the same whole number of pixels; what is left
    /// over widens the quiet zone.
    ///
    /// # Errors
    /// [`QrError::TooSmall`] below two pixels a module.
    pub fn png(&self, side: u32) -> Result<Vec<u8>, QrError> {
        let pixels = side as usize;
        let unit = pixels / self.side();
        if unit < FEWEST_PIXELS {
            return Err(QrError::TooSmall { modules: self.side(), side });
        }
        let origin = (pixels - unit * self.modules) / 2;
        let mut rgb = vec![255_u8; pixels * pixels * 3];
        for (at, _) in self.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let (x, y) = (origin + at % self.modules * unit, origin + at / self.modules * unit);
            for row in y..y + unit {
                rgb[(row * pixels + x) * 3..(row * pixels + x + unit) * 3].fill(0);
            }
        }
        if let Some(logo) = &self.logo {
            let (from, to) = self.plate();
            let room = (to - from - 1) * unit;
            let small = imaging::resize(&logo.picture, room as u32, Filter::CatmullRom);
            let (width, height) = (small.width as usize, small.height as usize);
            let (left, top) = ((pixels - width) / 2, (pixels - height) / 2);
            for (row, line) in small.rgb.chunks_exact(width * 3).enumerate() {
                let at = ((top + row) * pixels + left) * 3;
                rgb[at..at + line.len()].copy_from_slice(line);
            }
        }
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, side, side);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&rgb)?;
        Ok(png)
    }
}
