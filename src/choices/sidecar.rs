//! A chosen photo as a sidecar file: XMP that Lightroom, Capture One, darktable and digiKam read beside a RAW.

use super::ChosenPhoto;

/// The colour label of what the couple has chosen.
const LABEL: &str = "Green";
const STARS: u8 = 5;

/// The sidecar's name and its content: five stars for what the couple has chosen or somebody ordered, and keywords that say
/// by whom. It holds no developing, so that a program that reads it keeps its own.
#[must_use]
pub fn sidecar(photo: &ChosenPhoto) -> (String, String) {
    let name = photo.raw_filename.as_deref().unwrap_or(&photo.filename);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words = [
        (photo.hearts.by_couple, "chosen by the couple"),
        (photo.hearts.guests > 0, "chosen by guests"),
        (photo.orders > 0, "ordered"),
    ];
    let keywords: String = words
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, word)| format!("<rdf:li>{word}</rdf:li>"))
        .collect();
    let marks = if photo.hearts.by_couple || photo.orders > 0 {
        format!(" xmp:Rating=\"{STARS}\" xmp:Label=\"{LABEL}\"")
    } else {
        String::new()
    };
    let xmp = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"{marks}><dc:subject><rdf:Bag>{keywords}</rdf:Bag></dc:subject>\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>\n"
    );
    (format!("{stem}.xmp"), xmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{choices::Hearts, domain::PhotoId};

    fn chosen(by_couple: bool, guests: u64) -> ChosenPhoto {
        ChosenPhoto {
            id: PhotoId::generate(),
            filename: "IMG_1.jpg".to_owned(),
            raw_filename: Some("IMG_1.CR3".to_owned()),
            orders: 0,
            quantity: 0,
            hearts: Hearts { guests, by_couple },
        }
    }

    #[test]
    fn a_sidecar_is_what_our_own_reader_takes_for_stars_and_keywords() {
        let (name, xmp) = sidecar(&chosen(true, 2));
        assert_eq!(name, "IMG_1.xmp", "beside the RAW");
        let read = crate::imaging::read_sidecar(xmp.as_bytes()).expect("is XMP");
        assert_eq!((read.rating, read.label.as_deref()), (Some(5), Some("Green")));
        assert_eq!(read.keywords, ["chosen by the couple", "chosen by guests"]);
        let (_, xmp) = sidecar(&chosen(false, 1));
        assert_eq!(
            crate::imaging::read_sidecar(xmp.as_bytes()).expect("is XMP").rating,
            None,
            "a guest's heart is no star"
        );
    }
}
