//! How lines and orders look in JSON.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, AppState},
    domain::{
        Address, Language, Line, Order, OrderActor, OrderStatus, Photo, PhotoId, TaxLine, TimeZone, UserId,
    },
    http::{
        problem::Problem,
        shared::{Focus, picture_urls, time},
        words,
    },
    shop::{Download, DownloadKey},
};

#[derive(Serialize, ToSchema)]
pub struct LineJson {
    line_id: Uuid,
    price_id: Uuid,
    kind: words::PriceKind,
    /// The size of a print; only prints have one.
    size: Option<String>,
    /// In the language of `Accept-Language`.
    name: String,
    /// The `price_id` of the package that it is a part of. Such a line has the package's name, and its `price_id` is
    /// the part's; it costs nothing itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    package_id: Option<Uuid>,
    /// `null` for a bundle and for a package.
    photo_id: Option<Uuid>,
    /// `null` where guests do not see the photo.
    thumb_url: Option<String>,
    /// Where its picture is cut; nothing where it shows no face.
    #[serde(skip_serializing_if = "Option::is_none")]
    focus: Option<Focus>,
    filename: Option<String>,
    quantity: u32,
    /// Minor units.
    unit_amount: i64,
    /// `quantity` × `unit_amount`; nothing when covered.
    amount: i64,
    /// A digital photo beside a bundle or a package that has it already.
    covered: bool,
}

/// The photos of lines, and where the pictures of those with faces are cut.
type Pictures<'a> = (&'a HashMap<PhotoId, Photo>, &'a HashMap<PhotoId, (f64, f64)>);

impl LineJson {
    pub(super) fn new(line: &Line, (photos, crops): Pictures, language: Language) -> Self {
        let photo = line.photo_id.and_then(|id| photos.get(&id)).filter(|photo| photo.is_for_sale());
        Self {
            line_id: line.id.0,
            price_id: line.price_id.0,
            kind: line.kind.into(),
            size: line.size.clone(),
            name: line.name.of(language).to_owned(),
            package_id: line.package.map(|id| id.0),
            photo_id: line.photo_id.map(|id| id.0),
            thumb_url: photo.and_then(|photo| picture_urls(photo, None, u32::MAX).remove(&320)),
            focus: photo.and_then(|photo| crops.get(&photo.id)).copied().map(Focus::from),
            filename: line.filename.clone(),
            quantity: line.quantity,
            unit_amount: line.unit.amount(),
            amount: line.amount.amount(),
            covered: line.covered,
        }
    }
}

/// A tax and what it comes to.
#[derive(Serialize, ToSchema)]
pub struct TaxJson {
    /// In hundredths of a percent: 1900 is 19 %.
    rate: u32,
    /// Whether the prices hold it; otherwise it is added to them.
    included: bool,
    /// Minor units, rounded half up once for the whole order.
    amount: i64,
}

impl From<TaxLine> for TaxJson {
    fn from(line: TaxLine) -> Self {
        Self { rate: line.tax.rate, included: line.tax.included, amount: line.amount.amount() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrderLineJson {
    #[serde(flatten)]
    line: LineJson,
    /// The original file; only once the order is paid.
    download_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct DiscountJson {
    /// The promo code.
    code: String,
    /// Minor units.
    amount: i64,
}

/// Where an order goes.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct AddressJson {
    #[schema(min_length = 1, max_length = 120)]
    street: String,
    #[serde(alias = "postalCode")]
    #[schema(min_length = 1, max_length = 16)]
    postal_code: String,
    #[schema(min_length = 1, max_length = 120)]
    city: String,
    #[schema(max_length = 120)]
    country: Option<String>,
}

impl From<AddressJson> for Address {
    fn from(AddressJson { street, postal_code, city, country }: AddressJson) -> Self {
        Self { street, postal_code, city, country }
    }
}

impl From<&Address> for AddressJson {
    fn from(address: &Address) -> Self {
        let Address { street, postal_code, city, country } = address.clone();
        Self { street, postal_code, city, country }
    }
}

/// How an order is delivered.
#[derive(Serialize, ToSchema)]
pub struct ShippingJson {
    /// In the language of the buyer.
    name: String,
    /// Minor units.
    amount: i64,
    /// Only where the way of delivery needs one, and until 30 days after the order is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<AddressJson>,
}

/// An order without its lines.
#[derive(Serialize, ToSchema)]
pub struct OrderHead {
    id: Uuid,
    /// For people: `2026-000123`.
    number: String,
    status: words::OrderStatus,
    session_id: Uuid,
    /// Empty after the session was erased, like `name`.
    session_name: String,
    studio_id: Uuid,
    studio_name: String,
    name: String,
    /// `null` only after the session was erased.
    email: Option<String>,
    phone: Option<String>,
    note: Option<String>,
    /// The language of the mails to the buyer.
    language: words::Language,
    payment: words::PaymentMethod,
    currency: String,
    /// The sum of the lines, in minor units.
    items_amount: i64,
    /// What was taken off, by which promo code.
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<DiscountJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<ShippingJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax: Option<TaxJson>,
    /// Minor units.
    total_amount: i64,
    /// Of the session, in which the times are shown, by its IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    placed_at: Option<String>,
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    #[schema(format = DateTime)]
    fulfilled_at: Option<String>,
    #[schema(format = DateTime)]
    cancelled_at: Option<String>,
    #[schema(format = DateTime)]
    refunded_at: Option<String>,
    /// When the payment provider was asked to give the money back; only until it is refunded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    refund_asked_at: Option<String>,
    /// The page on which the order is paid online, as long as it is to be paid.
    payment_url: Option<String>,
    /// The statuses that this caller may move the order to now.
    actions: Vec<words::OrderStatus>,
}

/// The zone in which an order's times are shown: that of its session, else the installation's.
pub async fn zone_of(app: &App, order: &Order) -> Option<TimeZone> {
    let session = app.sessions.get(order.session_id).await.ok();
    app.settings.zone(session.and_then(|session| session.time_zone))
}

/// The viewer of an order.
#[derive(Debug, Clone, Copy)]
pub enum Viewer {
    /// The holder of its link.
    Guest,
    /// Somebody who manages its session.
    Manager(UserId),
}

impl OrderHead {
    pub fn new(order: &Order, viewer: Viewer, zone: Option<TimeZone>) -> Self {
        let actor = match viewer {
            Viewer::Guest => OrderActor::Guest,
            Viewer::Manager(user) => OrderActor::User(user),
        };
        let may = OrderStatus::ALL.iter().filter(|to| order.status.may_become(**to, actor));
        let page = order.payment_page.as_ref().filter(|_| order.status == OrderStatus::Placed);
        Self {
            id: order.id.0,
            number: order.number.clone(),
            status: order.status.into(),
            session_id: order.session_id.0,
            session_name: order.session_name.clone(),
            studio_id: order.studio_id.0,
            studio_name: order.studio_name.clone(),
            name: order.buyer.name.clone(),
            email: order.buyer.email.as_ref().map(|email| email.as_str().to_owned()),
            phone: order.buyer.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            note: order.buyer.note.clone(),
            language: order.buyer.language.into(),
            payment: order.payment.into(),
            currency: order.total.currency().to_string(),
            items_amount: order.items().amount(),
            discount: order.discount.as_ref().map(|discount| DiscountJson {
                code: discount.word.to_string(),
                amount: discount.amount.amount(),
            }),
            shipping: order.shipping.as_ref().map(|shipping| ShippingJson {
                name: shipping.name.of(order.buyer.language).to_owned(),
                amount: shipping.amount.amount(),
                address: shipping.address.as_ref().map(Into::into),
            }),
            tax: order.tax.map(Into::into),
            total_amount: order.total.amount(),
            time_zone: zone.map(|zone| zone.to_string()),
            created_at: time(order.created_at),
            placed_at: order.placed_at.map(time),
            paid_at: order.paid_at.map(time),
            fulfilled_at: order.fulfilled_at.map(time),
            cancelled_at: order.cancelled_at.map(time),
            refunded_at: order.refunded_at.map(time),
            refund_asked_at: order.refund_asked_at.filter(|_| order.refunded_at.is_none()).map(time),
            payment_url: page.map(|page| page.url.clone()),
            actions: may.copied().map(Into::into).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrderJson {
    #[serde(flatten)]
    head: OrderHead,
    lines: Vec<OrderLineJson>,
    /// All of its files as one ZIP; only once the order is paid.
    archive_url: Option<String>,
    /// How to pay by hand, in the studio's words, as long as the order is to be paid so. Its number is the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_instructions: Option<String>,
    /// Whether mails are sent here. Without them the order's link is all that its buyer has.
    mail: bool,
}

impl OrderJson {
    pub async fn new(
        app: &AppState,
        order: &Order,
        viewer: Viewer,
        language: Language,
    ) -> Result<Self, Problem> {
        let photos = app.shop.orders.photos(order).await?;
        let ids: Vec<PhotoId> = photos.keys().copied().collect();
        let crops = app.shop.orders.crops(&ids).await?;
        let now = app.now();
        let url = |what: Download, path: String| {
            let DownloadKey { expires, key } = app.shop.orders.download_key(order, what, now)?;
            Some(format!("/api/shop/orders/{}/{path}?expires={}&key={key}", order.id, expires.timestamp()))
        };
        let line = |line: &Line| OrderLineJson {
            line: LineJson::new(line, (&photos, &crops), language),
            // A photo that was erased since cannot be downloaded any more.
            download_url: line
                .photo_id
                .filter(|id| line.kind.is_file() && photos.contains_key(id))
                .and_then(|photo| url(Download::Photo(photo), format!("photos/{photo}"))),
        };
        Ok(Self {
            head: OrderHead::new(order, viewer, zone_of(app, order).await),
            lines: order.lines.iter().map(line).collect(),
            archive_url: url(Download::Archive, "archive.zip".to_owned()),
            payment_instructions: app.shop.orders.payment_instructions(order).await?,
            mail: app.postbox.enabled(),
        })
    }
}
