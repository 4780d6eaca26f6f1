//! What a picture's numbers mean as colours.

use std::sync::Arc;

/// An ICC profile of RGB pixels that are not sRGB, such as Display P3 or Adobe RGB. We do not convert the
/// pixels: browsers do, and the networks see no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColourProfile(Arc<[u8]>);

/// Camera and editor profiles have 500 to 4,000 bytes; what is larger would outweigh a thumbnail.
const MAX_BYTES: usize = 16 << 10;

impl ColourProfile {
    /// `None` for what is broken, large, not for RGB, or just says sRGB. ICC.1:2022, 7.2: the space at byte
    /// 16, the signature at byte 36.
    pub(super) fn new(icc: &[u8]) -> Option<Self> {
        let is_rgb = icc.get(16..20) == Some(b"RGB ") && icc.get(36..40) == Some(b"acsp");
        let names = |text: &[u8]| icc.windows(text.len()).any(|part| part == text);
        // Descriptions are ASCII in version 2, UTF-16 in version 4.
        let is_srgb = names(b"sRGB") || names(b"s\0R\0G\0B");
        (is_rgb && !is_srgb && icc.len() <= MAX_BYTES).then(|| Self(icc.into()))
    }

    pub(super) fn icc(&self) -> &[u8] {
        &self.0
    }
}
