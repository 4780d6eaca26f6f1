//! XMP (ISO 16684-1): what editors write, as attributes or as elements.

use roxmltree::{Document, Node, ParsingOptions};

use super::{facts::Written, text, when};

const DC: &str = "http://purl.org/dc/elements/1.1/";
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
/// Packets have a few kilobytes; develop settings with masks have more.
const MAX_BYTES: usize = 4 << 20;
const MAX_NODES: u32 = 50_000;

/// Bytes that are no XMP give an empty result.
pub(super) fn read(packet: &[u8]) -> Written {
    read_packet(packet).unwrap_or_default()
}

/// `None` for what is no XML, has a document type (entities could make it endless), or describes nothing.
pub(super) fn read_packet(packet: &[u8]) -> Option<Written> {
    let text = text::decoded(packet.get(..packet.len().min(MAX_BYTES)).unwrap_or_default());
    let text = text.trim_matches(|c: char| c == '\0' || c == '\u{feff}' || c.is_whitespace());
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).ok()?;
    document.descendants().find(|node| node.has_tag_name((RDF, "RDF")))?;
    let value = |space: &str, name: &str| {
        document.descendants().find_map(|node| {
            let written = node.attribute((space, name)).map(str::to_owned);
            written.or_else(|| node.has_tag_name((space, name)).then(|| first_text(node))?)
        })
    };
    let words = |space, name| value(space, name).and_then(|text| text::plain(&text));
    let times = [(EXIF, "DateTimeOriginal"), (PHOTOSHOP, "DateCreated"), (XMP, "CreateDate")];
    Some(Written {
        taken: times.into_iter().find_map(|(space, name)| when::parse(&value(space, name)?)),
        rating: value(XMP, "Rating")
            .and_then(|text| text.trim().parse::<f32>().ok())
            .map(|stars| stars.round() as i8)
            .filter(|stars| matches!(stars, -1 | 1..=5)),
        label: words(XMP, "Label"),
        keywords: keywords(&document),
        caption: words(DC, "description"),
        creator: words(DC, "creator"),
        copyright: words(DC, "rights"),
    })
}

/// An element's own text, or the first of the list that it holds.
fn first_text(node: Node) -> Option<String> {
    let mut texts = node.descendants().filter(Node::is_text).filter_map(|node| node.text());
    texts.find(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn keywords(document: &Document) -> Vec<String> {
    let subjects = document.descendants().filter(|node| node.has_tag_name((DC, "subject")));
    let items = subjects.flat_map(|node| node.descendants()).filter(|node| node.tag_name().name() == "li");
    items.filter_map(|node| text::plain(node.text()?)).collect()
}
