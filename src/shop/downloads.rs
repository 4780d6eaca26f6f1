//! Downloads of a paid order: originals, one by one or as one archive, at signed links that expire.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{OrderError, Orders};
use crate::{
    domain::{Order, OrderId, OrderStatus, Photo, PhotoId, PriceKind, Viewer},
    store::{Narrowed, PhotoOrder, StoreError},
};

/// How long a link opens; whoever looks at the order gets new ones.
const OPEN: TimeDelta = TimeDelta::hours(24);
/// Photos read in one go.
const PAGE: u32 = 1_000;

/// The target of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Download {
    /// Everything that the order paid for.
    Archive,
    Photo(PhotoId),
}

impl Download {
    fn purpose(self) -> &'static str {
        match self {
            Self::Archive => "order-archive",
            Self::Photo(_) => "order-photo",
        }
    }

    fn id(self, order: OrderId) -> String {
        match self {
            Self::Archive => order.to_string(),
            Self::Photo(photo) => format!("{order}/{photo}"),
        }
    }
}

/// The variable part of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadKey {
    pub expires: DateTime<Utc>,
    pub key: String,
}

impl Orders {
    /// Makes a link, if the order is paid and holds that.
    #[must_use]
    pub fn download_key(&self, order: &Order, what: Download, now: DateTime<Utc>) -> Option<DownloadKey> {
        let holds = is_open(order)
            && match what {
                Download::Archive => order.lines.iter().any(|line| line.kind.is_file()),
                Download::Photo(photo) => singles(order).any(|single| single == photo),
            };
        let expires = (now + OPEN).trunc_subsecs(0);
        let key = || self.links.sign(what.purpose(), &what.id(order.id), Some(expires));
        holds.then(|| DownloadKey { expires, key: key() })
    }

    /// The order, if the link is good and the order still paid. One that was refunded since opens nothing.
    ///
    /// # Errors
    /// [`OrderError::NotFound`], [`OrderError::Store`].
    pub async fn opened_by(
        &self,
        id: OrderId,
        what: Download,
        (expires, key): (DateTime<Utc>, &str),
        now: DateTime<Utc>,
    ) -> Result<Order, OrderError> {
        if !self.links.verify(what.purpose(), &what.id(id), Some(expires), now, key) {
            return Err(OrderError::NotFound);
        }
        // The content of the order was checked when the link was made, and lines do not change.
        self.get(id).await?.filter(is_open).ok_or(OrderError::NotFound)
    }

    /// A photo of the order's session, hidden or not: what has been paid for can be had until it is deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn photo(&self, order: &Order, id: PhotoId) -> Result<Option<Photo>, StoreError> {
        let photo = self.store.photos().get(id).await?;
        Ok(photo.filter(|photo| photo.photo_session_id == order.session_id && !photo.is_in_bin()))
    }

    /// The photos that the order paid for: those of its lines and, with a bundle, all that guests of the session
    /// see now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn photos_of(&self, order: &Order) -> Result<Vec<PhotoId>, StoreError> {
        let mut photos: Vec<PhotoId> = singles(order).collect();
        if order.lines.iter().any(|line| line.kind == PriceKind::Bundle) {
            let mut after = None;
            loop {
                let page = self.store.photos();
                let guests = (order.session_id, Viewer::Guest);
                let page =
                    page.list_ready(guests, Narrowed::default(), PhotoOrder::default(), after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(crate::store::GalleryCursor::after(last));
                photos.extend(page.iter().map(|photo| photo.id));
            }
        }
        Ok(photos)
    }
}

fn is_open(order: &Order) -> bool {
    matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled)
}

fn singles(order: &Order) -> impl Iterator<Item = PhotoId> {
    order.lines.iter().filter(|line| line.kind == PriceKind::Digital).filter_map(|line| line.photo_id)
}
