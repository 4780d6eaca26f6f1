//! Orders as their studio looks at them: lists, sums, the log of each, sales by the hour.

use chrono::{DateTime, Utc};
use sqlx::{
    Any, Row,
    any::{AnyArguments, AnyRow},
    query::Query,
};
use uuid::Uuid;

use super::{OrderRows, StoreError, below, micros, placeholders, shop_orders, text, time, unsigned};
use crate::domain::{Order, OrderActor, OrderEvent, OrderId, OrderStatus, PhotoSessionId, StudioId};

/// The filter of a list of orders; a field that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    pub studios: Option<Vec<StudioId>>,
    pub photographer: Option<Uuid>,
    pub status: Option<OrderStatus>,
    pub session: Option<PhotoSessionId>,
    /// A part of the number, the name or the address, in any case.
    pub text: Option<String>,
    /// By when they were made; `from` is included, `to` is not.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// An order without its lines.
#[derive(Debug, Clone)]
pub struct ListedOrder {
    pub order: Order,
    pub lines: u32,
}

/// Orders of one currency, summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderTotals {
    pub currency: String,
    pub count: u64,
    /// The amount that is paid and not refunded, in minor units.
    pub paid_amount: i64,
}

#[derive(Debug, Clone)]
pub struct LoggedEvent {
    pub event: OrderEvent,
    /// Of the user who did it, while there is one.
    pub user: Option<String>,
}

/// Sales of one hour in one currency that were not refunded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesHour {
    /// Its start.
    pub hour: DateTime<Utc>,
    pub currency: String,
    pub orders: u64,
    /// In minor units.
    pub amount: i64,
}

enum Value {
    Text(String),
    Number(i64),
}

/// The filter as SQL behind `WHERE`, with the values of its placeholders from `$1` on; `None` when nothing
/// can pass.
fn condition(filter: &OrderFilter) -> Option<(String, Vec<Value>)> {
    let mut sql = "1 = 1".to_owned();
    let mut values = Vec::new();
    if let Some(studios) = &filter.studios {
        if studios.is_empty() {
            return None;
        }
        sql += &format!(" AND o.studio_id IN ({})", placeholders(1, studios.len()));
        values.extend(studios.iter().map(|id| Value::Text(id.to_string())));
    }
    let part = |text: &String| {
        let plain = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        Value::Text(format!("%{plain}%"))
    };
    if let Some(photographer) = filter.photographer {
        values.push(Value::Text(photographer.to_string()));
        sql += &format!(
            " AND (o.photographer_id = ${0} OR o.photo_session_id IN (SELECT photo_session_id \
             FROM session_photographers WHERE user_id = ${0}))",
            values.len()
        );
    }
    let conditions = [
        ("o.status = ", filter.status.map(|status| Value::Text(status.to_string())), ""),
        ("o.photo_session_id = ", filter.session.map(|id| Value::Text(id.to_string())), ""),
        ("o.search LIKE ", filter.text.as_ref().map(part), " ESCAPE '\\'"),
        ("o.created_at >= ", filter.from.map(|time| Value::Number(micros(time))), ""),
        ("o.created_at < ", filter.to.map(|time| Value::Number(micros(time))), ""),
    ];
    for (what, value, how) in conditions {
        if let Some(value) = value {
            values.push(value);
            sql += &format!(" AND {what}${}{how}", values.len());
        }
    }
    Some((sql, values))
}

fn query(sql: String, values: Vec<Value>) -> Query<'static, Any, AnyArguments> {
    values.into_iter().fold(sqlx::query(sqlx::AssertSqlSafe(sql)), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
    })
}

impl OrderRows<'_> {
    /// Newest first; `after` is the last order of the page before.
    pub async fn list(
        &self,
        filter: &OrderFilter,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<ListedOrder>, StoreError> {
        let Some((condition, mut values)) = condition(filter) else { return Ok(Vec::new()) };
        values.push(Value::Text(below(after)));
        let sql = format!(
            "SELECT o.*, (SELECT COUNT(*) FROM shop_order_lines l WHERE l.order_id = o.id) AS line_count \
             FROM shop_orders o WHERE {condition} AND o.id < ${} ORDER BY o.id DESC LIMIT {limit}",
            values.len()
        );
        let rows = query(sql, values).fetch_all(&self.0.reads).await?;
        let listed = |row: &AnyRow| {
            Ok(ListedOrder { order: shop_orders::order(row)?, lines: unsigned(row, "line_count")? })
        };
        rows.iter().map(listed).collect()
    }

    /// All that a filter lets through, currency by currency, the one with most orders first.
    pub async fn totals(&self, filter: &OrderFilter) -> Result<Vec<OrderTotals>, StoreError> {
        let Some((condition, values)) = condition(filter) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT o.currency AS currency, COUNT(*) AS n, CAST(SUM(CASE WHEN o.status IN ('paid', 'fulfilled') \
             THEN o.total_amount ELSE 0 END) AS BIGINT) AS paid FROM shop_orders o WHERE {condition} \
             GROUP BY o.currency ORDER BY n DESC, currency"
        );
        let rows = query(sql, values).fetch_all(&self.0.reads).await?;
        let totals = |row: &AnyRow| {
            Ok(OrderTotals {
                currency: row.try_get("currency")?,
                count: unsigned(row, "n")?,
                paid_amount: row.try_get("paid")?,
            })
        };
        rows.iter().map(totals).collect()
    }

    /// An order's log, oldest first.
    pub async fn events(&self, order: OrderId) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = sqlx::query(
            "SELECT e.*, u.name AS user_name FROM shop_order_events e \
             LEFT JOIN users u ON e.actor = 'user:' || u.id WHERE e.order_id = $1 ORDER BY e.id",
        )
        .bind(order.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        let logged = |row: &AnyRow| {
            let event = OrderEvent {
                id: text(row, "id")?,
                at: time(row, "at")?,
                from: text(row, "from_status")?,
                to: text(row, "to_status")?,
                actor: text::<OrderActor>(row, "actor")?,
                note: row.try_get("note")?,
            };
            Ok(LoggedEvent { event, user: row.try_get("user_name")? })
        };
        rows.iter().map(logged).collect()
    }

    /// A session's sales by the hour of payment, oldest first, from the hour of `from` up to that of `to`
    /// (included). Hours without any are left out.
    pub async fn sales(
        &self,
        session: PhotoSessionId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<SalesHour>, StoreError> {
        const HOUR: i64 = 3_600_000_000;
        let rows = sqlx::query(
            "SELECT paid_at - paid_at % 3600000000 AS hour, currency, COUNT(*) AS n, \
             CAST(SUM(total_amount) AS BIGINT) AS amount FROM shop_orders \
             WHERE photo_session_id = $1 AND status IN ('paid', 'fulfilled') AND paid_at >= $2 AND paid_at < $3 \
             GROUP BY paid_at - paid_at % 3600000000, currency ORDER BY hour, currency",
        )
        .bind(session.to_string())
        .bind(micros(from).div_euclid(HOUR) * HOUR)
        .bind(micros(to).div_euclid(HOUR).saturating_add(1).saturating_mul(HOUR))
        .fetch_all(&self.0.reads)
        .await?;
        let sales = |row: &AnyRow| {
            Ok(SalesHour {
                hour: time(row, "hour")?,
                currency: row.try_get("currency")?,
                orders: unsigned(row, "n")?,
                amount: row.try_get("amount")?,
            })
        };
        rows.iter().map(sales).collect()
    }
}
