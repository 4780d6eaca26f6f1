//! Price lists: the list for guests, and the studio's own to change.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{Json, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr,
        schema::{Schema, Type},
    },
};
use uuid::Uuid;

use crate::{
    accounts,
    app::AppState,
    domain::{Language, Names, Part, PhotoSessionId, PriceId, PriceList, StudioId},
    http::{
        extract::{self, PathId},
        guard::Caller,
        holder::Holder,
        language,
        messages::Code,
        problem::Problem,
        words,
    },
    shop::{NewPart, NewPrice},
};

/// What a package holds of one kind.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PartJson {
    /// By which a cart puts photos into it. A new part has none.
    id: Option<Uuid>,
    /// `digital`, `print` or `bundle`.
    #[schema(value_type = words::PriceKind)]
    kind: String,
    /// The size of a print; only prints have one.
    size: Option<String>,
    /// How many photos one package takes, copies of prints counted; 1 for a bundle. All parts together: 200.
    #[schema(minimum = 1, maximum = 200)]
    quantity: u32,
}

impl From<&Part> for PartJson {
    fn from(part: &Part) -> Self {
        let Part { id, kind, size, quantity } = part;
        Self { id: Some(id.0), kind: kind.to_string(), size: size.clone(), quantity: *quantity }
    }
}

impl PartJson {
    /// `None` for a kind that there is not.
    fn read(self) -> Option<NewPart> {
        let Self { id, kind, size, quantity } = self;
        Some(NewPart { id: id.map(PriceId), kind: kind.parse().ok()?, size, quantity })
    }
}

#[derive(Serialize, ToSchema)]
pub struct GuestPrice {
    id: Uuid,
    /// One photo's file, every file of the session, a photo on paper, or some of these at one price.
    kind: words::PriceKind,
    /// The size of a print; only prints have one.
    size: Option<String>,
    /// In the language of `Accept-Language`.
    name: String,
    /// Minor units.
    amount: i64,
    /// Of a package; nothing else has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartJson>,
}

#[derive(Serialize, ToSchema)]
pub struct GuestPrices {
    /// ISO 4217; `null` where nothing is sold.
    currency: Option<String>,
    prices: Vec<GuestPrice>,
    /// Whether previews carry the studio's watermark.
    watermarked: bool,
}

impl GuestPrices {
    fn new(list: Option<PriceList>, language: Language, watermarked: bool) -> Self {
        let (currency, prices) =
            list.map_or_else(Default::default, |list| (Some(list.currency), list.prices));
        let prices: Vec<GuestPrice> = prices
            .into_iter()
            .filter(|price| price.active)
            .map(|price| GuestPrice {
                id: price.id.0,
                kind: price.kind.into(),
                size: price.size,
                name: price.name.of(language).to_owned(),
                amount: price.amount.amount(),
                parts: price.parts.iter().map(Into::into).collect(),
            })
            .collect();
        let currency = currency.filter(|_| !prices.is_empty()).map(|currency| currency.to_string());
        Self { currency, prices, watermarked }
    }
}

/// List the studio's prices for guests; empty where the studio sells nothing
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/prices",
    operation_id = "list_session_prices",
    tag = "shop",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = GuestPrices))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Json<GuestPrices>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    let list = app.shop.prices.offered(&visit.session).await?;
    Ok(Json(GuestPrices::new(list, language::of(&headers), visit.mark.is_some())))
}

/// A name by language, one of them at least, each 1 to 100 characters. Answers have every language: where a studio has
/// not written it, with the text that is read instead. Such a text is not kept when it is sent back.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct NamesJson(BTreeMap<String, String>);

impl NamesJson {
    /// `None` for a language that there is not.
    pub(super) fn read(self) -> Option<Vec<(Language, String)>> {
        self.0.into_iter().map(|(language, text)| Some((language.parse().ok()?, text))).collect()
    }
}

impl From<&Names> for NamesJson {
    fn from(names: &Names) -> Self {
        let text = |language: &Language| (language.to_string(), names.of(*language).to_owned());
        Self(Language::ALL.iter().map(text).collect())
    }
}

impl PartialSchema for NamesJson {
    fn schema() -> RefOr<Schema> {
        let text =
            || ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(100));
        let object = ObjectBuilder::new()
            .description(Some("A name by language. One at least is sent; answers have all of them."));
        let with = |object: ObjectBuilder, language: &Language| object.property(language.as_str(), text());
        Language::ALL.iter().fold(object, with).into()
    }
}

impl ToSchema for NamesJson {
    fn name() -> Cow<'static, str> {
        "NamesJson".into()
    }
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct PriceJson {
    /// The id of a price that is on the list already; a new price has none.
    id: Option<Uuid>,
    #[schema(value_type = words::PriceKind)]
    kind: String,
    /// The size of a print, such as `10x15 cm`; only prints have one.
    size: Option<String>,
    name: NamesJson,
    /// Minor units.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    amount: i64,
    /// Inactive prices are neither shown nor sold.
    active: bool,
    /// What a package holds: 1 to 10 parts, each kind and size once. Nothing else has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartJson>,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct PriceListJson {
    /// ISO 4217, for the whole list; `null` only before there was one.
    currency: Option<String>,
    /// In the order in which guests see them; at most 100.
    prices: Vec<PriceJson>,
}

impl From<PriceList> for PriceListJson {
    fn from(list: PriceList) -> Self {
        let price = |price: crate::domain::Price| PriceJson {
            id: Some(price.id.0),
            kind: price.kind.to_string(),
            size: price.size,
            name: (&price.name).into(),
            amount: price.amount.amount(),
            active: price.active,
            parts: price.parts.iter().map(Into::into).collect(),
        };
        Self {
            currency: Some(list.currency.to_string()),
            prices: list.prices.into_iter().map(price).collect(),
        }
    }
}

/// Callers who do not run the studio get 404. It may live in a database of its own.
pub(super) fn check(caller: &accounts::Caller, studio: StudioId) -> Result<(), Problem> {
    if caller.may_run(studio) { Ok(()) } else { Err(Code::StudioNotFound.into()) }
}

/// Get the studio's price list
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/prices",
    operation_id = "get_price_list",
    tag = "shop",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = PriceListJson))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<PriceListJson>, Problem> {
    check(&caller, id)?;
    let list = app.shop.prices.get(id).await?;
    let nothing = || PriceListJson { currency: None, prices: Vec::new() };
    Ok(Json(list.map_or_else(nothing, Into::into)))
}

/// Set the studio's whole price list
///
/// Carts follow it at once; orders keep the names and amounts that they were placed with.
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/prices",
    operation_id = "set_price_list",
    tag = "shop",
    params(("studio_id" = Uuid, Path)),
    request_body = PriceListJson,
    responses((status = 200, body = PriceListJson))
)]
pub async fn set(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<PriceListJson>, Problem>,
) -> Result<Json<PriceListJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(PriceListJson { currency, prices }) = new?;
    let mut new = Vec::with_capacity(prices.len());
    for (index, price) in prices.into_iter().enumerate() {
        let wrong = |field| Problem::new(Code::InvalidPrice).with("index", index).with("field", field);
        let parts = price.parts.into_iter().map(PartJson::read).collect::<Option<_>>();
        new.push(NewPrice {
            id: price.id.map(PriceId),
            kind: price.kind.parse().map_err(|_| wrong("kind"))?,
            size: price.size,
            name: price.name.read().ok_or_else(|| wrong("name"))?,
            amount: price.amount,
            active: price.active,
            parts: parts.ok_or_else(|| wrong("parts"))?,
        });
    }
    let list = app.shop.prices.set(id, &currency.unwrap_or_default(), new, app.now()).await?;
    Ok(Json(list.into()))
}
