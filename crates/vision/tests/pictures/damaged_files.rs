//! Files with faults that viewers forgive, for the tests of this crate and of the program.

use mozjpeg::{ColorSpace, Compress};
use pixora_vision::imaging::Picture;

pub fn progressive(picture: &Picture) -> Vec<u8> {
    let mut compress = Compress::new(ColorSpace::JCS_RGB);
    compress.set_size(picture.width as usize, picture.height as usize);
    compress.set_progressive_mode();
    compress.set_quality(90.0);
    let mut started = compress.start_compress(Vec::new()).expect("memory takes all");
    started.write_scanlines(&picture.rgb).expect("memory takes all");
    started.finish().expect("memory takes all")
}

/// A PNG that comes in seven passes, uncompressed.
pub fn interlaced_png(picture: &Picture) -> Vec<u8> {
    let passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let mut rows = Vec::new();
    // Small pictures have passes without columns, of which nothing is stored.
    for (left, top, across, down) in passes.into_iter().filter(|pass| pass.0 < picture.width) {
        for y in (top..picture.height).step_by(down) {
            rows.push(0);
            for x in (left..picture.width).step_by(across) {
                let at = (y * picture.width + x) as usize * 3;
                rows.extend(&picture.rgb[at..at + 3]);
            }
        }
    }
    let mut zlib = vec![0x78, 0x01];
    for (n, block) in rows.chunks(0xFFFF).enumerate() {
        let length = block.len() as u16;
        zlib.push(u8::from((n + 1) * 0xFFFF >= rows.len()));
        zlib.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        zlib.extend(block);
    }
    let (one, two) = rows.iter().fold((1_u32, 0_u32), |(one, two), &byte| {
        let one = (one + u32::from(byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    zlib.extend((two << 16 | one).to_be_bytes());
    let size = [picture.width.to_be_bytes(), picture.height.to_be_bytes()].concat();
    let header = [&size[..], &[8, 2, 0, 0, 1]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &zlib), &chunk(b"IEND", &[])]
        .concat()
}

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&kind[..], data].concat();
    let crc = named.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    });
    [&(data.len() as u32).to_be_bytes()[..], &named, &(!crc).to_be_bytes()].concat()
}

/// Where the segments of a JPEG begin, up to its first scan.
fn segments(jpeg: &[u8]) -> Vec<usize> {
    let mut at = 2;
    let mut found = Vec::new();
    loop {
        found.push(at);
        if jpeg[at + 1] == 0xDA {
            return found;
        }
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
}

fn inserted(whole: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    [&whole[..at], bytes, &whole[at..]].concat()
}

/// A trailer as Samsung's phones write it, in the place of the end marker.
pub const TRAILER: &[u8] = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1718031600000SEFH\x6b\0\0\0\x01\0\0\0SEFT";

/// Every fault of a JPEG whose pixels are all there, by name.
pub fn faulty_jpegs(whole: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let end = whole.len() - 2;
    assert_eq!(&whole[end..], [0xFF, 0xD9]);
    let places = segments(whole);
    let scan = places[places.len() - 1];
    let stray = [0x12, 0x00, 0x34, 0xFF, 0x00, 0x56];
    // A comment that holds more than its length says.
    let comment = |length: u8| [&[0xFF, 0xFE, 0, length][..], b"a comment of thirty letters..."].concat();
    vec![
        ("no end marker", whole[..end].to_vec()),
        ("a trailer in its place", [&whole[..end], TRAILER].concat()),
        ("half an end marker", whole[..end + 1].to_vec()),
        ("bytes before the start", [&b"\r\n--boundary\r\n\r\n"[..], whole].concat()),
        ("bytes after the start marker", inserted(whole, 2, &[0; 5])),
        ("bytes between segments", inserted(whole, places[1], &stray)),
        ("bytes before the scan", inserted(whole, scan, &stray)),
        ("a segment that is longer than it says", inserted(whole, 2, &comment(10))),
        ("a segment that says one byte", inserted(whole, scan, &comment(1))),
        ("a segment that says nothing", inserted(whole, 2, &comment(0))),
    ]
}
