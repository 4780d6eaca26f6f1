//! The rules of a placement order: its required fields, and who may change its status.

use chrono::{DateTime, Utc};
use reqwest::Url;

use super::Viewer;
use crate::{
    domain::{CustomerImage, CustomerImageId, Placement, PlacementStatus},
    store::{InsufficientBalance, StoreError},
};

/// The least that an order may cost, in minor units: 100 ₽.
pub const MINIMUM: i64 = 10_000;
/// The most; sums of many stay far from the end of the number.
const MAXIMUM: i64 = 100_000_000_000;

const LONGEST_TITLE: usize = 200;
const LONGEST_DESCRIPTION: usize = 5000;
/// In bytes: what a code can hold and a browser opens.
const LONGEST_URL: usize = 2000;
/// In bytes: a small picture as a data URL.
const LONGEST_CODE_URL: usize = 20_000;
const LONGEST_PLACE: usize = 100;
const MOST_PLATFORMS: usize = 20;
const LONGEST_PLATFORM: usize = 40;

/// Why an order is not taken, changed or shown.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the account does not exist any more")]
    UserNotFound,
    #[error("only customers place orders")]
    CustomersOnly,
    /// The fields that say nothing.
    #[error("not all fields are filled in: {0:?}")]
    Incomplete(Vec<&'static str>),
    /// Fields, each with what is wrong with it.
    #[error("what some fields say cannot be: {0:?}")]
    Invalid(Vec<(&'static str, &'static str)>),
    #[error("there is no such order")]
    NotFound,
    #[error("the order is not a draft any more")]
    NotDraft,
    #[error("this is the customer's to do")]
    Forbidden,
    #[error("an order does not go from {from} to {to}")]
    Transition { from: PlacementStatus, to: PlacementStatus },
    #[error("the balance does not cover the order")]
    InsufficientBalance(InsufficientBalance),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<InsufficientBalance> for Refusal {
    fn from(short: InsufficientBalance) -> Self {
        Self::InsufficientBalance(short)
    }
}

/// A change of an order; a field that is `None` stays. Texts may have space around them.
#[derive(Debug, Clone, Default)]
pub struct PlacementChange {
    pub title: Option<String>,
    pub description: Option<String>,
    pub target_url: Option<String>,
    pub total_amount: Option<Option<i64>>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub deadline: Option<Option<DateTime<Utc>>>,
    pub platforms: Option<Vec<String>>,
    pub image: Option<Option<CustomerImageId>>,
    pub qr_code_url: Option<String>,
    pub status: Option<PlacementStatus>,
}

impl PlacementChange {
    /// Whether it says more than a status.
    fn writes(&self) -> bool {
        let texts = [
            &self.title,
            &self.description,
            &self.target_url,
            &self.qr_code_url,
            &self.country,
            &self.region,
            &self.city,
        ];
        texts.into_iter().any(Option::is_some)
            || self.total_amount.is_some()
            || self.deadline.is_some()
            || self.platforms.is_some()
            || self.image.is_some()
    }

    /// Everything but the status.
    pub(super) fn write_into(self, placement: &mut Placement) {
        let Placement { title, description, target_url, qr_code_url, geo, .. } = placement;
        for (text, new) in [
            (title, self.title),
            (description, self.description),
            (target_url, self.target_url),
            (qr_code_url, self.qr_code_url),
            (&mut geo.country, self.country),
            (&mut geo.region, self.region),
            (&mut geo.city, self.city),
        ] {
            if let Some(new) = new {
                *text = new.trim().to_owned();
            }
        }
        if let Some(amount) = self.total_amount {
            placement.total_amount = amount;
        }
        if let Some(deadline) = self.deadline {
            placement.deadline = deadline;
        }
        if let Some(image) = self.image {
            placement.image = image;
        }
        if let Some(platforms) = self.platforms {
            placement.platforms.clear();
            for platform in platforms.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
                if !placement.platforms.iter().any(|there| there == platform) {
                    placement.platforms.push(platform.to_owned());
                }
            }
        }
    }
}

/// Changes an order for the viewer, if they may change it so.
pub(super) fn apply(
    placement: &mut Placement,
    viewer: Viewer,
    change: PlacementChange,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if !viewer.sees(placement.customer) {
        return Err(Refusal::NotFound);
    }
    let from = placement.status;
    let to = change.status.unwrap_or(from);
    // A draft is its customer's alone: for anybody else it does not exist, even if they would change nothing.
    if viewer == Viewer::Admin && from == PlacementStatus::Draft {
        return Err(Refusal::NotFound);
    }
    if viewer == Viewer::Admin && change.writes() {
        return Err(Refusal::Forbidden);
    }
    if change.writes() && from != PlacementStatus::Draft {
        return Err(Refusal::NotDraft);
    }
    if !moves(viewer, from, to) {
        return Err(Refusal::Transition { from, to });
    }
    change.write_into(placement);
    placement.status = to;
    placement.updated_at = now;
    Ok(())
}

/// Asking for what is already so is no fault: the answer to an earlier request may have been lost.
fn moves(viewer: Viewer, from: PlacementStatus, to: PlacementStatus) -> bool {
    use PlacementStatus::{Cancelled, Completed, Draft, InProgress, Placed};
    match (viewer, from, to) {
        (_, from, to) if from == to => true,
        (Viewer::Customer(_), Draft, Placed) | (_, Placed, Cancelled) => true,
        (Viewer::Admin, Placed, InProgress) | (Viewer::Admin, InProgress, Completed | Cancelled) => true,
        _ => false,
    }
}

/// Whether an order may stand as it is. A draft may say little, but nothing oversized; an order that is
/// placed must say everything. `image` is the row of the order's picture.
pub(super) fn check(
    placement: &Placement,
    image: Option<&CustomerImage>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let places = matches!(placement.status, PlacementStatus::Placed);
    if !places && placement.status != PlacementStatus::Draft {
        // It was held to all of this when it was placed.
        return Ok(());
    }
    if places {
        let missing = missing(placement);
        if !missing.is_empty() {
            return Err(Refusal::Incomplete(missing));
        }
    }
    let mut faults = oversized(placement);
    if placement.image.is_some() && image.is_none_or(|image| image.customer != placement.customer) {
        faults.push(("image_url", "unknown"));
    }
    if places {
        if placement.total_amount.is_some_and(|amount| amount < MINIMUM) {
            faults.push(("total_amount", "below_minimum"));
        }
        if placement.deadline.is_some_and(|deadline| deadline <= now) {
            faults.push(("deadline", "in_the_past"));
        }
        if target(&placement.target_url).is_none() {
            faults.push(("target_url", "malformed"));
        }
        let code = image.and_then(|image| image.code.as_ref());
        if code.is_some_and(|code| code.target_url != placement.target_url) {
            faults.push(("image_url", "leads_elsewhere"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

fn missing(placement: &Placement) -> Vec<&'static str> {
    [
        ("title", placement.title.is_empty()),
        ("description", placement.description.is_empty()),
        ("target_url", placement.target_url.is_empty()),
        ("total_amount", placement.total_amount.is_none()),
        ("geo.country", placement.geo.country.is_empty()),
        ("deadline", placement.deadline.is_none()),
        ("platforms", placement.platforms.is_empty()),
    ]
    .into_iter()
    .filter_map(|(field, empty)| empty.then_some(field))
    .collect()
}

fn oversized(placement: &Placement) -> Vec<(&'static str, &'static str)> {
    let longer = |text: &str, most: usize| text.chars().count() > most;
    let geo = &placement.geo;
    let mut faults: Vec<_> = [
        ("title", longer(&placement.title, LONGEST_TITLE)),
        ("description", longer(&placement.description, LONGEST_DESCRIPTION)),
        ("target_url", placement.target_url.len() > LONGEST_URL),
        ("qr_code_url", placement.qr_code_url.len() > LONGEST_CODE_URL),
        ("geo.country", longer(&geo.country, LONGEST_PLACE)),
        ("geo.region", longer(&geo.region, LONGEST_PLACE)),
        ("geo.city", longer(&geo.city, LONGEST_PLACE)),
        ("platforms", placement.platforms.iter().any(|name| longer(name, LONGEST_PLATFORM))),
    ]
    .into_iter()
    .filter_map(|(field, long)| long.then_some((field, "too_long")))
    .collect();
    if placement.platforms.len() > MOST_PLATFORMS {
        faults.push(("platforms", "too_many"));
    }
    match placement.total_amount {
        Some(..0) => faults.push(("total_amount", "negative")),
        Some(amount) if amount > MAXIMUM => faults.push(("total_amount", "too_large")),
        _ => {}
    }
    faults
}

/// A link as a code carries it: http or https, ASCII. `None` for what is no such link.
pub(super) fn target(text: &str) -> Option<String> {
    let text = text.trim();
    // Without this, `https:example.com` would be repaired, and the customer never know.
    let has_host = text.get(..8).is_some_and(|start| {
        let start = start.to_ascii_lowercase();
        start.starts_with("http://") || start == "https://"
    });
    let url = Url::parse(text).ok().filter(|_| has_host && text.len() <= LONGEST_URL)?;
    let plain = url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_to_a_web_page_is_a_target() {
        for (text, kept) in [
            ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
            (" HTTP://Example.com ", "http://example.com/"),
            ("https://пример.рф/путь", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"),
        ] {
            assert_eq!(target(text).as_deref(), Some(kept));
        }
        let long = format!("https://example.com/{}", "a".repeat(2000));
        for bad in [
            "",
            "example.com",
            "https:example.com",
            "https://",
            "ftp://example.com",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://anna:secret@example.com",
            "//example.com",
            &long,
        ] {
            assert_eq!(target(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_order_moves_only_forward_and_only_by_whose_move_it_is() {
        use PlacementStatus::{Cancelled, Completed, Draft, InProgress, Placed};
        let customer = Viewer::Customer(crate::domain::UserId::generate());
        let allowed: Vec<_> = [customer, Viewer::Admin]
            .into_iter()
            .flat_map(|viewer| {
                let pairs = PlacementStatus::ALL
                    .iter()
                    .flat_map(|from| PlacementStatus::ALL.iter().map(move |to| (*from, *to)));
                pairs.filter(move |(from, to)| from != to && moves(viewer, *from, *to))
            })
            .collect();
        let expected = [
            (Draft, Placed),
            (Placed, Cancelled), // the customer's
            (Placed, InProgress),
            (Placed, Cancelled),
            (InProgress, Completed),
            (InProgress, Cancelled),
        ];
        assert_eq!(allowed, expected);
    }
}
