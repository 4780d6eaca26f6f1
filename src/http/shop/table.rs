//! `/api/shop/orders.csv`: orders for a spreadsheet.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{desk::Filter, json::zone_of};
use crate::{
    app::AppState,
    domain::{Order, OrderId, TimeZone},
    http::{extract::Params, guard::Caller, problem::Problem, shared::time_in},
    shop::ListedOrder,
};

/// Orders read at once.
const CHUNK: u32 = 1_000;
/// Without it a spreadsheet takes UTF-8 for something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

const HEAD: [&str; 28] = [
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
    "items_amount",
    "promo_code",
    "discount_amount",
    "shipping",
    "shipping_amount",
    "address",
    "tax_percent",
    "tax_included",
    "tax_amount",
    "refund_asked_at",
];

/// A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). A spreadsheet of another country takes another sign
/// for the end of a cell, whatever is quoted, so every place where a cell could begin is looked at; what is not seen
/// there (spaces, quotes, zero-width characters) does not hide what follows.
pub(in crate::http) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    // Where the cell begins that may still turn out to be a formula.
    let mut begins = Some(0);
    for c in text.chars() {
        if let Some(at) = begins.filter(|_| FORMULAS.contains(&c)) {
            plain.insert(at, '\'');
            begins = None;
        }
        plain.push(c);
        if SEPARATORS.contains(&c) || c.is_control() {
            begins = Some(plain.len());
        } else if !is_unseen(c) {
            begins = None;
        }
    }
    // A cell that begins with one of these is changed by some programs before they look at it.
    if text.starts_with(['\t', '\r', '\n']) {
        plain.insert(0, '\'');
    }
    plain
}

const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Characters that separate cells in one country or another; line breaks and tabs are control characters.
const SEPARATORS: [char; 7] = [',', ';', '|', '\u{2028}', '\u{2029}', '；', '，'];

/// Whether a character at the beginning of a cell shows nothing, or is taken away by the spreadsheet.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '"' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Times are those of the session's clocks.
fn record(ListedOrder { order, lines }: &ListedOrder, zone: Option<TimeZone>) -> [String; 28] {
    let Order { buyer, .. } = order;
    let shipping = order.shipping.as_ref();
    let address = shipping.and_then(|shipping| shipping.address.as_ref());
    let moment = |at: Option<_>| at.map_or_else(String::new, |at| time_in(zone, at));
    [
        order.number.clone(),
        order.status.to_string(),
        time_in(zone, order.created_at),
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
        order.items().amount().to_string(),
        plain(order.discount.as_ref().map_or("", |discount| discount.word.as_str())),
        order.discount.as_ref().map_or(0, |discount| discount.amount.amount()).to_string(),
        plain(shipping.map_or("", |shipping| shipping.name.of(buyer.language))),
        shipping.map_or(0, |shipping| shipping.amount.amount()).to_string(),
        plain(&address.map(ToString::to_string).unwrap_or_default()),
        order.tax.map(|line| line.tax.to_string()).unwrap_or_default(),
        order.tax.map(|line| line.tax.included.to_string()).unwrap_or_default(),
        order.tax.map_or(0, |line| line.amount.amount()).to_string(),
        moment(order.refund_asked_at),
    ]
}

/// A table that spreadsheets read as UTF-8.
pub fn writer() -> csv::Writer<Vec<u8>> {
    csv::Writer::from_writer(BYTE_ORDER_MARK.as_bytes().to_vec())
}

/// Export the same orders as CSV, without pages
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
    let mut table = writer();
    table.write_record(HEAD).map_err(Problem::internal)?;
    let mut after: Option<OrderId> = None;
    loop {
        let chunk = app.shop.orders.list(&filter, after, CHUNK).await?;
        for order in &chunk {
            let zone = zone_of(&app, &order.order).await;
            table.write_record(record(order, zone)).map_err(Problem::internal)?;
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
        for text in ["=1+1", "+4930123456", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "\"=1"] {
            assert_eq!(plain(text).chars().next(), Some('\''), "{text:?}");
        }
        for text in ["", "Anna", "a=b", "1-2", "'=1", "Anna; Ivan", "two\nlines", "a, b", "naïve"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn no_cell_of_another_separator_is_a_formula() {
        for (text, kept) in [
            ("Anna;=1+1", "Anna;'=1+1"),
            ("Anna; =1+1;x;@A1", "Anna;' =1+1;x;'@A1"),
            ("Anna;\"=1+1", "Anna;'\"=1+1"),
            ("Anna,-1", "Anna,'-1"),
            ("Anna|+1", "Anna|'+1"),
            ("Anna\t=1", "Anna\t'=1"),
        ] {
            assert_eq!(plain(text), kept);
        }
    }

    #[test]
    fn no_line_of_a_cell_is_a_formula() {
        for (text, kept) in [
            ("Hello\n=1+1", "Hello\n'=1+1"),
            ("Hello\r\n=1+1", "Hello\r\n'=1+1"),
            ("Hello\n\n+1", "Hello\n\n'+1"),
            ("Hello\u{2028}=1", "Hello\u{2028}'=1"),
            ("Hello\u{85}=1", "Hello\u{85}'=1"),
        ] {
            assert_eq!(plain(text), kept);
        }
    }

    #[test]
    fn nothing_unseen_hides_a_formula() {
        for unseen in [
            "\u{200b}",
            "\u{feff}",
            "\u{2060}",
            "\u{ad}",
            "\u{200e}",
            "\u{a0}",
            "\u{3000}",
            "\u{e0020}",
            "\0",
        ] {
            for before in ["", "Anna;", "Anna\n"] {
                let said = plain(&format!("{before}{unseen}=1+1"));
                assert!(said.starts_with(&format!("{before}'")) || said.contains("'=1+1"), "{said:?}");
            }
        }
    }
}
