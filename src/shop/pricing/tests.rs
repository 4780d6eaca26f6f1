use chrono::Utc;
use proptest::prelude::*;

use super::*;
use crate::domain::{Currency, Language, LineId, Names, Part, PhotoFacts, PhotoState, Price};

const KINDS: [PriceKind; 3] = [PriceKind::Digital, PriceKind::Bundle, PriceKind::Print];

fn currency() -> Currency {
    "RUB".parse().expect("is one")
}

fn price_of(kind: PriceKind, amount: i64, active: bool) -> Price {
    Price {
        id: PriceId::generate(),
        kind,
        size: None,
        name: Names::new([(Language::English, "Photo".into())]).expect("is one"),
        amount: Money::new(amount, currency()).expect("is not negative"),
        active,
        parts: Vec::new(),
    }
}

fn part_of(kind: PriceKind, quantity: u32) -> Part {
    let size = (kind == PriceKind::Print).then(|| "10x15".into());
    Part { id: PriceId::generate(), kind, size, quantity }
}

fn item(price_id: PriceId, photo: Option<&Photo>, quantity: u32) -> CartItem {
    CartItem { id: LineId::generate(), price_id, photo_id: photo.map(|photo| photo.id), quantity }
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

/// A package of up to four files, up to four prints and perhaps the whole session, a file at a price of its own, and
/// whatever a client put into a cart of them.
#[derive(Debug)]
struct Packed {
    session: PhotoSessionId,
    list: PriceList,
    photos: Vec<Photo>,
    items: Vec<CartItem>,
    packages: u32,
}

prop_compose! {
    fn packed()(
        amounts in (1..=1_000_000_000_i64, 1..=1_000_000_000_i64),
        (files, prints, whole) in (0..5_u32, 0..5_u32, any::<bool>()),
        packages in 0..=4_u32,
        photos in prop::collection::vec(prop::bool::weighted(0.9), 1..6),
        chosen in prop::collection::vec((0..3_usize, 0..6_usize, 1..4_u32), 0..20),
    ) -> Packed {
        let session = PhotoSessionId::generate();
        let photos: Vec<Photo> =
            photos.into_iter().map(|shown| photo(session, shown, PhotoState::Ready)).collect();
        let parts = [(PriceKind::Digital, files), (PriceKind::Print, prints), (PriceKind::Bundle, u32::from(whole))];
        let parts = parts.into_iter().filter(|(_, n)| *n > 0).map(|(kind, n)| part_of(kind, n)).collect();
        let package = Price { parts, ..price_of(PriceKind::Package, amounts.0, true) };
        let single = price_of(PriceKind::Digital, amounts.1, true);
        let of = |kind| package.parts.iter().find(|part| part.kind == kind).map(|part| part.id);
        let ids = [of(PriceKind::Digital), of(PriceKind::Print), Some(single.id)];
        let mut items: Vec<CartItem> = Vec::new();
        for (place, n, quantity) in chosen {
            let (Some(id), Some(photo)) = (ids[place], photos.get(n)) else { continue };
            let quantity = if place == 1 { quantity } else { 1 };
            // As the rows have it: one item for a price and a photo.
            if !items.iter().any(|item| item.price_id == id && item.photo_id == Some(photo.id)) {
                items.push(item(id, Some(photo), quantity));
            }
        }
        if packages > 0 {
            items.insert(items.len() / 2, item(package.id, None, packages));
        }
        Packed { session, list: PriceList { currency: currency(), prices: vec![package, single] }, photos, items, packages }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in it, a package costs its price; what it holds costs nothing beside it; discount, delivery and tax
    /// are those of the sum.
    #[test]
    fn a_package_costs_its_price_and_takes_what_fits(
        case in packed(),
        percent in prop::option::of(1..=100_u32),
        shipping in prop::option::of(0..=1_000_000_i64),
        tax in prop::option::of((0..=Tax::MOST_RATE, any::<bool>())),
    ) {
        let Packed { session, list, photos, items, packages } = case;
        let (package, single) = (&list.prices[0], &list.prices[1]);
        let extras = Extras {
            off: percent.map(PromoValue::Percent),
            shipping,
            tax: tax.map(|(rate, included)| Tax { rate, included }),
        };
        let priced = price(session, &items, &list, &photos, extras).expect("fits");
        prop_assert_eq!(priced.packages.len(), usize::from(packages > 0));
        let mut missing = 0;
        for Filling { part, wanted, chosen } in priced.packages.iter().flat_map(|package| &package.parts) {
            let lines: Vec<&Line> = priced.lines.iter().filter(|line| line.price_id == part.id).collect();
            if part.kind == PriceKind::Bundle {
                prop_assert_eq!((lines.len(), *wanted, *chosen), (1, 0, 0));
            } else {
                prop_assert_eq!(*wanted, part.quantity * packages);
                prop_assert_eq!(*chosen, lines.iter().map(|line| line.quantity).sum::<u32>());
                prop_assert!(chosen <= wanted);
                missing += wanted - chosen;
            }
            for line in lines {
                prop_assert_eq!((line.package, &line.kind, &line.size), (Some(package.id), &part.kind, &part.size));
                prop_assert_eq!((line.unit.amount(), line.amount.amount()), (0, 0));
            }
        }
        prop_assert_eq!(priced.missing(), missing);
        let whole = priced.lines.iter().filter(|line| line.kind == PriceKind::Bundle).count();
        prop_assert_eq!(priced.lines.len() - whole + priced.gone.len(), items.len());
        let packed: Vec<_> = priced.lines.iter().filter(|line| line.package.is_some() && line.kind == PriceKind::Digital)
            .filter_map(|line| line.photo_id).collect();
        let singles = priced.lines.iter().filter(|line| line.price_id == single.id)
            .filter(|line| whole == 0 && line.photo_id.is_none_or(|photo| !packed.contains(&photo))).count();
        let exact = package.amount.amount() * i64::from(packages)
            + single.amount.amount() * i64::try_from(singles).expect("fits");
        prop_assert_eq!(priced.items.amount(), exact);
        prop_assert_eq!(priced.lines.iter().map(|line| line.amount.amount()).sum::<i64>(), exact);
        let is_made = priced.lines.iter().any(|line| line.kind == PriceKind::Print);
        prop_assert_eq!(priced.shipping.map(Money::amount), shipping.filter(|_| is_made));
        let sum = exact - priced.discount.amount() + priced.shipping.map_or(0, Money::amount);
        let on_top = priced.tax.filter(|line| !line.tax.included).map_or(0, |line| line.amount.amount());
        prop_assert!(priced.discount.amount() <= exact);
        prop_assert_eq!(priced.total.amount(), sum + on_top);
        // Priced again it is the same, to the ids of its lines.
        prop_assert_eq!(price(session, &items, &list, &photos, extras), Ok(priced));
    }
}

#[test]
fn what_is_in_a_package_follows_it_and_goes_with_it() {
    let session = PhotoSessionId::generate();
    let photos: Vec<Photo> = (0..3).map(|_| photo(session, true, PhotoState::Ready)).collect();
    let part = part_of(PriceKind::Digital, 2);
    let id = part.id;
    let package = Price { parts: vec![part], ..price_of(PriceKind::Package, 5_000, true) };
    let print = price_of(PriceKind::Print, 300, true);
    let mut items = vec![
        item(id, Some(&photos[0]), 1),
        item(print.id, Some(&photos[0]), 1),
        item(package.id, None, 1),
        item(id, Some(&photos[1]), 1),
        item(id, Some(&photos[2]), 1),
    ];
    let mut list = PriceList { currency: currency(), prices: vec![package, print] };
    let price = |items: &[CartItem], list: &PriceList| {
        price(session, items, list, &photos, Extras::default()).expect("fits")
    };
    let ids = |items: &[&CartItem]| items.iter().map(|item| item.id).collect::<Vec<_>>();
    let priced = price(&items, &list);
    let lines: Vec<LineId> = priced.lines.iter().map(|line| line.id).collect();
    assert_eq!(lines, ids(&[&items[1], &items[2], &items[0], &items[3]]));
    // The third photo does not fit: the studio has made the package smaller.
    assert_eq!((priced.gone, priced.items.amount()), (vec![items[4].clone()], 5_300));

    let taken = items.remove(2);
    let priced = price(&items, &list);
    assert_eq!((priced.lines.len(), priced.gone.len(), priced.items.amount()), (1, 3, 300));
    items.insert(2, taken);
    list.prices[0].active = false;
    assert_eq!(price(&items, &list).gone.len(), 4);
}
