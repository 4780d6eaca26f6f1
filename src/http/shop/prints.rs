//! `GET /api/shop/orders/{order_id}/prints.zip`: what a lab needs to print an order.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{
    desk::managed,
    table::{plain, writer},
};
use crate::{
    app::AppState,
    domain::OrderId,
    galleries::Named,
    http::{extract::PathId, galleries::answer, guard::Caller, problem::Problem, words::Binary},
    shop::Print,
};

const HEAD: [&str; 9] =
    ["file", "size", "copies", "width", "height", "crop_left", "crop_top", "crop_width", "crop_height"];

/// Get the files of an order's prints for a lab, as one resumable ZIP
///
/// Originals, in a folder for each size, named by order and number of copies; `prints.csv` says of each how often it
/// is printed and which part fills the paper, at the place that keeps heads whole where they have room.
#[utoipa::path(
    get,
    path = "/api/shop/orders/{order_id}/prints.zip",
    operation_id = "get_order_prints",
    tag = "shop",
    params(("order_id" = Uuid, Path)),
    responses(
        (status = 200, content_type = "application/zip", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn prints(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<OrderId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = managed(&app, &caller, id).await?;
    let prints = app.shop.orders.prints(&order).await?;
    let named = |print: &Print| Named {
        photo: print.photo,
        folder: print.size.clone(),
        prefix: format!("{} {}x ", order.number, print.copies),
    };
    let wanted: Vec<Named> = prints.iter().map(named).collect();
    let files = app.archives.named(order.studio_id, order.session_id, &wanted).await?;
    let table = table(&prints, files.names());
    answer(&app, &headers, files.with("prints.csv", table), &format!("{} prints", order.number)).await
}

fn table<'a>(prints: &[Print], files: impl Iterator<Item = (usize, &'a str)>) -> Vec<u8> {
    let mut table = writer();
    // Writing to memory cannot fail.
    let _ = table.write_record(HEAD);
    for (n, file) in files {
        let Print { size, copies, crop, pixels, .. } = &prints[n];
        let mut record = vec![plain(file), plain(size), copies.to_string()];
        let pixels = pixels.map_or([None; 2], |pixels| pixels.map(Some));
        let crop = crop.map_or([None; 4], |crop| crop.map(Some));
        let numbers = pixels.into_iter().chain(crop);
        record.extend(numbers.map(|number| number.map_or_else(String::new, |number| number.to_string())));
        let _ = table.write_record(record);
    }
    table.into_inner().unwrap_or_default()
}
