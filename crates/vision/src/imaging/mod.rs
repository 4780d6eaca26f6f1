//! Pictures: bytes in, upright RGB out, and smaller JPEGs back.
//!
//! The order is always [`read_header`] (header only, refuses by name) → [`decode`] (bounded, upright) →
//! [`resize`] → [`encode_jpeg`]. This room knows nothing of faces, rows or requests.
//! The files that it writes carry no metadata at all: no EXIF, so no GPS.

mod colour;
mod credit;
mod decode;
mod encode;
mod error;
mod exif;
mod facts;
mod fonts;
mod gif;
mod header;
mod heif;
mod ifd;
mod iptc;
mod jpeg;
mod jxl;
mod mark;
mod memory;
mod orient;
mod png;
mod resize;
mod shrink;
mod sources;
mod svg;
mod text;
mod tiff;
mod turn;
mod webp;
mod when;
mod xmp;

pub use credit::Credit;
pub use decode::{PictureSource, decode};
pub use encode::{encode_jpeg, thumbhash};
pub use error::ImageError;
pub use facts::{Facts, Orientation, Written};
pub use fonts::{FONT_FAMILY, fonts, printable};
pub use header::{Format, Header, MAX_PIXELS, RawKind, read_header};
pub use heif::heif_support;
pub use mark::{EmptyMark, Mark};
pub use resize::{Filter, crop_resize, resize, resize_by};
pub use sources::read_sidecar;
pub use svg::escape;
pub use when::Taken;

/// An upright picture in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes of sRGB, row by row.
    pub rgb: Vec<u8>,
    /// Pixels of this picture per pixel of the original, 0..=1. Faces are given in the original's
    /// pixels, whatever scale they were found at.
    pub scale: f32,
    /// Per cent of the rows that the file still had, where it is damaged. What is missing is grey or white.
    pub damage: Option<u8>,
}

impl Picture {
    /// # Panics
    /// When `rgb` is not `width * height * 3` long.
    #[must_use]
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        assert_eq!(rgb.len(), width as usize * height as usize * 3, "RGB8 of {width}x{height}");
        Self { width, height, rgb, scale: 1.0, damage: None }
    }

    #[must_use]
    pub fn long_side(&self) -> u32 {
        self.width.max(self.height)
    }
}
