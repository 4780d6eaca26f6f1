//! Carts of guests. The token in the address is all that opens one.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cart_json::CartJson;
use crate::{
    app::AppState,
    domain::{PhotoId, PhotoSessionId, PriceId, ShippingId},
    guests::Pass,
    http::{
        client::Client,
        extract::{self, PathId, given},
        holder::Holder,
        language,
        problem::Problem,
    },
    shop::NewItem,
};

#[derive(Serialize, ToSchema)]
pub struct NewCartJson {
    /// 43 characters that open the cart; shown this once, kept by hash.
    cart_token: String,
    #[serde(flatten)]
    cart: CartJson,
}

/// Create a cart
///
/// It is removed 30 days after it was last used.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/carts",
    operation_id = "create_cart",
    tag = "shop",
    params(("session_id" = Uuid, Path)),
    responses((status = 201, body = NewCartJson))
)]
pub async fn create(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Client(client): Client,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<NewCartJson>), Problem> {
    let session = app.guests.open(id, &pass).await?;
    let cart_token = app.shop.carts.create(&session, client.ip, app.now()).await?;
    let cart = priced(&app, &cart_token, &pass, &headers).await?;
    Ok((StatusCode::CREATED, Json(NewCartJson { cart_token, cart })))
}

async fn priced(app: &AppState, token: &str, pass: &Pass, headers: &HeaderMap) -> Result<CartJson, Problem> {
    let cart = app.shop.carts.find(token, app.now()).await?;
    let visit = app.guests.enter(cart.session, pass).await?;
    let cart = app.shop.carts.priced(cart, &visit, app.now()).await?;
    Ok(CartJson::new(&cart, language::of(headers)))
}

/// Get a cart with its current prices
#[utoipa::path(
    get,
    path = "/api/carts/{cart_token}",
    operation_id = "get_cart",
    tag = "shop",
    params(("cart_token" = String, Path)),
    responses((status = 200, body = CartJson))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(token): PathId<String>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Json<CartJson>, Problem> {
    Ok(Json(priced(&app, &token, &pass, &headers).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct ItemJson {
    /// A price, or a part of a package that is in the cart.
    #[serde(alias = "priceId")]
    price_id: Uuid,
    /// The photo; a bundle and a package have none.
    #[serde(alias = "photoId")]
    photo_id: Option<Uuid>,
    /// 0 takes the line out, and with a package what is in it. Files are bought once, packages up to 4 times, prints
    /// up to 100 times; a part of a package takes no more than its `wanted`.
    #[schema(maximum = 100)]
    quantity: u32,
}

#[derive(Deserialize, ToSchema)]
pub struct ItemsJson {
    /// At most 500. Lines that are not named stay as they are.
    items: Vec<ItemJson>,
}

/// Set quantities in a cart
#[utoipa::path(
    put,
    path = "/api/carts/{cart_token}/items",
    operation_id = "set_cart_items",
    tag = "shop",
    params(("cart_token" = String, Path)),
    request_body = ItemsJson,
    responses((status = 200, body = CartJson))
)]
pub async fn set(
    State(app): State<AppState>,
    PathId(token): PathId<String>,
    Holder(pass): Holder,
    headers: HeaderMap,
    new: Result<extract::Json<ItemsJson>, Problem>,
) -> Result<Json<CartJson>, Problem> {
    let cart = app.shop.carts.find(&token, app.now()).await?;
    let visit = app.guests.enter(cart.session, &pass).await?;
    let extract::Json(ItemsJson { items }) = new?;
    let item = |item: ItemJson| NewItem {
        price_id: PriceId(item.price_id),
        photo_id: item.photo_id.map(PhotoId),
        quantity: item.quantity,
    };
    let items: Vec<NewItem> = items.into_iter().map(item).collect();
    app.shop.carts.set_items(&token, &visit, &items, app.now()).await?;
    Ok(Json(priced(&app, &token, &pass, &headers).await?))
}

/// Members that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
pub struct CartChoiceJson {
    /// In any case; `null` takes it out. One that does not count is refused, and the one before stays.
    #[serde(default, deserialize_with = "given", alias = "promoCode")]
    #[schema(value_type = Option<String>, max_length = 40)]
    promo_code: Option<Option<String>>,
    /// One of the cart's `shipping`.
    #[serde(default, deserialize_with = "given", alias = "shippingId")]
    #[schema(value_type = Option<Uuid>)]
    shipping_id: Option<Option<Uuid>>,
}

/// Choose a promo code and a way of delivery
#[utoipa::path(
    patch,
    path = "/api/carts/{cart_token}",
    operation_id = "choose_in_cart",
    tag = "shop",
    params(("cart_token" = String, Path)),
    request_body = CartChoiceJson,
    responses((status = 200, body = CartJson))
)]
pub async fn choose(
    State(app): State<AppState>,
    PathId(token): PathId<String>,
    Client(client): Client,
    Holder(pass): Holder,
    headers: HeaderMap,
    new: Result<extract::Json<CartChoiceJson>, Problem>,
) -> Result<Json<CartJson>, Problem> {
    let cart = app.shop.carts.find(&token, app.now()).await?;
    let visit = app.guests.enter(cart.session, &pass).await?;
    let extract::Json(CartChoiceJson { promo_code, shipping_id }) = new?;
    let shipping = shipping_id.map(|id| id.map(ShippingId));
    app.shop.carts.choose(&token, (&visit, client.ip), promo_code, shipping, app.now()).await?;
    Ok(Json(priced(&app, &token, &pass, &headers).await?))
}
