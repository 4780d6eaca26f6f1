//! A studio's logo: a PNG that has been looked at before it is kept or drawn.

use base64::{Engine, prelude::BASE64_STANDARD};

use image::{ImageError as ImageCrateError, RgbaImage, imageops};

use crate::imaging::{self, Format, ImageError, Picture};

/// The long side of a logo that is kept, in pixels: 40 mm at 600 dpi.
const KEPT: u32 = 1024;
/// The box of a logo on a page, in pixels: three for each of a phone's points.
const ON_PAGES: [u32; 2] = [480, 120];

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

    /// The logo drawn anew, so that nothing of the file but its picture is kept: for print, and for pages.
    ///
    /// # Errors
    /// [`LogoError::Damaged`].
    pub fn drawn_anew(&self) -> Result<(Vec<u8>, Vec<u8>), LogoError> {
        let damaged = |error: ImageCrateError| LogoError::Damaged(ImageError::Damaged(error.to_string()));
        let picture =
            image::load_from_memory_with_format(&self.png, image::ImageFormat::Png).map_err(damaged)?;
        let png = |[width, height]: [u32; 2]| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            fitted(&picture.to_rgba8(), width, height)
                .write_to(&mut bytes, image::ImageFormat::Png)
                .map_err(damaged)?;
            Ok(bytes.into_inner())
        };
        Ok((png([KEPT; 2])?, png(ON_PAGES)?))
    }

    /// For an `href` inside an SVG.
    pub(super) fn data_url(&self) -> String {
        format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&self.png))
    }
}

/// The picture in a box, never enlarged. What is clear weighs nothing in what lies between.
fn fitted(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let (own_width, own_height) = picture.dimensions();
    let scale = (f64::from(width) / f64::from(own_width)).min(f64::from(height) / f64::from(own_height));
    if scale >= 1.0 {
        return picture.clone();
    }
    let side = |own: u32| ((f64::from(own) * scale).round() as u32).max(1);
    let weighed = |by: fn(u32, u32) -> u32| {
        move |pixel: &mut image::Rgba<u8>| {
            let alpha = u32::from(pixel[3]);
            for channel in &mut pixel.0[..3] {
                *channel = u8::try_from(by(u32::from(*channel), alpha)).unwrap_or(u8::MAX);
            }
        }
    };
    let mut source = picture.clone();
    source.pixels_mut().for_each(weighed(|channel, alpha| (channel * alpha + 127) / 255));
    let mut small =
        imageops::resize(&source, side(own_width), side(own_height), imageops::FilterType::CatmullRom);
    small.pixels_mut().for_each(weighed(|channel, alpha| (channel * 255 + alpha / 2) / alpha.max(1)));
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_drawn_anew_without_what_else_its_file_holds() {
        let mut picture = RgbaImage::from_pixel(2000, 500, image::Rgba([200, 0, 0, 255]));
        (0..500).for_each(|y| (0..1000).for_each(|x| picture.put_pixel(x, y, image::Rgba([0, 255, 0, 0]))));
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let mut png = png.into_inner();
        png.extend_from_slice(b"<script>alert(1)</script>");
        let (kept, page) = Logo::read(&png).unwrap().drawn_anew().unwrap();
        for (bytes, size) in [(&kept, (1024, 256)), (&page, (480, 120))] {
            assert!(!bytes.windows(7).any(|part| part == b"<script"));
            let drawn = image::load_from_memory(bytes).unwrap().to_rgba8();
            assert_eq!(drawn.dimensions(), size);
            let (clear, red) = (drawn.get_pixel(5, 50), drawn.get_pixel(size.0 - 5, 50));
            assert_eq!((clear[3], red.0), (0, [200, 0, 0, 255]));
            let edge = drawn.get_pixel(size.0 / 2 + 1, 50);
            assert!(edge[1] < 40, "no green of what is clear: {edge:?}");
        }
    }
}
