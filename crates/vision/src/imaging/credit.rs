//! Creator, copyright and contact as segments of a JPEG: EXIF, XMP and IPTC, so that every program finds one of them.

use super::svg::escape;

/// The credits that are written into a picture; nothing else is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Credit<'a> {
    pub creator: Option<&'a str>,
    pub copyright: Option<&'a str>,
    pub contact: Option<&'a str>,
}

impl Credit<'_> {
    /// The segments that belong behind the first two bytes of a JPEG; empty when there is nothing to say.
    #[must_use]
    pub fn segments(&self) -> Vec<u8> {
        if *self == Self::default() {
            return Vec::new();
        }
        let mut segments = Vec::new();
        if self.creator.is_some() || self.copyright.is_some() {
            segments.extend(segment(0xE1, &[b"Exif\0\0", &self.exif()[..]].concat()));
        }
        segments.extend(segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", self.xmp().as_bytes()].concat()));
        segments.extend(segment(0xED, &self.iptc()));
        segments
    }

    /// A TIFF structure of one directory: Artist (0x013B) and Copyright (0x8298), which is all that EXIF has.
    fn exif(&self) -> Vec<u8> {
        let texts = [(0x013B_u16, self.creator), (0x8298, self.copyright)];
        let texts: Vec<(u16, Vec<u8>)> = texts
            .into_iter()
            .filter_map(|(tag, text)| Some((tag, [text?.as_bytes(), b"\0"].concat())))
            .collect();
        // Values of more than four bytes lie behind the directory.
        let mut at = 8 + 2 + texts.len() as u32 * 12 + 4;
        let mut exif = [&b"MM\0*\0\0\0\x08"[..], &(texts.len() as u16).to_be_bytes()].concat();
        let mut values = Vec::new();
        for (tag, text) in texts {
            exif.extend(tag.to_be_bytes());
            exif.extend(2_u16.to_be_bytes());
            exif.extend((text.len() as u32).to_be_bytes());
            if text.len() <= 4 {
                exif.extend(text.iter().copied().chain(std::iter::repeat(0)).take(4));
            } else {
                exif.extend(at.to_be_bytes());
                at += text.len() as u32;
                values.extend(text);
            }
        }
        exif.extend([0; 4]);
        exif.extend(values);
        exif
    }

    fn xmp(&self) -> String {
        let list = |name: &str, kind: &str, language: &str, text: Option<&str>| {
            text.map(|text| {
                let text = escape(text);
                format!("<dc:{name}><rdf:{kind}><rdf:li{language}>{text}</rdf:li></rdf:{kind}></dc:{name}>")
            })
        };
        let contact = self.contact.map(|contact| {
            let field = contact_field(contact);
            let text = escape(contact);
            format!(
                "<Iptc4xmpCore:CreatorContactInfo rdf:parseType=\"Resource\"><Iptc4xmpCore:{field}>{text}\
                 </Iptc4xmpCore:{field}></Iptc4xmpCore:CreatorContactInfo>"
            )
        });
        let marked = self.copyright.map(|_| "<xmpRights:Marked>True</xmpRights:Marked>".to_owned());
        let said = [
            list("creator", "Seq", "", self.creator),
            list("rights", "Alt", " xml:lang=\"x-default\"", self.copyright),
            marked,
            contact,
        ];
        let said: String = said.into_iter().flatten().collect();
        format!(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\" \
             xmlns:Iptc4xmpCore=\"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/\">{said}</rdf:Description></rdf:RDF>\
             </x:xmpmeta><?xpacket end=\"w\"?>"
        )
    }

    /// IPTC-IIM 4.2 in a Photoshop resource, in UTF-8 (1:90). The lengths are the most that it allows.
    fn iptc(&self) -> Vec<u8> {
        let mut records = vec![0x1C, 1, 90, 0, 3, 0x1B, b'%', b'G'];
        for (dataset, most, text) in
            [(80, 32, self.creator), (116, 128, self.copyright), (118, 128, self.contact)]
        {
            let Some(text) = text else { continue };
            let text = &text[..text.floor_char_boundary(most)];
            records.extend([0x1C, 2, dataset]);
            records.extend((text.len() as u16).to_be_bytes());
            records.extend(text.as_bytes());
        }
        let length = (records.len() as u32).to_be_bytes();
        if records.len() % 2 == 1 {
            records.push(0);
        }
        [&b"Photoshop 3.0\08BIM\x04\x04\0\0"[..], &length, &records].concat()
    }
}

/// The field of IPTC's contact for an address.
fn contact_field(contact: &str) -> &'static str {
    let is_number = |c: char| c.is_ascii_digit() || " +-()".contains(c);
    if contact.contains("://") || contact.starts_with("www.") {
        "CiUrlWork"
    } else if contact.contains('@') {
        "CiEmailWork"
    } else if contact.chars().all(is_number) {
        "CiTelWork"
    } else {
        "CiAdrExtadr"
    }
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    [&[0xFF, marker][..], &length.to_be_bytes(), &content[..usize::from(length) - 2]].concat()
}
