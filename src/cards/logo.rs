//! A studio's logo: a PNG that has been looked at before it is kept or drawn.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::imaging::{self, Format, ImageError, Picture};

pub const MAX_LOGO_BYTES: usize = 512 << 10;
/// Sides in pixels. Smaller ones print as a smear, larger ones only cost memory.
const SIDES: std::ops::RangeInclusive<u32> = 32..=4096;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    #[error("the logo has {0} bytes, {MAX_LOGO_BYTES} are allowed")]
    TooLarge(usize),
    #[error("the logo is no PNG")]
    NotPng,
    #[error("the logo has {width}x{height} pixels; a side may have {} to {}", SIDES.start(), SIDES.end())]
    Size { width: u32, height: u32 },
    #[error("the logo is damaged: {0}")]
    Damaged(ImageError),
}

/// A logo that can be drawn.
pub struct Logo {
    /// As uploaded, transparency included.
    png: Vec<u8>,
    /// Over white.
    pub(super) picture: Picture,
}

impl Logo {
    /// Reads header and pixels; the name of a file says nothing.
    ///
    /// # Errors
    /// [`LogoError`].
    pub fn read(png: &[u8]) -> Result<Self, LogoError> {
        if png.len() > MAX_LOGO_BYTES {
            return Err(LogoError::TooLarge(png.len()));
        }
        let header = imaging::read_header(png).map_err(|error| match error {
            ImageError::Truncated { .. } | ImageError::Damaged(_) if png.starts_with(b"\x89PNG") => {
                LogoError::Damaged(error)
            }
            _ => LogoError::NotPng,
        })?;
        if header.format != Format::Png {
            return Err(LogoError::NotPng);
        }
        let (width, height) = (header.width, header.height);
        if !SIDES.contains(&width) || !SIDES.contains(&height) {
            return Err(LogoError::Size { width, height });
        }
        let picture = imaging::decode(png, &header, header.long_side()).map_err(LogoError::Damaged)?;
        // Printed on every card: what a viewer forgives in a photo is not good enough here.
        if let Some(readable) = picture.damage {
            return Err(LogoError::Damaged(ImageError::Truncated { readable }));
        }
        Ok(Self { png: png.to_vec(), picture })
    }

    /// For an `href` inside an SVG.
    pub(super) fn data_url(&self) -> String {
        format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&self.png))
    }
}
