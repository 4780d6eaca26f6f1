//! `/api/shop/orders.csv`: orders for a spreadsheet.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::desk::Filter;
use crate::{
    app::AppState,
    domain::{Order, OrderId},
    http::{extract::Params, guard::Caller, problem::Problem, shared::time},
    shop::ListedOrder,
};

/// Orders read at once.
const CHUNK: u32 = 1_000;
/// Without it a spreadsheet takes UTF-8 for something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

const HEAD: [&str; 18] = [
    "number",
    "status",
    "created_at",
    "paid_at",
    "fulfilled_at",
    "cancelled_at",
    "refunded_at",
    "session",
    "name",
    "email",
    "phone",
    "note",
    "language",
    "payment",
    "lines",
    "total_amount",
    "currency",
    "id",
];

/// A text that a spreadsheet takes as one: what begins like a formula gets an apostrophe before it
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn record(ListedOrder { order, lines }: &ListedOrder) -> [String; 18] {
    let Order { buyer, .. } = order;
    let moment = |at: Option<_>| at.map_or_else(String::new, time);
    [
        order.number.clone(),
        order.status.to_string(),
        time(order.created_at),
        moment(order.paid_at),
        moment(order.fulfilled_at),
        moment(order.cancelled_at),
        moment(order.refunded_at),
        plain(&order.session_name),
        plain(&buyer.name),
        plain(buyer.email.as_ref().map_or("", |email| email.as_str())),
        plain(buyer.phone.as_ref().map_or("", |phone| phone.as_str())),
        plain(buyer.note.as_deref().unwrap_or_default()),
        buyer.language.to_string(),
        order.payment.to_string(),
        lines.to_string(),
        order.total.amount().to_string(),
        order.total.currency().to_string(),
        order.id.to_string(),
    ]
}

/// The same orders as CSV, all of them
#[utoipa::path(
    get,
    path = "/api/shop/orders.csv",
    operation_id = "get_orders_csv",
    tag = "shop",
    params(Filter),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn csv(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(filter): Params<Filter>,
) -> Result<Response, Problem> {
    let filter = filter.read(&caller)?;
    let mut table = csv::Writer::from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    table.write_record(HEAD).map_err(Problem::internal)?;
    let mut after: Option<OrderId> = None;
    loop {
        let chunk = app.shop.orders.list(&filter, after, CHUNK).await?;
        for order in &chunk {
            table.write_record(record(order)).map_err(Problem::internal)?;
        }
        match chunk.last() {
            Some(last) if chunk.len() == CHUNK as usize => after = Some(last.order.id),
            _ => break,
        }
    }
    let table = table.into_inner().map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"pixora-orders.csv\""),
    ];
    Ok((headers, table).into_response())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_text_of_a_buyer_is_a_formula() {
        for text in ["=1+1", "+4930123456", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(plain(text), format!("'{text}"));
        }
        for text in ["", "Anna", "a=b", "1-2", "'=1"] {
            assert_eq!(plain(text), text);
        }
    }
}
