//! Files that a browser saves.

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::galleries::clean_name;

/// RFC 8187's `attr-char` besides letters and digits.
const EXTENDED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` (RFC 6266) with the photographer's own name for the file, in ASCII for old
/// clients and whole for the others.
pub fn attachment(filename: &str, extension: &str) -> HeaderValue {
    saved_as(&clean_name(filename, extension))
}

/// `Content-Disposition` that saves a file under a name, which must be without folders.
#[must_use]
pub fn saved_as(filename: &str) -> HeaderValue {
    disposition("attachment", filename)
}

/// `Content-Disposition` of a file that is shown, and saved under this name by whoever saves it.
pub fn shown_as(filename: &str, extension: &str) -> HeaderValue {
    disposition("inline", &clean_name(filename, extension))
}

fn disposition(kind: &'static str, filename: &str) -> HeaderValue {
    let ascii: String = filename
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " -_().".contains(c) { c } else { '_' })
        .collect();
    let extended = utf8_percent_encode(filename, &EXTENDED);
    HeaderValue::from_str(&format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{extended}"))
        .unwrap_or(HeaderValue::from_static(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let cases = [
            ("IMG_0001.JPG", "attachment; filename=\"IMG_0001.jpg\"; filename*=UTF-8''IMG_0001.jpg"),
            (
                "a\".exe\r\nSet-Cookie: x.png",
                "attachment; filename=\"a.exeSet-Cookie x.jpg\"; filename*=UTF-8''a.exeSet-Cookie%20x.jpg",
            ),
            ("../../etc/passwd", "attachment; filename=\"passwd.jpg\"; filename*=UTF-8''passwd.jpg"),
            ("C:\\dcim\\1.heic", "attachment; filename=\"1.jpg\"; filename*=UTF-8''1.jpg"),
            (
                "Жених.png",
                "attachment; filename=\"_____.jpg\"; filename*=UTF-8''%D0%96%D0%B5%D0%BD%D0%B8%D1%85.jpg",
            ),
            ("", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
            (".jpg", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
        ];
        for (filename, expected) in cases {
            assert_eq!(attachment(filename, "jpg"), expected, "{filename:?}");
        }
    }
}
