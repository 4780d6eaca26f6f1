//! Sheets of many cards: A4 pages to print and cut, in several designs.
//!
//! Cards that fill the page share their edges, so one cut serves two; the others have a hairline around them.

use std::{collections::HashMap, fmt, fmt::Write, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};
use svg2pdf::{ConversionOptions, usvg};

use super::{
    CardContent, CardError, QrCard, card,
    text::{FAMILY, Fonts, Weight, printable},
};
use crate::imaging::escape;

/// Of an A4 page, in millimetres.
const PAGE: [f32; 2] = [210.0, 297.0];
const POINTS: f32 = 72.0 / 25.4;
/// Cards that one sheet may have.
pub const MOST_CARDS: usize = 100;

/// How the cards of a sheet look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// The table card, A6: four on a page.
    Classic,
    /// The table card with the session's cover above: four on a page.
    Cover,
    /// As large as a business card, 85 × 55 mm: ten on a page.
    Small,
}

impl Design {
    pub const ALL: [Self; 3] = [Self::Classic, Self::Cover, Self::Small];

    /// Width and height of a card in millimetres, and how many stand side by side and below each other.
    fn grid(self) -> ([f32; 2], [usize; 2]) {
        match self {
            Self::Classic | Self::Cover => ([105.0, 148.0], [2, 2]),
            Self::Small => ([85.0, 55.0], [2, 5]),
        }
    }

    /// Cards on a page.
    #[must_use]
    pub fn on_a_page(self) -> usize {
        let (_, [across, down]) = self.grid();
        across * down
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Classic => "classic",
            Self::Cover => "cover",
            Self::Small => "small",
        })
    }
}

impl FromStr for Design {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|design| design.to_string() == word).ok_or(())
    }
}

/// The sheet as PDF. `cover`: a JPEG, for the design that has one.
pub(super) fn pdf(
    cards: &[CardContent],
    design: Design,
    cover: Option<&[u8]>,
    fonts: &Fonts,
) -> Result<Vec<u8>, CardError> {
    let drawing = |error: &dyn fmt::Display| CardError::Drawing(error.to_string());
    let mut pages = Vec::new();
    for svg in svgs(cards, design, cover, fonts)? {
        pages.push(fonts.parse(&svg).map_err(|error| drawing(&error))?);
    }
    document(&pages).map_err(|error| drawing(&error))
}

/// The pages.
pub(super) fn svgs(
    cards: &[CardContent],
    design: Design,
    cover: Option<&[u8]>,
    fonts: &Fonts,
) -> Result<Vec<String>, CardError> {
    let (size, [across, down]) = design.grid();
    let margin = [0, 1].map(|at| (PAGE[at] - size[at] * [across, down][at] as f32) / 2.0);
    // Copies of one card are drawn once.
    let mut drawn: HashMap<&str, String> = HashMap::new();
    let mut pages = Vec::new();
    for page in cards.chunks(design.on_a_page()) {
        let [width, height] = PAGE;
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"><rect width="{width}" height="{height}" fill="#fff"/>"##
        );
        for (at, content) in page.iter().enumerate() {
            if !drawn.contains_key(content.url.as_str()) {
                let card = match (design, cover) {
                    (Design::Small, _) => small(content, fonts)?,
                    (Design::Cover, Some(cover)) => with_cover(content, cover, fonts)?,
                    (Design::Classic | Design::Cover, _) => card::body(content, fonts)?,
                };
                drawn.insert(&content.url, card);
            }
            let card = drawn.get(content.url.as_str()).map_or("", String::as_str);
            let (x, y) =
                (margin[0] + size[0] * (at % across) as f32, margin[1] + size[1] * (at / across) as f32);
            let [width, height] = size;
            // Writing to a string cannot fail.
            let _ = write!(
                svg,
                r##"<g transform="translate({x} {y})" font-family="{FAMILY}">{card}<rect width="{width}" height="{height}" fill="none" stroke="#bbb" stroke-width="0.1"/></g>"##
            );
        }
        svg.push_str("</svg>");
        pages.push(svg);
    }
    Ok(pages)
}

/// The code beside the name.
fn small(content: &CardContent, fonts: &Fonts) -> Result<String, CardError> {
    const CODE: f32 = 43.0;
    let (left, room) = (50.0, 30.0);
    let code = QrCard::new(&content.url, None)?;
    let mut svg = format!(
        r#"<g transform="translate(5 6) scale({})">{}</g>"#,
        CODE / code.side() as f32,
        code.elements()
    );
    let mut line = |y: f32, size: f32, weight: Weight, fill: &str, text: &str| {
        let _ = write!(
            svg,
            r#"<text x="{left}" y="{y}" font-size="{size}" font-weight="{}" fill="{fill}">{}</text>"#,
            weight.number(),
            escape(text)
        );
    };
    let mut y = 12.0;
    for text in fonts.wrap(&printable(&content.session), 4.2, Weight::Bold, room, 3) {
        line(y, 4.2, Weight::Bold, "#111", &text);
        y += 5.0;
    }
    y += 1.5;
    for text in fonts.wrap(card::title(content.language), 3.2, Weight::Regular, room, 3) {
        line(y, 3.2, Weight::Regular, "#222", &text);
        y += 4.0;
    }
    let studio = fonts.wrap(&printable(&content.studio), 2.6, Weight::Regular, room, 1).concat();
    line(45.5, 2.6, Weight::Regular, "#555", &studio);
    let label = fonts.wrap(&printable(&content.label), 2.2, Weight::Regular, room, 1).concat();
    line(49.0, 2.2, Weight::Regular, "#555", &label);
    Ok(svg)
}

/// The cover, the name, the code.
fn with_cover(content: &CardContent, cover: &[u8], fonts: &Fonts) -> Result<String, CardError> {
    const CODE: f32 = 46.0;
    let (middle, inner) = (52.5, 87.0);
    let code = QrCard::new(&content.url, None)?;
    let mut svg = format!(
        r#"<image x="6" y="6" width="93" height="58" preserveAspectRatio="xMidYMid slice" href="data:image/jpeg;base64,{}"/><g transform="translate({} 86) scale({})">{}</g>"#,
        BASE64_STANDARD.encode(cover),
        middle - CODE / 2.0,
        CODE / code.side() as f32,
        code.elements()
    );
    let mut line = |y: f32, size: f32, weight: Weight, fill: &str, text: &str| {
        let _ = write!(
            svg,
            r#"<text x="{middle}" y="{y}" text-anchor="middle" font-size="{size}" font-weight="{}" fill="{fill}">{}</text>"#,
            weight.number(),
            escape(text)
        );
    };
    let name = fonts.wrap(&printable(&content.session), 6.4, Weight::Bold, inner, 1).concat();
    line(75.0, 6.4, Weight::Bold, "#111", &name);
    line(82.0, 4.0, Weight::Regular, "#222", card::title(content.language));
    let foot = [&content.studio, &content.label].map(|text| printable(text));
    let foot = foot.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
    line(138.0, 2.8, Weight::Regular, "#555", &fonts.wrap(&foot, 2.8, Weight::Regular, inner, 1).concat());
    Ok(svg)
}

/// A document of these pages, each A4.
pub(super) fn document(pages: &[usvg::Tree]) -> Result<Vec<u8>, svg2pdf::ConversionError> {
    let [width, height] = PAGE.map(|side| side * POINTS);
    let name = Name(b"Cards");
    let mut next = Ref::new(1);
    let (catalog, tree) = (next.bump(), next.bump());
    let mut pdf = Pdf::new();
    let mut kids = Vec::new();
    for page in pages {
        let (chunk, graphic) = svg2pdf::to_chunk(page, ConversionOptions::default())?;
        let mut numbers = HashMap::new();
        let chunk = chunk.renumber(|old| *numbers.entry(old).or_insert_with(|| next.bump()));
        let graphic = *numbers.entry(graphic).or_insert_with(|| next.bump());
        let (page, content) = (next.bump(), next.bump());
        let mut written = pdf.page(page);
        written.media_box(Rect::new(0.0, 0.0, width, height)).parent(tree).contents(content);
        written.resources().x_objects().pair(name, graphic);
        written.finish();
        let mut shown = Content::new();
        shown.transform([width, 0.0, 0.0, height, 0.0, 0.0]).x_object(name);
        pdf.stream(content, &shown.finish());
        pdf.extend(&chunk);
        kids.push(page);
    }
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).count(kids.len().try_into().unwrap_or(i32::MAX)).kids(kids);
    Ok(pdf.finish())
}

#[cfg(test)]
mod tests {
    use resvg::tiny_skia::{Pixmap, Transform};

    use super::*;
    use crate::domain::Language;

    fn content(code: &str) -> CardContent {
        CardContent {
            session: "Anna & Ivan".to_owned(),
            studio: "Studio".to_owned(),
            colour: "#a9472a".to_owned(),
            logo: None,
            url: format!("https://photos.example/g/{code}"),
            label: format!("Table {code}"),
            language: Language::English,
        }
    }

    /// What a scanner reads on a page.
    fn scanned(svg: &str, fonts: &Fonts) -> Vec<String> {
        let tree = fonts.parse(svg).unwrap();
        let scale = 5.0 * 210.0 / tree.size().width();
        let side = |points: f32| (points * scale) as u32;
        let mut pixels = Pixmap::new(side(tree.size().width()), side(tree.size().height())).unwrap();
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        let (width, height) = (pixels.width() as usize, pixels.height() as usize);
        let green = |x: usize, y: usize| pixels.pixel(x as u32, y as u32).unwrap().green();
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, green);
        let mut texts: Vec<_> =
            picture.detect_grids().iter().map(|grid| grid.decode().expect("is read").1).collect();
        texts.sort();
        texts
    }

    #[test]
    fn every_design_has_every_code_on_its_pages() {
        let fonts = Fonts::bundled();
        let codes = ["23456789AB", "23456789AC", "23456789AD"];
        let cards: Vec<_> = codes.map(content).to_vec();
        let mut jpeg = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(90, 60, image::Rgb([240, 240, 240]))
            .write_to(&mut jpeg, image::ImageFormat::Jpeg)
            .unwrap();
        for design in Design::ALL {
            let svgs = svgs(&cards, design, Some(jpeg.get_ref()), &fonts).unwrap();
            let expected: Vec<_> = codes.map(|code| format!("HTTPS://PHOTOS.EXAMPLE/G/{code}")).to_vec();
            assert_eq!(scanned(&svgs[0], &fonts), expected, "{design}");
            let many: Vec<_> = (0..design.on_a_page() + 1).map(|_| content(codes[0])).collect();
            let pdf = pdf(&many, design, Some(jpeg.get_ref()), &fonts).unwrap();
            assert!(pdf.starts_with(b"%PDF-") && pdf.windows(8).any(|part| part == b"/Count 2"), "{design}");
        }
    }

    #[test]
    fn a_short_link_in_capitals_is_a_coarser_code() {
        let short = QrCard::new("https://photos.example/g/23456789AB", None).unwrap();
        let long =
            QrCard::new("https://photos.example/session/0192f0c1-7a3b-7c4d-8e5f-001122334455", None).unwrap();
        assert!(short.side() + 10 <= long.side(), "{} and {} modules", short.side(), long.side());
    }
}
