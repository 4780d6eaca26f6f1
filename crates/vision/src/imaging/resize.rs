//! Smaller pictures. Never larger ones.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image, images::ImageRef,
};

use super::Picture;

/// How pixels are weighed when a picture shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Area average, for pictures that a network looks at. By a Hamming window: a plain box weighs whole
    /// pixels only, and at odd factors moves faces by a pixel or two.
    Area,
    /// Sharp without much ringing. For pictures that a person looks at.
    CatmullRom,
}

impl Filter {
    fn algorithm(self) -> ResizeAlg {
        ResizeAlg::Convolution(match self {
            Self::Area => FilterType::Hamming,
            Self::CatmullRom => FilterType::CatmullRom,
        })
    }
}

/// Fits the long side to `long_side`; a smaller picture is returned as it is.
#[must_use]
pub fn resize(picture: &Picture, long_side: u32, filter: Filter) -> Picture {
    resize_by(picture, f64::from(long_side) / f64::from(picture.long_side()), filter)
}

/// Scales both sides by `factor`; factors of one and more return the picture as it is.
#[must_use]
pub fn resize_by(picture: &Picture, factor: f64, filter: Filter) -> Picture {
    if factor >= 1.0 {
        return picture.clone();
    }
    let side = |n: u32| ((f64::from(n) * factor).round() as u32).max(1);
    let whole = [0.0, 0.0, f64::from(picture.width), f64::from(picture.height)];
    let small = crop_resize(picture, whole, side(picture.width), side(picture.height), filter);
    Picture { scale: picture.scale * factor as f32, ..small }
}

/// The part `[left, top, width, height]` (pixels, fractions allowed, inside the picture) at a new size.
/// The result's `scale` is the picture's own, since the part may be stretched.
///
/// # Panics
/// When the part reaches out of the picture.
#[must_use]
pub fn crop_resize(picture: &Picture, part: [f64; 4], width: u32, height: u32, filter: Filter) -> Picture {
    let source = ImageRef::new(picture.width, picture.height, &picture.rgb, PixelType::U8x3)
        .expect("Picture::new checked the length");
    let mut target = Image::new(width, height, PixelType::U8x3);
    let [left, top, w, h] = part;
    let options = ResizeOptions::new().resize_alg(filter.algorithm()).crop(left, top, w, h).use_alpha(false);
    Resizer::new().resize(&source, &mut target, &options).expect("both are RGB8 and the part lies inside");
    Picture { scale: picture.scale, ..Picture::new(width, height, target.into_vec()) }
}
