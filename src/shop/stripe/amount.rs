//! Amounts as Stripe writes them, which are not everywhere the minor units of ISO 4217.
//! <https://docs.stripe.com/currencies#minor-units>

use crate::domain::Money;

/// Two decimals for Stripe, none in ISO 4217.
const PADDED: [&str; 2] = ["ISK", "UGX"];
/// None for Stripe, two in ISO 4217.
const CUT: [&str; 1] = ["MGA"];
/// Three decimals, of which the last must be 0.
const TENS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Our minor units as Stripe's; `None` for an amount that cannot be charged exactly.
#[must_use]
pub fn write(money: Money) -> Option<i64> {
    let (amount, currency) = (money.amount(), money.currency());
    let is_in = |list: &[&str]| list.contains(&currency.as_str());
    if is_in(&PADDED) {
        amount.checked_mul(100)
    } else if is_in(&CUT) {
        (amount % 100 == 0).then_some(amount / 100)
    } else if is_in(&TENS) {
        (amount % 10 == 0).then_some(amount)
    } else {
        Some(amount)
    }
}

/// The way back; `currency` in lower case, as Stripe writes it.
#[must_use]
pub fn read(amount: i64, currency: &str) -> Option<Money> {
    let currency: crate::domain::Currency = currency.to_ascii_uppercase().parse().ok()?;
    let is_in = |list: &[&str]| list.contains(&currency.as_str());
    let amount = if is_in(&PADDED) {
        (amount % 100 == 0).then_some(amount / 100)?
    } else if is_in(&CUT) {
        amount.checked_mul(100)?
    } else {
        amount
    };
    Money::new(amount, currency).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_currency_is_charged_exactly_or_not_at_all() {
        for (amount, code, theirs) in [
            (123_450, "RUB", Some(123_450)),
            (500, "JPY", Some(500)),
            (500, "ISK", Some(50_000)),
            (500, "UGX", Some(50_000)),
            (500, "MGA", Some(5)),
            (550, "MGA", None),
            (5_120, "KWD", Some(5_120)),
            (5_123, "KWD", None),
            (i64::MAX, "ISK", None),
        ] {
            let money = Money::new(amount, code.parse().expect("a currency")).expect("is not negative");
            assert_eq!(write(money), theirs, "{amount} {code}");
            if let Some(theirs) = theirs {
                assert_eq!(read(theirs, &code.to_ascii_lowercase()), Some(money));
            }
        }
        for (amount, code) in [(-1, "rub"), (150, "isk"), (1, "xxx"), (1, "")] {
            assert_eq!(read(amount, code), None, "{amount} {code}");
        }
    }
}
