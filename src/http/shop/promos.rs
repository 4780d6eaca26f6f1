//! `/api/studios/{studio_id}/promo-codes`: the codes that a studio gives away.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::prices::check;
use crate::{
    app::AppState,
    domain::{PhotoSessionId, Promo, PromoId, PromoValue, StudioId},
    http::{
        extract::{self, PathId, PathIds},
        guard::Caller,
        problem::Problem,
        shared::{parsed_time, time},
    },
    shop::{NewPromo, PromoError},
};

#[derive(Deserialize, ToSchema)]
pub struct NewPromoJson {
    /// 3 to 40 letters, digits, dashes and dots; buyers write it in any case.
    #[schema(min_length = 3, max_length = 40)]
    code: String,
    /// What it takes off the items: this, or `amount`.
    #[schema(minimum = 1, maximum = 100)]
    percent: Option<u32>,
    /// Minor units of the price list's currency, and never more than the items come to.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    amount: Option<i64>,
    /// The only session in which it counts.
    #[serde(alias = "sessionId")]
    session_id: Option<Uuid>,
    /// It counts from this moment on (RFC 3339).
    from: Option<String>,
    /// It counts before this moment (RFC 3339).
    until: Option<String>,
    /// In how many orders; those that are cancelled give it back.
    #[serde(alias = "mostUses")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    most_uses: Option<u32>,
    /// Whether each e-mail address uses it once.
    #[serde(default, alias = "oncePerEmail")]
    once_per_email: bool,
    active: bool,
}

#[derive(Serialize, ToSchema)]
pub struct PromoJson {
    id: Uuid,
    /// In capitals.
    code: String,
    percent: Option<u32>,
    /// Minor units of `currency`.
    amount: Option<i64>,
    currency: Option<String>,
    session_id: Option<Uuid>,
    #[schema(format = DateTime)]
    from: Option<String>,
    #[schema(format = DateTime)]
    until: Option<String>,
    most_uses: Option<u32>,
    once_per_email: bool,
    active: bool,
    /// The orders that used it and were not cancelled.
    uses: u64,
}

impl From<(Promo, u64)> for PromoJson {
    fn from((promo, uses): (Promo, u64)) -> Self {
        let (percent, amount) = match promo.value {
            PromoValue::Percent(percent) => (Some(percent), None),
            PromoValue::Amount(amount) => (None, Some(amount)),
        };
        Self {
            id: promo.id.0,
            code: promo.word.to_string(),
            percent,
            amount: amount.map(|amount| amount.amount()),
            currency: amount.map(|amount| amount.currency().to_string()),
            session_id: promo.session_id.map(|id| id.0),
            from: promo.from.map(time),
            until: promo.until.map(time),
            most_uses: promo.most_uses,
            once_per_email: promo.once_per_email,
            active: promo.active,
            uses,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PromosJson {
    /// The newest first.
    promo_codes: Vec<PromoJson>,
}

/// List the studio's promo codes with their uses
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/promo-codes",
    operation_id = "list_promo_codes",
    tag = "shop",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = PromosJson))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<PromosJson>, Problem> {
    check(&caller, id)?;
    let promos = app.shop.promos.list(id).await?;
    Ok(Json(PromosJson { promo_codes: promos.into_iter().map(Into::into).collect() }))
}

async fn put(
    app: &AppState,
    studio: StudioId,
    id: Option<PromoId>,
    new: NewPromoJson,
) -> Result<PromoJson, Problem> {
    let session_id = new.session_id.map(PhotoSessionId);
    if let Some(session) = session_id {
        // It may live in the studio's own database.
        let is_theirs = app.sessions.get(session).await.is_ok_and(|session| session.studio_id == studio);
        if !is_theirs {
            return Err(PromoError::Wrong("session_id").into());
        }
    }
    let new = NewPromo {
        session_id,
        word: new.code,
        percent: new.percent,
        amount: new.amount,
        from: new.from.as_deref().map(parsed_time).transpose()?,
        until: new.until.as_deref().map(parsed_time).transpose()?,
        most_uses: new.most_uses,
        once_per_email: new.once_per_email,
        active: new.active,
    };
    Ok(app.shop.promos.put(studio, id, new, app.now()).await?.into())
}

/// Create a promo code
#[utoipa::path(
    post,
    path = "/api/studios/{studio_id}/promo-codes",
    operation_id = "create_promo_code",
    tag = "shop",
    params(("studio_id" = Uuid, Path)),
    request_body = NewPromoJson,
    responses((status = 201, body = PromoJson))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<NewPromoJson>, Problem>,
) -> Result<(StatusCode, Json<PromoJson>), Problem> {
    check(&caller, id)?;
    let extract::Json(new) = new?;
    Ok((StatusCode::CREATED, Json(put(&app, id, None, new).await?)))
}

/// Change a promo code; orders keep what it took off
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/promo-codes/{promo_id}",
    operation_id = "set_promo_code",
    tag = "shop",
    params(("studio_id" = Uuid, Path), ("promo_id" = Uuid, Path)),
    request_body = NewPromoJson,
    responses((status = 200, body = PromoJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, promo): PathIds<StudioId, PromoId>,
    new: Result<extract::Json<NewPromoJson>, Problem>,
) -> Result<Json<PromoJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(new) = new?;
    Ok(Json(put(&app, id, Some(promo), new).await?))
}

/// Remove a promo code
#[utoipa::path(
    delete,
    path = "/api/studios/{studio_id}/promo-codes/{promo_id}",
    operation_id = "remove_promo_code",
    tag = "shop",
    params(("studio_id" = Uuid, Path), ("promo_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn remove(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, promo): PathIds<StudioId, PromoId>,
) -> Result<StatusCode, Problem> {
    check(&caller, id)?;
    app.shop.promos.remove(id, promo).await?;
    Ok(StatusCode::NO_CONTENT)
}
