//! `/api/photo-sessions/{session_id}/analytics`: how a session is used, hour by hour.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::managed;
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        extract::{Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::{parsed_time, time},
    },
    shop::SalesHour,
    usage::{UsageCounts, UsageHour},
};

/// More hours than this are not drawn by anybody.
const LONGEST: TimeDelta = TimeDelta::days(366);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// RFC 3339; else a year before `to`.
    from: Option<String>,
    /// RFC 3339; else now.
    to: Option<String>,
}

impl Period {
    /// At most a year.
    fn read(&self, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Problem> {
        let to = self.to.as_deref().map(parsed_time).transpose()?.unwrap_or(now);
        let earliest = to.checked_sub_signed(LONGEST).ok_or(Code::InvalidTime)?;
        let from = self.from.as_deref().map(parsed_time).transpose()?.unwrap_or(earliest);
        if (earliest..=to).contains(&from) { Ok((from, to)) } else { Err(Code::InvalidTime.into()) }
    }
}

#[derive(Clone, Default, Serialize, ToSchema)]
pub struct Counts {
    page_view: u64,
    search: u64,
    /// Searches that found photos.
    hit: u64,
    /// Searches that found none.
    empty: u64,
    download: u64,
    /// Orders that were paid in this time and not refunded since.
    orders: u64,
    /// The sum of those orders in the answer's `currency`, in minor units.
    revenue_amount: i64,
}

impl Counts {
    /// Adds sales, of which those in `currency` count as revenue.
    fn sell(&mut self, sales: &SalesHour, currency: Option<&str>) {
        self.orders += sales.orders;
        if Some(sales.currency.as_str()) == currency {
            self.revenue_amount = self.revenue_amount.saturating_add(sales.amount);
        }
    }
}

impl From<UsageCounts> for Counts {
    fn from(counts: UsageCounts) -> Self {
        Self {
            page_view: counts.page_views,
            search: counts.searches,
            hit: counts.hits,
            empty: counts.empty,
            download: counts.downloads,
            ..Self::default()
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Hour {
    /// Its start.
    #[schema(format = DateTime)]
    hour: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize, ToSchema)]
pub struct Analytics {
    /// The sums over the hours shown.
    totals: Counts,
    /// Oldest first; hours in which nothing happened are left out.
    hours: Vec<Hour>,
    /// ISO 4217, of the studio's price list, or of the latest sale where it has none any more. `null` where
    /// nothing was ever sold.
    currency: Option<String>,
}

async fn analytics(
    app: &AppState,
    caller: &crate::accounts::Caller,
    id: PhotoSessionId,
    period: &Period,
) -> Result<Analytics, Problem> {
    let (from, to) = period.read(app.now())?;
    let session = managed(app, caller, id).await?;
    let used = app.usage.hours(id, from, to).await?;
    let sold = app.shop.orders.sales(id, from, to).await?;
    let list = app.shop.prices.get(session.studio_id).await?.map(|list| list.currency.to_string());
    Ok(together(&used, &sold, list.or_else(|| sold.last().map(|latest| latest.currency.clone()))))
}

fn together(used: &[UsageHour], sold: &[SalesHour], currency: Option<String>) -> Analytics {
    let mut all = UsageCounts::default();
    used.iter().for_each(|hour| all += hour.counts);
    let mut totals = Counts::from(all);
    let mut hours: BTreeMap<DateTime<Utc>, Counts> =
        used.iter().map(|hour| (hour.hour, hour.counts.into())).collect();
    for sales in sold {
        totals.sell(sales, currency.as_deref());
        hours.entry(sales.hour).or_default().sell(sales, currency.as_deref());
    }
    let hour = |(hour, counts)| Hour { hour: time(hour), counts };
    Analytics { totals, hours: hours.into_iter().map(hour).collect(), currency }
}

/// Get a session's use and sales, in total and by the hour
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/analytics",
    operation_id = "get_analytics",
    tag = "studio",
    params(("session_id" = Uuid, Path), Period),
    responses((status = 200, body = Analytics))
)]
pub async fn json(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(period): Params<Period>,
) -> Result<Json<Analytics>, Problem> {
    Ok(Json(analytics(&app, &caller, id, &period).await?))
}

/// Export a session's use and sales by the hour as CSV
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/analytics.csv",
    operation_id = "get_analytics_csv",
    tag = "studio",
    params(("session_id" = Uuid, Path), Period),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn csv(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(period): Params<Period>,
) -> Result<Response, Problem> {
    let Analytics { hours, currency, .. } = analytics(&app, &caller, id, &period).await?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let head =
        ["hour", "page_view", "search", "hit", "empty", "download", "orders", "revenue_amount", "currency"];
    table.write_record(head).map_err(Problem::internal)?;
    for Hour { hour, counts } in hours {
        let Counts { page_view, search, hit, empty, download, orders, revenue_amount } = counts;
        let row = (hour, page_view, search, hit, empty, download, orders, revenue_amount, &currency);
        table.serialize(row).map_err(Problem::internal)?;
    }
    let table = table.into_inner().map_err(Problem::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"pixora-{}.csv\"", &id.to_string()[..8]),
        ),
    ];
    Ok((headers, table).into_response())
}
