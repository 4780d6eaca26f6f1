//! The table card: one A6 page from one SVG template.
//!
//! Nothing stands within 6 mm of the edge, twice the safe margin that printers ask for, and no colour runs
//! off the page, so the card needs no bleed and may be cut a little askew.

use std::fmt::Write;

use svg2pdf::{ConversionOptions, PageOptions};

use super::{
    CardError, Logo, QrCard,
    text::{FAMILY, Fonts, Weight, printable},
};
use crate::{domain::Language, imaging::escape, words::Words};

/// Millimetres.
const WIDTH: f32 = 105.0;
const HEIGHT: f32 = 148.0;
const MARGIN: f32 = 9.0;
/// Side of the code with its quiet zone.
const CODE: f32 = 62.0;
/// Box of the logo above the name, across and down.
const LOGO: [f32; 2] = [60.0, 9.5];
/// Pixels an inch that usvg reckons millimetres with.
const DPI: f32 = 96.0;

/// The content of a card.
#[derive(Debug, Clone)]
pub struct CardContent {
    /// Of the shoot.
    pub session: String,
    pub studio: String,
    /// `#rrggbb`
    pub colour: String,
    /// PNG.
    pub logo: Option<Vec<u8>>,
    /// The address in the QR code.
    pub url: String,
    /// Where the card is to stand, small at its foot; may be empty.
    pub label: String,
    pub language: Language,
}

/// The card as PDF, 105 × 148 mm.
pub(super) fn pdf(content: &CardContent, fonts: &Fonts) -> Result<Vec<u8>, CardError> {
    let tree = fonts.parse(&svg(content, fonts)?).map_err(|error| CardError::Drawing(error.to_string()))?;
    svg2pdf::to_pdf(&tree, ConversionOptions::default(), PageOptions { dpi: DPI })
        .map_err(|error| CardError::Drawing(error.to_string()))
}

/// The call on every card.
pub(super) fn title(language: Language) -> &'static str {
    Words(language).say("cards.title")
}

/// The template, filled. One unit is a millimetre.
pub(super) fn svg(content: &CardContent, fonts: &Fonts) -> Result<String, CardError> {
    let body = body(content, fonts)?;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}mm" height="{HEIGHT}mm" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FAMILY}"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{body}</svg>"##
    ))
}

/// What stands on the card.
pub(super) fn body(content: &CardContent, fonts: &Fonts) -> Result<String, CardError> {
    let words = Words(content.language);
    let title = words.say("cards.title");
    let colour = escape(&content.colour);
    let logo = content.logo.as_deref().map(Logo::read).transpose()?;
    let middle = WIDTH / 2.0;
    let inner = WIDTH - 2.0 * MARGIN;
    let mut svg = r#"<g text-anchor="middle">"#.to_owned();
    let mut line = |y: f32, size: f32, weight: Weight, fill: &str, text: &str| {
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            r#"<text x="{middle}" y="{y}" font-size="{size}" font-weight="{}" fill="{fill}">{}</text>"#,
            weight.number(),
            escape(text)
        );
    };

    let studio = printable(&content.studio);
    // Where the logo stands for the studio, its name goes to the foot.
    let (y, size) = if logo.is_some() { (134.4, 2.8) } else { (15.0, 3.6) };
    line(y, size, Weight::Regular, "#555", &one_line(fonts, &studio, size, Weight::Regular, inner));
    // The name as large as it fits on two lines.
    let name = printable(&content.session);
    let sizes = [9.0_f32, 8.0, 7.0, 6.0, 5.2];
    let set = |size: f32| (size, fonts.wrap(&name, size, Weight::Bold, inner, 2));
    let (size, lines) = sizes
        .into_iter()
        .map(set)
        .find(|(_, lines)| lines.join(" ") == name)
        .unwrap_or_else(|| set(sizes[sizes.len() - 1]));
    let lines = balanced(fonts, &name, size, inner, lines);
    let first = 31.0 - (lines.len() as f32 - 1.0) * size * 0.55;
    for (n, text) in lines.iter().enumerate() {
        line(first + n as f32 * size * 1.15, size, Weight::Bold, "#111", text);
    }
    line(112.8, fitting(fonts, title, 5.2, Weight::Bold, inner), Weight::Bold, "#111", title);
    let link = content.url.trim_start_matches("https://").trim_start_matches("http://");
    let (place, id) = link.split_at(link.rfind('/').unwrap_or(0));
    let label = printable(&content.label);
    let id = if label.is_empty() { id.to_owned() } else { format!("{id} · {label}") };
    let size = [place, &id]
        .map(|part| fitting(fonts, part, 2.3, Weight::Regular, inner))
        .into_iter()
        .fold(2.3, f32::min);
    for (part, y) in [(place, 138.6), (id.as_str(), 141.5)] {
        line(y, size, Weight::Regular, "#555", part);
    }

    if let Some(logo) = &logo {
        let (left, width) = (middle - LOGO[0] / 2.0, LOGO[0]);
        let (height, href) = (LOGO[1], logo.data_url());
        let _ = write!(svg, r#"<image x="{left}" y="7.5" width="{width}" height="{height}" href="{href}"/>"#);
    }
    let calls = ["cards.step_1", "cards.step_2", "cards.step_3"].map(|step| words.say(step));
    steps(&mut svg, &calls, &colour, fonts, inner);
    let code = QrCard::new(&content.url, logo)?;
    let (left, top) = ((WIDTH - CODE) / 2.0, 42.5);
    let _ = write!(
        svg,
        r#"<g transform="translate({left} {top}) scale({})">{}</g><rect x="{}" y="{}" width="{}" height="{}" rx="4" fill="none" stroke="{colour}" stroke-width="1"/></g>"#,
        CODE / code.side() as f32,
        code.elements(),
        left - 1.0,
        top - 1.0,
        CODE + 2.0,
        CODE + 2.0,
    );
    Ok(svg)
}

/// Three numbered steps in a row.
fn steps(svg: &mut String, steps: &[&str; 3], colour: &str, fonts: &Fonts, inner: f32) {
    let column = inner / 3.0;
    let digit = if is_light(colour) { "#111" } else { "#fff" };
    for (n, step) in steps.iter().enumerate() {
        let x = MARGIN + column * (n as f32 + 0.5);
        let _ = write!(
            svg,
            r#"<circle cx="{x}" cy="119.2" r="2.6" fill="{colour}"/><text x="{x}" y="120.5" font-size="3.6" font-weight="700" fill="{digit}">{}</text>"#,
            n + 1
        );
        for (row, text) in fonts.wrap(step, 3.0, Weight::Regular, column - 2.0, 2).iter().enumerate() {
            let y = 125.6 + row as f32 * 3.6;
            let _ =
                write!(svg, r##"<text x="{x}" y="{y}" font-size="3" fill="#222">{}</text>"##, escape(text));
        }
    }
}

/// The same lines, as equal as their words allow.
fn balanced(fonts: &Fonts, text: &str, size: f32, width: f32, lines: Vec<String>) -> Vec<String> {
    // A text that is broken inside a word or cut off cannot be set in narrower lines.
    if lines.join(" ") != text {
        return lines;
    }
    let narrower = (10..20).map(|n| width * n as f32 / 20.0);
    let mut tries = narrower.map(|width| fonts.wrap(text, size, Weight::Bold, width, lines.len()));
    tries.find(|tried| tried.join(" ") == text).unwrap_or(lines)
}

/// The size at which the text fits, at most `size`.
fn fitting(fonts: &Fonts, text: &str, size: f32, weight: Weight, width: f32) -> f32 {
    size.min(size * width / fonts.width(text, size, weight).max(f32::MIN_POSITIVE))
}

fn one_line(fonts: &Fonts, text: &str, size: f32, weight: Weight, width: f32) -> String {
    fonts.wrap(text, size, weight, width, 1).into_iter().next().unwrap_or_default()
}

/// Whether dark letters are read better on this `#rrggbb` (relative luminance above a third).
fn is_light(colour: &str) -> bool {
    let part =
        |at: usize| colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    let [r, g, b] = [1, 3, 5].map(|at| (f32::from(part(at)) / 255.0).powf(2.2));
    0.2126 * r + 0.7152 * g + 0.0722 * b > 0.33
}

#[cfg(test)]
mod tests;
