//! The first view of the guest's page, written into the page itself: what the gallery is called and a few of its photos are
//! seen before a script has come. The script takes these photos over (`static/js/guest/landing.js`, which picks the same).

use std::fmt::Write;

use crate::{
    http::{
        brand,
        markup::escape_html,
        pages::Written,
        sessions::photos::{GalleryPage, GalleryPhoto},
    },
    studios::Brand,
};

/// Places of the mosaic. The last is seen on wide screens only.
const TILES: usize = 6;
/// The places where a wide photo fits; the others are upright.
const WIDE: [usize; 3] = [0, 3, 5];
/// `sizes` of a tile; the script says the same. On a phone a tile is half as wide as the screen, whose three dots for each
/// pixel show no more than two: a third is enough, and half as many bytes.
const SIZES: &str = "(min-width: 900px) 30vw, 33vw";

/// The photos of the mosaic, by place; the cover has the first.
fn picks<'a>(photos: &'a [GalleryPhoto], cover: Option<&'a GalleryPhoto>) -> Vec<&'a GalleryPhoto> {
    let is_cover = |photo: &&GalleryPhoto| cover.is_some_and(|it| it.picture.id() == photo.picture.id());
    let others = photos.iter().filter(|photo| !is_cover(photo));
    let (wide, upright): (Vec<_>, Vec<_>) = others.partition(|photo| photo.picture.is_wide());
    let (mut wide, mut upright) = (wide.into_iter(), upright.into_iter());
    let place = |place| match (cover, WIDE.contains(&place)) {
        (Some(cover), _) if place == 0 => Some(cover),
        (_, true) => wide.next().or_else(|| upright.next()),
        (_, false) => upright.next().or_else(|| wide.next()),
    };
    (0..TILES).filter_map(place).collect()
}

/// The frame of the page as `static/js/common/frame.js` draws it, so that nothing moves when it does.
fn header(brand: Option<&Brand>) -> String {
    let mark = brand::mark(brand);
    format!(
        r#"<header class="site-header">{mark}<span class="language"><span class="language-select"></span></span></header>"#
    )
}

/// Room for what stands at the foot of the page.
fn footer(brand: Option<&Brand>) -> String {
    let contact = brand::foot(brand);
    format!(
        r#"<footer class="site-footer is-written">{contact}<span class="button link-button">&nbsp;</span></footer>"#
    )
}

/// What is known of a session before its photos.
pub struct Title<'a> {
    pub brand: Option<&'a Brand>,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub is_dated: bool,
    pub is_searched: bool,
}

/// The view of a session that has photos; nothing where there are none, because the script then says what is going on.
pub fn landing(title: &Title, page: &GalleryPage, cover: Option<&GalleryPhoto>) -> Written {
    let picks = picks(&page.photos, cover);
    if picks.is_empty() {
        return Written::default();
    }
    let (tiles, style) = mosaic(&picks);
    let html = format!(
        r#"{}<main id="main"><section class="landing is-written">{tiles}{}</section></main>{}"#,
        header(title.brand),
        words(title),
        footer(title.brand)
    );
    Written { html, style }
}

/// The photos, and where each is cut.
fn mosaic(picks: &[&GalleryPhoto]) -> (String, String) {
    let mut html = format!(r#"<div class="mosaic" aria-hidden="true" data-count="{}">"#, picks.len());
    let mut style = String::new();
    for (place, photo) in picks.iter().enumerate() {
        // The first says that the gallery is there; on a slow line the others would take its time.
        let priority =
            if place == 0 { r#"fetchpriority="high""# } else { r#"fetchpriority="low" loading="lazy""# };
        let (src, srcset) = photo.picture.sources();
        let id = photo.picture.id();
        let _ = write!(
            html,
            r#"<div class="mosaic-tile" data-photo="{id}"><img alt="" decoding="async" {priority} sizes="{SIZES}" srcset="{srcset}" src="{src}"></div>"#
        );
        let (x, y) = photo.crop();
        let _ = write!(
            style,
            ".is-written .mosaic-tile:nth-child({}) img{{object-position:{x}% {y}%}}",
            place + 1
        );
    }
    html.push_str("</div>");
    (html, style)
}

/// The name, and room for the words that are in the reader's language.
fn words(title: &Title) -> String {
    let date = if title.is_dated { r#"<p class="eyebrow">&nbsp;</p>"# } else { "" };
    let lead = title.description.filter(|text| !text.is_empty());
    let lead = lead.map(|text| format!(r#"<p class="lead">{}</p>"#, escape_html(text))).unwrap_or_default();
    let name = escape_html(title.name);
    let button = r#"<span class="button">&nbsp;</span>"#;
    let (more, promise) =
        if title.is_searched { (button, r#"<p class="note promise">&nbsp;</p>"#) } else { ("", "") };
    format!(
        r#"<div class="landing-body">{date}<h1 class="display" dir="auto">{name}</h1>{lead}<p class="note">&nbsp;</p><div class="actions">{button}{more}</div>{promise}</div>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::shared::Picture;

    fn photo(name: &str, width: u32, height: u32) -> GalleryPhoto {
        GalleryPhoto {
            picture: Picture::example(name, width, height),
            faces: 0,
            focus: None,
            chapter_id: None,
        }
    }

    #[test]
    fn wide_photos_stand_where_the_mosaic_is_wide() {
        let photos = [
            photo("upright-1", 600, 900),
            photo("wide-1", 900, 600),
            photo("upright-2", 600, 900),
            photo("wide-2", 900, 600),
        ];
        let names: Vec<_> = picks(&photos, None).iter().map(|photo| photo.picture.filename()).collect();
        assert_eq!(names, ["wide-1", "upright-1", "upright-2", "wide-2"]);
    }

    #[test]
    fn the_cover_stands_first_and_once() {
        let photos = [photo("wide", 900, 600), photo("upright", 600, 900)];
        let mut cover = photo("upright", 600, 900);
        cover.picture = photos[1].picture.copied();
        let names: Vec<_> =
            picks(&photos, Some(&cover)).iter().map(|photo| photo.picture.filename()).collect();
        assert_eq!(names, ["upright", "wide"]);
    }

    #[test]
    fn a_name_cannot_bring_markup() {
        let page = GalleryPage {
            photos: vec![photo("a", 3, 2)],
            next_cursor: None,
            total: 1,
            pending: 0,
            chapters: vec![],
        };
        let title = Title {
            brand: None,
            name: "<b>{{static}}",
            description: Some("\"><script>"),
            is_dated: true,
            is_searched: true,
        };
        let written = landing(&title, &page, None);
        assert!(written.html.contains("&lt;b&gt;") && !written.html.contains("<script>"), "{}", written.html);
    }
}
