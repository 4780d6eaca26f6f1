use chrono::Utc;
use proptest::prelude::*;

use super::*;
use crate::domain::{Currency, LineId, Names, PhotoFacts, PhotoState, Price};

const KINDS: [PriceKind; 3] = [PriceKind::Digital, PriceKind::Bundle, PriceKind::Print];

fn currency() -> Currency {
    "RUB".parse().expect("is one")
}

fn price_of(kind: PriceKind, amount: i64, active: bool) -> Price {
    Price {
        id: PriceId::generate(),
        kind,
        size: None,
        name: Names { ru: "Снимок".into(), en: "Photo".into() },
        amount: Money::new(amount, currency()).expect("is not negative"),
        active,
    }
}

fn photo(session: PhotoSessionId, is_selected: bool, state: PhotoState) -> Photo {
    let id = PhotoId::generate();
    Photo {
        id,
        original: id,
        raw: None,
        is_replaced: false,
        photo_session_id: session,
        guest_id: None,
        filename: "IMG_0001.JPG".into(),
        sha256: String::new(),
        bytes: 1,
        media_type: "image/jpeg".into(),
        width: 1,
        height: 1,
        taken_at: None,
        ordered_at: Utc::now(),
        name_key: String::new(),
        facts: PhotoFacts::default(),
        is_selected,
        is_withheld: false,
        couple_hides: None,
        bin_until: None,
        chapter: None,
        is_from_guest: false,
        state,
        reject_code: None,
        thumbhash: None,
        derivatives: Vec::new(),
        faces: 0,
        created_at: Utc::now(),
    }
}

/// A price list and photos, and a cart of whatever a client might have come up with.
#[derive(Debug)]
struct Case {
    session: PhotoSessionId,
    list: PriceList,
    photos: Vec<Photo>,
    items: Vec<CartItem>,
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![1..=1_000_000_000_i64, Just(0), Just(i64::MAX), (i64::MAX - 10)..=i64::MAX]
}

prop_compose! {
    fn cases()(
        prices in prop::collection::vec((0..3_usize, amounts(), prop::bool::weighted(0.8)), 0..6),
        // Of the session, shown, ready: all three, or something is wrong with it.
        photos in prop::collection::vec(prop::array::uniform3(prop::bool::weighted(0.9)), 0..6),
        items in prop::collection::vec((0..8_usize, prop::option::of(0..8_usize), prop_oneof![1..=100_u32, any::<u32>()]), 0..30),
    ) -> Case {
        let session = PhotoSessionId::generate();
        let prices: Vec<Price> =
            prices.into_iter().map(|(kind, amount, active)| price_of(KINDS[kind], amount, active)).collect();
        let made = |[own, shown, ready]: [bool; 3]| photo(
            if own { session } else { PhotoSessionId::generate() },
            shown,
            if ready { PhotoState::Ready } else { PhotoState::Queued },
        );
        let photos: Vec<Photo> = photos.into_iter().map(made).collect();
        let items = items
            .into_iter()
            .map(|(price, photo, quantity)| CartItem {
                id: LineId::generate(),
                price_id: prices.get(price).map_or_else(PriceId::generate, |price| price.id),
                photo_id: photo.map(|photo| photos.get(photo).map_or_else(PhotoId::generate, |photo| photo.id)),
                quantity,
            })
            .collect();
        Case { session, list: PriceList { currency: currency(), prices }, photos, items }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Computed once more in 128 bits, where nothing of this can overflow.
    #[test]
    fn the_total_is_the_sum_of_the_lines_never_negative_and_never_wrapped(case in cases()) {
        let Case { session, list, photos, items } = case;
        let sold = |item: &CartItem| {
            let price = list.prices.iter().find(|price| price.id == item.price_id && price.active)?;
            let photo = item.photo_id.map(|id| photos.iter().find(|photo| photo.id == id));
            match (price.kind, photo) {
                (PriceKind::Bundle, None) => Some(price),
                (PriceKind::Digital | PriceKind::Print, Some(Some(photo))) => {
                    let visible =
                        photo.photo_session_id == session && photo.is_selected && photo.state == PhotoState::Ready;
                    visible.then_some(price)
                }
                _ => None,
            }
        };
        let bundled = items.iter().filter_map(sold).any(|price| price.kind == PriceKind::Bundle);
        let exact: i128 = items
            .iter()
            .filter_map(|item| Some((item, sold(item)?)))
            .filter(|(_, price)| !(bundled && price.kind == PriceKind::Digital))
            .map(|(item, price)| i128::from(item.quantity) * i128::from(price.amount.amount()))
            .sum();
        match price(session, &items, &list, &photos, Extras::default()) {
            Ok(priced) => {
                prop_assert_eq!(i128::from(priced.total.amount()), exact);
                prop_assert!(priced.total.amount() >= 0);
                let lines: i128 = priced.lines.iter().map(|line| i128::from(line.amount.amount())).sum();
                prop_assert_eq!(lines, exact);
                prop_assert_eq!(priced.lines.len() + priced.gone.len(), items.len());
                for line in &priced.lines {
                    prop_assert_eq!(line.covered, bundled && line.kind == PriceKind::Digital);
                    let item = items.iter().find(|item| item.id == line.id).expect("a line is of an item");
                    prop_assert!(sold(item).is_some());
                    prop_assert_eq!(line.quantity, item.quantity);
                }
                for item in &priced.gone {
                    prop_assert!(sold(item).is_none());
                }
            }
            Err(PricingError::TooMuch) => prop_assert!(exact > i128::from(i64::MAX)),
        }
    }

    /// The largest prices and quantities stay below the largest integer that JavaScript counts exactly.
    #[test]
    fn within_the_limits_every_cart_has_a_total(
        amounts in prop::collection::vec(1..=1_000_000_000_i64, 1..5),
        copies in prop::collection::vec(1..=100_u32, 1..1_000),
    ) {
        let session = PhotoSessionId::generate();
        let shown = photo(session, true, PhotoState::Ready);
        let prices: Vec<Price> =
            amounts.into_iter().map(|amount| price_of(PriceKind::Print, amount, true)).collect();
        let item = |(n, quantity): (usize, &u32)| CartItem {
            id: LineId::generate(),
            price_id: prices[n % prices.len()].id,
            photo_id: Some(shown.id),
            quantity: *quantity,
        };
        let items: Vec<CartItem> = copies.iter().enumerate().map(item).collect();
        let list = PriceList { currency: currency(), prices: prices.clone() };
        let priced = price(session, &items, &list, [&shown], Extras::default()).expect("fits");
        prop_assert!(priced.total.amount() > 0 && priced.total.amount() < 1 << 53);
    }

    /// Discount, delivery and tax, computed once more in 128 bits: the tax is within half a minor unit of the exact one,
    /// and what is paid is always the items without the discount, with the delivery, and with a tax on top.
    #[test]
    fn discount_delivery_and_tax_add_up(
        copies in prop::collection::vec(1..=100_u32, 1..20),
        amount in 1..=1_000_000_000_i64,
        off in prop_oneof![
            Just(None),
            (1..=100_u32).prop_map(|percent| Some(PromoValue::Percent(percent))),
            (1..=2_000_000_000_i64).prop_map(|off| Some(PromoValue::Amount(Money::new(off, currency()).expect("is not negative")))),
        ],
        shipping in prop::option::of(0..=1_000_000_i64),
        tax in prop::option::of((0..=Tax::MOST_RATE, any::<bool>())),
        prints in any::<bool>(),
    ) {
        let session = PhotoSessionId::generate();
        let kind = if prints { PriceKind::Print } else { PriceKind::Digital };
        let list = PriceList { currency: currency(), prices: vec![price_of(kind, amount, true)] };
        let shown: Vec<Photo> = copies.iter().map(|_| photo(session, true, PhotoState::Ready)).collect();
        let items: Vec<CartItem> = shown.iter().zip(&copies).map(|(photo, quantity)| CartItem {
            id: LineId::generate(),
            price_id: list.prices[0].id,
            photo_id: Some(photo.id),
            quantity: *quantity,
        }).collect();
        let tax = tax.map(|(rate, included)| Tax { rate, included });
        let priced = price(session, &items, &list, &shown, Extras { off, shipping, tax }).expect("fits");
        let exact: i128 = copies.iter().map(|n| i128::from(*n) * i128::from(amount)).sum();
        prop_assert_eq!(i128::from(priced.items.amount()), exact);
        let discount = match off {
            None => 0,
            Some(PromoValue::Percent(percent)) => (exact * i128::from(percent) * 2 + 100) / 200,
            Some(PromoValue::Amount(off)) => exact.min(off.amount().into()),
        };
        prop_assert_eq!(i128::from(priced.discount.amount()), discount);
        prop_assert_eq!(priced.shipping.map(Money::amount), shipping.filter(|_| prints));
        let sum = exact - discount + i128::from(shipping.filter(|_| prints).unwrap_or(0));
        match priced.tax {
            None => prop_assert_eq!(i128::from(priced.total.amount()), sum),
            Some(TaxLine { tax, amount }) => {
                let (rate, taxed) = (i128::from(tax.rate), i128::from(amount.amount()));
                let whole = if tax.included { 10_000 + rate } else { 10_000 };
                // |tax - sum × rate / whole| ≤ 1/2, without dividing.
                prop_assert!((taxed * whole - sum * rate).abs() * 2 <= whole);
                let total = if tax.included { sum } else { sum + taxed };
                prop_assert_eq!(i128::from(priced.total.amount()), total);
                prop_assert!(taxed <= total);
            }
        }
    }
}
