//! `/api/studios/{studio_id}/shop-settings`: how a studio is paid by hand, its tax, its ways of delivery.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{ShippingId, ShopSettings, StudioId, Tax},
    http::{
        extract::{self, PathId},
        guard::Caller,
        problem::Problem,
    },
    shop::{NewSettings, NewShipping, SettingsError},
};

use super::prices::{NamesJson, check};

#[derive(Serialize, Deserialize, ToSchema)]
pub struct TaxSettings {
    /// In hundredths of a percent: 1900 is 19 %.
    #[schema(maximum = 5000)]
    rate: u32,
    /// Whether the prices hold it; otherwise it is added to them.
    included: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct ShippingSettings {
    /// The id of a way that there is already; a new one has none.
    id: Option<Uuid>,
    name: NamesJson,
    /// Minor units of the price list's currency; 0 for a pick-up, for example.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    amount: i64,
    /// Whether the buyer says where to.
    #[serde(alias = "needsAddress")]
    needs_address: bool,
    /// What is not active cannot be chosen.
    active: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct ShopSettingsJson {
    /// What a buyer reads who pays by hand, on the order's page and in the mail: an account, or where to bring cash.
    #[serde(alias = "paymentInstructions")]
    #[schema(max_length = 2000)]
    payment_instructions: Option<String>,
    /// The studio's name, address and numbers on receipts.
    #[schema(max_length = 500)]
    seller: Option<String>,
    /// `null` for no line of tax.
    tax: Option<TaxSettings>,
    /// How prints are delivered, in the order in which buyers see it; at most 20.
    shipping: Vec<ShippingSettings>,
}

impl From<ShopSettings> for ShopSettingsJson {
    fn from(settings: ShopSettings) -> Self {
        let shipping = settings.shipping.into_iter().map(|method| ShippingSettings {
            id: Some(method.id.0),
            name: (&method.name).into(),
            amount: method.amount,
            needs_address: method.needs_address,
            active: method.active,
        });
        Self {
            payment_instructions: settings.payment_instructions,
            seller: settings.seller,
            tax: settings.tax.map(|Tax { rate, included }| TaxSettings { rate, included }),
            shipping: shipping.collect(),
        }
    }
}

/// Get how the studio sells beside its prices
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/shop-settings",
    operation_id = "get_shop_settings",
    tag = "shop",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = ShopSettingsJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<ShopSettingsJson>, Problem> {
    check(&caller, id)?;
    Ok(Json(app.shop.settings.get(id).await?.into()))
}

/// Set payment instructions, tax and ways of delivery
///
/// All of them at once. Carts follow; orders keep what they were placed with.
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/shop-settings",
    operation_id = "set_shop_settings",
    tag = "shop",
    params(("studio_id" = Uuid, Path)),
    request_body = ShopSettingsJson,
    responses((status = 200, body = ShopSettingsJson))
)]
pub async fn set(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<ShopSettingsJson>, Problem>,
) -> Result<Json<ShopSettingsJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(new) = new?;
    let mut shipping = Vec::with_capacity(new.shipping.len());
    for (index, method) in new.shipping.into_iter().enumerate() {
        let wrong = || SettingsError::Wrong { field: "name", index: Some(index) };
        shipping.push(NewShipping {
            id: method.id.map(ShippingId),
            name: method.name.read().ok_or_else(wrong)?,
            amount: method.amount,
            needs_address: method.needs_address,
            active: method.active,
        });
    }
    let new = NewSettings {
        payment_instructions: new.payment_instructions,
        seller: new.seller,
        tax: new.tax.map(|TaxSettings { rate, included }| Tax { rate, included }),
        shipping,
    };
    Ok(Json(app.shop.settings.set(id, new, app.now()).await?.into()))
}
