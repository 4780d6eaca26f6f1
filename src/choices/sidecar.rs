//! A chosen photo as a sidecar file: XMP that Lightroom, Capture One, darktable and digiKam read beside a RAW.

use super::ChosenPhoto;
use crate::imaging::escape;

/// The colour label of what the couple has chosen.
const LABEL: &str = "Green";
const STARS: i8 = 5;

/// The sidecar's name and its content: the photographer's own stars and label; where there are none, five stars and a green
/// label for what the couple has chosen or somebody ordered; and keywords that say by whom. It holds no developing, so that a
/// program that reads it keeps its own.
#[must_use]
pub fn sidecar(photo: &ChosenPhoto) -> (String, String) {
    let name = photo.raw_filename.as_deref().unwrap_or(&photo.filename);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_taken = photo.hearts.by_couple || photo.orders > 0;
    let rating = photo.rating.or(is_taken.then_some(STARS));
    let label = photo.label.as_deref().or(is_taken.then_some(LABEL));
    let attribute = |name: &str, value: String| format!(" xmp:{name}=\"{value}\"");
    let rating = rating.map(|stars| attribute("Rating", stars.to_string())).unwrap_or_default();
    let label = label.map(|text| attribute("Label", escape(text))).unwrap_or_default();
    let xmp = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"{rating}{label}>{}</rdf:Description></rdf:RDF></x:xmpmeta>\n\
         <?xpacket end=\"w\"?>\n",
        subject(photo)
    );
    (format!("{stem}.xmp"), xmp)
}

/// By whom it was chosen, as keywords.
fn subject(photo: &ChosenPhoto) -> String {
    let words = [
        (photo.hearts.by_couple, "chosen by the couple"),
        (photo.hearts.guests > 0, "chosen by guests"),
        (photo.orders > 0, "ordered"),
    ];
    let said = words.iter().filter(|(is_so, _)| *is_so);
    let keywords: String = said.map(|(_, word)| format!("<rdf:li>{word}</rdf:li>")).collect();
    if keywords.is_empty() {
        return keywords;
    }
    format!("<dc:subject><rdf:Bag>{keywords}</rdf:Bag></dc:subject>")
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
            rating: None,
            label: None,
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
    #[test]
    fn the_photographers_own_stars_and_label_are_kept_whoever_has_chosen() {
        let read =
            |photo: &ChosenPhoto| crate::imaging::read_sidecar(sidecar(photo).1.as_bytes()).expect("is XMP");
        let mut photo = chosen(true, 0);
        (photo.rating, photo.label) = (Some(2), Some("\"Best\" <of> all & more".to_owned()));
        let said = read(&photo);
        assert_eq!((said.rating, said.label.as_deref()), (Some(2), Some("\"Best\" <of> all & more")));
        assert_eq!(said.keywords, ["chosen by the couple"]);
        let mut rejected = chosen(false, 0);
        rejected.rating = Some(-1);
        assert_eq!((read(&rejected).rating, read(&rejected).keywords.len()), (Some(-1), 0));
    }
}
