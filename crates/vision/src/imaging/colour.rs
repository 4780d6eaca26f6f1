//! The colour space of a picture, and its conversion to sRGB.
//!
//! Everything that leaves here is sRGB: messengers and "save as" lose profiles, browsers without colour
//! management ignore them, and the face networks were trained on sRGB. A profile is judged by its numbers,
//! never by its name.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, TransformOptions,
};

/// Larger profiles are refused; printers' tables have about two megabytes.
const MAX_BYTES: usize = 8 << 20;
/// Pixels that are converted at a time, so that the second copy stays small.
const PIECE: usize = 1 << 16;

/// How the samples of a pixel are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Samples {
    Grey,
    Rgb,
    /// 255 is no ink, as Adobe stores JPEG and libjpeg hands it on.
    InvertedCmyk,
}

impl Samples {
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::InvertedCmyk => 4,
        }
    }
}

/// The meaning of numbers that are not sRGB.
#[derive(Clone)]
pub(super) struct Colour(ColorProfile);

impl Colour {
    /// `None` for what cannot be read: such a picture is taken for sRGB, as browsers do.
    pub fn from_icc(icc: &[u8]) -> Option<Self> {
        if icc.is_empty() || icc.len() > MAX_BYTES {
            return None;
        }
        // The parser is a library's and the bytes are anybody's.
        std::panic::catch_unwind(|| ColorProfile::new_from_slice(icc).ok()).ok().flatten().map(Self)
    }

    /// Adobe RGB (1998), which cameras say in EXIF and not by a profile.
    pub fn adobe_rgb() -> Self {
        Self(ColorProfile::new_adobe_rgb())
    }

    /// Coding-independent code points (ITU-T H.273); `None` for what they leave open.
    pub fn from_cicp(primaries: u8, transfer: u8) -> Option<Self> {
        let color_primaries = CicpColorPrimaries::try_from(primaries).ok()?;
        let transfer_characteristics = TransferCharacteristics::try_from(transfer).ok()?;
        ColorPrimaries::try_from(color_primaries).ok()?;
        ToneReprCurve::try_from(transfer_characteristics).ok()?;
        Some(Self(ColorProfile::new_from_cicp(CicpProfile {
            color_primaries,
            transfer_characteristics,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        })))
    }

    /// PNG's `gAMA` (as it is stored: the exponent of encoding) and `cHRM` (white, red, green, blue).
    pub fn from_gamma(gamma: Option<f32>, chromaticities: Option<[(f32, f32); 4]>) -> Option<Self> {
        let gamma = gamma.filter(|gamma| (0.1..=10.0).contains(gamma));
        if gamma.is_none() && chromaticities.is_none() {
            return None;
        }
        let mut profile = ColorProfile::new_srgb();
        if let Some(points) = chromaticities {
            let is_sane = points.iter().all(|(x, y)| (0.0..=1.0).contains(x) && (0.001..=1.0).contains(y));
            let [white, red, green, blue] = points.map(|(x, y)| Chromaticity { x, y });
            if is_sane {
                profile.update_rgb_colorimetry(white.to_xyyb(), ColorPrimaries { red, green, blue });
            }
        }
        profile.cicp = None;
        if let Some(gamma) = gamma {
            let curve = ToneReprCurve::Parametric(vec![1.0 / gamma]);
            profile.red_trc = Some(curve.clone());
            profile.green_trc = Some(curve.clone());
            profile.blue_trc = Some(curve);
        }
        Some(Self(profile))
    }
}

/// Turns samples into sRGB, three bytes a pixel. A profile for another kind of samples is left out, except one
/// for RGB with a grey picture, which says how grey is meant.
pub(super) fn to_srgb(pixels: Vec<u8>, samples: Samples, colour: Option<&Colour>) -> Vec<u8> {
    let Some(Colour(profile)) = colour else { return plainly(pixels, samples) };
    match (samples, profile.color_space) {
        (Samples::Grey, DataColorSpace::Gray) => converted(profile, Layout::Gray, &pixels, 1),
        (Samples::Grey, DataColorSpace::Rgb) => {
            converted(profile, Layout::Rgb, &plainly(pixels.clone(), samples), 3)
        }
        (Samples::Rgb, DataColorSpace::Rgb) => converted(profile, Layout::Rgb, &pixels, 3),
        (Samples::InvertedCmyk, DataColorSpace::Cmyk) => {
            let ink: Vec<u8> = pixels.iter().map(|&value| 255 - value).collect();
            converted(profile, Layout::Rgba, &ink, 4)
        }
        _ => None,
    }
    .unwrap_or_else(|| plainly(pixels, samples))
}

/// `None` when the profile says nothing that could be computed with.
fn converted(profile: &ColorProfile, layout: Layout, pixels: &[u8], samples: usize) -> Option<Vec<u8>> {
    // Fixed point would lose the shadows of linear pictures, and code points in a profile are not what the
    // profile's own numbers say.
    let options =
        TransformOptions { prefer_fixed_point: false, allow_use_cicp_transfer: false, ..Default::default() };
    let work = || {
        let srgb = ColorProfile::new_srgb();
        let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgb, options).ok()?;
        let mut rgb = vec![0; pixels.len() / samples * 3];
        for (from, to) in pixels.chunks(PIECE * samples).zip(rgb.chunks_mut(PIECE * 3)) {
            transform.transform(from, to).ok()?;
        }
        Some(rgb)
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok().flatten()
}

/// The samples as sRGB without a profile. Of ink the plain product is what viewers show.
fn plainly(pixels: Vec<u8>, samples: Samples) -> Vec<u8> {
    match samples {
        Samples::Rgb => pixels,
        Samples::Grey => pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
        Samples::InvertedCmyk => pixels
            .chunks_exact(4)
            .flat_map(|ink| {
                let k = u16::from(ink[3]);
                [ink[0], ink[1], ink[2]].map(|c| ((u16::from(c) * k + 127) / 255) as u8)
            })
            .collect(),
    }
}
