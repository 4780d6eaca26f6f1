//! The HTML pages: templates of `static/` with a few placeholders.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header, header::InvalidHeaderValue},
    response::{IntoResponse, Response},
};

use super::{assets, brand, markup::escape_html, security};
use crate::{
    domain::{Language, WebOrigin},
    studios::Brand,
    words::Words,
};

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

/// Where the address names another view, the first one is hidden before it is painted: the server does not see that part of
/// an address, and a script of its own would be one more request before anything is seen.
const FIRST_SCRIPT: &str = "if(location.hash)document.documentElement.classList.add('is-elsewhere')";

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

/// A page of one session.
#[derive(Debug, Default)]
pub struct SessionPage<'a> {
    /// The name of the session; empty where the page does not say it.
    pub name: &'a str,
    /// For the script.
    pub session: serde_json::Value,
    pub brand: Option<&'a Brand>,
    pub written: Written,
    /// Markup of its head: what messengers show beside its link.
    pub preview: String,
}

impl SessionPage<'_> {
    /// As the guest's page.
    ///
    /// # Errors
    /// None that is known of: the policy is plain ASCII.
    pub fn guest(&self, language: Language) -> Result<Response, InvalidHeaderValue> {
        let style = format!("{}{}{}", *FIRST_STYLES, brand::style(self.brand), self.written.style);
        with_policy(
            self.page("guest.html", &style, language),
            &security::policy_with_script(FIRST_SCRIPT, &style),
        )
    }

    /// As the page that shows the photos by itself.
    ///
    /// # Errors
    /// None that is known of.
    pub fn slideshow(&self, language: Language) -> Result<Response, InvalidHeaderValue> {
        let style = brand::style(self.brand);
        with_style(self.page("show.html", &style, language), &style)
    }

    /// As the search in a frame on pages of these origins and on no others.
    ///
    /// # Errors
    /// None that is known of: an origin is plain ASCII.
    pub fn embed(&self, origins: &[WebOrigin], language: Language) -> Result<Response, InvalidHeaderValue> {
        let style = brand::style(self.brand);
        let policy = security::in_frames(&security::policy_with_style(&style), origins);
        let mut response = with_policy(self.page("embed.html", &style, language), &policy)?;
        response.extensions_mut().insert(security::InFrames);
        Ok(response)
    }

    fn page(&self, template: &str, style: &str, language: Language) -> Response {
        let site = brand::site_name(self.brand);
        let title = if self.name.is_empty() { site.to_owned() } else { format!("{} · {site}", self.name) };
        page(StatusCode::OK, template, language, |name| match name {
            "title" => Some(escape_html(&title)),
            "brand" => Some(json_for_script(&brand::json(self.brand))),
            "session_json" => Some(json_for_script(&self.session)),
            "style" => Some(style.to_owned()),
            "first_script" => Some(FIRST_SCRIPT.to_owned()),
            "written" => Some(self.written.html.clone()),
            "preview" => Some(self.preview.clone()),
            "manifest" => Some(self.manifest()),
            _ => None,
        })
    }

    /// Phones ask for these when the page is put on the home screen, and no sooner.
    fn manifest(&self) -> String {
        let Some(id) = self.session["id"].as_str() else { return String::new() };
        format!(
            "<link rel=\"manifest\" href=\"/session/{}/manifest.webmanifest\" crossorigin=\"use-credentials\">\n\
             <link rel=\"apple-touch-icon\" href=\"{}/icons/180.png\">\n",
            escape_html(id),
            assets::base_path()
        )
    }
}

/// The page may have this `<style>`.
fn with_style(response: Response, style: &str) -> Result<Response, InvalidHeaderValue> {
    with_policy(response, &security::policy_with_style(style))
}

fn with_policy(mut response: Response, policy: &str) -> Result<Response, InvalidHeaderValue> {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(policy)?);
    Ok(response)
}

/// The page that says why there is none, in the look of the studio whose page it would have been.
///
/// # Errors
/// None that is known of: the policy is plain ASCII.
pub fn error(
    status: StatusCode,
    code: &str,
    brand: Option<&Brand>,
    language: Language,
) -> Result<Response, InvalidHeaderValue> {
    let style = brand::style(brand);
    let response = page(status, "error.html", language, |name| match name {
        "title" => Some(escape_html(brand::site_name(brand))),
        "brand" => Some(json_for_script(&brand::json(brand))),
        "code" => Some(escape_html(code)),
        "status" => Some(status.as_u16().to_string()),
        "style" => Some(style.clone()),
        _ => None,
    });
    with_style(response, &style)
}

/// The page of an order, in the look of its studio.
///
/// # Errors
/// None that is known of: the policy is plain ASCII.
pub fn order(brand: Option<&Brand>, language: Language) -> Result<Response, InvalidHeaderValue> {
    let style = brand::style(brand);
    let response = page(StatusCode::OK, "order.html", language, |name| match name {
        "title" => Some(escape_html(brand::site_name(brand))),
        "brand" => Some(json_for_script(&brand::json(brand))),
        "style" => Some(style.clone()),
        _ => None,
    });
    with_style(response, &style)
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

/// A page on the way into an account; `script` is its module's name.
#[must_use]
pub fn account(script: &str, language: Language) -> Response {
    page(StatusCode::OK, "account.html", language, |key| (key == "script").then(|| escape_html(script)))
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

/// Has the browser fetch the words of these areas beside the scripts that ask for them.
fn preloaded(areas: &str, language: Language) -> String {
    let link = |area: &str| {
        format!(
            "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{}/locales/{language}/pages/{area}.json\">\n",
            assets::base_path()
        )
    };
    areas.split(' ').map(link).collect()
}

/// Each with its own name. Asked for these, a browser takes a twentieth of a second, which the first photo would wait.
fn languages() -> String {
    let named = |it: &Language| format!("{it}:{}", Words(*it).say("bot.own_name"));
    escape_html(&Language::ALL.iter().map(named).collect::<Vec<_>>().join(";"))
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
        "languages" => Some(languages()),
        "static" => Some(assets::base_path()),
        other => match other.split_once(' ') {
            Some(("words", areas)) => Some(preloaded(areas, language)),
            Some(("say", key)) => Some(escape_html(Words(language).say(&format!("server.{key}")))),
            _ => value_of(other),
        },
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
