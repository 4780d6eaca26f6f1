//! An order as clients write and read it.

use chrono::NaiveTime;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{image_url, invalid, own_image, preview_url};
use crate::{
    app::App,
    domain::{Balance, Geo, PLACEMENT_CURRENCY, Placement, PlacementStatus},
    http::{
        extract::{self, given},
        problem::Problem,
        shared::time,
        words,
    },
    placements::PlacementChange,
};

#[derive(Serialize, ToSchema)]
pub struct GeoJson {
    /// Empty in a draft that does not say.
    country: String,
    region: Option<String>,
    city: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PlacementJson {
    id: Uuid,
    customer_id: Uuid,
    /// In an admin's list.
    customer_name: Option<String>,
    status: words::PlacementStatus,
    title: String,
    description: String,
    /// Where the code leads.
    target_url: String,
    /// In minor units.
    total_amount: Option<i64>,
    currency: &'static str,
    geo: GeoJson,
    #[schema(format = DateTime)]
    deadline: Option<String>,
    platforms: Vec<String>,
    image_url: Option<String>,
    /// The same picture, smaller.
    preview_url: Option<String>,
    /// The address as the client gave it.
    qr_code_url: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<&Placement> for PlacementJson {
    fn from(placement: &Placement) -> Self {
        let Geo { country, region, city } = placement.geo.clone();
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: placement.id.0,
            customer_id: placement.customer.0,
            customer_name: None,
            status: placement.status.into(),
            title: placement.title.clone(),
            description: placement.description.clone(),
            target_url: placement.target_url.clone(),
            total_amount: placement.total_amount,
            currency: PLACEMENT_CURRENCY,
            geo: GeoJson { country, region: said(region), city: said(city) },
            deadline: placement.deadline.map(time),
            platforms: placement.platforms.clone(),
            image_url: placement.image.map(image_url),
            preview_url: placement.image.map(preview_url),
            qr_code_url: said(placement.qr_code_url.clone()),
            created_at: time(placement.created_at),
            updated_at: time(placement.updated_at),
        }
    }
}

impl PlacementJson {
    /// The same with its customer's name.
    pub(super) fn of(placement: &Placement, customer_name: Option<&String>) -> Self {
        Self { customer_name: customer_name.cloned(), ..placement.into() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct BalanceJson {
    /// The amount in minor units, including what is reserved.
    amount: i64,
    /// The amount reserved for orders that are placed and not settled.
    reserved: i64,
    currency: &'static str,
}

impl From<Balance> for BalanceJson {
    fn from(Balance { amount, reserved }: Balance) -> Self {
        Self { amount, reserved, currency: PLACEMENT_CURRENCY }
    }
}

#[derive(Deserialize, ToSchema, Default)]
pub struct GeoInput {
    #[schema(max_length = 100)]
    country: Option<String>,
    #[schema(max_length = 100)]
    region: Option<String>,
    #[schema(max_length = 100)]
    city: Option<String>,
}

/// The content of an order. In a change, members that are left out stay as they are, and `null` clears a member.
#[derive(Deserialize, ToSchema, Default)]
pub struct PlacementInput {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 5000)]
    description: Option<Option<String>>,
    /// A full http or https link.
    #[serde(alias = "targetUrl", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    target_url: Option<Option<String>>,
    /// In minor units: at least 10000, which is 100 ₽. Text with such a number is taken too.
    #[serde(alias = "totalAmount", default, deserialize_with = "amount")]
    #[schema(value_type = Option<i64>, minimum = 10000)]
    total_amount: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<GeoInput>)]
    geo: Option<Option<GeoInput>>,
    /// RFC 3339, in the future. `2026-12-31` is the end of that day in UTC.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    deadline: Option<Option<String>>,
    /// Names such as Instagram, Telegram, VK; at most 20 of up to 40 characters. One alone may be text.
    #[serde(alias = "platform", default, deserialize_with = "one_or_many")]
    #[schema(value_type = Option<Vec<String>>)]
    platforms: Option<Option<Vec<String>>>,
    /// The address of a picture that was uploaded or processed here.
    #[serde(alias = "imageUrl", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    image_url: Option<Option<String>>,
    /// The same picture with a code on it; where both are given, the order shows this one.
    #[serde(alias = "processedImageUrl", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    processed_image_url: Option<Option<String>>,
    /// Where the client keeps a picture of the code alone: given back as it came, and never followed.
    #[serde(alias = "qrCodeUrl", default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 20000)]
    qr_code_url: Option<Option<String>>,
    /// Old clients send it. It has no effect: an order always belongs to its sender.
    #[serde(alias = "customerId")]
    #[expect(dead_code, reason = "taken because old clients send it, and not used")]
    customer_id: Option<String>,
    /// Saves a new order as a draft.
    #[serde(default)]
    draft: bool,
    /// Of a change: where the order goes. A draft is `placed`, a placed order is `cancelled`; an admin also
    /// says `in_progress` and `completed`.
    #[schema(value_type = Option<words::PlacementStatus>)]
    status: Option<String>,
}

/// A number, also as the text of a form's field. An empty field says nothing.
fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Amount {
        Number(i64),
        Text(String),
    }
    Ok(Some(match Option::<Amount>::deserialize(from)? {
        None => None,
        Some(Amount::Number(amount)) => Some(amount),
        Some(Amount::Text(text)) if text.trim().is_empty() => None,
        Some(Amount::Text(text)) => Some(text.trim().parse().map_err(serde::de::Error::custom)?),
    }))
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Vec<String>>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        One(String),
        Many(Vec<String>),
    }
    Ok(Some(Option::<Names>::deserialize(from)?.map(|names| match names {
        Names::One(name) => vec![name],
        Names::Many(names) => names,
    })))
}

/// The last second of a day, which a deadline without a time means.
const END_OF_DAY: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).expect("is a time");

impl PlacementInput {
    /// As a new order.
    pub(super) fn new_order(self, app: &App) -> Result<PlacementChange, Problem> {
        let status = if self.draft { PlacementStatus::Draft } else { PlacementStatus::Placed };
        Ok(PlacementChange { status: Some(status), ..Self { status: None, ..self }.change(app)? })
    }

    /// As a change of one that is there.
    pub(super) fn change(self, app: &App) -> Result<PlacementChange, Problem> {
        let emptied = |text: Option<Option<String>>| text.map(Option::unwrap_or_default);
        let malformed = || invalid(&[("deadline", "malformed")]);
        let deadline = |text: String| extract::time(&text, END_OF_DAY).ok_or_else(malformed);
        let deadline =
            self.deadline.map(|text| text.filter(|text| !text.trim().is_empty()).map(deadline).transpose());
        let status = self.status.as_deref().map(str::parse).transpose();
        let own = |url: Option<Option<String>>| {
            let url = url.map(|url| url.filter(|url| !url.is_empty()));
            url.map(|url| url.map(|url| own_image(app, &url)).transpose()).transpose()
        };
        let (image, processed) = (own(self.image_url)?, own(self.processed_image_url)?);
        let image = processed.filter(Option::is_some).or(image).or(processed);
        // A whole that is emptied empties its parts.
        let geo = self.geo.map(|geo| {
            geo.unwrap_or_else(|| {
                let nothing = || Some(String::new());
                GeoInput { country: nothing(), region: nothing(), city: nothing() }
            })
        });
        let geo = geo.unwrap_or_default();
        Ok(PlacementChange {
            title: emptied(self.title),
            description: emptied(self.description),
            target_url: emptied(self.target_url),
            total_amount: self.total_amount,
            country: geo.country,
            region: geo.region,
            city: geo.city,
            deadline: deadline.transpose()?,
            platforms: self.platforms.map(Option::unwrap_or_default),
            image,
            qr_code_url: emptied(self.qr_code_url),
            status: status.map_err(|_| invalid(&[("status", "unknown")]))?,
        })
    }
}
