//! Why a file is not taken.

use super::MAX_PIXELS;

/// Each has its own `code`, which is part of the interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    #[error("the file has no bytes")]
    EmptyFile,
    #[error("the picture has no pixels ({width}x{height})")]
    EmptyPicture { width: u32, height: u32 },
    #[error("{width}x{height} is more than {} megapixels", MAX_PIXELS / 1_000_000)]
    TooManyPixels { width: u32, height: u32 },
    /// Too little of the picture is there to be shown.
    #[error("the file ends before the picture does; {readable} % of it can be read")]
    Truncated { readable: u8 },
    #[error("HEIC needs libheif on the server; send JPEG")]
    HeicUnsupported,
    #[error("the RAW of {camera} holds no picture that is large enough; export JPEG")]
    RawWithoutPreview { camera: String },
    #[error("{0} is not supported; send JPEG, PNG, WebP, TIFF, HEIC, AVIF or RAW")]
    UnsupportedType(&'static str),
    #[error("the picture needs more work or memory than one photo may cost")]
    TooComplex,
    #[error("the picture is damaged: {0}")]
    Damaged(String),
}

impl ImageError {
    /// A file that ends before any of its pixels.
    pub(super) const CUT: Self = Self::Truncated { readable: 0 };

    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::EmptyPicture { .. } => "empty_picture",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::Truncated { .. } => "truncated",
            Self::HeicUnsupported => "heic_unsupported",
            Self::RawWithoutPreview { .. } => "raw_without_preview",
            Self::UnsupportedType(_) => "unsupported_type",
            Self::TooComplex => "too_complex",
            Self::Damaged(_) => "damaged",
        }
    }

    /// Per cent of the picture that could be read of a file that breaks off.
    #[must_use]
    pub fn readable(&self) -> Option<u8> {
        match self {
            Self::Truncated { readable } => Some(*readable),
            _ => None,
        }
    }
}

/// Share of a picture, in per cent, that must be there for it to be shown: with a third missing it is no photo.
const LEAST_READABLE: u8 = 66;

/// What is said of a picture of which `got` of `all` rows were there: `None` when it is whole and without faults.
pub(super) fn damage(got: usize, all: usize, has_faults: bool) -> Result<Option<u8>, ImageError> {
    let readable = (got.min(all) * 100 / all.max(1)) as u8;
    match readable {
        100 if !has_faults => Ok(None),
        LEAST_READABLE.. => Ok(Some(readable)),
        _ => Err(ImageError::Truncated { readable }),
    }
}
