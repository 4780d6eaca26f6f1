//! Orders: the answer to a key, the order and all that hangs on it are there together or not at all.

use chrono::{DateTime, Utc};
use pixora::{
    domain::{
        Address, Buyer, CartId, Currency, Discount, Language, Line, Mail, Money, Names, Order, OrderActor,
        OrderId, OrderStatus, PaymentMethod, PhotoSessionId, PriceId, PriceKind, Promo, PromoId, PromoValue,
        PromoWord, Shipping, StudioId, Tax, TaxLine,
    },
    store::{Basket, CartChoice, ItemsSet, NewItem, OnceKey, Placed, Placing, Store},
};
use rand::{SeedableRng, rngs::SmallRng};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    crash::{acknowledge, run_and_kill, victim_folder},
    database::database_url,
    fixtures::{self, Database, now},
};

const STUDIO: StudioId = StudioId(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0002));

fn rouble() -> Currency {
    "RUB".parse().unwrap()
}

fn name(ru: &str, en: &str) -> Names {
    Names::new([(Language::Russian, ru.into()), (Language::English, en.into())]).unwrap()
}

fn key(name: &str) -> OnceKey {
    OnceKey { caller: "cart:x".into(), operation: "checkout", key: name.into(), body: "b".into() }
}

/// An order of as many lines as the cart has items, with its log and a mail.
fn placing(id: OrderId, basket: Basket, at: DateTime<Utc>) -> Placing {
    let price = Money::new(100, rouble()).unwrap();
    let line = |item: &pixora::store::CartItem| Line {
        id: item.id,
        price_id: item.price_id,
        kind: PriceKind::Bundle,
        size: None,
        name: name("Всё", "All"),
        package: None,
        photo_id: item.photo_id,
        filename: None,
        quantity: item.quantity,
        unit: price,
        amount: price,
        covered: false,
    };
    let mut order = Order {
        id,
        number: basket.number,
        status: OrderStatus::Draft,
        session_id: basket.cart.session,
        session_name: "Свадьба".into(),
        studio_id: STUDIO,
        studio_name: "Studio".into(),
        photographer_id: None,
        buyer: Buyer {
            name: "Anna Example".into(),
            email: Some("anna@mail.example".parse().unwrap()),
            phone: None,
            note: None,
            language: Language::Russian,
        },
        payment: PaymentMethod::Manual,
        payment_page: None,
        lines: basket.cart.items.iter().map(line).collect(),
        discount: basket.promo.map(|(promo, _)| Discount {
            promo_id: promo.id,
            word: promo.word,
            amount: Money::new(10, rouble()).unwrap(),
        }),
        shipping: Some(Shipping {
            name: name("Почта", "Post"),
            amount: Money::new(30, rouble()).unwrap(),
            address: Some(Address {
                street: "Example street 1".into(),
                postal_code: "00000".into(),
                city: "Exampleton".into(),
                country: None,
            }),
        }),
        tax: Some(TaxLine {
            tax: Tax { rate: 2_000, included: true },
            amount: Money::new(20, rouble()).unwrap(),
        }),
        total: price,
        created_at: at,
        placed_at: None,
        paid_at: None,
        fulfilled_at: None,
        cancelled_at: None,
        refunded_at: None,
        refund_asked_at: None,
    };
    let events = vec![order.step(OrderStatus::Placed, OrderActor::Guest, None, at).unwrap()];
    let mail = Mail { to: "anna@mail.example".parse().unwrap(), subject: id.to_string(), body: "x".into() };
    Placing { order, events, mails: vec![mail] }
}

async fn cart(store: &Store, token_hash: &str) {
    store.carts().create(CartId::generate(), token_hash, PhotoSessionId::generate(), now()).await.unwrap();
    let item = NewItem { price_id: PriceId::generate(), photo_id: None, quantity: 1 };
    let set = store.carts().set_items(token_hash, (&[], &[item]), now(), |_| Ok::<_, ()>(())).await.unwrap();
    assert_eq!(set, Ok(ItemsSet::Set));
    let choice = CartChoice { promo: Some(Some(word())), shipping: None };
    assert_eq!(store.carts().choose(token_hash, &choice, now()).await.unwrap(), ItemsSet::Set);
}

fn word() -> PromoWord {
    "ANNA2026".parse().unwrap()
}

/// A promo code without any limit; written again, it is the same.
async fn promo(store: &Store) {
    let promo = Promo {
        id: PromoId(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0003)),
        studio_id: STUDIO,
        session_id: None,
        word: word(),
        value: PromoValue::Percent(10),
        from: None,
        until: None,
        most_uses: None,
        once_per_email: true,
        active: true,
        created_at: now(),
    };
    assert!(store.promos().put(&promo).await.unwrap());
}

async fn place(store: &Store, token_hash: &str, key: &OnceKey) -> Placed {
    let (id, at) = (OrderId::generate(), now());
    let decide = |basket| Ok::<_, ()>(placing(id, basket, at));
    store.orders().place((token_hash, None), STUDIO, (id, Some(key)), at, decide).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_order_reads_as_it_was_placed_and_a_refused_one_leaves_nothing() {
    let db = Database::new().await;
    promo(&db.store).await;
    cart(&db.store, "token").await;
    let refuse = |basket: Basket| {
        assert!(basket.number.ends_with("-000001"), "{}", basket.number);
        Err::<Placing, _>("no")
    };
    let sent = (OrderId::generate(), Some(&key("k")));
    let refused = db.store.orders().place(("token", None), STUDIO, sent, now(), refuse).await.unwrap();
    assert_eq!(refused.unwrap_err(), "no");
    // Neither the key nor the number was spent.
    let Placed::New(order) = place(&db.store, "token", &key("k")).await else { panic!("is new") };
    assert!(order.number.ends_with("-000001"), "{}", order.number);
    assert_eq!(db.store.orders().get(order.id).await.unwrap(), Some(*order.clone()));
    assert_eq!(uses(&db.store).await, 1);
    assert!(matches!(place(&db.store, "token", &key("k")).await, Placed::Again(id) if id == order.id));
    assert!(matches!(place(&db.store, "token", &key("other")).await, Placed::Ordered));
    let reused = OnceKey { body: "another".into(), ..key("k") };
    assert!(matches!(place(&db.store, "token", &reused).await, Placed::KeyReused));
    assert!(matches!(place(&db.store, "nobody's", &key("n")).await, Placed::NoCart));
    let item = NewItem { price_id: PriceId::generate(), photo_id: None, quantity: 1 };
    let set = db.store.carts().set_items("token", (&[], &[item]), now(), |_| Ok::<_, ()>(())).await.unwrap();
    assert_eq!(set, Ok(ItemsSet::Ordered));
    db.store.carts().drop_items(cart_id(&db.store).await, &[order.lines[0].id]).await.unwrap();
    let found = db.store.carts().get("token", now()).await.unwrap().unwrap();
    assert_eq!((found.order, found.items.len()), (Some(order.id), 1), "an ordered cart stays as it is");
}

async fn uses(store: &Store) -> u64 {
    store.promos().list(STUDIO).await.unwrap()[0].1
}

async fn cart_id(store: &Store) -> CartId {
    store.carts().get("token", now()).await.unwrap().unwrap().id
}

#[tokio::test]
#[ignore = "a victim of the test below"]
async fn victim_places_orders() {
    let Some(folder) = victim_folder() else { return };
    let store = Store::open(&database_url(&folder).await).await.unwrap();
    promo(&store).await;
    for n in 0.. {
        let name = n.to_string();
        cart(&store, &name).await;
        let Placed::New(order) = place(&store, &name, &key(&name)).await else { panic!("is new") };
        acknowledge(order.id.0);
    }
}

#[tokio::test]
async fn a_checkout_that_is_killed_is_answered_once_or_not_begun() {
    let mut random = SmallRng::seed_from_u64(5);
    for _ in 0..4 {
        let folder = TempDir::new().unwrap();
        let acknowledged = run_and_kill("shop::victim_places_orders", folder.path(), &mut random);
        let store = fixtures::open(&folder).await;
        promo(&store).await;
        let (mut orders, mut discounted) = (0, 0);
        // Every buyer sends the same request again, those too who never heard.
        for n in 0..=acknowledged.len() + 1 {
            let name = n.to_string();
            let id = match place(&store, &name, &key(&name)).await {
                Placed::Again(id) => id,
                Placed::New(order) => order.id,
                Placed::NoCart => break,
                other => panic!("{other:?}: the order is there without its answer"),
            };
            orders += 1;
            assert!(acknowledged.get(n).is_none_or(|told| *told == id.0), "what was told is the truth");
            let order = store.orders().get(id).await.unwrap().expect("the answer is there without its order");
            assert_eq!(order.status, OrderStatus::Placed);
            assert!(order.lines.len() == 1 || n >= acknowledged.len(), "killed before the cart was filled");
            assert_eq!(store.orders().events(id).await.unwrap().len(), 1);
            assert!(order.discount.is_some() || n >= acknowledged.len(), "killed before the code was chosen");
            discounted += u64::from(order.discount.is_some());
            // Numbers have no gap: nothing was half done.
            assert!(order.number.ends_with(&format!("-{:06}", n + 1)), "{} {n}", order.number);
        }
        assert!(orders >= acknowledged.len());
        // A use of the promo code and its order are one: neither is there without the other.
        assert_eq!(uses(&store).await, discounted);
        let mails = store.mails().lease_due(100_000, std::time::Duration::ZERO, now()).await.unwrap();
        assert_eq!(mails.len(), orders);
    }
}
