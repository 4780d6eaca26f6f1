//! Orders as their studio works on them.

use axum::{Json, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::json::{OrderHead, OrderJson, Viewer, zone_of};
use crate::{
    accounts,
    app::AppState,
    domain::{Order, OrderActor, OrderId, PhotoSessionId, Role},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        language,
        messages::Code,
        paging,
        problem::Problem,
        shared::{parsed_time, time},
        words,
    },
    shop::{ListedOrder, LoggedEvent, OrderFilter, OrderTotals},
};

/// Characters of `q`.
const LONGEST_SEARCH: usize = 200;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[param(inline, value_type = Option<words::OrderStatus>)]
    status: Option<String>,
    #[serde(alias = "sessionId")]
    #[param(value_type = Option<Uuid>)]
    session_id: Option<String>,
    /// A part of the order's number, or of the buyer's name or address.
    #[param(max_length = 200)]
    q: Option<String>,
    /// RFC 3339: made at this time or later.
    from: Option<String>,
    /// RFC 3339: made before this time.
    to: Option<String>,
}

impl Filter {
    /// Reads the filter, limited to the caller's orders.
    pub fn read(self, caller: &accounts::Caller) -> Result<OrderFilter, Problem> {
        let text = self.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
        if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_SEARCH) {
            return Err(Code::MalformedQuery.into());
        }
        let status = self.status.map(|status| status.parse()).transpose();
        Ok(OrderFilter {
            studios: (caller.role != Role::SuperAdmin).then(|| caller.studios.clone()),
            photographer: (caller.role == Role::Photographer).then_some(caller.user.0),
            status: status.map_err(|_| Code::InvalidOrderStatus)?,
            session: self.session_id.as_deref().map(extract::id::<PhotoSessionId>).transpose()?,
            text,
            from: self.from.as_deref().map(parsed_time).transpose()?,
            to: self.to.as_deref().map(parsed_time).transpose()?,
        })
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ListedOrderJson {
    #[serde(flatten)]
    head: OrderHead,
    line_count: u32,
}

#[derive(Serialize, ToSchema)]
pub struct Totals {
    /// The number of orders that match the filter.
    count: u64,
    /// The amount that is paid and not refunded, in minor units of `currency`.
    paid_amount: i64,
    /// The currency of `paid_amount`: if there are several, the one with most orders. `null` without orders.
    currency: Option<String>,
}

impl From<Vec<OrderTotals>> for Totals {
    fn from(mut currencies: Vec<OrderTotals>) -> Self {
        let count = currencies.iter().map(|each| each.count).sum();
        let first = (!currencies.is_empty()).then(|| currencies.swap_remove(0));
        let paid_amount = first.as_ref().map_or(0, |first| first.paid_amount);
        Self { count, paid_amount, currency: first.map(|first| first.currency) }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrderPage {
    /// Newest first.
    orders: Vec<ListedOrderJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
    /// The totals over all pages.
    totals: Totals,
}

/// List the orders of the sessions that the caller manages
#[utoipa::path(
    get,
    path = "/api/shop/orders",
    operation_id = "list_orders",
    tag = "shop",
    params(Page, Filter),
    responses((status = 200, body = OrderPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
    Params(filter): Params<Filter>,
) -> Result<Json<OrderPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<OrderId> = paging::after(page.cursor)?;
    let filter = filter.read(&caller)?;
    let mut found = app.shop.orders.list(&filter, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut found, limit, |last| last.order.id.to_string());
    let viewer = Viewer::Manager(caller.user);
    let mut orders = Vec::with_capacity(found.len());
    for ListedOrder { order, lines } in found {
        let head = OrderHead::new(&order, viewer, zone_of(&app, &order).await);
        orders.push(ListedOrderJson { head, line_count: lines });
    }
    let totals = app.shop.orders.totals(&filter).await?.into();
    Ok(Json(OrderPage { orders, next_cursor, totals }))
}

/// The order is there and the caller manages its session.
pub(super) async fn managed(
    app: &AppState,
    caller: &accounts::Caller,
    id: OrderId,
) -> Result<Order, Problem> {
    let order = app.shop.orders.get(id).await?;
    let managed =
        order.filter(|order| caller.may_manage_of(order.studio_id, order.session_id, order.photographer_id));
    managed.ok_or_else(|| Code::OrderNotFound.into())
}

#[derive(Deserialize, ToSchema)]
pub struct StepJson {
    #[schema(value_type = words::OrderStatus)]
    to: String,
    /// For the log.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Move an order to its next status
///
/// One of its `actions`. An order in which nothing has to be made goes on from `paid` to `fulfilled` by itself.
#[utoipa::path(
    post,
    path = "/api/shop/orders/{order_id}/transitions",
    operation_id = "move_order",
    tag = "shop",
    params(("order_id" = Uuid, Path)),
    request_body = StepJson,
    responses((status = 200, body = OrderJson))
)]
pub async fn step(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<OrderId>,
    headers: HeaderMap,
    step: Result<extract::Json<StepJson>, Problem>,
) -> Result<Json<OrderJson>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(StepJson { to, note }) = step?;
    let to = to.parse().map_err(|_| Code::InvalidOrderStatus)?;
    let actor = OrderActor::User(caller.user);
    let order = app.shop.orders.transition(id, to, actor, note, app.now()).await?;
    let viewer = Viewer::Manager(caller.user);
    Ok(Json(OrderJson::new(&app, &order, viewer, language::of(&headers)).await?))
}

#[derive(Serialize, ToSchema)]
pub struct EventJson {
    id: Uuid,
    #[schema(format = DateTime)]
    at: String,
    from: words::OrderStatus,
    to: words::OrderStatus,
    /// `guest`, `system`, `provider`, or `user:` and the user's name.
    actor: String,
    note: Option<String>,
}

impl From<LoggedEvent> for EventJson {
    fn from(LoggedEvent { event, user }: LoggedEvent) -> Self {
        Self {
            id: event.id.0,
            at: time(event.at),
            from: event.from.into(),
            to: event.to.into(),
            actor: user.map_or_else(|| event.actor.to_string(), |name| format!("user:{name}")),
            note: event.note,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct EventsJson {
    /// Oldest first.
    events: Vec<EventJson>,
}

/// List the history of an order
#[utoipa::path(
    get,
    path = "/api/shop/orders/{order_id}/events",
    operation_id = "list_order_events",
    tag = "shop",
    params(("order_id" = Uuid, Path)),
    responses((status = 200, body = EventsJson))
)]
pub async fn events(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<OrderId>,
) -> Result<Json<EventsJson>, Problem> {
    managed(&app, &caller, id).await?;
    let events = app.shop.orders.events(id).await?;
    Ok(Json(EventsJson { events: events.into_iter().map(Into::into).collect() }))
}
