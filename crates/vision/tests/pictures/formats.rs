//! Formats of cameras, phones and editors: each with its properties, on files made here or kept small.
//!
//! The files in `files/` show four quarters (red, green, blue, yellow) on 96 × 64 pixels; they were made for this test.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use pixora_vision::imaging::{
    Format, Header, ImageError, Orientation, Picture, RawKind, decode, encode_jpeg, heif_support, read_header,
};
use proptest::prelude::*;
use tiff::encoder::{Compression, TiffEncoder, colortype};

use crate::fixtures::{ascii, dynamic, encoded, jpeg, long, picture, short, tiff_of, with_exif};

fn read(bytes: &[u8]) -> Result<(Header, Picture), ImageError> {
    let header = read_header(bytes)?;
    let picture = decode(bytes, &header, header.long_side())?;
    Ok((header, picture))
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = ((y * picture.width + x) * 3) as usize;
    [picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]
}

const QUARTERS: [[u8; 3]; 4] = [[220, 60, 40], [60, 180, 60], [50, 80, 200], [240, 220, 40]];

fn assert_quarters(what: &str, picture: &Picture) {
    assert_eq!((picture.width, picture.height), (96, 64), "{what}");
    for (n, expected) in QUARTERS.into_iter().enumerate() {
        let got = pixel(picture, 24 + 48 * (n as u32 % 2), 16 + 32 * (n as u32 / 2));
        let off = got.iter().zip(expected).map(|(got, expected)| got.abs_diff(expected)).max();
        assert!(off.unwrap() <= 12, "{what}, quarter {n}: {got:?}, not {expected:?}");
    }
}

/// The expected properties of a file that can be read.
struct Case {
    name: &'static str,
    bytes: &'static [u8],
    format: Format,
    animated: bool,
}

const CASES: [Case; 7] = [
    Case {
        name: "JPEG XL",
        bytes: include_bytes!("files/quarters.jxl"),
        format: Format::JpegXl,
        animated: false,
    },
    Case {
        name: "an animated WebP",
        bytes: include_bytes!("files/moving.webp"),
        format: Format::WebP,
        animated: true,
    },
    Case {
        name: "an animated GIF",
        bytes: include_bytes!("files/moving.gif"),
        format: Format::Gif,
        animated: true,
    },
    Case {
        name: "an animated PNG",
        bytes: include_bytes!("files/moving.png"),
        format: Format::Png,
        animated: true,
    },
    Case {
        name: "JPEG in TIFF",
        bytes: include_bytes!("files/jpeg_in.tif"),
        format: Format::Tiff,
        animated: false,
    },
    Case {
        name: "arithmetic JPEG",
        bytes: include_bytes!("files/arithmetic.jpg"),
        format: Format::Jpeg,
        animated: false,
    },
    Case {
        name: "HEIC",
        bytes: include_bytes!("files/quarters.heic"),
        format: Format::Heic,
        animated: false,
    },
];

#[test]
fn each_format_is_shown() {
    for Case { name, bytes, format, animated } in CASES {
        if format == Format::Heic && !heif_support().0 {
            assert_eq!(read_header(bytes).unwrap_err().code(), "heic_unsupported");
            eprintln!("SKIPPED: {name}, because libheif is not installed");
            continue;
        }
        let (header, picture) = read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((header.format, header.animated), (format, animated), "{name}");
        assert_eq!(header.upright_size(), (96, 64), "{name}");
        assert_eq!(picture.damage, None, "{name}");
        assert_quarters(name, &picture);
    }
    if heif_support().1 {
        let (header, picture) = read(include_bytes!("files/quarters.avif")).unwrap();
        assert_eq!(header.format, Format::Avif);
        assert_quarters("AVIF", &picture);
    }
}

#[test]
fn a_heic_is_turned_once_and_keeps_its_time() {
    if !heif_support().0 {
        return;
    }
    let (header, picture) = read(include_bytes!("files/turned.heic")).unwrap();
    assert_eq!((header.orientation, header.upright_size()), (Orientation::Upright, (96, 64)));
    assert_eq!(header.taken_at.unwrap().to_string(), "2024-06-03 10:00:00");
    assert_quarters("turned HEIC", &picture);
}

#[test]
fn a_cut_file_of_any_format_is_refused_or_damaged() {
    for Case { name, bytes, format, .. } in CASES {
        if format == Format::Heic && !heif_support().0 {
            continue;
        }
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

/// A TIFF of these samples.
fn tiff<C: colortype::ColorType>(
    samples: &[C::Inner],
    width: u32,
    height: u32,
    compression: Compression,
) -> Vec<u8>
where
    [C::Inner]: tiff::encoder::TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut bytes).unwrap().with_compression(compression);
    let mut encoder = encoder;
    encoder.write_image::<C>(width, height, samples).unwrap();
    // A second page, which is not shown.
    encoder.write_image::<colortype::Gray8>(2, 2, &[0; 4]).unwrap();
    bytes.into_inner()
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

/// A TIFF of one uncompressed strip a plane behind its directory.
fn strips(more: &[crate::fixtures::TiffEntry], planes: &[Vec<u8>]) -> Vec<u8> {
    let longs = |tag, values: Vec<u32>| {
        (tag, 4, values.len() as u32, values.into_iter().flat_map(u32::to_le_bytes).collect())
    };
    let directory = |start: u32| {
        let mut at = start;
        let places = planes.iter().map(|plane| {
            at += plane.len() as u32;
            at - plane.len() as u32
        });
        let mut entries = vec![long(0x0100, 6), long(0x0101, 4), short(0x0103, 1), long(0x0116, 4)];
        entries.push(longs(0x0111, places.collect()));
        entries.push(longs(0x0117, planes.iter().map(|plane| plane.len() as u32).collect()));
        entries.extend(more.iter().cloned());
        entries.sort_by_key(|entry| entry.0);
        tiff_of(&entries, &[])
    };
    let start = directory(0).len() as u32;
    [directory(start), planes.concat()].concat()
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
    let (header, picture) = read(&strips(&eight, &[numbers])).unwrap();
    assert_eq!(header.format, Format::Tiff);
    assert_eq!(picture.rgb[..6], [255, 0, 128, 0, 255, 0]);
    // Four bits a sample, and a palette of eight-bit values.
    let mut few = vec![[0_u16; 3]; 16];
    (few[3], few[15]) = ([10, 20, 30], [200, 100, 50]);
    let four = [map(&few), short(0x0102, 4), short(0x0106, 3), short(0x0115, 1)];
    let picture = read(&strips(&four, &[vec![0x3F; 12]])).unwrap().1;
    assert_eq!(picture.rgb[..6], [10, 20, 30, 200, 100, 50]);
}

#[test]
fn a_tiff_with_its_colours_apart_is_put_together() {
    let original = picture(6, 4);
    let plane = |n: usize| original.rgb.iter().skip(n).step_by(3).copied().collect::<Vec<u8>>();
    let bits = (0x0102, 3, 3, [8_u16; 3].into_iter().flat_map(u16::to_le_bytes).collect());
    let more = [bits, short(0x0106, 2), short(0x0115, 3), short(0x011C, 2)];
    let shown = read(&strips(&more, &[plane(0), plane(1), plane(2)])).unwrap().1;
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

/// Clips of motion photos, Samsung's trailers and second pictures stand behind the first one. They are no fault, and
/// nothing that is made of the picture has them.
#[test]
fn what_stands_behind_a_picture_goes_with_the_original_only() {
    let shown = picture(96, 64);
    let plain = jpeg(&shown);
    let alone = read(&plain).unwrap().1;
    let clip = [&b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"[..], &[0x33; 4000]].concat();
    let samsung = [&b"\0\0\x30\x0AMotionPhoto_Data"[..], &clip, b"SEFH\x6B\0\0\0SEFT"].concat();
    for (name, behind) in [
        ("a motion photo", clip),
        ("Samsung's trailer", samsung),
        ("MPO's second picture", jpeg(&picture(40, 30))),
        ("zeros", vec![0; 700]),
    ] {
        let (header, picture) = read(&[&plain[..], &behind].concat()).unwrap();
        assert_eq!(header.upright_size(), (96, 64), "{name}");
        assert_eq!(picture.damage, None, "{name}");
        assert_eq!(picture.rgb, alone.rgb, "{name}");
        let derivative = encode_jpeg(&picture, 82).unwrap();
        assert!(derivative.ends_with(&[0xFF, 0xD9]), "{name}");
        assert_eq!(derivative, encode_jpeg(&alone, 82).unwrap(), "{name}");
    }
}

/// A RAW's structure around a JPEG: the main directory, a sensor's sub-directory, then the JPEG.
fn raw(main: &[crate::fixtures::TiffEntry], magic: &[u8; 4], preview: &[u8]) -> Vec<u8> {
    let sensor = [short(0x0103, 34713), short(0x0106, 32803), long(0x0100, 6000), long(0x0101, 4000)];
    let exif = [ascii(0x9003, "2024:06:03 10:20:30"), ascii(0x9291, "45")];
    let mut bytes = tiff_of(main, &[(0x014A, &sensor), (0x8769, &exif)]);
    bytes[..4].copy_from_slice(magic);
    // A thumbnail, what stands for the sensor's data, the preview.
    bytes.extend(jpeg(&picture(160, 120)));
    bytes.extend((0..5000_u32).map(|n| (n * 37 % 251) as u8));
    bytes.extend(preview);
    bytes.extend([0; 100]);
    bytes
}

#[test]
fn a_raw_is_shown_by_its_preview() {
    let shown = picture(1200, 800);
    let preview = jpeg(&shown);
    let main = |make: &str| vec![ascii(0x010F, make), ascii(0x0110, "Model 7"), short(0x0112, 6)];
    let cases = [
        (RawKind::NikonNef, raw(&main("NIKON CORPORATION"), b"II*\0", &preview)),
        (RawKind::SonyArw, raw(&main("SONY"), b"II*\0", &preview)),
        (RawKind::PentaxPef, raw(&main("PENTAX"), b"II*\0", &preview)),
        (RawKind::OlympusOrf, raw(&main("OLYMPUS"), b"IIRO", &preview)),
        (RawKind::PanasonicRw2, raw(&main("Panasonic"), b"IIU\0", &preview)),
        (
            RawKind::AdobeDng,
            raw(&[main("Apple"), vec![(0xC612, 1, 4, vec![1, 6, 0, 0])]].concat(), b"II*\0", &preview),
        ),
    ];
    for (kind, bytes) in cases {
        let (header, picture) = read(&bytes).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(header.format, Format::Raw(kind));
        assert_eq!((header.orientation, header.upright_size()), (Orientation::Rotate90, (800, 1200)));
        assert_eq!(header.taken_at.unwrap().to_string(), "2024-06-03 10:20:30.450");
        assert!(header.facts.camera.as_deref().unwrap().contains("Model 7"));
        assert_eq!((picture.width, picture.height, picture.damage), (800, 1200, None));
    }
    let without = raw(&main("NIKON CORPORATION"), b"II*\0", &jpeg(&picture(640, 480)));
    let Err(ImageError::RawWithoutPreview { camera }) = read(&without).map(|_| ()) else {
        panic!("a thumbnail is no picture");
    };
    assert!(camera.starts_with("NIKON"), "{camera}");
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
fn fujifilms_and_canons_newest_raw_are_read() {
    let preview = with_exif(&jpeg(&picture(1200, 800)), &crate::fixtures::tiff(6));
    let raf = [&b"FUJIFILMCCD-RAW 0201FF129502X-T5"[..], &[0; 120], &preview, &[7; 500]].concat();
    let (header, _) = read(&raf).unwrap();
    assert_eq!(
        (header.format, header.orientation),
        (Format::Raw(RawKind::FujifilmRaf), Orientation::Rotate90)
    );

    let boxed = |kind: &[u8; 4], content: &[u8]| {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    };
    let main = tiff_of(&[ascii(0x010F, "Canon"), ascii(0x0110, "Canon EOS R5"), short(0x0112, 8)], &[]);
    let exif = tiff_of(&[ascii(0x9003, "2024:06:03 10:20:30"), ascii(0x9011, "+02:00")], &[]);
    let canon =
        [&[0x85; 16][..], &boxed(b"CNCV", b"CanonCR3"), &boxed(b"CMT1", &main), &boxed(b"CMT2", &exif)]
            .concat();
    let cr3 = [
        boxed(b"ftyp", b"crx \0\0\0\x01crx isom"),
        boxed(b"moov", &boxed(b"uuid", &canon)),
        boxed(b"mdat", &jpeg(&picture(1200, 800))),
    ]
    .concat();
    let (header, _) = read(&cr3).unwrap();
    assert_eq!((header.format, header.orientation), (Format::Raw(RawKind::CanonCr3), Orientation::Rotate270));
    assert_eq!(header.taken_at.unwrap().to_string(), "2024-06-03 10:20:30");
    assert_eq!(header.facts.written.taken.unwrap().offset_minutes, Some(120));
    assert_eq!(header.facts.camera.as_deref(), Some("Canon EOS R5"));
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
    let photo = picture(96, 64);
    let mut samples: Vec<Vec<u8>> = CASES.iter().map(|case| case.bytes.to_vec()).collect();
    samples.push(jpeg(&photo));
    samples.push(encoded(&dynamic(&photo), ImageFormat::Png));
    samples.push(encoded(&DynamicImage::ImageRgb8(dynamic(&photo).to_rgb8()), ImageFormat::WebP));
    samples.push(tiff::<colortype::RGB8>(&photo.rgb, 96, 64, Compression::Lzw));
    samples.push(raw(&[ascii(0x010F, "NIKON")], b"II*\0", &jpeg(&photo)));
    samples.push(include_bytes!("files/quarters.avif").to_vec());
    samples.push(include_bytes!("files/lossy.webp").to_vec());
    let palette = (0x0140, 3, 768, vec![9; 1536]);
    let indexed = [palette, short(0x0102, 8), short(0x0106, 3), short(0x0115, 1)];
    samples.push(strips(&indexed, &[vec![1; 24]]));
    let bits = (0x0102, 3, 3, [8_u16; 3].into_iter().flat_map(u16::to_le_bytes).collect());
    let planar = [bits, short(0x0106, 2), short(0x0115, 3), short(0x011C, 2)];
    samples.push(strips(&planar, &[vec![1; 24], vec![2; 24], vec![3; 24]]));
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
