//! Downloads of a paid order: originals at signed links, one by one or as one archive.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, header},
    response::Response,
};

use crate::{
    app::{App, AppState},
    domain::{Order, OrderId, PhotoId},
    http::{
        extract::{Params, PathId, PathIds},
        galleries::{Signed, answer},
        messages::Code,
        problem::Problem,
        shared::attachment,
        shared::partial,
        words::Binary,
    },
    shop::{Download, OrderError},
    usage::UsageKind,
};

/// The order, if the link is good and it is still paid.
async fn opened(app: &App, id: OrderId, what: Download, signed: &Signed) -> Result<Order, Problem> {
    let link = signed.parts()?;
    app.shop.orders.opened_by(id, what, link, app.now()).await.map_err(|error| match error {
        OrderError::NotFound => Code::LinkInvalid.into(),
        other => other.into(),
    })
}

/// Download all files that an order paid for, as one resumable ZIP
#[utoipa::path(
    get,
    path = "/api/shop/orders/{order_id}/archive.zip",
    operation_id = "get_order_archive",
    tag = "shop",
    params(("order_id" = Uuid, Path), Signed),
    responses(
        (status = 200, content_type = "application/zip", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn archive(
    State(app): State<AppState>,
    PathId(id): PathId<OrderId>,
    Params(signed): Params<Signed>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = opened(&app, id, Download::Archive, &signed).await?;
    let photos = app.shop.orders.photos_of(&order).await?;
    let archive = app.archives.originals(order.studio_id, order.session_id, &photos).await?;
    count(&app, &order, archive.photos(), &method, &headers);
    answer(&app, &headers, archive, &format!("{} {}", order.session_name, order.number)).await
}

/// Download the original of a photo that an order paid for
#[utoipa::path(
    get,
    path = "/api/shop/orders/{order_id}/photos/{photo_id}",
    operation_id = "get_order_photo",
    tag = "shop",
    params(("order_id" = Uuid, Path), ("photo_id" = Uuid, Path), Signed),
    responses(
        (status = 200, content_type = "image/jpeg", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn photo(
    State(app): State<AppState>,
    PathIds(id, photo): PathIds<OrderId, PhotoId>,
    Params(signed): Params<Signed>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = opened(&app, id, Download::Photo(photo), &signed).await?;
    let photo = app.shop.orders.photo(&order, photo).await?.ok_or(Code::PhotoNotFound)?;
    count(&app, &order, 1, &method, &headers);
    let file = app.archives.delivered(order.studio_id, &photo).await?;
    let mut common = HeaderMap::new();
    common.insert(header::CONTENT_TYPE, HeaderValue::from_str(&file.media_type).map_err(Problem::internal)?);
    common.insert(header::CONTENT_DISPOSITION, attachment(&photo.filename, &file.extension));
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let etag = format!("\"{}\"", file.etag);
    partial(&headers, &etag, common, file.bytes, async |range| {
        Ok(Body::from_stream(app.archives.delivered_bytes(&file, range).await?))
    })
    .await
}

/// Going on with a download is not another one.
fn count(app: &App, order: &Order, photos: usize, method: &Method, headers: &HeaderMap) {
    if method == Method::GET && !headers.contains_key(header::RANGE) {
        (0..photos).for_each(|_| app.usage.bump(order.session_id, UsageKind::Download, app.now()));
    }
}
