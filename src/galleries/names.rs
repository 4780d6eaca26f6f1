//! The names of files on a guest's own disk.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

/// Bytes of a name in UTF-8 that every file system takes.
const LONGEST: usize = 255;
/// Of these, bytes that numbering may add to a name.
const ROOM: usize = 24;
/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The photographer's name for a file, made safe for every file system: no folders, no control characters,
/// nothing that reverses the direction of text or cannot be seen, nothing that Windows refuses, letters composed
/// (NFC), no more bytes than a name may have. Always ends with `.extension`.
#[must_use]
pub fn clean(filename: &str, extension: &str) -> String {
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let kept: String = stem.nfc().filter(|c| !is_unsafe(*c)).collect();
    let kept = cut(trimmed(&kept), LONGEST - ROOM - extension.len() - 2);
    match trimmed(kept) {
        "" => format!("photo.{extension}"),
        device if is_device(device) => format!("_{device}.{extension}"),
        stem => format!("{stem}.{extension}"),
    }
}

/// The name of a folder, made safe in the same way.
#[must_use]
pub fn folder(name: &str) -> String {
    let name = clean(&format!("{}.d", name.replace(['/', '\\'], "-")), "d");
    name.strip_suffix(".d").unwrap_or(&name).to_owned()
}

fn trimmed(stem: &str) -> &str {
    stem.trim_matches(|c: char| c == '.' || c.is_whitespace())
}

/// At most so many bytes, ending with a whole character: also its accents stay with their letter, because a letter
/// that lost one is another.
fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    let is_whole = |end: usize| {
        text.is_char_boundary(end) && !text[end..].chars().next().is_some_and(joins_the_letter_before)
    };
    while end > 0 && !is_whole(end) {
        end -= 1;
    }
    // A name of nothing but accents is cut anywhere.
    if end == 0 {
        end = (0..=bytes).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    }
    text[..end].trim_end_matches('\u{200d}')
}

/// Accents, variation selectors, skin tones and what joins emoji.
fn joins_the_letter_before(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
        || matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_unsafe(c: char) -> bool {
    // Marks and overrides of direction, and characters without a width that are no part of a letter.
    let is_hidden = matches!(
        c,
        '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    c.is_control() || is_hidden || "<>:\"|?*".contains(c)
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = first.len() == 4
        && (first.starts_with("COM") || first.starts_with("LPT"))
        && first.ends_with(|c: char| c.is_ascii_digit());
    // Windows takes superscript digits for digits here.
    let is_port = is_port
        || ["COM", "LPT"].iter().any(|port| {
            first.strip_prefix(port).is_some_and(|rest| matches!(rest, "\u{b9}" | "\u{b2}" | "\u{b3}"))
        });
    is_port || DEVICES.contains(&first.as_str())
}

/// The original's extension as the photographer wrote it, where it says what the file is; else the usual one.
#[must_use]
pub fn extension<'a>(filename: &'a str, media_type: &str) -> &'a str {
    let known: &[&str] = match media_type {
        "image/png" => &["png", "apng"],
        "image/webp" => &["webp"],
        "image/tiff" => &["tif", "tiff"],
        "image/gif" => &["gif"],
        "image/heic" => &["heic", "heif", "hif"],
        "image/avif" => &["avif"],
        "image/jxl" => &["jxl"],
        "image/x-canon-cr2" => &["cr2"],
        "image/x-canon-cr3" => &["cr3"],
        "image/x-nikon-nef" => &["nef", "nrw"],
        "image/x-sony-arw" => &["arw", "sr2", "srf"],
        "image/x-fuji-raf" => &["raf"],
        "image/x-olympus-orf" => &["orf", "ori"],
        "image/x-panasonic-rw2" => &["rw2", "raw", "rwl"],
        "image/x-adobe-dng" => &["dng", "iiq", "3fr", "fff", "erf", "mef", "mos", "srw", "dcr", "kdc"],
        "image/x-pentax-pef" => &["pef"],
        _ => &["jpg", "jpeg", "jpe", "jfif"],
    };
    let written = filename.rsplit_once('.').map(|(_, written)| written);
    written.filter(|written| known.iter().any(|it| written.eq_ignore_ascii_case(it))).unwrap_or(known[0])
}

/// The same names, the second of two equal ones with " (2)" before its extension. Names that differ only in
/// capitals, or in how their letters are composed, are equal on most disks.
#[must_use]
pub fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::with_capacity(names.len());
    let mut counted: HashMap<String, u32> = HashMap::new();
    let wanted: HashSet<String> = names.iter().map(|name| folded(name)).collect();
    let mut free = |name: String| {
        let key = folded(&name);
        if taken.insert(key.clone()) {
            return name;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let count = counted.entry(key).or_insert(1);
        loop {
            *count += 1;
            let number = format!(" ({count}).{extension}");
            let numbered = format!("{}{number}", cut(stem, LONGEST - number.len()));
            let key = folded(&numbered);
            // A file that is itself called "a (2).jpg" keeps its name.
            if !wanted.contains(&key) && taken.insert(key) {
                return numbered;
            }
        }
    };
    names.into_iter().map(&mut free).collect()
}

/// The folded form of a name; a disk takes two names with the same form for one.
fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_harmless() {
        let cases = [
            ("IMG_0001.JPG", "IMG_0001.jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            ("C:\\dcim\\1.heic", "1.jpg"),
            ("..", "photo.jpg"),
            ("/", "photo.jpg"),
            ("", "photo.jpg"),
            (".htaccess", "photo.jpg"),
            ("a\0b\nc.jpg", "abc.jpg"),
            ("a<b>:\"|?*.png", "ab.jpg"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.jpg"),
            ("con.jpg", "_con.jpg"),
            ("LPT1.anything.jpg", "_LPT1.anything.jpg"),
            ("Жених и невеста.jpeg", "Жених и невеста.jpg"),
            ("  spaces .jpg", "spaces.jpg"),
            ("й.jpg", "й.jpg"),
            ("и\u{306}.jpg", "й.jpg"),
            ("a\u{200b}b\u{061c}c\u{2066}d.jpg", "abcd.jpg"),
            ("COM\u{b9}.jpg", "_COM\u{b9}.jpg"),
            ("CONIN$.jpg", "_CONIN$.jpg"),
            ("aux .x.jpg", "_aux .x.jpg"),
        ];
        for (hostile, harmless) in cases {
            assert_eq!(clean(hostile, "jpg"), harmless, "{hostile:?}");
        }
        for long in
            ["Ш".repeat(5000), "e\u{301}".repeat(5000), "\u{301}".repeat(5000), "👩\u{200d}👧".repeat(900)]
        {
            let cut = clean(&long, "jpeg");
            assert!((200..=LONGEST).contains(&cut.len()), "{} bytes", cut.len());
            let stem = cut.strip_suffix(".jpeg").unwrap();
            assert!(!stem.ends_with('\u{200d}'), "nothing hangs in the air");
        }
    }

    #[test]
    fn an_original_keeps_its_extension_where_it_is_true() {
        let cases = [
            ("a.JPG", "image/jpeg", "JPG"),
            ("a.jpeg", "image/jpeg", "jpeg"),
            ("a.exe", "image/jpeg", "jpg"),
            ("a.jpg", "image/png", "png"),
            ("a.WebP", "image/webp", "WebP"),
            ("a", "image/webp", "webp"),
            ("DSC_1.NEF", "image/x-nikon-nef", "NEF"),
            ("IMG_1.jpg", "image/x-canon-cr3", "cr3"),
            ("scan.TIFF", "image/tiff", "TIFF"),
        ];
        for (filename, media_type, expected) in cases {
            assert_eq!(extension(filename, media_type), expected, "{filename}");
        }
    }

    #[test]
    fn equal_names_are_numbered_and_nobody_elses_name_is_taken() {
        let names = ["a.jpg", "A.JPG", "b.jpg", "a (2).jpg", "a.jpg", "a.jpg"].map(str::to_owned).to_vec();
        let unique = unique(names);
        assert_eq!(unique, ["a.jpg", "A (3).JPG", "b.jpg", "a (2).jpg", "a (4).jpg", "a (5).jpg"]);
    }

    /// A `й` of one character and one of two are one name on a Mac's disk: the second file would replace the first.
    #[test]
    fn twins_of_composed_and_decomposed_letters_are_numbered() {
        let names = unique(vec!["й.jpg".to_owned(), "и\u{306}.jpg".to_owned(), "Й.JPG".to_owned()]);
        assert_eq!(names, ["й.jpg", "и\u{306} (2).jpg", "Й (3).JPG"]);
    }

    #[test]
    fn a_numbered_name_is_not_too_long_either() {
        let long = format!("{}.jpg", "Ш".repeat(125));
        let names = unique(vec![long; 1000]);
        assert!(names.iter().all(|name| name.len() <= LONGEST));
        assert_eq!(names.iter().map(|name| folded(name)).collect::<HashSet<_>>().len(), 1000);
    }

    #[test]
    fn ten_thousand_equal_names_are_numbered_quickly() {
        let unique = unique(vec!["IMG_0001.JPG".to_owned(); 10_000]);
        assert_eq!(unique[9_999], "IMG_0001 (10000).JPG");
        assert_eq!(unique.iter().collect::<HashSet<_>>().len(), 10_000);
    }
}
