//! The right answers for each format: one row a kind of file, one column a property.
//!
//! Those in `files/` are 96 × 64 pixels and were made for this test; the others are made by code.

use pixora_vision::imaging::{Format, RawKind, decode, encode_jpeg, heif_support, read_header};
use tiff::encoder::Compression;

use crate::{
    damaged_files::{interlaced_png, progressive},
    fixtures::{jpeg, with_exif},
    made::{
        CLIP, QUARTERS, camera, cr2, cr3, deep_png, dng, exif, gif, indexed_tiff, motion_photo, mpo, phone,
        planar_tiff, png_with_exif, preview, quarters, raf, raw, samsungs_motion_photo, tiff_8, tiff_16,
        turned, ultra_hdr, webp_with_exif,
    },
};

/// The right answer for a file that shows the four quarters.
struct Row {
    name: &'static str,
    file: Vec<u8>,
    format: Format,
    /// Width and height of the upright picture.
    size: (u32, u32),
    taken: Option<&'static str>,
    damage: Option<u8>,
    /// It is told that there are more pictures than the first, which is shown.
    is_first: bool,
}

const SMALL: (u32, u32) = (96, 64);
const LARGE: (u32, u32) = (1200, 800);
const SHOT: Option<&str> = Some("2024-06-03 10:20:30.450");

#[rustfmt::skip]
fn table() -> Vec<Row> {
    use Format::{Avif, Gif, Heic, Jpeg, JpegXl, Png, Raw, Tiff, WebP};
    use RawKind::{AdobeDng, CanonCr2, CanonCr3, FujifilmRaf, NikonNef, OlympusOrf, PanasonicRw2, PentaxPef, SonyArw};
    let row = |name, file, format, size, taken, damage, is_first| Row { name, file, format, size, taken, damage, is_first };
    let cut = |file: &[u8], less: usize| file[..file.len() - less].to_vec();
    let arithmetic = with_exif(include_bytes!("files/arithmetic.jpg"), &exif(1));
    let moving = include_bytes!("files/moving.webp").to_vec();
    let nef = raw(&camera("NIKON CORPORATION"), b"II*\0", &preview());
    let plain = jpeg(&quarters(96, 64));
    vec![
        //   kind                      file                                          format             size   taken  damage     first
        row("baseline JPEG",           phone(),                                      Jpeg,              SMALL, SHOT,  None,      false),
        row("JPEG without EXIF",       plain.clone(),                                Jpeg,              SMALL, None,  None,      false),
        row("progressive JPEG",        with_exif(&progressive(&turned(96, 64)), &exif(6)), Jpeg,        SMALL, SHOT,  None,      false),
        row("arithmetic JPEG",         arithmetic,                                   Jpeg,              SMALL, SHOT,  None,      false),
        row("MPO",                     mpo(),                                        Jpeg,              SMALL, SHOT,  None,      false),
        row("Ultra HDR",               ultra_hdr(),                                  Jpeg,              SMALL, SHOT,  None,      false),
        row("motion photo",            motion_photo(),                               Jpeg,              SMALL, SHOT,  None,      false),
        row("Samsung's motion photo",  samsungs_motion_photo(),                      Jpeg,              SMALL, SHOT,  None,      false),
        row("JPEG without its end",    cut(&phone(), 2),                             Jpeg,              SMALL, SHOT,  Some(100), false),
        row("PNG",                     png_with_exif(),                              Png,               SMALL, SHOT,  None,      false),
        row("PNG of 16 bits",          deep_png(),                                   Png,               SMALL, None,  None,      false),
        row("interlaced PNG",          interlaced_png(&quarters(96, 64)),            Png,               SMALL, None,  None,      false),
        row("animated PNG",            include_bytes!("files/moving.png").to_vec(),  Png,               SMALL, None,  None,      true),
        row("PNG without its end",     cut(&png_with_exif(), 12),                    Png,               SMALL, SHOT,  Some(100), false),
        row("WebP",                    webp_with_exif(),                             WebP,              SMALL, SHOT,  None,      false),
        row("animated WebP",           moving.clone(),                               WebP,              SMALL, None,  None,      true),
        row("animated WebP, cut",      cut(&moving, 9),                              WebP,              SMALL, None,  Some(100), true),
        row("GIF",                     gif(),                                        Gif,               SMALL, None,  None,      false),
        row("animated GIF",            include_bytes!("files/moving.gif").to_vec(),  Gif,               SMALL, None,  None,      true),
        row("GIF without its end",     cut(&gif(), 1),                               Gif,               SMALL, None,  Some(100), false),
        row("TIFF, two pages",         tiff_8(Compression::Uncompressed),            Tiff,              SMALL, None,  None,      true),
        row("TIFF of 16 bits, LZW",    tiff_16(Compression::Lzw),                    Tiff,              SMALL, None,  None,      true),
        row("TIFF, PackBits",          tiff_8(Compression::Packbits),                Tiff,              SMALL, None,  None,      true),
        row("TIFF, Deflate",           tiff_8(Compression::Deflate(Default::default())), Tiff,          SMALL, None,  None,      true),
        row("TIFF, JPEG in it",        include_bytes!("files/jpeg_in.tif").to_vec(), Tiff,              SMALL, None,  None,      false),
        row("TIFF, planar, turned",    planar_tiff(),                                Tiff,              SMALL, Some("2024-06-03 10:20:30"), None, false),
        row("TIFF with a palette",     indexed_tiff(),                               Tiff,              SMALL, None,  None,      false),
        row("AVIF",                    include_bytes!("files/quarters.avif").to_vec(), Avif,            SMALL, None,  None,      false),
        row("HEIC",                    include_bytes!("files/quarters.heic").to_vec(), Heic,            SMALL, None,  None,      false),
        row("HEIC, turned",            include_bytes!("files/turned.heic").to_vec(), Heic,              SMALL, Some("2024-06-03 10:00:00"), None, false),
        row("JPEG XL",                 include_bytes!("files/quarters.jxl").to_vec(), JpegXl,           SMALL, None,  None,      false),
        row("CR2",                     cr2(&preview()),                              Raw(CanonCr2),     LARGE, SHOT,  None,      false),
        row("CR3",                     cr3(),                                        Raw(CanonCr3),     LARGE, SHOT,  None,      false),
        row("NEF",                     nef,                                          Raw(NikonNef),     LARGE, SHOT,  None,      false),
        row("ARW",                     raw(&camera("SONY"), b"II*\0", &preview()),   Raw(SonyArw),      LARGE, SHOT,  None,      false),
        row("RAF",                     raf(),                                        Raw(FujifilmRaf),  LARGE, SHOT,  None,      false),
        row("ORF",                     raw(&camera("OLYMPUS"), b"IIRO", &preview()), Raw(OlympusOrf),   LARGE, SHOT,  None,      false),
        row("RW2",                     raw(&camera("Panasonic"), b"IIU\0", &preview()), Raw(PanasonicRw2), LARGE, SHOT, None,   false),
        row("DNG",                     dng(&preview()),                              Raw(AdobeDng),     LARGE, SHOT,  None,      false),
        row("PEF",                     raw(&camera("PENTAX"), b"II*\0", &preview()), Raw(PentaxPef),    LARGE, SHOT,  None,      false),
        row("RAW, its preview cut",    raw(&camera("SONY"), b"II*\0", &cut(&preview(), 2)), Raw(SonyArw), LARGE, SHOT, Some(100), false),
    ]
}

#[test]
fn each_kind_of_file_gives_the_right_answer() {
    let (hevc, av1) = heif_support();
    for Row { name, file, format, size, taken, damage, is_first } in table() {
        let header = match read_header(&file) {
            Err(error) if format == Format::Heic && !hevc => {
                assert_eq!(error.code(), "heic_unsupported");
                eprintln!("SKIPPED: {name}, because libheif is not installed");
                continue;
            }
            Err(error) if format == Format::Avif && !av1 => {
                assert_eq!(error.code(), "unsupported_type");
                continue;
            }
            other => other.unwrap_or_else(|error| panic!("{name}: {error}")),
        };
        let picture = decode(&file, &header, 96).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((header.format, header.upright_size()), (format, size), "{name}");
        assert_eq!(header.taken_at.map(|taken| taken.to_string()).as_deref(), taken, "{name}");
        assert_eq!((picture.damage, header.animated), (damage, is_first), "{name}");
        if let Format::Raw(_) = format {
            assert!(header.facts.camera.is_some() || format == Format::Raw(RawKind::FujifilmRaf), "{name}");
        }
        assert_eq!(picture.width * size.1, picture.height * size.0, "{name} is upright");
        for (n, expected) in QUARTERS.into_iter().enumerate() {
            let (x, y) =
                (picture.width * (1 + 2 * (n as u32 % 2)) / 4, picture.height * (1 + 2 * (n as u32 / 2)) / 4);
            let at = (y * picture.width + x) as usize * 3;
            let got = &picture.rgb[at..at + 3];
            let off = got.iter().zip(expected).map(|(got, expected)| got.abs_diff(expected)).max();
            assert!(off.unwrap() <= 12, "{name}, quarter {n}: {got:?}, not {expected:?}");
        }
        let derivative = encode_jpeg(&picture, 82).unwrap();
        assert!(derivative.ends_with(&[0xFF, 0xD9]), "nothing stands behind what is made of {name}");
        let clip = derivative.windows(8).any(|eight| *eight == CLIP[4..12]);
        assert!(!clip, "what is made of {name} has its clip");
    }
}

#[test]
fn a_raw_without_a_usable_preview_is_refused_with_its_camera() {
    let small = jpeg(&quarters(640, 480));
    for (file, camera) in
        [(raw(&camera("NIKON CORPORATION"), b"II*\0", &small), "NIKON"), (cr2(&small), "Canon")]
    {
        let error = read_header(&file).unwrap_err();
        assert_eq!(error.code(), "raw_without_preview");
        assert!(error.to_string().contains(camera), "{error}");
    }
}

/// The files of the table, for those who damage them.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    table().into_iter().map(|row| (row.name, row.file)).collect()
}
