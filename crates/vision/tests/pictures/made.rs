//! Pictures as cameras, phones and editors make them, made by code. They show four quarters: red, green, blue, yellow.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use pixora_vision::imaging::Picture;
use tiff::encoder::{Compression, TiffEncoder, colortype};

use crate::{
    damaged_files::chunk,
    fixtures::{
        TiffEntry, ascii, dynamic, encoded, jpeg, long, picture, short, tiff_at, tiff_of, with_exif,
        with_segment,
    },
};

pub const QUARTERS: [[u8; 3]; 4] = [[220, 60, 40], [60, 180, 60], [50, 80, 200], [240, 220, 40]];

pub fn quarters(width: u32, height: u32) -> Picture {
    let colour = |x: u32, y: u32| QUARTERS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)];
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| colour(x, y)));
    Picture::new(width, height, pixels.collect())
}

/// The same as a camera stores it that was held upright: to be turned to the right, which is orientation 6.
pub fn turned(width: u32, height: u32) -> Picture {
    let upright = quarters(width, height);
    let at = |x: u32, y: u32| (y * width + x) as usize * 3;
    let row = |row: u32| (0..height).map(move |column| at(width - 1 - row, column));
    let pixels = (0..width).flat_map(row).flat_map(|at| upright.rgb[at..at + 3].to_vec());
    Picture::new(height, width, pixels.collect())
}

/// A camera's metadata of the shot: how it was held, and when.
pub fn exif(orientation: u16) -> Vec<u8> {
    let shot = [ascii(0x9003, "2024:06:03 10:20:30"), ascii(0x9291, "45")];
    tiff_of(&[short(0x0112, orientation)], &[(0x8769, &shot)])
}

/// A phone's JPEG that was held upright.
pub fn phone() -> Vec<u8> {
    with_exif(&jpeg(&turned(96, 64)), &exif(6))
}

/// CIPA DC-007: a second picture behind the first, and an index of both.
pub fn mpo() -> Vec<u8> {
    let first = with_segment(&phone(), 0xE2, &[&b"MPF\0"[..], &tiff_of(&[long(0xB001, 2)], &[])].concat());
    [first, jpeg(&picture(40, 30))].concat()
}

fn xmp(attributes: &str) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description {attributes}/></rdf:RDF>\
         </x:xmpmeta>"
    );
    with_segment(&phone(), 0xE1, packet.as_bytes())
}

/// A gain map behind the picture, which brightens it on the screens that can.
pub fn ultra_hdr() -> Vec<u8> {
    let gain_map = jpeg(&Picture::new(24, 16, vec![255; 24 * 16 * 3]));
    [xmp("xmlns:hdrgm=\"http://ns.adobe.com/hdr-gain-map/1.0/\" hdrgm:Version=\"1.0\""), gain_map].concat()
}

/// A stand-in for a few seconds of video.
pub const CLIP: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x10mdat31415926";

pub fn motion_photo() -> Vec<u8> {
    let camera = "xmlns:GCamera=\"http://ns.google.com/photos/1.0/camera/\" GCamera:MotionPhoto=\"1\"";
    [&xmp(camera)[..], CLIP].concat()
}

pub fn samsungs_motion_photo() -> Vec<u8> {
    [&phone()[..], b"\0\0\x30\x0AMotionPhoto_Data", CLIP, b"SEFH\x6B\0\0\0SEFT"].concat()
}

pub fn png_with_exif() -> Vec<u8> {
    let png = encoded(&dynamic(&turned(96, 64)), ImageFormat::Png);
    // Behind the signature and IHDR.
    [&png[..33], &chunk(b"eXIf", &exif(6)), &png[33..]].concat()
}

pub fn deep_png() -> Vec<u8> {
    encoded(&DynamicImage::ImageRgb16(dynamic(&quarters(96, 64)).to_rgb16()), ImageFormat::Png)
}

/// An extended WebP around a lossless picture.
pub fn webp_with_exif() -> Vec<u8> {
    let simple = encoded(&dynamic(&turned(96, 64)), ImageFormat::WebP);
    let boxed = |kind: &[u8; 4], data: &[u8]| {
        [&kind[..], &(data.len() as u32).to_le_bytes(), data, &[0][..data.len() % 2]].concat()
    };
    let canvas = [8, 0, 0, 0, 63, 0, 0, 95, 0, 0];
    let chunks = [&b"WEBP"[..], &boxed(b"VP8X", &canvas), &simple[12..], &boxed(b"EXIF", &exif(6))].concat();
    boxed(b"RIFF", &chunks)
}

/// A GIF of one picture.
pub fn gif() -> Vec<u8> {
    let shown = quarters(96, 64);
    let number = |pixel: &[u8]| QUARTERS.iter().position(|colour| colour == pixel).unwrap() as u8;
    let pixels: Vec<u8> = shown.rgb.chunks_exact(3).map(number).collect();
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 96, 64, &QUARTERS.concat()).unwrap();
    encoder
        .write_frame(&gif::Frame { width: 96, height: 64, buffer: pixels.into(), ..Default::default() })
        .unwrap();
    drop(encoder);
    bytes
}

/// A TIFF of these samples.
pub fn tiff<C: colortype::ColorType>(
    samples: &[C::Inner],
    width: u32,
    height: u32,
    compression: Compression,
) -> Vec<u8>
where
    [C::Inner]: tiff::encoder::TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap().with_compression(compression);
    encoder.write_image::<C>(width, height, samples).unwrap();
    // A second page, which is not shown.
    encoder.write_image::<colortype::Gray8>(2, 2, &[0; 4]).unwrap();
    bytes.into_inner()
}

/// Of the quarters.
pub fn tiff_8(compression: Compression) -> Vec<u8> {
    tiff::<colortype::RGB8>(&quarters(96, 64).rgb, 96, 64, compression)
}

pub fn tiff_16(compression: Compression) -> Vec<u8> {
    let deep: Vec<u16> = quarters(96, 64).rgb.iter().map(|&value| u16::from(value) * 257).collect();
    tiff::<colortype::RGB16>(&deep, 96, 64, compression)
}

/// A TIFF of one uncompressed strip a plane behind its directory.
pub fn strips((width, height): (u32, u32), more: &[TiffEntry], planes: &[Vec<u8>]) -> Vec<u8> {
    let longs = |tag, values: Vec<u32>| {
        (tag, 4, values.len() as u32, values.into_iter().flat_map(u32::to_le_bytes).collect())
    };
    let directory = |start: u32| {
        let mut at = start;
        let places = planes.iter().map(|plane| {
            at += plane.len() as u32;
            at - plane.len() as u32
        });
        let mut entries =
            vec![long(0x0100, width), long(0x0101, height), short(0x0103, 1), long(0x0116, height)];
        entries.push(longs(0x0111, places.collect()));
        entries.push(longs(0x0117, planes.iter().map(|plane| plane.len() as u32).collect()));
        entries.extend(more.iter().cloned());
        entries.sort_by_key(|entry| entry.0);
        tiff_of(&entries, &[])
    };
    let start = directory(0).len() as u32;
    [directory(start), planes.concat()].concat()
}

/// A scanner's TIFF: its colours apart, lying on its side, with a date.
pub fn planar_tiff() -> Vec<u8> {
    let shown = turned(96, 64);
    let plane = |n: usize| shown.rgb.iter().skip(n).step_by(3).copied().collect::<Vec<u8>>();
    let bits = (0x0102, 3, 3, [8_u16; 3].into_iter().flat_map(u16::to_le_bytes).collect());
    let more = [bits, short(0x0106, 2), short(0x0115, 3), short(0x011C, 2), short(0x0112, 6)];
    let more = [&more[..], &[ascii(0x0132, "2024:06:03 10:20:30")]].concat();
    strips((64, 96), &more, &[plane(0), plane(1), plane(2)])
}

pub fn indexed_tiff() -> Vec<u8> {
    let shown = quarters(96, 64);
    let number = |pixel: &[u8]| QUARTERS.iter().position(|colour| colour == pixel).unwrap() as u8;
    let deep = |plane: usize| (0..256).map(move |n| u16::from(QUARTERS[n % 4][plane]) * 257);
    let map = (0..3).flat_map(deep).flat_map(u16::to_le_bytes).collect();
    let more = [(0x0140, 3, 768, map), short(0x0102, 8), short(0x0106, 3), short(0x0115, 1)];
    strips((96, 64), &more, &[shown.rgb.chunks_exact(3).map(number).collect()])
}

/// The preview in a camera's RAW, with nothing of its own to say.
pub fn preview() -> Vec<u8> {
    jpeg(&turned(1200, 800))
}

pub fn camera(make: &str) -> Vec<TiffEntry> {
    vec![ascii(0x010F, make), ascii(0x0110, "Model 7"), short(0x0112, 6)]
}

/// A RAW's structure around a JPEG: the main directory, a sensor's sub-directory, then the JPEG.
pub fn raw(main: &[TiffEntry], magic: &[u8; 4], preview: &[u8]) -> Vec<u8> {
    let sensor = [short(0x0103, 34713), short(0x0106, 32803), long(0x0100, 6000), long(0x0101, 4000)];
    let shot = [ascii(0x9003, "2024:06:03 10:20:30"), ascii(0x9291, "45")];
    let mut bytes = tiff_of(main, &[(0x014A, &sensor), (0x8769, &shot)]);
    bytes[..4].copy_from_slice(magic);
    // A thumbnail, what stands for the sensor's data, the preview.
    bytes.extend(jpeg(&picture(160, 120)));
    bytes.extend((0..5000_u32).map(|n| (n * 37 % 251) as u8));
    bytes.extend(preview);
    bytes.extend([0; 100]);
    bytes
}

pub fn dng(preview: &[u8]) -> Vec<u8> {
    raw(&[camera("Apple"), vec![(0xC612, 1, 4, vec![1, 6, 0, 0])]].concat(), b"II*\0", preview)
}

/// Canon's RAW until 2018 names itself behind the TIFF header. The preview stands before the sensor's data, which is a
/// lossless JPEG of more pixels. No file of a camera was at hand: this follows the published description of the format.
pub fn cr2(preview: &[u8]) -> Vec<u8> {
    let shot = [ascii(0x9003, "2024:06:03 10:20:30"), ascii(0x9291, "45")];
    let structure = |at: u32, sensor: u32| {
        let strip = [short(0x0103, 6), long(0x0111, at), long(0x0117, preview.len() as u32)];
        let head = [&b"II*\0\x10\0\0\0CR\x02\0"[..], &sensor.to_le_bytes()].concat();
        tiff_at(&head, &[camera("Canon"), strip.to_vec()].concat(), &[(0x8769, &shot)])
    };
    let at = structure(0, 0).len() as u32;
    let lossless =
        [&[0xFF, 0xD8, 0xFF, 0xC3, 0, 14, 14, 0x0F, 0xA0, 0x17, 0x70, 2][..], &[1, 17, 0, 2, 17, 0]].concat();
    let sensor = at + preview.len() as u32;
    [structure(at, sensor), preview.to_vec(), lossless, vec![0x5A; 3000]].concat()
}

/// Fujifilm's own header; the JPEG has the camera's EXIF.
pub fn raf() -> Vec<u8> {
    let preview = with_exif(&preview(), &exif(6));
    [&b"FUJIFILMCCD-RAW 0201FF129502X-T5"[..], &[0; 120], &preview, &[7; 500]].concat()
}

/// Canon's RAW since 2018 has boxes, of which two hold directories.
pub fn cr3() -> Vec<u8> {
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    };
    let main = tiff_of(&camera("Canon"), &[]);
    let shot = [ascii(0x9003, "2024:06:03 10:20:30"), ascii(0x9011, "+02:00"), ascii(0x9291, "45")];
    let shot = tiff_of(&shot, &[]);
    let boxes = [boxed(b"CNCV", b"CanonCR3"), boxed(b"CMT1", &main), boxed(b"CMT2", &shot)].concat();
    let canon = [&[0x85; 16][..], &boxes].concat();
    [
        boxed(b"ftyp", b"crx \0\0\0\x01crx isom"),
        boxed(b"moov", &boxed(b"uuid", &canon)),
        boxed(b"mdat", &preview()),
    ]
    .concat()
}
