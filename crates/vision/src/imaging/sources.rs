//! Where a file says what its picture is: EXIF, XMP and IPTC, of which each may be missing, broken or contradict
//! the others.

use super::{
    exif,
    facts::{Facts, Written},
    iptc, xmp,
};

const MOST_KEYWORDS: usize = 100;

/// The parts of a file that hold facts.
#[derive(Default, Clone, Copy)]
pub(super) struct Sources<'a> {
    /// A TIFF structure.
    pub exif: Option<&'a [u8]>,
    pub xmp: Option<&'a [u8]>,
    /// IPTC-IIM records.
    pub iptc: Option<&'a [u8]>,
}

impl Sources<'_> {
    /// Reads all of them. What editors write (stars, words) is newest in XMP; the shutter's moment is the camera's,
    /// which is EXIF, before anybody's copy of it.
    pub fn read(self) -> Facts {
        let (mut facts, modified) = self.exif.map(exif::read).unwrap_or_default();
        let xmp = self.xmp.map(xmp::read).unwrap_or_default();
        let iptc = self.iptc.map(iptc::read).unwrap_or_default();
        let taken = facts.written.taken.or(xmp.taken).or(iptc.taken).or(modified);
        facts.written = Written { taken, ..xmp.or(iptc).or(facts.written) };
        facts.written.keywords.truncate(MOST_KEYWORDS);
        facts
    }
}

/// Reads a sidecar, a file of XMP beside a picture. `None` when the bytes are none.
#[must_use]
pub fn read_sidecar(bytes: &[u8]) -> Option<Written> {
    let mut written = xmp::read_packet(bytes)?;
    written.keywords.truncate(MOST_KEYWORDS);
    Some(written)
}
