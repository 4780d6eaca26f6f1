//! Promo codes: what a studio gives away, and whether one counts for a cart.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        Currency, Money, PhotoSessionId, Promo, PromoId, PromoRefused, PromoUses, PromoValue, StudioId,
    },
    store::{Store, StoreError},
};

const MOST_PROMOS: usize = 500;
/// Of one code, in minor units.
const MOST_AMOUNT: i64 = 1_000_000_000;
const MOST_USES: u32 = 1_000_000;

#[derive(Debug, thiserror::Error)]
pub enum PromoError {
    #[error("there is no such promo code")]
    NotFound,
    #[error("the promo code is wrong in its {0}")]
    Wrong(&'static str),
    #[error("the studio has another promo code of that word")]
    Taken,
    #[error("a studio may have {MOST_PROMOS} promo codes")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A promo code as a studio writes it.
#[derive(Debug, Clone)]
pub struct NewPromo {
    pub session_id: Option<PhotoSessionId>,
    pub word: String,
    /// Either this or the amount.
    pub percent: Option<u32>,
    /// In minor units of the studio's price list.
    pub amount: Option<i64>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub most_uses: Option<u32>,
    pub once_per_email: bool,
    pub active: bool,
}

#[derive(Clone)]
pub struct Promos {
    store: Store,
}

impl Promos {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The newest first, with the number of orders that use each.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, studio: StudioId) -> Result<Vec<(Promo, u64)>, StoreError> {
        self.store.promos().list(studio).await
    }

    /// Writes a code: a new one without `id`. The session that it names is the studio's.
    ///
    /// # Errors
    /// [`PromoError`]; nothing is changed then.
    pub async fn put(
        &self,
        studio: StudioId,
        id: Option<PromoId>,
        new: NewPromo,
        now: DateTime<Utc>,
    ) -> Result<(Promo, u64), PromoError> {
        let known = self.list(studio).await?;
        let before = id.map(|id| known.iter().find(|(promo, _)| promo.id == id).ok_or(PromoError::NotFound));
        let before = before.transpose()?;
        if before.is_none() && known.len() >= MOST_PROMOS {
            return Err(PromoError::TooMany);
        }
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        let promo = Promo {
            id: id.unwrap_or_else(PromoId::generate),
            studio_id: studio,
            session_id: new.session_id,
            word: new.word.parse().map_err(|_| PromoError::Wrong("code"))?,
            value: self.value(studio, new.percent, new.amount).await?,
            from: new.from,
            until: new.until,
            most_uses: new.most_uses,
            once_per_email: new.once_per_email,
            active: new.active,
            created_at: before.map_or(now, |(promo, _)| promo.created_at),
        };
        if promo.from.zip(promo.until).is_some_and(|(from, until)| from >= until) {
            return Err(PromoError::Wrong("until"));
        }
        if promo.most_uses.is_some_and(|most| !(1..=MOST_USES).contains(&most)) {
            return Err(PromoError::Wrong("most_uses"));
        }
        if !self.store.promos().put(&promo).await? {
            return Err(PromoError::Taken);
        }
        let uses = before.map_or(0, |(_, uses)| *uses);
        Ok((promo, uses))
    }

    async fn value(
        &self,
        studio: StudioId,
        percent: Option<u32>,
        amount: Option<i64>,
    ) -> Result<PromoValue, PromoError> {
        match (percent, amount) {
            (Some(percent), None) if (1..=100).contains(&percent) => Ok(PromoValue::Percent(percent)),
            (None, Some(amount)) if (1..=MOST_AMOUNT).contains(&amount) => {
                let list = self.store.prices().list(studio).await?;
                let currency = list.ok_or(PromoError::Wrong("amount"))?.currency;
                let amount = Money::new(amount, currency).map_err(|_| PromoError::Wrong("amount"))?;
                Ok(PromoValue::Amount(amount))
            }
            (Some(_), _) => Err(PromoError::Wrong("percent")),
            (None, _) => Err(PromoError::Wrong("amount")),
        }
    }

    /// # Errors
    /// [`PromoError::NotFound`], [`PromoError::Store`].
    pub async fn remove(&self, studio: StudioId, id: PromoId) -> Result<(), PromoError> {
        if self.store.promos().remove(studio, id).await? { Ok(()) } else { Err(PromoError::NotFound) }
    }
}

/// The code as it counts for a cart of that session, or why it does not.
pub(super) fn counted(
    found: Option<&(Promo, PromoUses)>,
    session: PhotoSessionId,
    currency: Currency,
    now: DateTime<Utc>,
) -> Result<&Promo, PromoRefused> {
    let (promo, uses) = found.ok_or(PromoRefused::Unknown)?;
    promo.check(session, currency, *uses, now)?;
    Ok(promo)
}
