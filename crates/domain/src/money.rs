//! Amounts of money: whole minor units (kopecks, cents) and the currency they are of. No arithmetic here wraps or
//! mixes currencies: what cannot be counted is `None`. Only [`Money::checked_share`] rounds.

use std::{fmt, str::FromStr};

use super::Invalid;

/// Active codes of ISO 4217 that have two decimals, apart from metals, funds and tests.
const TWO_DECIMALS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP \
    BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP \
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG \
    SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR \
    ZMW ZWG";
const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// A currency by its ISO 4217 code, in capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

impl Currency {
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.code).expect("capital letters of ASCII")
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = Invalid("currency");
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| invalid)?;
        [(TWO_DECIMALS, 2), (NO_DECIMALS, 0), (THREE_DECIMALS, 3)]
            .into_iter()
            .find(|(codes, _)| codes.split_ascii_whitespace().any(|known| known == text))
            .map(|(_, decimals)| Self { code, decimals })
            .ok_or(invalid)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount that is never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    /// # Errors
    /// When `amount` is negative.
    pub fn new(amount: i64, currency: Currency) -> Result<Self, Invalid> {
        if amount < 0 { Err(Invalid("amount")) } else { Ok(Self { amount, currency }) }
    }

    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    /// In minor units.
    #[must_use]
    pub fn amount(self) -> i64 {
        self.amount
    }

    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// In whole units with the decimals of the currency: `1234.50`.
    #[must_use]
    pub fn decimal(self) -> String {
        let decimals = usize::from(self.currency.decimals);
        let unit = 10_i64.pow(u32::from(self.currency.decimals));
        match decimals {
            0 => self.amount.to_string(),
            _ => format!("{}.{:0decimals$}", self.amount / unit, self.amount % unit),
        }
    }

    /// Reads what [`Money::decimal`] writes.
    ///
    /// # Errors
    /// When it is another number of decimals, not a number, or too large.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, Invalid> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let sound = !whole.is_empty() && digits(whole) && digits(part);
        if !sound || part.len() != usize::from(currency.decimals) {
            return Err(Invalid("amount"));
        }
        let amount = format!("{whole}{part}").parse().map_err(|_| Invalid("amount"))?;
        Self::new(amount, currency)
    }

    /// `None` for two currencies, and for more than fits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency).then_some(Self { amount, ..self })
    }

    /// `None` for more than fits.
    #[must_use]
    pub fn checked_times(self, quantity: u32) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(quantity.into())?, ..self })
    }

    /// `None` for two currencies, and where more is taken than there is.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_sub(other.amount).filter(|amount| *amount >= 0)?;
        (self.currency == other.currency).then_some(Self { amount, ..self })
    }

    /// `part` of `whole` parts, rounded to the nearest minor unit, and half of one up. `None` for more than fits.
    #[must_use]
    pub fn checked_share(self, part: u32, whole: u32) -> Option<Self> {
        let (part, whole) = (i128::from(part), i128::from(whole));
        let twice = i128::from(self.amount) * part * 2 + whole;
        let amount = twice.checked_div(whole * 2)?.try_into().ok()?;
        Some(Self { amount, ..self })
    }
}

/// `1234.50 RUB`
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("is one")
    }

    fn money(amount: i64, code: &str) -> Money {
        Money::new(amount, currency(code)).expect("is not negative")
    }

    #[test]
    fn a_currency_is_a_known_code_in_capitals() {
        for bad in ["", "RU", "RUBL", "rub", "XXX", "XAU", "ABC", "RÜ", "   "] {
            assert!(bad.parse::<Currency>().is_err(), "{bad:?}");
        }
        assert_eq!(currency("EUR").to_string(), "EUR");
    }

    #[test]
    fn money_reads_with_the_decimals_of_its_currency() {
        for (amount, code, text) in [
            (123_450, "RUB", "1234.50 RUB"),
            (5, "EUR", "0.05 EUR"),
            (500, "JPY", "500 JPY"),
            (1_005, "KWD", "1.005 KWD"),
        ] {
            let money = money(amount, code);
            assert_eq!(money.to_string(), text);
            assert_eq!(Money::from_decimal(&money.decimal(), currency(code)), Ok(money));
        }
        for (text, code) in [
            ("1", "RUB"),
            ("1.5", "RUB"),
            ("1.500", "RUB"),
            ("-1.00", "RUB"),
            ("+1.00", "RUB"),
            (".50", "RUB"),
            ("1.0x", "RUB"),
            ("", "JPY"),
            ("1.0", "JPY"),
            ("99999999999999999999.00", "RUB"),
        ] {
            assert!(Money::from_decimal(text, currency(code)).is_err(), "{text} {code}");
        }
    }

    #[test]
    fn what_cannot_be_computed_exactly_is_refused() {
        assert!(Money::new(-1, currency("RUB")).is_err());
        assert_eq!(money(1, "RUB").checked_add(money(1, "EUR")), None);
        assert_eq!(money(i64::MAX, "RUB").checked_add(money(1, "RUB")), None);
        assert_eq!(money(i64::MAX / 2 + 1, "RUB").checked_times(2), None);
        assert_eq!(money(150, "RUB").checked_times(3), Some(money(450, "RUB")));
    }
}
