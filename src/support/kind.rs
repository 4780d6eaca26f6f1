//! The kind of a file, by its content. The name gets the extension of that kind.

/// The kinds of files that may be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    Gif,
    Pdf,
    Doc,
    Text,
    /// Never opened: what is in it is the reader's own risk, and its size on the disk is all that it costs us.
    Zip,
}

impl Kind {
    /// `None`: nothing that is taken.
    #[must_use]
    pub fn of(content: &[u8]) -> Option<Self> {
        let kind = infer::get(content).map(|found| found.mime_type());
        match kind {
            Some("image/jpeg") => Some(Self::Jpeg),
            Some("image/png") if content.starts_with(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            Some("image/gif") if content.starts_with(b"GIF87a") || content.starts_with(b"GIF89a") => {
                Some(Self::Gif)
            }
            Some("application/pdf") => Some(Self::Pdf),
            Some("application/msword") if is_word(content) => Some(Self::Doc),
            Some("application/zip") => Some(Self::Zip),
            // Words may begin like a picture ("BM…") or a programme ("MZ…"); bytes that are none do not pass.
            _ if is_plain_text(content) => Some(Self::Text),
            _ => None,
        }
    }

    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Pdf => "application/pdf",
            Self::Doc => "application/msword",
            Self::Text => "text/plain",
            Self::Zip => "application/zip",
        }
    }

    /// How names of such files end; the usual one first.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Pdf => &["pdf"],
            Self::Doc => &["doc"],
            Self::Text => &["txt"],
            Self::Zip => &["zip"],
        }
    }

    /// The sender's name for the file, ending as its kind does and without letters that turn what follows
    /// them round (`exe.txt` for `txt.exe`).
    #[must_use]
    pub fn name(self, sent: &str) -> String {
        let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let plain: String = sent.chars().filter(|c| !turns(c)).collect();
        let plain = plain.trim_end_matches(['.', ' ']);
        let ending = plain.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
        let fits = ending.is_some_and(|ending| self.endings().contains(&ending.as_str()));
        match plain {
            "" => format!("file.{}", self.endings()[0]),
            plain if fits => plain.to_owned(),
            plain => format!("{plain}.{}", self.endings()[0]),
        }
    }
}

/// A compound file holds a Word document if it has the stream of one; others are spreadsheets or installers.
fn is_word(content: &[u8]) -> bool {
    let name: Vec<u8> = "WordDocument".encode_utf16().flat_map(u16::to_le_bytes).collect();
    content.windows(name.len()).any(|window| window == name)
}

/// Words in UTF-8, UTF-16 with its mark, or one byte a letter, without the control characters that only
/// programmes and pictures have, and no document that a browser would run (HTML, SVG).
fn is_plain_text(content: &[u8]) -> bool {
    let wide = |read: fn([u8; 2]) -> u16| {
        let pairs = content[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        let even = content.len().is_multiple_of(2);
        String::from_utf16(&pairs.collect::<Vec<_>>()).ok().filter(|_| even)
    };
    let text = match content {
        [] => None,
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        // Letters of other encodings are above ASCII in all of them that are in use.
        bytes => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    let Some(text) = text else { return false };
    let is_control =
        |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{80}'..='\u{9f}');
    let words = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    !words.starts_with('<') && !text.contains(is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compound(stream: &str) -> Vec<u8> {
        let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        file.resize(512, 0);
        file.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
        file
    }

    #[test]
    fn the_content_decides_what_a_file_is() {
        let utf16: Vec<u8> = "\u{feff}Привет".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases: [(&[u8], Option<Kind>); 26] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(Kind::Png)),
            (b"GIF89a\x01\0\x01\0", Some(Kind::Gif)),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", Some(Kind::Pdf)),
            (&compound("WordDocument"), Some(Kind::Doc)),
            (b"PK\x03\x04\x14\0\0\0", Some(Kind::Zip)),
            (b"PK\x05\x06\0\0\0\0", Some(Kind::Zip)),
            ("Здравствуйте!\r\n".as_bytes(), Some(Kind::Text)),
            (b"\xcf\xf0\xe8\xe2\xe5\xf2", Some(Kind::Text)),
            (&utf16, Some(Kind::Text)),
            (b"GIF is a word here", Some(Kind::Text)),
            (b"a < b", Some(Kind::Text)),
            (&compound("Workbook"), None),
            (b"MZ\x90\0\x03\0\0\0", None),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"<!DOCTYPE html><script>alert(1)</script>", None),
            (b"\xef\xbb\xbf  <html>", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", None),
            (b"<?xml version=\"1.0\"?><svg/>", None),
            (b"<p onclick=x>", None),
            (b"RIFF\0\0\0\0WEBPVP8 ", None),
            (b"Rar!\x1a\x07\0", None),
            (b"7z\xbc\xaf\x27\x1c", None),
            (b"\x1f\x8b\x08\0", None),
            (b"words and a \0", None),
            (b"", None),
        ];
        for (content, expected) in cases {
            assert_eq!(Kind::of(content), expected, "{:?}", String::from_utf8_lossy(content));
        }
        let odd = &utf16[..utf16.len() - 1];
        assert_eq!(Kind::of(odd), None, "half a letter");
    }

    /// A Word document of today is a ZIP, and says so by its first entry; the spec names the old kind only.
    #[test]
    fn an_office_document_is_not_taken_for_an_archive() {
        let mut docx = b"PK\x03\x04".to_vec();
        docx.resize(30, 0);
        docx.extend(b"word/document.xml");
        assert_eq!(Kind::of(&docx), None);
    }

    #[test]
    fn a_name_ends_as_its_kind_does() {
        let cases = [
            (Kind::Jpeg, "IMG 1.JPEG", "IMG 1.JPEG"),
            (Kind::Text, "invoice.exe", "invoice.exe.txt"),
            (Kind::Zip, "photos.jpg", "photos.jpg.zip"),
            (Kind::Text, "page.html. ", "page.html.txt"),
            (Kind::Pdf, "", "file.pdf"),
            (Kind::Text, "report\u{202e}txt.exe", "reporttxt.exe.txt"),
            (Kind::Png, "Снимок", "Снимок.png"),
        ];
        for (kind, sent, kept) in cases {
            assert_eq!(kind.name(sent), kept, "{sent}");
        }
    }

    proptest::proptest! {
        /// Whatever comes, and however it is cut off; what is taken for words has none of a programme's bytes.
        #[test]
        fn any_content_is_looked_at(start in proptest::sample::select(STARTS), rest: Vec<u8>, cut in 0_usize..40) {
            let mut content = [start, &rest[..]].concat();
            content.truncate(content.len().saturating_sub(cut));
            if Kind::of(&content) == Some(Kind::Text) && !content.starts_with(b"\xff\xfe") && !content.starts_with(b"\xfe\xff") {
                proptest::prop_assert!(!content.iter().any(|byte| matches!(byte, 0..=8 | 14..=31)));
            }
        }
    }

    const STARTS: &[&[u8]] = &[
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"%PDF-",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0\x13\0\0\0[Content_Types].xml",
        b"MZ",
        b"\x7fELF",
        b"RIFF",
        b"\xff\xfe",
        b"\xfe\xff",
        b"words, and then ",
    ];
}
