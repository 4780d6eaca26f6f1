//! What a messenger shows beside the link of a page (Open Graph, <https://ogp.me>).

use std::fmt::Write;

use super::photos::GalleryPhoto;
use crate::{
    domain::{PhotoSession, Previews},
    http::markup::escape_html,
    marks::LINK_PICTURE,
};

/// A page that is shown to everybody who is sent its link.
pub struct Preview<'a> {
    pub session: &'a PhotoSession,
    /// Whose page it is.
    pub site: &'a str,
    /// Under which the page was asked for, without a slash at its end.
    pub origin: &'a str,
    pub path: &'a str,
    /// The photo that stands for the session, where a visitor sees it.
    pub cover: Option<&'a GalleryPhoto>,
    /// The photo that the page is of.
    pub photo: Option<&'a GalleryPhoto>,
}

impl Preview<'_> {
    /// The picture beside the link, as far as the studio has said that one may be shown.
    fn picture(&self) -> Option<&GalleryPhoto> {
        match (self.photo, self.session.terms.previews) {
            (_, Previews::None) => None,
            (Some(photo), Previews::Photos) => Some(photo),
            (Some(_), Previews::Cover) => None,
            (None, Previews::Cover | Previews::Photos) => self.cover,
        }
    }

    /// Elements for the page's head.
    pub fn tags(&self) -> String {
        let mut tags = String::new();
        // Writing to a string cannot fail.
        let mut tag = |name: &str, content: &str| {
            let _ = writeln!(tags, r#"<meta property="{name}" content="{}">"#, escape_html(content));
        };
        tag("og:type", "website");
        tag("og:site_name", self.site);
        tag("og:title", &self.session.name);
        tag("og:url", &format!("{}{}", self.origin, self.path));
        if let Some(description) = self.session.description.as_deref().filter(|text| !text.is_empty()) {
            tag("og:description", description);
        }
        if let Some(photo) = self.picture() {
            let (width, height) = LINK_PICTURE;
            tag("og:image", &format!("{}{}", self.origin, photo.picture.link_url()));
            tag("og:image:width", &width.to_string());
            tag("og:image:height", &height.to_string());
            tag("twitter:card", "summary_large_image");
        }
        tags
    }
}
