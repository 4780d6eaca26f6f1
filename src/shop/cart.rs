//! Carts of guests. A cart is found by a secret token and nothing else.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::IpAddr,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    limits::Limits,
    prices::PriceLists,
    pricing::{Extras, Priced, PricingError, price},
    promos::counted,
};
use crate::{
    domain::{
        CartId, Currency, Line, OrderId, Photo, PhotoId, PhotoSession, PhotoSessionId, PriceId, PriceKind,
        PriceList, Promo, PromoRefused, PromoUses, PromoWord, ShippingId, ShippingMethod,
    },
    guests::Visit,
    secrets,
    store::{CartChoice, CartItem, CartRow, ItemsSet, NewItem, Store, StoreError},
};

/// Items in one change.
pub const MOST_ITEMS: usize = 500;
/// Lines in one cart. Whoever wants more photos than this wants the bundle.
const MOST_LINES: usize = 1_000;
/// Of one print.
const MOST_COPIES: u32 = 100;
/// Of one package.
const MOST_PACKAGES: u32 = 4;
/// A cart that nobody has looked at for so long is removed.
const KEPT: TimeDelta = TimeDelta::days(30);

#[derive(Debug, thiserror::Error)]
pub enum CartError {
    #[error("there is no such cart")]
    NotFound,
    #[error("the cart has been ordered")]
    Ordered,
    #[error("no such price is on the studio's list")]
    UnknownPrice,
    #[error("guests of the session do not see such a photo")]
    NotForSale(PhotoId),
    #[error("a file and a print are of one photo, everything else of none")]
    PhotoNotWanted,
    #[error("prints are bought up to {MOST_COPIES} times, packages up to {MOST_PACKAGES}, files once")]
    Quantity,
    #[error("photos are put into a package that is in the cart")]
    NoPackage,
    #[error("that part of the package takes {wanted} photos")]
    PackageFull { wanted: u32 },
    #[error("a change may have {MOST_ITEMS} items, and a cart {MOST_LINES} lines")]
    TooMany,
    #[error(transparent)]
    Promo(#[from] PromoRefused),
    #[error("that way of delivery is not offered")]
    UnknownShipping,
    #[error("too many promo codes were tried; the next may be tried in {} s", .0.as_secs())]
    TooManyPromos(Duration),
    #[error("too many carts were made from this address; the next may be made in {} s", .0.as_secs())]
    TooManyCarts(Duration),
    #[error(transparent)]
    Pricing(#[from] PricingError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A cart with what it costs now.
#[derive(Debug, Clone)]
pub struct Cart {
    pub session: PhotoSessionId,
    /// `None` when the studio has stopped selling.
    pub currency: Option<Currency>,
    pub lines: Vec<Line>,
    /// The sums; `None` when the studio has stopped selling.
    pub sums: Option<Priced>,
    /// The promo code that was written into it, and whether it counts.
    pub promo: Option<(PromoWord, Result<(), PromoRefused>)>,
    /// The ways of delivery to choose from; none where nothing has to be made.
    pub ways: Vec<ShippingMethod>,
    /// The chosen one.
    pub shipping: Option<ShippingId>,
    /// The order that was made from the cart.
    pub order: Option<OrderId>,
    /// Photos that went away since the cart was last looked at; they are told once.
    pub removed: Vec<PhotoId>,
    /// How many photos a bundle holds now.
    pub bundle_photos: u64,
    /// Of the lines.
    pub photos: HashMap<PhotoId, Photo>,
    /// Where their pictures are cut.
    pub crops: HashMap<PhotoId, (f64, f64)>,
}

#[derive(Clone)]
pub struct Carts {
    store: Store,
    prices: PriceLists,
    limits: Limits,
}

impl Carts {
    pub(super) fn new(store: Store, prices: PriceLists, limits: Limits) -> Self {
        Self { store, prices, limits }
    }

    /// A new cart for somebody at `address`; the token is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`CartError::TooManyCarts`], [`CartError::Store`].
    pub async fn create(
        &self,
        session: &PhotoSession,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<String, CartError> {
        self.limits.cart(session.id, address).map_err(CartError::TooManyCarts)?;
        let token = secrets::generate();
        self.store.carts().create(CartId::generate(), &secrets::hash(&token), session.id, now).await?;
        Ok(token)
    }

    /// The cart as it is kept; its session says whether it may be used now.
    ///
    /// # Errors
    /// [`CartError::NotFound`], [`CartError::Store`].
    pub async fn find(&self, token: &str, now: DateTime<Utc>) -> Result<CartRow, CartError> {
        self.store.carts().get(&secrets::hash(token), now).await?.ok_or(CartError::NotFound)
    }

    /// A name for the holder of a token, which does not give the token away.
    #[must_use]
    pub fn sender(token: &str) -> String {
        format!("cart:{}", secrets::hash(token))
    }

    /// Prices a cart. What can be bought no more is dropped from it and told in this one answer. `visit` is to
    /// the cart's own session.
    ///
    /// # Errors
    /// [`CartError`].
    pub async fn priced(&self, cart: CartRow, visit: &Visit, now: DateTime<Utc>) -> Result<Cart, CartError> {
        let studio = visit.session.studio_id;
        let list = self.prices.offered(&visit.session).await?;
        let ids: Vec<PhotoId> = cart.items.iter().filter_map(|item| item.photo_id).collect();
        let photos = visit.these(&ids).await?;
        let settings = self.store.shop_settings().get(studio).await?;
        let found = match &cart.promo {
            Some(word) => self.store.promos().find(studio, word).await?,
            None => None,
        };
        let currency = list.as_ref().map(|list| list.currency);
        let counts = currency.map(|currency| counted(found.as_ref(), cart.session, currency, now));
        let promo = cart.promo.clone().zip(counts.map(|counts| counts.map(|_| ())));
        let chosen = cart.shipping.and_then(|id| settings.shipping_of(id));
        let extras = Extras {
            off: counts.and_then(Result::ok).map(|promo| promo.value),
            shipping: chosen.map(|method| method.amount),
            tax: settings.tax,
        };
        let mut priced =
            list.as_ref().map(|list| price(cart.session, &cart.items, list, &photos, extras)).transpose()?;
        let (lines, gone) = priced.as_mut().map_or_else(Default::default, |priced| {
            (std::mem::take(&mut priced.lines), std::mem::take(&mut priced.gone))
        });
        let is_made = lines.iter().any(|line| line.kind.is_made());
        let ways = settings.offered_shipping().filter(|_| is_made).cloned().collect();
        if cart.order.is_none() && !gone.is_empty() {
            let gone: Vec<_> = gone.iter().map(|item| item.id).collect();
            self.store.carts().drop_items(cart.id, &gone).await?;
        }
        let removed: BTreeSet<PhotoId> = gone.iter().filter_map(|item| item.photo_id).collect();
        Ok(Cart {
            session: cart.session,
            currency,
            lines,
            sums: priced,
            promo,
            ways,
            shipping: chosen.filter(|_| is_made).map(|method| method.id),
            order: cart.order,
            removed: removed.into_iter().collect(),
            bundle_photos: visit.counts().await?.selected,
            crops: visit.crops(&photos).await?,
            photos: photos.into_iter().map(|photo| (photo.id, photo)).collect(),
        })
    }

    /// Sets the quantities of these items; others stay as they are. `visit` is to the cart's own
    /// session.
    ///
    /// # Errors
    /// [`CartError`]; nothing is changed then.
    pub async fn set_items(
        &self,
        token: &str,
        visit: &Visit,
        items: &[NewItem],
        now: DateTime<Utc>,
    ) -> Result<(), CartError> {
        if items.len() > MOST_ITEMS {
            return Err(CartError::TooMany);
        }
        let list = self.prices.offered(&visit.session).await?;
        let ids: Vec<PhotoId> = items.iter().filter_map(|item| item.photo_id).collect();
        let seen = visit.these(&ids).await?;
        let for_sale: HashSet<PhotoId> =
            seen.iter().filter(|photo| photo.is_for_sale()).map(|photo| photo.id).collect();
        // An item that is removed may refer to a photo that no longer exists, which is no reason to refuse.
        for item in items.iter().filter(|item| item.quantity > 0) {
            let kind = list.as_ref().and_then(|list| kind_of(list, item.price_id));
            check(item, kind.ok_or(CartError::UnknownPrice)?, &for_sale)?;
        }
        let emptied: Vec<PriceId> = list.iter().flat_map(|list| emptied(list, items)).collect();
        let check = |all: &[CartItem]| match &list {
            _ if all.len() > MOST_LINES => Err(CartError::TooMany),
            Some(list) => has_room(list, items, all),
            None => Ok(()),
        };
        let changes = (emptied.as_slice(), items);
        set(self.store.carts().set_items(&secrets::hash(token), changes, now, check).await??)
    }

    /// Notes a promo code and the way of delivery; a field that is `None` stays as it is. `visit` is to the cart's own
    /// session, `address` where the buyer is.
    ///
    /// # Errors
    /// [`CartError`]; nothing is changed then.
    pub async fn choose(
        &self,
        token: &str,
        (visit, address): (&Visit, IpAddr),
        promo: Option<Option<String>>,
        shipping: Option<Option<ShippingId>>,
        now: DateTime<Utc>,
    ) -> Result<(), CartError> {
        let promo = match promo {
            Some(Some(word)) => Some(Some(self.promo(visit, address, &word, now).await?)),
            Some(None) => Some(None),
            None => None,
        };
        if let Some(Some(id)) = shipping {
            let settings = self.store.shop_settings().get(visit.session.studio_id).await?;
            settings.shipping_of(id).ok_or(CartError::UnknownShipping)?;
        }
        set(self.store.carts().choose(&secrets::hash(token), &CartChoice { promo, shipping }, now).await?)
    }

    /// A promo code that counts in that session now. Those that do not are counted against who tries them.
    async fn promo(
        &self,
        visit: &Visit,
        address: IpAddr,
        word: &str,
        now: DateTime<Utc>,
    ) -> Result<PromoWord, CartError> {
        let session = &visit.session;
        self.limits.promo(session.id, address).map_err(CartError::TooManyPromos)?;
        let word: PromoWord = word.parse().map_err(|_| PromoRefused::Unknown)?;
        let found: Option<(Promo, PromoUses)> = self.store.promos().find(session.studio_id, &word).await?;
        let list = self.prices.offered(session).await?.ok_or(PromoRefused::Unknown)?;
        counted(found.as_ref(), session.id, list.currency, now)?;
        self.limits.right_promo(session.id, address);
        Ok(word)
    }

    /// Removes carts that nobody uses any more; returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.limits.forget_old();
        self.store.carts().sweep(now - KEPT).await
    }
}

fn set(outcome: ItemsSet) -> Result<(), CartError> {
    match outcome {
        ItemsSet::Set => Ok(()),
        ItemsSet::Ordered => Err(CartError::Ordered),
        ItemsSet::NoCart => Err(CartError::NotFound),
    }
}

/// The kind of what is sold by that id: a price, or a part of a package that photos are put into.
fn kind_of(list: &PriceList, id: PriceId) -> Option<PriceKind> {
    let part = || list.part(id).map(|(_, part)| part.kind).filter(|kind| kind.is_of_a_photo());
    list.sold(id).map(|price| price.kind).or_else(part)
}

/// What goes with the packages that are taken out.
fn emptied(list: &PriceList, items: &[NewItem]) -> Vec<PriceId> {
    let out = items.iter().filter(|item| item.quantity == 0).filter_map(|item| list.sold(item.price_id));
    out.flat_map(|price| price.parts.iter().map(|part| part.id)).collect()
}

/// Whether what is changed fits into its packages, when the cart holds `all`. What the studio has made smaller since
/// is no reason to refuse another change.
fn has_room(list: &PriceList, changed: &[NewItem], all: &[CartItem]) -> Result<(), CartError> {
    let is_changed = |id: PriceId| changed.iter().any(|item| item.price_id == id && item.quantity > 0);
    let quantity =
        |id: PriceId| all.iter().filter(|item| item.price_id == id).map(|item| item.quantity).sum::<u32>();
    for price in list.prices.iter().filter(|price| price.active) {
        for part in price.parts.iter().filter(|part| is_changed(part.id) || is_changed(price.id)) {
            let (packages, chosen) = (quantity(price.id), quantity(part.id));
            let wanted = part.quantity * packages;
            match chosen {
                0 => {}
                _ if packages == 0 => return Err(CartError::NoPackage),
                _ if chosen > wanted => return Err(CartError::PackageFull { wanted }),
                _ => {}
            }
        }
    }
    Ok(())
}

fn check(item: &NewItem, kind: PriceKind, for_sale: &HashSet<PhotoId>) -> Result<(), CartError> {
    if kind.is_of_a_photo() != item.photo_id.is_some() {
        return Err(CartError::PhotoNotWanted);
    }
    if let Some(photo) = item.photo_id.filter(|photo| !for_sale.contains(photo)) {
        return Err(CartError::NotForSale(photo));
    }
    let most = match kind {
        PriceKind::Print => MOST_COPIES,
        PriceKind::Package => MOST_PACKAGES,
        PriceKind::Digital | PriceKind::Bundle => 1,
    };
    if item.quantity > most { Err(CartError::Quantity) } else { Ok(()) }
}
