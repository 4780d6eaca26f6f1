//! A receipt: A4 pages with what was bought, what it comes to, and what was paid. Its words come in ready.

use std::fmt::Write;

use super::{
    CardError,
    sheet::document,
    text::{FAMILY, Fonts, Weight, printable},
};
use crate::imaging::escape;

/// What stands on a receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceiptContent {
    pub title: String,
    /// Who sells, line by line.
    pub seller: Vec<String>,
    /// Number, dates, buyer: a name and a value each.
    pub facts: Vec<[String; 2]>,
    /// The names of the columns: thing, quantity, price, amount.
    pub head: [String; 4],
    pub lines: Vec<[String; 4]>,
    /// What the lines come to, step by step; the last one is the total.
    pub sums: Vec<[String; 2]>,
    pub notes: Vec<String>,
}

/// In millimetres, as everything here.
const PAGE: [f32; 2] = [210.0, 297.0];
const LEFT: f32 = 20.0;
const RIGHT: f32 = 190.0;
/// The right edges of quantity, price and amount.
const COLUMNS: [f32; 3] = [124.0, 157.0, RIGHT];
/// Below this a new page begins.
const END: f32 = 275.0;
const TEXT: f32 = 3.6;
const ROW: f32 = 6.4;
const INK: &str = "#111";
const SOFT: &str = "#555";

struct Drawing<'a> {
    fonts: &'a Fonts,
    pages: Vec<String>,
    svg: String,
    y: f32,
}

impl Drawing<'_> {
    fn text(&mut self, x: f32, anchor: &str, size: f32, weight: Weight, fill: &str, text: &str) {
        // Writing to a string cannot fail.
        let _ = write!(
            self.svg,
            r#"<text x="{x}" y="{}" text-anchor="{anchor}" font-size="{size}" font-weight="{}" fill="{fill}">{}</text>"#,
            self.y,
            weight.number(),
            escape(text)
        );
    }

    /// In as many lines as it needs, `most` at most.
    fn paragraph(&mut self, size: f32, weight: Weight, fill: &str, text: &str, (width, most): (f32, usize)) {
        for line in self.fonts.wrap(&printable(text), size, weight, width, most) {
            self.step(size * 1.4);
            self.text(LEFT, "start", size, weight, fill, &line);
        }
    }

    fn rule(&mut self) {
        self.y += 2.2;
        let _ = write!(
            self.svg,
            r##"<path d="M{LEFT} {0}H{RIGHT}" stroke="#bbb" stroke-width="0.25"/>"##,
            self.y
        );
    }

    /// Goes down, and on to the next page where this one ends.
    fn step(&mut self, by: f32) {
        self.y += by;
        if self.y > END {
            self.turn();
        }
    }

    fn turn(&mut self) {
        let [width, height] = PAGE;
        let page = std::mem::take(&mut self.svg);
        self.pages.push(format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"><rect width="{width}" height="{height}" fill="#fff"/><g font-family="{FAMILY}">{page}</g></svg>"##
        ));
        self.y = 28.0;
    }
}

/// The receipt as PDF.
pub(super) fn pdf(content: &ReceiptContent, fonts: &Fonts) -> Result<Vec<u8>, CardError> {
    let drawing = |error: &dyn std::fmt::Display| CardError::Drawing(error.to_string());
    let mut pages = Vec::new();
    for svg in svgs(content, fonts) {
        pages.push(fonts.parse(&svg).map_err(|error| drawing(&error))?);
    }
    document(&pages).map_err(|error| drawing(&error))
}

/// The pages.
fn svgs(content: &ReceiptContent, fonts: &Fonts) -> Vec<String> {
    let mut page = Drawing { fonts, pages: Vec::new(), svg: String::new(), y: 18.0 };
    page.paragraph(7.0, Weight::Bold, INK, &content.title, (RIGHT - LEFT, 2));
    page.y += 2.0;
    for line in &content.seller {
        page.paragraph(TEXT, Weight::Regular, SOFT, line, (RIGHT - LEFT, 3));
    }
    page.y += 4.0;
    for [name, value] in &content.facts {
        page.step(ROW - 0.6);
        page.text(LEFT, "start", TEXT, Weight::Regular, SOFT, &printable(name));
        let value = fonts.wrap(&printable(value), TEXT, Weight::Regular, RIGHT - 68.0, 1).concat();
        page.text(68.0, "start", TEXT, Weight::Regular, INK, &value);
    }
    page.y += 6.0;
    row(&mut page, &content.head, Weight::Bold, SOFT);
    page.rule();
    for line in &content.lines {
        row(&mut page, line, Weight::Regular, INK);
    }
    page.rule();
    let last = content.sums.len().saturating_sub(1);
    for (n, [name, amount]) in content.sums.iter().enumerate() {
        let (weight, size) = if n == last { (Weight::Bold, 4.4) } else { (Weight::Regular, TEXT) };
        page.step(if n == last { ROW + 1.0 } else { ROW });
        let name = fonts.wrap(&printable(name), size, weight, COLUMNS[1] - LEFT - 10.0, 1).concat();
        page.text(COLUMNS[1] - 10.0, "end", size, weight, INK, &name);
        page.text(RIGHT, "end", size, weight, INK, &printable(amount));
    }
    page.y += 6.0;
    for note in &content.notes {
        page.paragraph(TEXT, Weight::Regular, INK, note, (RIGHT - LEFT, 4));
    }
    page.turn();
    page.pages
}

fn row(page: &mut Drawing<'_>, [name, cells @ ..]: &[String; 4], weight: Weight, fill: &str) {
    let room = COLUMNS[0] - LEFT - 18.0;
    let lines = page.fonts.wrap(&printable(name), TEXT, weight, room, 2);
    for (n, line) in lines.iter().enumerate() {
        page.step(if n == 0 { ROW } else { TEXT * 1.3 });
        page.text(LEFT, "start", TEXT, weight, fill, line);
        if n == 0 {
            for (cell, right) in cells.iter().zip(COLUMNS) {
                page.text(right, "end", TEXT, weight, fill, &printable(cell));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(lines: usize) -> ReceiptContent {
        let text = |text: &str| text.to_owned();
        ReceiptContent {
            title: text("Квитанция 2026-000001 <&>"),
            seller: vec![text("Example Studio"), text("Example street 1")],
            facts: vec![[text("Дата"), text("30.11.2026")]],
            head: [text("Позиция"), text("Штук"), text("Цена"), text("Сумма")],
            lines: vec![
                [text("Отпечаток, 10×15"), text("3"), text("300,00"), text("900,00 RUB")];
                lines
            ],
            sums: vec![[text("Сумма"), text("900,00 RUB")], [text("Итого"), text("900,00 RUB")]],
            notes: vec![text("Оплачено 30.11.2026")],
        }
    }

    #[test]
    fn a_receipt_has_every_word_and_as_many_pages_as_it_needs() {
        let fonts = Fonts::bundled();
        let short = svgs(&content(2), &fonts);
        assert_eq!(short.len(), 1);
        for word in [
            "Квитанция 2026-000001 &lt;&amp;&gt;",
            "Example street 1",
            "Отпечаток, 10×15",
            "Итого",
            "Оплачено",
        ] {
            assert!(short[0].contains(word), "{word}");
        }
        let long = svgs(&content(100), &fonts);
        assert_eq!(long.concat().matches("Отпечаток").count(), 100);
        let file = pdf(&content(100), &fonts).unwrap();
        let count = format!("/Count {}", long.len());
        assert!(long.len() > 2 && file.starts_with(b"%PDF-"));
        assert!(file.windows(count.len()).any(|part| part == count.as_bytes()));
    }
}
