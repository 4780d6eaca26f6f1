//! The directories of a TIFF structure: EXIF, TIFF files and most RAW files are made of them.
//!
//! Only [TIFF 6.0](https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf), section 2, is read here, in
//! place and as far as it goes: an entry that points outside of the file is left out, and nothing fails.

/// Directories that are followed in one file; cameras write about six.
const MAX_DIRECTORIES: usize = 32;
/// Entries that are read of one directory.
const MAX_ENTRIES: usize = 512;

/// Where a directory hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In the chain that begins in the header; the number counts along it.
    Main(usize),
    /// A `SubIFDs` entry: larger or raw versions of the picture.
    Sub,
    Exif,
    Gps,
    Interoperability,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub tag: u16,
    kind: u16,
    count: usize,
    /// Where the values begin.
    at: usize,
}

pub(super) struct Directory {
    pub kind: Kind,
    pub entries: Vec<Entry>,
}

impl Directory {
    pub fn get(&self, tag: u16) -> Option<Entry> {
        self.entries.iter().find(|entry| entry.tag == tag).copied()
    }
}

/// A TIFF structure and all directories that can be reached in it.
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    pub directories: Vec<Directory>,
}

const SUB_DIRECTORIES: u16 = 0x014A;
const POINTERS: [(u16, Kind); 3] =
    [(0x8769, Kind::Exif), (0x8825, Kind::Gps), (0xA005, Kind::Interoperability)];

impl<'a> Tiff<'a> {
    /// `None` when the bytes do not begin as TIFF, or as what Olympus and Panasonic make of it.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.get(..4)? {
            b"II*\0" | b"IIRO" | b"IIRS" | b"IIU\0" => false,
            b"MM\0*" | b"MMOR" => true,
            _ => return None,
        };
        let mut tiff = Self { bytes, big_endian, directories: Vec::new() };
        let mut waiting = vec![(Kind::Main(0), tiff.u32(4)? as usize)];
        let mut seen = Vec::new();
        while let Some((kind, at)) = waiting.pop() {
            if seen.contains(&at) || seen.len() >= MAX_DIRECTORIES {
                continue;
            }
            seen.push(at);
            let Some((entries, next)) = tiff.directory(at) else { continue };
            if let (Kind::Main(number), Some(next)) = (kind, next) {
                waiting.push((Kind::Main(number + 1), next));
            }
            for entry in &entries {
                if let Some((_, kind)) = POINTERS.iter().find(|(tag, _)| *tag == entry.tag) {
                    waiting.extend(tiff.number(entry, 0).map(|at| (*kind, at as usize)));
                } else if entry.tag == SUB_DIRECTORIES {
                    let places = (0..entry.count.min(8)).filter_map(|n| tiff.number(entry, n));
                    waiting.extend(places.map(|at| (Kind::Sub, at as usize)));
                }
            }
            tiff.directories.push(Directory { kind, entries });
        }
        Some(tiff)
    }

    /// The entry of the first directory of a kind.
    pub fn get(&self, kind: Kind, tag: u16) -> Option<Entry> {
        self.directories.iter().filter(|directory| directory.kind == kind).find_map(|it| it.get(tag))
    }

    /// The entries at a place, and where the next directory of the chain is.
    fn directory(&self, at: usize) -> Option<(Vec<Entry>, Option<usize>)> {
        let count = usize::from(self.u16(at)?);
        let mut entries = Vec::new();
        for n in 0..count.min(MAX_ENTRIES) {
            let place = at + 2 + n * 12;
            let (Some(tag), Some(kind)) = (self.u16(place), self.u16(place + 2)) else { break };
            let Some(count) = self.u32(place + 4).map(|count| count as usize) else { break };
            let Some(length) = size(kind).and_then(|size| count.checked_mul(size)) else { continue };
            let at = if length <= 4 { Some(place + 8) } else { self.u32(place + 8).map(|at| at as usize) };
            let Some(at) = at.filter(|at| at.checked_add(length).is_some_and(|end| end <= self.bytes.len()))
            else {
                continue;
            };
            entries.push(Entry { tag, kind, count, at });
        }
        let next = self.u32(at + 2 + count * 12).filter(|&next| next != 0);
        Some((entries, next.map(|next| next as usize)))
    }

    /// The `n`th value of an entry that holds whole numbers.
    pub fn number(&self, entry: &Entry, n: usize) -> Option<u32> {
        if n >= entry.count {
            return None;
        }
        match entry.kind {
            1 | 6 | 7 => self.bytes.get(entry.at + n).map(|&byte| u32::from(byte)),
            3 | 8 => self.u16(entry.at + n * 2).map(u32::from),
            4 | 9 | 13 => self.u32(entry.at + n * 4),
            _ => None,
        }
    }

    /// The `n`th value of an entry that holds fractions.
    pub fn fraction(&self, entry: &Entry, n: usize) -> Option<f64> {
        if n >= entry.count || !matches!(entry.kind, 5 | 10) {
            return None;
        }
        let (above, below) = (self.u32(entry.at + n * 8)?, self.u32(entry.at + n * 8 + 4)?);
        (below != 0).then(|| f64::from(above) / f64::from(below))
    }

    /// Where the values of an entry begin.
    pub fn place(&self, entry: &Entry) -> usize {
        entry.at
    }

    /// The bytes of an entry, whatever they mean.
    pub fn bytes(&self, entry: &Entry) -> &'a [u8] {
        let length = size(entry.kind).unwrap_or(1) * entry.count;
        self.bytes.get(entry.at..entry.at + length).unwrap_or_default()
    }

    /// The text of an entry without what fills it up; UTF-8, else Latin-1.
    pub fn text(&self, entry: &Entry) -> Option<String> {
        if !matches!(entry.kind, 1 | 2 | 7 | 129) {
            return None;
        }
        let bytes = self.bytes(entry);
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        super::text::plain(&super::text::decoded(&bytes[..end]))
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

/// Bytes of one value of a type (TIFF 6.0, section 2; 13 from its supplement, 129 from EXIF 3.0).
fn size(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 | 129 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}
