//! The HTML pages: templates of `static/` with a few placeholders.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header, header::InvalidHeaderValue},
    response::{IntoResponse, Response},
};

use super::{assets, security};
use crate::domain::{Language, WebOrigin};

/// Fills `{{name}}` placeholders. Values are placed once, never searched for placeholders themselves.
fn fill(template: &str, value_of: impl Fn(&str) -> Option<String>) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((name, after)) = after.split_once("}}") else { break };
        page.push_str(&value_of(name).unwrap_or_default());
        rest = after;
    }
    page.push_str(rest);
    page
}

/// Text as it stands in markup.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// JSON that cannot end the `<script>` element that it stands in.
fn json_for_script(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

/// What the guest's page shows before its script has come.
#[derive(Debug, Default)]
pub struct Written {
    /// Markup; every text in it is escaped.
    pub html: String,
    /// Rules of its own, because the policy of the page forbids style attributes.
    pub style: String,
}

/// Styles of the first view. They stand in the page: on a slow line their request would hold up the first photo.
static FIRST_STYLES: LazyLock<String> = LazyLock::new(|| {
    ["base", "components", "landing"]
        .iter()
        .filter_map(|name| assets::template(&format!("css/{name}.css")))
        .map(|css| without_comments(&css))
        .collect()
});

/// A stylesheet without its comments and its indentation.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .fold(String::new(), |all, line| all + line + "\n")
}

/// The guest's page of one session.
///
/// # Errors
/// None that is known of: the policy is plain ASCII.
pub fn guest(
    title: &str,
    session: &serde_json::Value,
    written: &Written,
    language: Language,
) -> Result<Response, InvalidHeaderValue> {
    let style = format!("{}{}", *FIRST_STYLES, written.style);
    let policy = HeaderValue::from_str(&security::policy_with_style(&style))?;
    let mut response = page(StatusCode::OK, "guest.html", language, |name| {
        match name {
        "title" => Some(escape_html(title)),
        "session_json" => Some(json_for_script(session)),
        "style" => Some(style.clone()),
        "written" => Some(written.html.clone()),
        // Phones ask for these when the page is put on the home screen, and no sooner.
        "manifest" => session["id"].as_str().map(|id| {
            let id = escape_html(id);
            format!(
                "<link rel=\"manifest\" href=\"/session/{id}/manifest.webmanifest\" crossorigin=\"use-credentials\">\n\
                 <link rel=\"apple-touch-icon\" href=\"{}/icons/180.png\">\n",
                assets::base_path()
            )
        }),
        _ => None,
    }
    });
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// The search of one session, in a frame on pages of these origins and on no others.
///
/// # Errors
/// None that is known of: an origin is plain ASCII.
pub fn embed(
    title: &str,
    session: &serde_json::Value,
    origins: &[WebOrigin],
    language: Language,
) -> Result<Response, InvalidHeaderValue> {
    let policy = HeaderValue::from_str(&security::policy_in_frames(origins))?;
    let mut response = page(StatusCode::OK, "embed.html", language, |name| match name {
        "title" => Some(escape_html(title)),
        "session_json" => Some(json_for_script(session)),
        _ => None,
    });
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.extensions_mut().insert(security::InFrames);
    Ok(response)
}

/// The page that shows a session's photos by itself.
#[must_use]
pub fn slideshow(title: &str, session: &serde_json::Value, language: Language) -> Response {
    page(StatusCode::OK, "show.html", language, |name| match name {
        "title" => Some(escape_html(title)),
        "session_json" => Some(json_for_script(session)),
        _ => None,
    })
}

/// The page that says why there is none.
#[must_use]
pub fn error(status: StatusCode, code: &str, language: Language) -> Response {
    page(status, "error.html", language, |name| (name == "code").then(|| escape_html(code)))
}

/// The front door.
#[must_use]
pub fn index(language: Language) -> Response {
    page(StatusCode::OK, "index.html", language, |_| None)
}

/// A page that its scripts fill.
#[must_use]
pub fn plain(template: &str, language: Language) -> Response {
    page(StatusCode::OK, template, language, |_| None)
}

/// A page of the panel; `name` is its module's.
#[must_use]
pub fn dashboard(name: &str, language: Language) -> Response {
    page(StatusCode::OK, "dashboard.html", language, |key| match key {
        "page" => Some(escape_html(name)),
        "title" => Some("Pixora".to_owned()),
        _ => None,
    })
}

fn page(
    status: StatusCode,
    template: &str,
    language: Language,
    value_of: impl Fn(&str) -> Option<String>,
) -> Response {
    // A test of `assets` holds that the templates are in the binary.
    let template = assets::template(template).unwrap_or_default();
    let html = fill(&template, |name| match name {
        "lang" => Some(language.as_str().to_owned()),
        "static" => Some(assets::base_path()),
        other => value_of(other),
    });
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language"),
        (header::CONTENT_LANGUAGE, language.as_str()),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)));
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_bring_markup_or_placeholders() {
        let value = |name: &str| (name == "title").then(|| escape_html("</title><script>'\"&{{lang}}"));
        assert_eq!(
            fill("<title>{{title}}</title>{{unknown}}.", value),
            "<title>&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp;{{lang}}</title>."
        );
    }

    #[test]
    fn json_cannot_close_its_script_element() {
        let name = "</script><!--<script>";
        let json = json_for_script(&serde_json::json!({ "name": name }));
        assert!(!json.contains('<'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("still JSON")["name"], name);
    }
}
