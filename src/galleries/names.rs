//! What files are called on a guest's own disk.

use std::collections::{HashMap, HashSet};

/// Characters of a name before its extension.
const LONGEST: usize = 120;
/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// The photographer's name for a file, made safe for every file system: no folders, no control characters,
/// nothing that reverses the direction of text, nothing that Windows refuses. Always ends with `.extension`.
#[must_use]
pub fn clean(filename: &str, extension: &str) -> String {
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let kept: String = stem.chars().filter(|c| !is_unsafe(*c)).take(LONGEST).collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    match kept {
        "" => format!("photo.{extension}"),
        device if is_device(device) => format!("_{device}.{extension}"),
        stem => format!("{stem}.{extension}"),
    }
}

fn is_unsafe(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    c.is_control() || turns || "<>:\"|?*".contains(c)
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = first.len() == 4
        && (first.starts_with("COM") || first.starts_with("LPT"))
        && first.ends_with(|c: char| c.is_ascii_digit());
    is_port || DEVICES.contains(&first.as_str())
}

/// The original's extension as the photographer wrote it, where it says what the file is; else the usual one.
#[must_use]
pub fn extension<'a>(filename: &'a str, media_type: &str) -> &'a str {
    let known: &[&str] = match media_type {
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        _ => &["jpg", "jpeg", "jpe"],
    };
    let written = filename.rsplit_once('.').map(|(_, written)| written);
    written.filter(|written| known.iter().any(|it| written.eq_ignore_ascii_case(it))).unwrap_or(
        match media_type {
            "image/png" => "png",
            "image/webp" => "webp",
            _ => "jpg",
        },
    )
}

/// The same names, the second of two equal ones with " (2)" before its extension. Names that differ only in
/// capitals are equal on most disks.
#[must_use]
pub fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::with_capacity(names.len());
    let mut counted: HashMap<String, u32> = HashMap::new();
    let wanted: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let mut free = |name: String| {
        let key = name.to_lowercase();
        if taken.insert(key.clone()) {
            return name;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let count = counted.entry(key).or_insert(1);
        loop {
            *count += 1;
            let numbered = format!("{stem} ({count}).{extension}");
            let key = numbered.to_lowercase();
            // A file that is itself called "a (2).jpg" keeps its name.
            if !wanted.contains(&key) && taken.insert(key) {
                return numbered;
            }
        }
    };
    names.into_iter().map(&mut free).collect()
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
        ];
        for (hostile, harmless) in cases {
            assert_eq!(clean(hostile, "jpg"), harmless, "{hostile:?}");
        }
        assert!(clean(&"Ш".repeat(5000), "jpg").len() < 300);
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

    #[test]
    fn ten_thousand_equal_names_are_numbered_quickly() {
        let unique = unique(vec!["IMG_0001.JPG".to_owned(); 10_000]);
        assert_eq!(unique[9_999], "IMG_0001 (10000).JPG");
        assert_eq!(unique.iter().collect::<HashSet<_>>().len(), 10_000);
    }
}
