//! `/api/orders…` and `/api/images…`: placement orders and the pictures in them, with their pages.

use serde_json::{Map, Value};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{
    accounts,
    app::{App, AppState},
    domain::{CustomerImageId, Role},
    placements::{ImageRefusal, MAX_IMAGE_BYTES, Refusal, Viewer},
};

mod images;
mod orders;
mod pages;
mod shapes;

/// A picture with the rest of its form.
const FORM_BYTES: usize = MAX_IMAGE_BYTES + (64 << 10);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    let larger = || axum::extract::DefaultBodyLimit::max(FORM_BYTES);
    OpenApiRouter::new()
        .routes(routes!(orders::list, orders::create))
        .routes(routes!(orders::show, orders::change, orders::delete))
        .routes(routes!(images::upload).layer(larger()))
        .routes(routes!(images::process).layer(larger()))
        .routes(routes!(images::show))
        .routes(routes!(pages::sign_in))
        .routes(routes!(pages::orders))
        .routes(routes!(pages::desk))
        .routes(routes!(pages::create_order))
}

fn viewer(caller: &accounts::Caller) -> Viewer {
    match caller.role {
        Role::SuperAdmin | Role::Admin => Viewer::Admin,
        Role::Photographer | Role::Customer | Role::Operator => Viewer::Customer(caller.user),
    }
}

/// Where a picture is.
fn image_url(id: CustomerImageId) -> String {
    format!("/api/images/{id}")
}

/// And its small version.
fn preview_url(id: CustomerImageId) -> String {
    format!("/api/images/{id}?preview=1")
}

/// The picture of ours that an address names, as we write it or with the server's own name before it.
fn own_image(app: &App, url: &str) -> Result<CustomerImageId, Problem> {
    let url = url.trim();
    let path = url.strip_prefix(app.settings.public_url.as_str()).unwrap_or(url);
    let id = path.strip_prefix("/api/images/").and_then(|id| id.trim_end_matches("?preview=1").parse().ok());
    id.ok_or_else(|| Code::ForeignImageUrl.into())
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UserNotFound => Code::UserNotFound.into(),
            Refusal::CustomersOnly => Code::CustomersOnly.into(),
            Refusal::Incomplete(fields) => Self::new(Code::PlacementIncomplete).with("fields", fields),
            Refusal::Invalid(faults) => invalid(&faults),
            Refusal::NotFound => Code::PlacementNotFound.into(),
            Refusal::NotDraft => Code::PlacementNotDraft.into(),
            Refusal::Forbidden => Code::Forbidden.into(),
            Refusal::Transition { from, to } => Self::new(Code::PlacementTransitionRefused)
                .with("from", from.as_str())
                .with("to", to.as_str()),
            Refusal::InsufficientBalance(short) => {
                Self::new(Code::InsufficientBalance).with("available", short.available)
            }
            Refusal::Store(error) => error.into(),
        }
    }
}

/// Fields with what is wrong with each.
fn invalid(faults: &[(&'static str, &'static str)]) -> Problem {
    let fields: Vec<_> = faults.iter().map(|(field, _)| *field).collect();
    let faults: Map<String, Value> =
        faults.iter().map(|(field, fault)| ((*field).to_owned(), (*fault).into())).collect();
    Problem::new(Code::PlacementInvalid).with("fields", fields).with("faults", faults)
}

impl From<ImageRefusal> for Problem {
    fn from(refusal: ImageRefusal) -> Self {
        match refusal {
            ImageRefusal::NotFound => Code::ImageNotFound.into(),
            ImageRefusal::InvalidTarget => Code::InvalidTargetUrl.into(),
            ImageRefusal::Unsupported(_) => Code::UnsupportedType.into(),
            ImageRefusal::TooLarge(_) => Code::ImageTooLarge.into(),
            ImageRefusal::Undecodable(_) => Code::UndecodableImage.into(),
            ImageRefusal::DoesNotFit(_) => Code::QrDoesNotFit.into(),
            ImageRefusal::Unreadable(_) => Code::QrUnreadable.into(),
            ImageRefusal::QueueFull { retry_after } => Self::new(Code::QueueFull).retry_after(retry_after),
            ImageRefusal::TimedOut => Code::TimedOut.into(),
            ImageRefusal::Blob(error) => error.into(),
            ImageRefusal::Store(error) => error.into(),
            other @ ImageRefusal::Drawing(_) => Self::failed(&other),
        }
    }
}
