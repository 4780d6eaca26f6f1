//! From a cart to an order, and how it may be paid.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::{AddressJson, OrderJson, Viewer};
use crate::{
    app::AppState,
    domain::OrderStatus,
    http::{
        client::Client, extract::PathId, holder::Holder, language, messages::Code, problem::Problem,
        shared::idempotency::OnceJson, words,
    },
    shop::{Carts, CheckoutBy, NewOrder},
};

#[derive(Deserialize, ToSchema)]
pub struct CheckoutJson {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    email: String,
    phone: Option<String>,
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// Where to, if the chosen way of delivery needs that.
    address: Option<AddressJson>,
    /// The language of the mails to the buyer.
    #[schema(value_type = words::Language)]
    language: String,
    /// One of `GET /api/payments`.
    #[schema(value_type = words::PaymentMethod)]
    payment: String,
    /// The total that the buyer was shown, in minor units. It is compared with the cart's
    /// present total and used for nothing else.
    #[serde(alias = "expectedTotal")]
    expected_total: i64,
}

impl TryFrom<CheckoutJson> for NewOrder {
    type Error = Problem;

    fn try_from(new: CheckoutJson) -> Result<Self, Problem> {
        Ok(Self {
            name: new.name,
            email: new.email,
            phone: new.phone,
            note: new.note,
            address: new.address.map(Into::into),
            language: new.language.parse().map_err(|_| Code::InvalidLanguage)?,
            payment: new.payment.parse().map_err(|_| Code::PaymentMethodUnavailable)?,
            expected_total: new.expected_total,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct PlacedJson {
    order: OrderJson,
    /// Opens the order without an account: path and query, with its key.
    order_url: String,
    /// Where to pay online now; `null` where that is not how it is paid.
    payment_url: Option<String>,
}

/// Order what is in a cart
///
/// With an `Idempotency-Key` the same request may be sent again: it gets the first answer, also after a crash.
/// A cart becomes one order, however often it is sent.
#[utoipa::path(
    post,
    path = "/api/carts/{cart_token}/checkout",
    operation_id = "check_out",
    tag = "shop",
    params(("cart_token" = String, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = CheckoutJson,
    responses((status = 201, body = PlacedJson))
)]
pub async fn place(
    State(app): State<AppState>,
    PathId(token): PathId<String>,
    Client(client): Client,
    Holder(pass): Holder,
    headers: HeaderMap,
    request: Result<OnceJson<CheckoutJson>, Problem>,
) -> Result<(StatusCode, Json<PlacedJson>), Problem> {
    let cart = app.shop.carts.find(&token, app.now()).await?;
    let session = app.guests.open(cart.session, &pass).await?;
    let request = request?;
    let key = request.key_of(Carts::sender(&token), "checkout");
    let new = request.body.try_into()?;
    let by = CheckoutBy { token: &token, address: client.ip };
    let order = app.shop.orders.checkout(by, &session, new, key.as_ref(), app.now()).await?;
    let page = order.payment_page.as_ref().filter(|_| order.status == OrderStatus::Placed);
    let payment_url = page.map(|page| page.url.clone());
    let order_url = app.shop.orders.path(order.id);
    let order = OrderJson::new(&app, &order, Viewer::Guest, language::of(&headers)).await?;
    Ok((StatusCode::CREATED, Json(PlacedJson { order, order_url, payment_url })))
}

#[derive(Serialize, ToSchema)]
pub struct PaymentMethods {
    /// `stripe` where it is set up.
    methods: Vec<words::PaymentMethod>,
    /// Whether mails about orders are sent here. Without them a buyer has to keep the order's link.
    mail: bool,
}

/// List the ways to pay an order
#[utoipa::path(get, path = "/api/payments", operation_id = "list_payment_methods", tag = "shop", responses((status = 200, body = PaymentMethods)))]
pub async fn payments(State(app): State<AppState>) -> Json<PaymentMethods> {
    let methods = app.shop.orders.payments().methods();
    Json(PaymentMethods {
        methods: methods.iter().copied().map(Into::into).collect(),
        mail: app.postbox.enabled(),
    })
}
