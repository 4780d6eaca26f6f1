//! Where every byte of a ZIP archive lies, before the first is sent (PKWARE APPNOTE 6.3.10).
//!
//! Entries are stored as they are, and their sizes and CRC-32 are known, so a [`Layout`] answers for any
//! offset whether a header, a part of a file or the directory stands there. A client that lost its
//! connection at 3 GB goes on at 3 GB, and nothing before that is read. Pure: the files themselves are
//! fetched by who walks the [`Part`]s. ZIP64 records are written exactly where a number does not fit.

use std::ops::Range;

use chrono::{Datelike, NaiveDateTime, Timelike};

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// In the archive; unique, at most 65,535 bytes.
    pub name: String,
    pub bytes: u64,
    pub crc32: u32,
    /// By the camera's clock: ZIP knows no zones either.
    pub modified: NaiveDateTime,
}

/// A part of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Headers or directory.
    Bytes(Vec<u8>),
    /// This part of an entry's file; `entry` counts from 0.
    File { entry: usize, range: Range<u64> },
}

/// An archive without its files.
#[derive(Debug, Clone)]
pub struct Layout {
    entries: Vec<Entry>,
    /// Offset of each local header, and of the directory as the last.
    local: Vec<u64>,
    /// Offset of each directory header, and of the end records as the last.
    central: Vec<u64>,
    length: u64,
}

/// A number that does not fit and stands in a ZIP64 record instead.
const MAX32: u64 = 0xFFFF_FFFF;
const MAX16: u64 = 0xFFFF;
/// 2.0; 4.5 where a ZIP64 record is needed.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// Made on Unix, where `rw-r--r--` means something.
const UNIX: u16 = 3 << 8;
const REGULAR_FILE: u32 = 0o100_644 << 16;
/// Bit 11: names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Headers are sent in pieces of about this size.
const PIECE: usize = 64 << 10;

impl Layout {
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut layout =
            Self { local: Vec::with_capacity(entries.len() + 1), central: Vec::new(), length: 0, entries };
        let mut at = 0;
        for entry in &layout.entries {
            layout.local.push(at);
            at += local_header(entry).len() as u64 + entry.bytes;
        }
        layout.local.push(at);
        layout.central.reserve(layout.local.len());
        for (entry, &offset) in layout.entries.iter().zip(&layout.local) {
            layout.central.push(at);
            at += central_header(entry, offset).len() as u64;
        }
        layout.central.push(at);
        layout.length = at + layout.end().len() as u64;
        layout
    }

    /// Of the whole archive, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The part from `at` on, no further than `end`; `None` at the end. The next part begins where
    /// this one ends.
    #[must_use]
    pub fn part(&self, mut at: u64, end: u64) -> Option<Part> {
        let end = end.min(self.length);
        let mut headers = Vec::new();
        while at < end && headers.len() < PIECE {
            match self.piece(at) {
                (start, Piece::File(entry)) if headers.is_empty() => {
                    let range = at - start..self.entries[entry].bytes.min(end - start);
                    return Some(Part::File { entry, range });
                }
                (_, Piece::File(_)) => break,
                (start, Piece::Header(header)) => {
                    // Within one header, which is short.
                    let [from, to] = [at - start, (end - start).min(header.len() as u64)];
                    headers.extend_from_slice(&header[from as usize..to as usize]);
                    at = start + to;
                }
            }
        }
        (!headers.is_empty()).then_some(Part::Bytes(headers))
    }

    /// The piece at `at`, and where it begins.
    fn piece(&self, at: u64) -> (u64, Piece) {
        let last_from = |offsets: &[u64]| offsets.partition_point(|&offset| offset <= at) - 1;
        let entry = last_from(&self.local);
        if entry < self.entries.len() {
            let header = local_header(&self.entries[entry]);
            let file = self.local[entry] + header.len() as u64;
            return if at < file {
                (self.local[entry], Piece::Header(header))
            } else {
                (file, Piece::File(entry))
            };
        }
        let entry = last_from(&self.central);
        let header = match self.entries.get(entry) {
            Some(of) => central_header(of, self.local[entry]),
            None => self.end(),
        };
        (self.central[entry], Piece::Header(header))
    }

    /// The end of the directory, with its ZIP64 record and locator where they are needed.
    fn end(&self) -> Vec<u8> {
        let count = self.entries.len() as u64;
        let (directory, after) = (self.local[self.entries.len()], self.central[self.entries.len()]);
        let size = after - directory;
        let mut end = Vec::with_capacity(98);
        if count >= MAX16 || size >= MAX32 || directory >= MAX32 {
            put(&mut end, &[0x0606_4b50_u32.to_le_bytes().as_slice(), &44_u64.to_le_bytes()]);
            put(&mut end, &[(UNIX | ZIP64).to_le_bytes().as_slice(), &ZIP64.to_le_bytes(), &[0; 8]]);
            put(&mut end, &[count, count, size, directory].map(u64::to_le_bytes));
            put(
                &mut end,
                &[0x0706_4b50_u32.to_le_bytes().as_slice(), &[0; 4], &after.to_le_bytes(), &[1, 0, 0, 0]],
            );
        }
        put(&mut end, &[0x0605_4b50_u32.to_le_bytes().as_slice(), &[0; 4]]);
        put(&mut end, &[short(count).to_le_bytes(); 2]);
        put(&mut end, &[long(size).to_le_bytes(), long(directory).to_le_bytes()]);
        put(&mut end, &[[0; 2]]);
        end
    }
}

enum Piece {
    Header(Vec<u8>),
    File(usize),
}

/// 4.3.7 of the specification.
fn local_header(entry: &Entry) -> Vec<u8> {
    let is_large = entry.bytes >= MAX32;
    let mut extra = Vec::new();
    if is_large {
        zip64_extra(&mut extra, &[entry.bytes, entry.bytes]);
    }
    let mut header = Vec::with_capacity(30 + entry.name.len() + extra.len());
    put(&mut header, &[0x0403_4b50_u32.to_le_bytes().as_slice(), &version(is_large).to_le_bytes()]);
    common(&mut header, entry, extra.len());
    put(&mut header, &[entry.name.as_bytes(), &extra]);
    header
}

/// 4.3.12 of the specification.
fn central_header(entry: &Entry, offset: u64) -> Vec<u8> {
    let mut large = Vec::new();
    if entry.bytes >= MAX32 {
        large.extend([entry.bytes, entry.bytes]);
    }
    if offset >= MAX32 {
        large.push(offset);
    }
    let mut extra = Vec::new();
    if !large.is_empty() {
        zip64_extra(&mut extra, &large);
    }
    let needed = version(!large.is_empty());
    let mut header = Vec::with_capacity(46 + entry.name.len() + extra.len());
    put(
        &mut header,
        &[0x0201_4b50_u32.to_le_bytes().as_slice(), &(UNIX | needed).to_le_bytes(), &needed.to_le_bytes()],
    );
    common(&mut header, entry, extra.len());
    // Comment, disk and internal attributes.
    put(&mut header, &[[0; 6].as_slice(), &REGULAR_FILE.to_le_bytes(), &long(offset).to_le_bytes()]);
    put(&mut header, &[entry.name.as_bytes(), &extra]);
    header
}

/// Writes the fields that both headers of an entry have: from the flags to the length of the extra field.
fn common(header: &mut Vec<u8>, entry: &Entry, extra: usize) {
    let (date, time) = dos_time(entry.modified);
    // Method 0: stored.
    put(header, &[UTF8, 0, time, date].map(u16::to_le_bytes));
    put(header, &[entry.crc32, long(entry.bytes), long(entry.bytes)].map(u32::to_le_bytes));
    put(header, &[short(entry.name.len() as u64), short(extra as u64)].map(u16::to_le_bytes));
}

fn version(is_large: bool) -> u16 {
    if is_large { ZIP64 } else { PLAIN }
}

/// 4.5.3 of the specification: only the numbers that do not fit where they belong, in their order.
fn zip64_extra(extra: &mut Vec<u8>, numbers: &[u64]) {
    put(extra, &[1, 8 * numbers.len() as u16].map(u16::to_le_bytes));
    put(extra, &numbers.iter().map(|n| n.to_le_bytes()).collect::<Vec<_>>());
}

/// MS-DOS date and time: 1980 to 2107, every second second.
fn dos_time(at: NaiveDateTime) -> (u16, u16) {
    let Some(year) = u16::try_from(at.year() - 1980).ok().filter(|year| *year < 128) else {
        // 1980-01-01, or the last second there is.
        return if at.year() < 1980 {
            (1 << 5 | 1, 0)
        } else {
            (127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29)
        };
    };
    let date = year << 9 | (at.month() as u16) << 5 | at.day() as u16;
    (date, (at.hour() as u16) << 11 | (at.minute() as u16) << 5 | (at.second() / 2) as u16)
}

/// All ones where it does not fit.
fn short(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn long(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn put(to: &mut Vec<u8>, fields: &[impl AsRef<[u8]>]) {
    fields.iter().for_each(|field| to.extend_from_slice(field.as_ref()));
}

#[cfg(test)]
mod tests;
