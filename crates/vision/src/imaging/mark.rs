//! A watermark over a picture: a studio's words or logo, tilted, again and again over the whole of it.
//!
//! What is repeated is one tile, drawn once for each size of picture; laying it over a picture is one pass
//! over the pixels. White with a dark edge is seen on light and on dark.

use std::{fmt::Write, sync::OnceLock};

use resvg::{
    tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform},
    usvg::{Options, Tree},
};

use super::{FONT_FAMILY, Picture, escape, fonts, printable};

/// Of the line that the words stand on, counter-clockwise.
const TILT: f32 = 30.0;
/// The height of letters, as a part of the picture's long side; long words are set smaller.
const LETTERS: f32 = 1.0 / 22.0;
/// The widest that words or a logo may be, as parts of the long side.
const WIDEST_TEXT: f32 = 0.7;
const WIDEST_LOGO: f32 = 0.2;
/// Between one and the next, as a part of the long side.
const GAP: f32 = 0.05;
/// The least between two lines of words, as a part of the long side.
const LINES: f32 = 0.085;
/// Tiles of these sizes of picture are kept.
const KEPT: [u32; 3] = [640, 1024, 2048];

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the watermark shows nothing")]
pub struct EmptyMark;

enum Motif {
    /// Only what the letters can show.
    Text(String),
    Logo(Pixmap),
}

/// A watermark as drawn.
pub struct Mark {
    motif: Motif,
    /// Of 255.
    opacity: u16,
    tiles: [OnceLock<Option<Pixmap>>; KEPT.len()],
}

impl Mark {
    /// Words; what the bundled letters cannot show is left out. `opacity` is in per cent.
    ///
    /// # Errors
    /// When nothing of them can be shown.
    pub fn text(text: &str, opacity: u8) -> Result<Self, EmptyMark> {
        let text = printable(text);
        if text.is_empty() { Err(EmptyMark) } else { Ok(Self::new(Motif::Text(text), opacity)) }
    }

    /// A PNG, with its transparency.
    ///
    /// # Errors
    /// When it cannot be read, or nothing of it is opaque.
    pub fn logo(png: &[u8], opacity: u8) -> Result<Self, EmptyMark> {
        let logo = Pixmap::decode_png(png).map_err(|_| EmptyMark)?;
        let shows = logo.pixels().iter().any(|pixel| pixel.alpha() > 0);
        if shows { Ok(Self::new(Motif::Logo(logo), opacity)) } else { Err(EmptyMark) }
    }

    fn new(motif: Motif, opacity: u8) -> Self {
        Self { motif, opacity: u16::from(opacity.min(100)) * 255 / 100, tiles: Default::default() }
    }

    /// Lays the mark over the whole picture.
    pub fn lay_over(&self, picture: &mut Picture) {
        let long = picture.long_side();
        let kept = KEPT.iter().position(|&size| size == long).map(|at| &self.tiles[at]);
        match kept {
            Some(kept) => self.blend(picture, kept.get_or_init(|| self.tile(long)).as_ref()),
            None => self.blend(picture, self.tile(long).as_ref()),
        }
    }

    fn blend(&self, picture: &mut Picture, tile: Option<&Pixmap>) {
        // `None` only for a picture of a pixel or two.
        let Some(tile) = tile else { return };
        let width = tile.width() as usize;
        let rows = picture.rgb.chunks_exact_mut(picture.width as usize * 3);
        for (row, over) in rows.zip(tile.data().chunks_exact(width * 4).cycle()) {
            for (pixel, over) in row.chunks_exact_mut(3).zip(over.chunks_exact(4).cycle()) {
                if over[3] == 0 {
                    continue;
                }
                // Premultiplied: what shows is `over · opacity + pixel · (1 - alpha · opacity)`.
                let alpha = u16::from(over[3]) * self.opacity / 255;
                for (under, over) in pixel.iter_mut().zip(over) {
                    let shown = u16::from(*over) * self.opacity + u16::from(*under) * (255 - alpha);
                    *under = (shown / 255).min(255) as u8;
                }
            }
        }
    }

    /// One word or logo, tilted, with the room around it. Side by side, the tiles make tilted lines.
    fn tile(&self, long: u32) -> Option<Pixmap> {
        let long = long as f32;
        match &self.motif {
            Motif::Text(text) => {
                let (width, _) = set(text, 100.0, [0.0; 2], 1)?;
                let size = (long * LETTERS).min(100.0 * WIDEST_TEXT * long / width.max(1.0)).max(4.0);
                let [w, h] = bounds(width * size / 100.0, size, long * GAP);
                let apart = (2.0 * size).max(long * LINES);
                let lines = (h * TILT.to_radians().cos() / apart).round().max(1.0);
                let (_, tree) = set(text, size, [w, h], lines as u32)?;
                let mut tile = Pixmap::new(w as u32, h as u32)?;
                resvg::render(&tree, Transform::identity(), &mut tile.as_mut());
                Some(tile)
            }
            Motif::Logo(logo) => {
                let (width, height) = (logo.width() as f32, logo.height() as f32);
                // As large as its area, not its width: a square one would tower over a long one.
                let scale = (WIDEST_LOGO * long / width).min(WIDEST_LOGO * long / 2.0 / height);
                let edge = (long / 700.0).max(1.0);
                let [w, h] = bounds(width * scale + 4.0 * edge, height * scale + 4.0 * edge, long * GAP);
                let mut tile = Pixmap::new(w as u32, h as u32)?;
                // Dark around light around the logo, so that neither a black nor a white one is lost.
                for (colour, by) in [(0x20, 2.0 * edge), (0xff, edge)] {
                    let silhouette = silhouette(logo, colour);
                    for turn in 0..12 {
                        let angle = turn as f32 * std::f32::consts::TAU / 12.0;
                        stamp(&mut tile, &silhouette, scale, [by * angle.cos(), by * angle.sin()]);
                    }
                }
                stamp(&mut tile, logo, scale, [0.0, 0.0]);
                Some(tile)
            }
        }
    }
}

/// Sides of the tilted box of something so large, with a gap.
fn bounds(width: f32, height: f32, gap: f32) -> [f32; 2] {
    let (sin, cos) = TILT.to_radians().sin_cos();
    [width * cos + height * sin + gap, width * sin + height * cos + gap].map(|side| side.ceil().max(1.0))
}

/// Draws a picture tilted about the middle of the tile.
fn stamp(tile: &mut Pixmap, picture: &Pixmap, scale: f32, shift: [f32; 2]) {
    let [x, y] = [tile.width() as f32 / 2.0 + shift[0], tile.height() as f32 / 2.0 + shift[1]];
    let transform =
        Transform::from_translate(-(picture.width() as f32) / 2.0, -(picture.height() as f32) / 2.0)
            .post_scale(scale, scale)
            .post_rotate(-TILT)
            .post_translate(x, y);
    let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
    tile.draw_pixmap(0, 0, picture.as_ref(), &paint, transform, None);
}

/// The same shape in one shade of grey.
fn silhouette(of: &Pixmap, grey: u8) -> Pixmap {
    let mut silhouette = of.clone();
    for pixel in silhouette.data_mut().chunks_exact_mut(4) {
        let shade = (u16::from(pixel[3]) * u16::from(grey) / 255) as u8;
        pixel[..3].fill(shade);
    }
    silhouette
}

/// The words on so many lines of a tile, and how wide they are. What juts out below comes in again above.
fn set(text: &str, size: f32, [w, h]: [f32; 2], lines: u32) -> Option<(f32, Tree)> {
    let mut svg =
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}">"#, w.max(1.0), h.max(1.0));
    let (x, edge, down, text) = (w / 2.0, size / 10.0, size * 0.35, escape(text));
    for line in -lines.cast_signed()..2 * lines.cast_signed() {
        let y = h / 2.0 + h * line as f32 / lines as f32;
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            r##"<g transform="translate({x} {y}) rotate(-{TILT})"><text y="{down}" font-family="{FONT_FAMILY}" font-weight="700" font-size="{size}" text-anchor="middle" fill="#fff" stroke="#202020" stroke-width="{edge}" stroke-linejoin="round" paint-order="stroke">{text}</text></g>"##,
        );
    }
    svg.push_str("</svg>");
    let tree = parse(&svg)?;
    let width = words(&tree).map(|text| text.bounding_box().width())?;
    Some((width, tree))
}

fn parse(svg: &str) -> Option<Tree> {
    let options = Options { fontdb: fonts(), font_family: FONT_FAMILY.into(), ..Options::default() };
    Tree::from_str(svg, &options).ok()
}

/// The text of an SVG that has one.
fn words(tree: &Tree) -> Option<&resvg::usvg::Text> {
    let mut nodes: Vec<_> = tree.root().children().iter().collect();
    while let Some(node) = nodes.pop() {
        match node {
            resvg::usvg::Node::Text(text) => return Some(text),
            resvg::usvg::Node::Group(group) => nodes.extend(group.children()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, grey: u8) -> Picture {
        Picture::new(width, height, vec![grey; width as usize * height as usize * 3])
    }

    /// How many of 100 pixels differ clearly from `grey`, in the least marked ninth of the picture.
    fn least_marked(picture: &Picture, grey: u8) -> f32 {
        let (w, h) = (picture.width as usize / 3, picture.height as usize / 3);
        let share = |left: usize, top: usize| {
            let rows = (top..top + h).map(|y| (y * picture.width as usize + left) * 3);
            let pixels = rows.flat_map(|from| picture.rgb[from..from + w * 3].chunks_exact(3));
            pixels.filter(|pixel| pixel[0].abs_diff(grey) > 25).count() as f32 * 100.0 / (w * h) as f32
        };
        let ninths = (0..9).map(|n| share(n % 3 * w, n / 3 * h));
        ninths.fold(f32::MAX, f32::min)
    }

    fn logo(grey: u8) -> Vec<u8> {
        let mut pixmap = Pixmap::new(200, 80).expect("has a size");
        for (at, pixel) in pixmap.data_mut().chunks_exact_mut(4).enumerate() {
            // A frame, transparent inside.
            let (x, y) = (at % 200, at / 200);
            if !(16..184).contains(&x) || !(16..64).contains(&y) {
                pixel.copy_from_slice(&[grey, grey, grey, 255]);
            }
        }
        pixmap.encode_png().expect("is encoded")
    }

    #[test]
    fn it_is_seen_everywhere_on_light_dark_and_grey() {
        let long = "Studio of Anna and Ivan, all rights reserved, 2026, Petersbg";
        let marks = [
            Mark::text("Студия Анны", 40).expect("shows"),
            Mark::text(long, 40).expect("shows"),
            Mark::text("©", 40).expect("shows"),
            Mark::logo(&logo(0), 40).expect("shows"),
            Mark::logo(&logo(255), 40).expect("shows"),
        ];
        for (n, mark) in marks.iter().enumerate() {
            for (width, height) in [(2048, 1365), (683, 1024), (1024, 1024), (300, 200)] {
                for grey in [0, 128, 255] {
                    let mut picture = plain(width, height, grey);
                    mark.lay_over(&mut picture);
                    let marked = least_marked(&picture, grey);
                    assert!(marked > 1.0, "mark {n} on {width}x{height} of {grey}: {marked} %");
                }
            }
        }
    }

    #[test]
    fn the_picture_is_still_to_be_seen_through_it() {
        let mark = Mark::text("Студия Анны", 40).expect("shows");
        for grey in [0, 255] {
            let mut picture = plain(1024, 683, grey);
            mark.lay_over(&mut picture);
            assert!(picture.rgb.iter().all(|value| value.abs_diff(grey) <= 103), "40 % of 255, and rounding");
            let untouched = picture.rgb.iter().filter(|value| **value == grey).count();
            assert!(untouched * 2 > picture.rgb.len(), "at least half is as it was");
        }
    }

    #[test]
    fn what_shows_nothing_is_refused() {
        for text in ["", "  ", "\u{200d}", "🎉🎉"] {
            assert!(Mark::text(text, 40).is_err(), "{text:?}");
        }
        let invisible = Pixmap::new(64, 64).expect("has a size").encode_png().expect("is encoded");
        assert!(Mark::logo(&invisible, 40).is_err());
        assert!(Mark::logo(b"no picture", 40).is_err());
    }

    #[test]
    fn markup_in_the_words_is_only_words() {
        let mark = Mark::text("<tspan>&\"'</tspan>", 40).expect("shows");
        let mut picture = plain(1024, 683, 0);
        mark.lay_over(&mut picture);
        assert!(least_marked(&picture, 0) > 1.0);
    }

    #[test]
    fn a_picture_of_one_pixel_does_no_harm() {
        Mark::text("Studio", 90).expect("shows").lay_over(&mut plain(1, 1, 0));
        Mark::logo(&logo(0), 90).expect("shows").lay_over(&mut plain(1, 1, 0));
    }
}
