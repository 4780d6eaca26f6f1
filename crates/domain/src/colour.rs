//! A colour, and how well it is read on another (WCAG 2.2, contrast ratio).

use std::{fmt, str::FromStr};

use super::Invalid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Of words on their ground (WCAG 2.2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;
/// Per cent of the accent in its soft ground.
const SOFT: u8 = 10;

/// The grounds that the pages have, see `static/css/base.css`.
const LIGHT: [Colour; 2] = [Colour([0xff, 0xff, 0xff]), Colour([0xf1, 0xed, 0xe7])];
const DARK: [Colour; 2] = [Colour([0x14, 0x13, 0x12]), Colour([0x23, 0x21, 0x1e])];

/// What a page makes of a studio's colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tones {
    /// Read on every ground of the page and on `soft`; the page's own ground is read on it.
    pub accent: Colour,
    pub soft: Colour,
}

impl Colour {
    pub const BLACK: Self = Self([0; 3]);
    pub const WHITE: Self = Self([255; 3]);

    /// For pages with a light ground and for those with a dark one: the nearest to this colour that can be read there.
    #[must_use]
    pub fn tones(self) -> (Tones, Tones) {
        (self.read_on(LIGHT, Self::BLACK), self.read_on(DARK, Self::WHITE))
    }

    fn read_on(self, grounds: [Self; 2], towards: Self) -> Tones {
        let tones = |accent: Self| Tones { accent, soft: grounds[0].mixed(accent, SOFT) };
        let is_read = |Tones { accent, soft }: &Tones| {
            grounds.iter().chain([soft]).all(|ground| accent.contrast(*ground) >= LEAST_CONTRAST)
        };
        let nearest = (0..=100).map(|percent| tones(self.mixed(towards, percent))).find(is_read);
        nearest.unwrap_or_else(|| tones(towards))
    }

    /// From 1 (the same) to 21 (black and white).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// With so many per cent of another colour.
    fn mixed(self, other: Self, percent: u8) -> Self {
        let part = |at: usize| {
            let (mine, theirs) = (u32::from(self.0[at]), u32::from(other.0[at]));
            let sum = mine * (100 - u32::from(percent)) + theirs * u32::from(percent);
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self([part(0), part(1), part(2)])
    }
}

impl FromStr for Colour {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii());
        let number = hex.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = number.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let [_, r, g, b] = number.ok_or(Invalid("a colour: # and six hex digits"))?.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_read_on_light_and_on_dark_pages() {
        let steps = || (0..=255).step_by(15).map(|channel| u8::try_from(channel).unwrap());
        for (r, g, b) in steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b)))) {
            let colour = Colour([r, g, b]);
            let (light, dark) = colour.tones();
            for (tones, grounds) in [(light, LIGHT), (dark, DARK)] {
                for ground in grounds.into_iter().chain([tones.soft]) {
                    assert!(
                        tones.accent.contrast(ground) >= LEAST_CONTRAST,
                        "{colour}: {tones:?} on {ground}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_is_left_as_it_is() {
        let brick: Colour = "#A9472a".parse().unwrap();
        assert_eq!(brick.to_string(), "#a9472a");
        assert_eq!(brick.tones().0.accent, brick);
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        for wrong in ["", "red", "#12345", "#1234567", "#12345g", "123456", "#ééé", "#+12345"] {
            assert!(wrong.parse::<Colour>().is_err(), "{wrong}");
        }
    }
}
