//! Pictures: bytes in, upright RGB out, and smaller JPEGs back.
//!
//! The order is always [`probe`] (header only, refuses by name) → [`decode`] (bounded, upright) →
//! [`resize`] → [`encode_jpeg`]. This room knows nothing of faces, rows or requests.
//! What it writes carries no metadata at all: no EXIF, so no GPS.

mod colour;
mod decode;
mod encode;
mod exif;
mod fonts;
mod jpeg;
mod mark;
mod orient;
mod png;
mod probe;
mod resize;
mod svg;
mod turn;

pub use colour::ColourProfile;
pub use decode::{PictureSource, decode};
pub use encode::{encode_jpeg, thumbhash};
pub use exif::Orientation;
pub use fonts::{FONT_FAMILY, fonts, printable};
pub use mark::{EmptyMark, Mark};
pub use probe::{Format, Header, MAX_PIXELS, probe};
pub(crate) use resize::crop_resize;
pub use resize::{Filter, resize, resize_by};
pub use svg::escape;

/// An upright picture in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes, row by row.
    pub rgb: Vec<u8>,
    /// Pixels of this picture per pixel of the original, 0..=1. Faces are given in the original's
    /// pixels, whatever scale they were found at.
    pub scale: f32,
    /// What the numbers mean as colours; `None` is sRGB. Goes along into every smaller picture.
    pub profile: Option<ColourProfile>,
}

impl Picture {
    /// # Panics
    /// When `rgb` is not `width * height * 3` long.
    #[must_use]
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        assert_eq!(rgb.len(), width as usize * height as usize * 3, "RGB8 of {width}x{height}");
        Self { width, height, rgb, scale: 1.0, profile: None }
    }

    #[must_use]
    pub fn long_side(&self) -> u32 {
        self.width.max(self.height)
    }
}

/// Why a file is not taken. Each has its own `code`, which is part of the interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    #[error("the file has no bytes")]
    EmptyFile,
    #[error("the picture has no pixels ({width}x{height})")]
    EmptyPicture { width: u32, height: u32 },
    #[error("{width}x{height} is more than {} megapixels", MAX_PIXELS / 1_000_000)]
    TooManyPixels { width: u32, height: u32 },
    #[error("the file ends before the picture does")]
    Truncated,
    #[error("HEIC is not supported; send JPEG")]
    HeicUnsupported,
    #[error("animated pictures are not supported")]
    AnimatedUnsupported,
    #[error("{0} is not supported; send JPEG, PNG or WebP")]
    UnsupportedType(&'static str),
    #[error("the picture needs more work or memory than one photo may cost")]
    TooComplex,
    #[error("the picture is damaged: {0}")]
    Damaged(String),
}

impl ImageError {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::EmptyPicture { .. } => "empty_picture",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::Truncated => "truncated",
            Self::HeicUnsupported => "heic_unsupported",
            Self::AnimatedUnsupported => "animated_unsupported",
            Self::UnsupportedType(_) => "unsupported_type",
            Self::TooComplex => "too_complex",
            Self::Damaged(_) => "damaged",
        }
    }
}
