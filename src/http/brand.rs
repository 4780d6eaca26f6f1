//! How a studio shows itself on its guests' pages: its name, logo and colour in their markup.

use serde_json::{Value, json};

use super::markup::escape_html;
use crate::{
    domain::{Colour, Tones},
    studios::Brand,
};

/// What the page's script is told; `null` where the studio has said nothing.
pub fn json(brand: Option<&Brand>) -> Value {
    brand.map_or(Value::Null, |brand| {
        json!({
            "name": brand.name,
            "logo_url": logo_url(brand),
            "contact": brand.contact,
            "site": brand.site,
        })
    })
}

/// The name at the end of a page's title.
pub fn site_name(brand: Option<&Brand>) -> &str {
    brand.map_or("Pixora", |brand| &brand.name)
}

/// The studio's colour as rules of a page, readable in light and in dark.
pub fn style(brand: Option<&Brand>) -> String {
    let Some(colour) = brand.and_then(|brand| brand.colour.parse::<Colour>().ok()) else {
        return String::new();
    };
    let (light, dark) = colour.tones();
    let rules = |Tones { accent, soft }: Tones| {
        format!(":root{{--accent:{accent};--accent-soft:{soft};--brand:{accent};--hover:var(--ink)}}")
    };
    format!("{}@media (prefers-color-scheme:dark){{{}}}", rules(light), rules(dark))
}

/// What stands in the header; `brand` in `static/js/common/frame.js` draws the same.
pub fn mark(brand: Option<&Brand>) -> String {
    let Some(brand) = brand else {
        return r#"<span class="brand"><span class="brand-mark" aria-hidden="true"></span><span translate="no">Pixora</span></span>"#
            .to_owned();
    };
    let name = escape_html(&brand.name);
    match logo_url(brand) {
        Some(url) => {
            format!(
                r#"<span class="brand"><img class="brand-logo" src="{url}" alt="{name}" height="36"></span>"#
            )
        }
        None => format!(r#"<span class="brand"><span translate="no">{name}</span></span>"#),
    }
}

/// Room for the studio's contact at the foot of a page.
pub fn foot(brand: Option<&Brand>) -> &'static str {
    match brand {
        Some(brand) if brand.contact.is_some() || brand.site.is_some() => {
            r#"<p class="studio-contact"><span>&nbsp;</span></p>"#
        }
        _ => "",
    }
}

/// Its name changes with it, so a copy never goes stale.
fn logo_url(brand: &Brand) -> Option<String> {
    brand.has_logo.then(|| format!("/brand/{}/{}", brand.studio, file_name(brand)))
}

/// Of its logo.
pub fn file_name(brand: &Brand) -> String {
    format!("{:x}.png", brand.changed_at.timestamp_micros())
}
