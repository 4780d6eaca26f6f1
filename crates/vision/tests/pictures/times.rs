//! When a picture was taken and by what, wherever the file says so.

use pixora_vision::imaging::{Header, read_header};

use crate::fixtures::{TiffEntry, ascii, jpeg, picture, short, tiff_of, with_exif, with_segment};

fn photo() -> Vec<u8> {
    jpeg(&picture(64, 48))
}

fn header(bytes: &[u8]) -> Header {
    read_header(bytes).expect("a photo")
}

/// Local time, and minutes from UTC.
fn taken(bytes: &[u8]) -> Option<(String, Option<i32>)> {
    header(bytes).facts.written.taken.map(|taken| (taken.local.to_string(), taken.offset_minutes))
}

fn exif(main: &[TiffEntry], exif: &[TiffEntry], gps: &[TiffEntry]) -> Vec<u8> {
    let others: Vec<(u16, &[TiffEntry])> =
        [(0x8769, exif), (0x8825, gps)].into_iter().filter(|(_, entries)| !entries.is_empty()).collect();
    with_exif(&photo(), &tiff_of(main, &others))
}

fn xmp(attributes: &str) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
         xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         {attributes}</rdf:RDF></x:xmpmeta>\n   <?xpacket end=\"w\"?>"
    );
    with_segment(&photo(), 0xE1, packet.as_bytes())
}

fn iptc(records: &[(u8, &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    for (dataset, value) in records {
        data.extend([0x1C, 2, *dataset]);
        data.extend((value.len() as u16).to_be_bytes());
        data.extend(*value);
    }
    let length = (data.len() as u32).to_be_bytes();
    data.resize(data.len().next_multiple_of(2), 0);
    // Another resource comes first, with a name of an odd length.
    let other = b"8BIM\x03\xed\x03abc\0\0\0\x02ab";
    let resource = [&b"Photoshop 3.0\0"[..], other, b"8BIM\x04\x04\0\0", &length, &data].concat();
    with_segment(&photo(), 0xED, &resource)
}

fn rationals(tag: u16, values: [u32; 3]) -> TiffEntry {
    let bytes = values.iter().flat_map(|value| [value.to_le_bytes(), 1_u32.to_le_bytes()].concat()).collect();
    (tag, 5, 3, bytes)
}

const ORIGINAL: u16 = 0x9003;

#[test]
fn exif_says_when_to_the_hundredth_and_in_which_zone() {
    let at = |entries: &[TiffEntry]| taken(&exif(&[], entries, &[]));
    let expected = |local: &str, zone| Some((local.to_owned(), zone));
    assert_eq!(
        at(&[ascii(ORIGINAL, "2024:06:01 15:00:00"), ascii(0x9291, "07")]),
        expected("2024-06-01 15:00:00.070", None)
    );
    assert_eq!(
        at(&[ascii(ORIGINAL, "2024:06:02 13:00:00"), ascii(0x9011, "+03:00")]),
        expected("2024-06-02 13:00:00", Some(180))
    );
    assert_eq!(at(&[ascii(ORIGINAL, "2024-06-03T10:02:00")]), expected("2024-06-03 10:02:00", None));
    // Without the zero that ends a text.
    let bare = (ORIGINAL, 2, 19, b"2024:06:03 10:08:00".to_vec());
    assert_eq!(at(&[bare]), expected("2024-06-03 10:08:00", None));
}

#[test]
fn other_places_are_looked_at_in_turn() {
    let expected = |local: &str, zone| Some((local.to_owned(), zone));
    let modified = ascii(0x0132, "2024:06:03 09:00:00");
    let zeros = ascii(ORIGINAL, "0000:00:00 00:00:00");
    assert_eq!(
        taken(&exif(std::slice::from_ref(&modified), &[zeros], &[])),
        expected("2024-06-03 09:00:00", None)
    );
    assert_eq!(taken(&exif(&[modified], &[], &[])), expected("2024-06-03 09:00:00", None));
    let misplaced = ascii(ORIGINAL, "2024:06:03 10:14:00");
    assert_eq!(taken(&exif(&[misplaced], &[], &[])), expected("2024-06-03 10:14:00", None));
    let gps = [ascii(0x1D, "2024:06:03"), rationals(7, [10, 10, 5])];
    assert_eq!(taken(&exif(&[], &[], &gps)), expected("2024-06-03 10:10:05", Some(0)));
    // A camera's clock beside the satellites' time says its zone.
    let clock = [ascii(ORIGINAL, "2024:06:03 13:10:20")];
    assert_eq!(taken(&exif(&[], &clock, &gps)), expected("2024-06-03 13:10:20", Some(180)));
    let written = xmp("photoshop:DateCreated=\"2024-06-03T10:11:00+03:00\"/>");
    assert_eq!(taken(&written), expected("2024-06-03 10:11:00", Some(180)));
    let recorded = iptc(&[(55, b"20240603"), (60, b"101200+0000")]);
    assert_eq!(taken(&recorded), expected("2024-06-03 10:12:00", Some(0)));
}

#[test]
fn nonsense_is_no_time() {
    for text in [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "0001:01:01 00:00:00",
        "1904:01:01 00:00:00",
        "9999:12:31 23:59:59",
    ] {
        assert_eq!(taken(&exif(&[], &[ascii(ORIGINAL, text)], &[])), None, "{text:?}");
    }
}

#[test]
fn cameras_are_named_and_told_apart() {
    let named = |make: &str, model: &str, serial: &str| {
        header(&exif(&[ascii(0x010F, make), ascii(0x0110, model)], &[ascii(0xA431, serial)], &[]))
            .facts
            .camera
    };
    assert_eq!(named("Canon", "Canon EOS R5", "012021004711").as_deref(), Some("Canon EOS R5 ·4711"));
    assert_eq!(named("NIKON CORPORATION", "NIKON Z 8", "00000000").as_deref(), Some("NIKON Z 8"));
    assert_eq!(named("SONY", "ILCE-7M4", "1").as_deref(), Some("SONY ILCE-7M4 ·1"));
    assert_eq!(header(&photo()).facts.camera, None);
}

#[test]
fn what_editors_write_is_read() {
    let facts = header(&xmp(
        "xmp:Rating=\"4\" xmp:Label=\"Red\"><dc:subject><rdf:Bag><rdf:li>невеста</rdf:li><rdf:li>dance</rdf:li></rdf:Bag>\
         </dc:subject><dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">First dance</rdf:li></rdf:Alt>\
         </dc:description><dc:creator><rdf:Seq><rdf:li>Anna Example</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt>\
         <rdf:li xml:lang=\"x-default\">© Example Studio</rdf:li></rdf:Alt></dc:rights></rdf:Description>",
    ))
    .facts
    .written;
    assert_eq!((facts.rating, facts.label.as_deref()), (Some(4), Some("Red")));
    assert_eq!(facts.keywords, ["невеста", "dance"]);
    assert_eq!(facts.caption.as_deref(), Some("First dance"));
    assert_eq!(
        (facts.creator.as_deref(), facts.copyright.as_deref()),
        (Some("Anna Example"), Some("© Example Studio"))
    );

    let facts = header(&iptc(&[
        (25, "жених".as_bytes()),
        (25, b"car"),
        (80, b"Anna Example"),
        (116, b"\xa9 Example"),
        (120, b"Arrival"),
    ]))
    .facts
    .written;
    assert_eq!(facts.keywords, ["жених", "car"]);
    assert_eq!(
        (facts.creator.as_deref(), facts.copyright.as_deref()),
        (Some("Anna Example"), Some("© Example"))
    );

    let words = [ascii(0x010E, "Cake"), ascii(0x013B, "Anna"), ascii(0x8298, "© Anna"), short(0x4746, 3)];
    let facts = header(&exif(&words, &[], &[])).facts.written;
    assert_eq!((facts.rating, facts.caption.as_deref()), (Some(3), Some("Cake")));
    assert_eq!((facts.creator.as_deref(), facts.copyright.as_deref()), (Some("Anna"), Some("© Anna")));
    // A document type could make a text endless.
    let bomb = with_segment(
        &photo(),
        0xE1,
        b"http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>",
    );
    assert_eq!(header(&bomb).facts.written.rating, None);
}
