//! What stands beside the prices of a sale: tax, delivery, promo codes, and how one pays by hand.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Currency, Invalid, Money, Names, PhotoSessionId, PromoId, ShippingId, StudioId};

/// The tax on everything that a studio sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tax {
    /// In hundredths of a percent: 1900 is 19 %.
    pub rate: u32,
    /// Whether the prices hold it already; otherwise it comes on top.
    pub included: bool,
}

/// A tax and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxLine {
    pub tax: Tax,
    pub amount: Money,
}

impl Tax {
    /// The highest rate, in hundredths of a percent.
    pub const MOST_RATE: u32 = 5_000;
    /// 100 % in the unit of a rate.
    const WHOLE: u32 = 10_000;

    /// The tax of a sum, rounded to the nearest minor unit, and half of one up. It is rounded once for an order.
    /// `None` for more than can be counted.
    #[must_use]
    pub fn of(self, sum: Money) -> Option<TaxLine> {
        let whole = if self.included { Self::WHOLE + self.rate } else { Self::WHOLE };
        Some(TaxLine { tax: self, amount: sum.checked_share(self.rate, whole)? })
    }
}

/// `19`, `5.5`: the rate in percent.
impl fmt::Display for Tax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.rate / 100, self.rate % 100);
        let digits = format!("{whole}.{part:02}");
        f.write_str(digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A way in which a studio delivers what has to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingMethod {
    pub id: ShippingId,
    pub name: Names,
    /// In minor units of the currency of the studio's price list; nothing for a pick-up, for example.
    pub amount: i64,
    /// Whether the buyer must say where to.
    pub needs_address: bool,
    pub active: bool,
}

/// What a studio says of its sales beside its prices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopSettings {
    /// What a buyer reads who pays by hand: an account, or where to bring cash.
    pub payment_instructions: Option<String>,
    /// The studio's name and address as its receipts have them.
    pub seller: Option<String>,
    pub tax: Option<Tax>,
    /// In the order in which buyers see them.
    pub shipping: Vec<ShippingMethod>,
}

impl ShopSettings {
    /// The way of delivery with that id, if it is offered.
    #[must_use]
    pub fn shipping_of(&self, id: ShippingId) -> Option<&ShippingMethod> {
        self.offered_shipping().find(|method| method.id == id)
    }

    pub fn offered_shipping(&self) -> impl Iterator<Item = &ShippingMethod> {
        self.shipping.iter().filter(|method| method.active)
    }
}

/// Where an order goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street and house, one line.
    pub street: String,
    pub postal_code: String,
    pub city: String,
    #[serde(default)]
    pub country: Option<String>,
}

/// One line for each part, as on an envelope.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{} {}", self.street, self.postal_code, self.city)?;
        match &self.country {
            Some(country) => write!(f, "\n{country}"),
            None => Ok(()),
        }
    }
}

/// How an order is delivered, as it was when it was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipping {
    pub name: Names,
    pub amount: Money,
    /// Gone some time after the order is done.
    pub address: Option<Address>,
}

/// The word of a promo code in capitals: people write it as they like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PromoWord(String);

impl PromoWord {
    /// Characters.
    pub const LENGTH: std::ops::RangeInclusive<usize> = 3..=40;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PromoWord {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let word: String = text.trim().to_uppercase();
        let sound = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if sound && Self::LENGTH.contains(&word.chars().count()) {
            Ok(Self(word))
        } else {
            Err(Invalid("promo code"))
        }
    }
}

impl fmt::Display for PromoWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a promo code takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromoValue {
    /// 1 to 100.
    Percent(u32),
    Amount(Money),
}

impl PromoValue {
    /// What is taken off a sum: never more than the sum. `None` for another currency, and for more than can be
    /// counted.
    #[must_use]
    pub fn off(self, sum: Money) -> Option<Money> {
        match self {
            Self::Percent(percent) => sum.checked_share(percent.min(100), 100),
            Self::Amount(amount) if amount.currency() != sum.currency() => None,
            Self::Amount(amount) => Some(if amount.amount() < sum.amount() { amount } else { sum }),
        }
    }
}

/// A code that a studio gives away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promo {
    pub id: PromoId,
    pub studio_id: StudioId,
    /// The only session in which it counts.
    pub session_id: Option<PhotoSessionId>,
    pub word: PromoWord,
    pub value: PromoValue,
    /// It counts from this moment on.
    pub from: Option<DateTime<Utc>>,
    /// It counts before this moment.
    pub until: Option<DateTime<Utc>>,
    /// How many orders it may be used in.
    pub most_uses: Option<u32>,
    /// Each buyer's address uses it once.
    pub once_per_email: bool,
    pub active: bool,
    pub created_at: DateTime<Utc>,
}

/// In how many orders that were not cancelled a code was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PromoUses {
    pub all: u64,
    /// Those of one buyer.
    pub of_buyer: u64,
}

/// Why a promo code does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromoRefused {
    #[error("there is no such promo code here")]
    Unknown,
    #[error("the promo code does not count yet")]
    NotYet,
    #[error("the promo code does not count any more")]
    Over,
    #[error("the promo code was used as often as it may be")]
    UsedUp,
    #[error("the buyer has used the promo code before")]
    UsedByBuyer,
}

impl Promo {
    /// Whether it counts now, in that session and currency.
    ///
    /// # Errors
    /// [`PromoRefused`].
    pub fn check(
        &self,
        session: PhotoSessionId,
        currency: Currency,
        uses: PromoUses,
        now: DateTime<Utc>,
    ) -> Result<(), PromoRefused> {
        let is_elsewhere = self.session_id.is_some_and(|own| own != session);
        let is_foreign = matches!(self.value, PromoValue::Amount(amount) if amount.currency() != currency);
        if !self.active || is_elsewhere || is_foreign {
            Err(PromoRefused::Unknown)
        } else if self.from.is_some_and(|from| now < from) {
            Err(PromoRefused::NotYet)
        } else if self.until.is_some_and(|until| now >= until) {
            Err(PromoRefused::Over)
        } else if self.most_uses.is_some_and(|most| uses.all >= u64::from(most)) {
            Err(PromoRefused::UsedUp)
        } else if self.once_per_email && uses.of_buyer > 0 {
            Err(PromoRefused::UsedByBuyer)
        } else {
            Ok(())
        }
    }
}

/// What a promo code took off an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    pub promo_id: PromoId,
    pub word: PromoWord,
    pub amount: Money,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roubles(amount: i64) -> Money {
        Money::new(amount, "RUB".parse().expect("is one")).expect("is not negative")
    }

    #[test]
    fn a_tax_is_rounded_half_up_once() {
        for (rate, included, sum, tax) in [
            (2_000, false, 12_345, 2_469),
            (2_000, true, 12_345, 2_058),
            (2_000, true, 12_000, 2_000),
            (1_900, true, 119, 19),
            (500, false, 10, 1),
            (500, false, 9, 0),
            (0, false, 999, 0),
        ] {
            let line = Tax { rate, included }.of(roubles(sum)).expect("fits");
            assert_eq!(line.amount, roubles(tax), "{rate} {included} {sum}");
        }
        assert_eq!(Tax { rate: 1_900, included: true }.to_string(), "19");
        assert_eq!(Tax { rate: 550, included: true }.to_string(), "5.5");
        assert_eq!(Tax { rate: 0, included: true }.to_string(), "0");
    }

    #[test]
    fn a_promo_code_is_read_in_any_case_and_takes_no_more_than_there_is() {
        assert_eq!(" anna2026 ".parse::<PromoWord>().map(|word| word.to_string()), Ok("ANNA2026".to_owned()));
        assert_eq!("Свадьба-10".parse::<PromoWord>(), "СВАДЬБА-10".parse());
        for bad in ["", "ab", "a b c", "=1+1", &"x".repeat(41)] {
            assert!(bad.parse::<PromoWord>().is_err(), "{bad}");
        }
        assert_eq!(PromoValue::Percent(15).off(roubles(333)), Some(roubles(50)));
        assert_eq!(PromoValue::Percent(100).off(roubles(333)), Some(roubles(333)));
        assert_eq!(PromoValue::Amount(roubles(500)).off(roubles(333)), Some(roubles(333)));
        let euros = Money::new(5, "EUR".parse().expect("is one")).expect("is not negative");
        assert_eq!(PromoValue::Amount(euros).off(roubles(333)), None);
    }
}
