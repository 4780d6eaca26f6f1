//! `/api/carts/…`, `/api/shop/…` and the prices: what guests buy, and what the studio sees of it.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{messages::Code, problem::Problem};
use crate::{
    app::AppState,
    domain::PromoRefused,
    shop::{
        CartError, CheckoutError, OrderError, PaymentError, PriceError, PricingError, PromoError,
        SettingsError,
    },
};

mod cart_json;
mod carts;
mod checkout;
mod desk;
mod downloads;
mod json;
mod orders;
mod payments;
mod prices;
mod prints;
mod promos;
mod settings;
mod table;

pub(super) use table::{plain as plain_cell, writer as table_writer};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(prices::show))
        .routes(routes!(prices::list, prices::set))
        .routes(routes!(carts::create))
        .routes(routes!(settings::show, settings::set))
        .routes(routes!(promos::list, promos::create))
        .routes(routes!(promos::change, promos::remove))
        .routes(routes!(carts::show, carts::choose))
        .routes(routes!(carts::set))
        .routes(routes!(checkout::place))
        .routes(routes!(checkout::payments))
        .routes(routes!(orders::show))
        .routes(routes!(orders::pay))
        .routes(routes!(orders::cancel))
        .routes(routes!(orders::receipt))
        .routes(routes!(downloads::archive))
        .routes(routes!(downloads::photo))
        .routes(routes!(payments::webhook))
        .routes(routes!(desk::list))
        .routes(routes!(desk::step))
        .routes(routes!(desk::events))
        .routes(routes!(prints::prints))
        .routes(routes!(table::csv))
}

impl From<PriceError> for Problem {
    fn from(error: PriceError) -> Self {
        match error {
            PriceError::Currency => Code::InvalidCurrency.into(),
            PriceError::Price { index, field } => {
                Self::new(Code::InvalidPrice).with("index", index).with("field", field)
            }
            PriceError::TooMany => Code::TooManyPrices.into(),
            PriceError::Store(error) => error.into(),
        }
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Wrong { field, index } => {
                let problem = Self::new(Code::InvalidShopSettings).with("field", field);
                match index {
                    Some(index) => problem.with("index", index),
                    None => problem,
                }
            }
            SettingsError::Store(error) => error.into(),
        }
    }
}

impl From<PromoError> for Problem {
    fn from(error: PromoError) -> Self {
        match error {
            PromoError::NotFound => Code::PromoCodeNotFound.into(),
            PromoError::Wrong(field) => Self::new(Code::InvalidPromoCode).with("field", field),
            PromoError::Taken => Code::PromoCodeTaken.into(),
            PromoError::TooMany => Code::TooManyPromoCodes.into(),
            PromoError::Store(error) => error.into(),
        }
    }
}

impl From<PromoRefused> for Code {
    fn from(refused: PromoRefused) -> Self {
        match refused {
            PromoRefused::Unknown => Self::PromoCodeUnknown,
            PromoRefused::NotYet => Self::PromoCodeNotYet,
            PromoRefused::Over => Self::PromoCodeOver,
            PromoRefused::UsedUp => Self::PromoCodeUsedUp,
            PromoRefused::UsedByBuyer => Self::PromoCodeUsed,
        }
    }
}

impl From<PricingError> for Problem {
    fn from(error: PricingError) -> Self {
        Self::failed(&error)
    }
}

impl From<CartError> for Problem {
    fn from(error: CartError) -> Self {
        match error {
            CartError::NotFound => Code::CartNotFound.into(),
            CartError::Ordered => Code::CartOrdered.into(),
            CartError::UnknownPrice => Code::UnknownPrice.into(),
            CartError::NotForSale(id) => Self::new(Code::PhotoNotForSale).with("photo_id", id.to_string()),
            CartError::PhotoNotWanted => Code::InvalidCartItem.into(),
            CartError::Quantity => Code::InvalidQuantity.into(),
            CartError::NoPackage => Code::PackageNotInCart.into(),
            CartError::PackageFull { wanted } => Self::new(Code::PackageFull).with("wanted", wanted),
            CartError::TooMany => Code::CartFull.into(),
            CartError::Promo(refused) => Code::from(refused).into(),
            CartError::UnknownShipping => Code::UnknownShipping.into(),
            CartError::TooManyPromos(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            CartError::TooManyCarts(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            CartError::Pricing(error) => error.into(),
            CartError::Store(error) => error.into(),
        }
    }
}

impl From<CheckoutError> for Problem {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::InvalidName => Code::InvalidName.into(),
            CheckoutError::InvalidEmail => Code::InvalidEmail.into(),
            CheckoutError::InvalidPhone => Code::InvalidPhone.into(),
            CheckoutError::InvalidNote => Code::InvalidNote.into(),
            CheckoutError::InvalidAddress => Code::InvalidAddress.into(),
            CheckoutError::NoShipping => Code::ShippingRequired.into(),
            CheckoutError::Promo(refused) => Code::from(refused).into(),
            CheckoutError::PaymentMethod => Code::PaymentMethodUnavailable.into(),
            CheckoutError::CartNotFound => Code::CartNotFound.into(),
            CheckoutError::Ordered => Code::CartOrdered.into(),
            CheckoutError::KeyReused => Code::IdempotencyKeyReused.into(),
            CheckoutError::Empty => Code::CartEmpty.into(),
            CheckoutError::NotFilled { missing } => {
                Self::new(Code::PackageNotFilled).with("missing", missing)
            }
            CheckoutError::TotalChanged { now } => Self::new(Code::TotalChanged).with("total_amount", now),
            CheckoutError::TooMany(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            CheckoutError::Pricing(error) => error.into(),
            CheckoutError::Step(error) => Self::failed(&error),
            CheckoutError::Store(error) => error.into(),
        }
    }
}

impl From<PaymentError> for Problem {
    fn from(error: PaymentError) -> Self {
        let code = match error {
            PaymentError::Unavailable(_) => Code::PaymentProviderUnavailable,
            PaymentError::Refused(_) => Code::PaymentProviderRefused,
        };
        Self::new(code).because(error)
    }
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::NotFound => Code::OrderNotFound.into(),
            OrderError::Refused(refused) => Self::new(Code::OrderTransitionRefused)
                .with("from", refused.from.as_str())
                .with("to", refused.to.as_str()),
            OrderError::InvalidNote => Code::InvalidNote.into(),
            OrderError::NotPayable => Code::OrderNotPayable.into(),
            OrderError::BeingPaid => Code::OrderBeingPaid.into(),
            OrderError::Payment(error) => error.into(),
            OrderError::Store(error) => error.into(),
        }
    }
}
