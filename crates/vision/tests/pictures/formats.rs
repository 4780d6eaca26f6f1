//! Properties beside the table of formats: depths and structures of TIFF, parts of files, bounds, random damage.

use pixora_vision::imaging::{Format, Header, ImageError, Orientation, Picture, decode, read_header};
use proptest::prelude::*;
use tiff::encoder::{Compression, colortype};

use crate::{
    fixtures::{ascii, long, picture, short, tiff_of},
    made::{raw, strips, tiff},
    table,
};

fn read(bytes: &[u8]) -> Result<(Header, Picture), ImageError> {
    let header = read_header(bytes)?;
    let picture = decode(bytes, &header, header.long_side())?;
    Ok((header, picture))
}

#[test]
fn a_cut_file_of_any_format_is_refused_or_damaged() {
    for (name, bytes) in table::files() {
        for part in [1, 3, 5, 7, 9] {
            match read(&bytes[..bytes.len() * part / 10]) {
                Ok((_, picture)) => assert!(picture.width > 0, "{name}"),
                Err(error) => assert!(!error.code().is_empty(), "{name}"),
            }
        }
    }
}

/// Files that say what they are and hold nothing of it.
#[test]
fn mere_beginnings_are_refused() {
    let moving = [&b"RIFF\x16\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0"[..], &[63, 0, 0, 63, 0, 0]].concat();
    assert_eq!(read(&moving).unwrap_err().code(), "damaged");
    assert_eq!(read(b"GIF89a\x01\0\x01\0\0\0\0;").unwrap_err().code(), "damaged");
    // Found by the random cases below: a name of a format that is cut off within its brand.
    for length in 8..12 {
        assert_eq!(read(&b"\0\0\0\x18ftypheic"[..length]).unwrap_err().code(), "truncated", "{length} bytes");
    }
    let phone = read(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap_err().code();
    assert!(["heic_unsupported", "damaged"].contains(&phone), "{phone}");
}

#[test]
fn tiffs_of_any_depth_and_compression_are_read() {
    let original = picture(203, 151);
    let deep: Vec<u16> = original.rgb.iter().map(|&value| u16::from(value) * 257).collect();
    for compression in [Compression::Uncompressed, Compression::Lzw, Compression::Packbits] {
        let eight = tiff::<colortype::RGB8>(&original.rgb, 203, 151, compression);
        let sixteen = tiff::<colortype::RGB16>(&deep, 203, 151, compression);
        for (bytes, bits) in [(eight, 8), (sixteen, 16)] {
            let (header, picture) = read(&bytes).unwrap();
            assert_eq!((header.format, header.bit_depth, header.channels), (Format::Tiff, bits, 3));
            assert_eq!(picture.rgb, original.rgb, "{bits} bits");
            let small = decode(&bytes, &header, 60).unwrap();
            assert_eq!((small.width, small.height), (68, 51));
        }
    }
    let grey = tiff::<colortype::Gray16>(&[0, 32_896, 65_535, 257], 2, 2, Compression::Lzw);
    assert_eq!(read(&grey).unwrap().1.rgb, [[0; 3], [128; 3], [255; 3], [1; 3]].concat());
    let clear = tiff::<colortype::RGBA8>(&[200, 0, 0, 0, 200, 0, 0, 255], 2, 1, Compression::Uncompressed);
    assert_eq!(read(&clear).unwrap().1.rgb, [255, 255, 255, 200, 0, 0]);
    let ink = tiff::<colortype::CMYK8>(&[0, 255, 255, 0, 0, 0, 0, 255], 2, 1, Compression::Uncompressed);
    assert_eq!(read(&ink).unwrap().1.rgb, [255, 0, 0, 0, 0, 0]);
}

#[test]
fn a_tiff_with_a_palette_is_shown_in_its_colours() {
    let map = |colours: &[[u16; 3]]| {
        let values = (0..3).flat_map(|plane| colours.iter().map(move |colour| colour[plane]));
        (0x0140, 3, colours.len() as u32 * 3, values.flat_map(u16::to_le_bytes).collect())
    };
    let mut colours = vec![[0_u16; 3]; 256];
    (colours[1], colours[200]) = ([65_535, 0, 0x8000], [0, 65_535, 0]);
    let eight = [map(&colours), short(0x0102, 8), short(0x0106, 3), short(0x0115, 1)];
    let numbers: Vec<u8> = (0..24).map(|n| if n % 2 == 0 { 1 } else { 200 }).collect();
    let (header, picture) = read(&strips((6, 4), &eight, &[numbers])).unwrap();
    assert_eq!(header.format, Format::Tiff);
    assert_eq!(picture.rgb[..6], [255, 0, 128, 0, 255, 0]);
    // Four bits a sample, and a palette of eight-bit values.
    let mut few = vec![[0_u16; 3]; 16];
    (few[3], few[15]) = ([10, 20, 30], [200, 100, 50]);
    let four = [map(&few), short(0x0102, 4), short(0x0106, 3), short(0x0115, 1)];
    let picture = read(&strips((6, 4), &four, &[vec![0x3F; 12]])).unwrap().1;
    assert_eq!(picture.rgb[..6], [10, 20, 30, 200, 100, 50]);
}

#[test]
fn a_tiff_with_its_colours_apart_is_put_together() {
    let original = picture(6, 4);
    let plane = |n: usize| original.rgb.iter().skip(n).step_by(3).copied().collect::<Vec<u8>>();
    let bits = (0x0102, 3, 3, [8_u16; 3].into_iter().flat_map(u16::to_le_bytes).collect());
    let more = [bits, short(0x0106, 2), short(0x0115, 3), short(0x011C, 2)];
    let shown = read(&strips((6, 4), &more, &[plane(0), plane(1), plane(2)])).unwrap().1;
    assert_eq!((shown.damage, shown.rgb), (None, original.rgb));
}

#[test]
fn a_tiff_cut_late_is_shown_in_part() {
    let original = picture(200, 300);
    // Thirty strips of ten rows behind their directory.
    let longs = |tag, values: Vec<u32>| {
        (tag, 4, values.len() as u32, values.into_iter().flat_map(u32::to_le_bytes).collect())
    };
    let directory = |start: u32| {
        let bits = (0x0102, 3, 3, [8_u16; 3].into_iter().flat_map(u16::to_le_bytes).collect());
        tiff_of(
            &[
                long(0x0100, 200),
                long(0x0101, 300),
                bits,
                short(0x0103, 1),
                short(0x0106, 2),
                longs(0x0111, (0..30).map(|n| start + n * 6000).collect()),
                short(0x0112, 3),
                short(0x0115, 3),
                long(0x0116, 10),
                longs(0x0117, vec![6000; 30]),
            ],
            &[],
        )
    };
    let start = directory(0).len();
    let whole = [directory(start as u32), original.rgb.clone()].concat();
    let (header, picture) = read(&whole).unwrap();
    assert_eq!((header.orientation, picture.damage), (Orientation::Rotate180, None));
    let late = read(&whole[..start + 26 * 6000 + 50]).unwrap().1;
    assert_eq!(late.damage, Some(86));
    assert_eq!(late.rgb[40 * 600..], picture.rgb[40 * 600..], "upside down, so the end is at the top");
    assert_eq!(read(&whole[..start + 10 * 6000]).unwrap_err().code(), "truncated");
}

/// A file of beginnings without an end would be walked through once for each of them.
#[test]
fn a_raw_full_of_wrong_beginnings_costs_little() {
    let mut bytes = raw(&[ascii(0x010F, "NIKON")], b"II*\0", &[]);
    for n in 0..60_000_u32 {
        bytes.extend(if n % 2 == 0 { [0xFF, 0xD8, 0xFF, 0xFE, 0, 2] } else { [0, 1, 2, 3, 4, 5] });
    }
    bytes.resize(bytes.len() + 20_000_000, 7);
    let started = std::time::Instant::now();
    assert_eq!(read_header(&bytes).unwrap_err().code(), "raw_without_preview");
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_progressive_jpeg_may_not_take_all_memory() {
    // 16,000 x 15,000 pixels without subsampling would need 1.4 GB of coefficients.
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(64, 64);
    compress.set_progressive_mode();
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(&picture(64, 64).rgb).unwrap();
    let mut large = started.finish().unwrap();
    let frame = large.windows(2).position(|pair| pair == [0xFF, 0xC2]).unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0x3A, 0x98, 0x3E, 0x80]);
    let end = large.len() - 2;
    // Long enough for its claim.
    large.splice(end..end, vec![0; 600_000]);
    assert_eq!(read_header(&large).unwrap_err().code(), "too_complex");
}

/// A camera's 102 megapixels, where they lie beside the sources.
#[test]
fn a_hundred_megapixels_are_taken() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/min/gfx100_102mp.jpg");
    let Ok(bytes) = std::fs::read(path) else { return };
    let header = read_header(&bytes).unwrap();
    assert!(header.width * header.height > 100_000_000);
    let picture = decode(&bytes, &header, 2048).unwrap();
    assert!(picture.long_side() >= 2048 && picture.rgb.len() < 30_000_000);
    assert_eq!(decode(&bytes, &header, header.long_side()).unwrap_err().code(), "too_many_pixels");
}

fn samples() -> Vec<Vec<u8>> {
    let mut samples: Vec<Vec<u8>> = table::files().into_iter().map(|(_, file)| file).collect();
    samples.push(include_bytes!("files/lossy.webp").to_vec());
    samples
}

fn cases() -> u32 {
    std::env::var("PIXORA_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// `PIXORA_FUZZ_CASES=1000000 cargo test -p pixora-vision any_format` for a long run.
    #[test]
    fn damaged_files_of_any_format_never_panic(
        kind in any::<prop::sample::Index>(),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        static SAMPLES: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(samples);
        let mut bytes = kind.get(&SAMPLES).clone();
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(header) = read_header(&bytes)
            && u64::from(header.width) * u64::from(header.height) < 1_000_000
        {
            let _ = decode(&bytes, &header, 64);
        }
    }

    #[test]
    fn noise_behind_any_format_s_beginning_never_panics(
        start in 0_usize..9,
        tail in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let starts: [&[u8]; 9] = [
            b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\xFF\0\0\0WEBPVP8X", b"GIF89a", b"II*\0\x08\0\0\0",
            b"MM\0*\0\0\0\x08", b"\xFF\x0A", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypcrx ",
        ];
        if let Ok(header) = read_header(&[starts[start], &tail].concat()) {
            prop_assert!(header.width > 0);
        }
    }
}
