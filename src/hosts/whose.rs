//! What a request under a studio's host is about: of which session or studio.

use super::Hosts;
use crate::{
    domain::{ArchiveId, ConsentId, LinkCode, OrderId, PhotoSessionId, StudioId},
    secrets,
    store::StoreError,
};

/// What opens something to guests, as it stands in an address.
#[derive(Debug, Clone)]
pub enum Key {
    Session(PhotoSessionId),
    Studio(StudioId),
    Link(LinkCode),
    Order(OrderId),
    Cart(String),
    News(ConsentId),
    Archive(ArchiveId),
    /// Of a guest's record of consents.
    Record(String),
    /// Of a guest's wish to be left out.
    Wish(String),
}

/// Where a key leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Session(PhotoSessionId),
    Studio(StudioId),
    /// Nowhere: whoever looks it up says so.
    Nobodys,
}

impl Hosts {
    /// # Errors
    /// `StoreError`
    pub async fn whose(&self, key: Key) -> Result<Whose, StoreError> {
        let store = &self.store;
        let session = match key {
            Key::Session(session) => Some(session),
            Key::Studio(studio) => return Ok(Whose::Studio(studio)),
            Key::Order(id) => {
                let order = store.orders().get(id).await?;
                return Ok(order.map_or(Whose::Nobodys, |order| Whose::Studio(order.studio_id)));
            }
            Key::News(id) => {
                let news = store.news().get(id).await?;
                return Ok(news.map_or(Whose::Nobodys, |news| Whose::Studio(news.studio)));
            }
            Key::Link(code) => store.links().session_of(code).await?,
            Key::Cart(token) => {
                let cart = store.carts().get(&secrets::hash(&token), (self.clock)()).await?;
                cart.map(|cart| cart.session)
            }
            Key::Archive(id) => store.archives().get(id).await?.map(|archive| archive.session),
            Key::Record(code) => {
                let record = code.split_once('.').and_then(|(record, _)| record.parse::<ConsentId>().ok());
                let consents = match record {
                    Some(record) => store.guests().consents_of(record).await?,
                    None => Vec::new(),
                };
                consents.first().map(|consent| consent.photo_session_id)
            }
            Key::Wish(code) => store.hides().by_code(&secrets::hash(&code)).await?.map(|wish| wish.session),
        };
        Ok(session.map_or(Whose::Nobodys, Whose::Session))
    }
}
