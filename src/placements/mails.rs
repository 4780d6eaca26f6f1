//! Mails about placement orders: that one came in or was cancelled, to those who move orders on; how it stands, to its
//! customer. They hold nothing that the customer wrote but the title, in both languages, because nobody's is known.

use crate::domain::{Email, Mail, Placement, PlacementStatus};

/// To those who move orders on, when a customer has placed or cancelled one.
pub(super) fn to_desk(placement: &Placement, public_url: &str, readers: &[Email]) -> Vec<Mail> {
    let (english, russian) = match placement.status {
        PlacementStatus::Placed => {
            ("A new placement order has come in", "Поступил новый заказ на размещение")
        }
        PlacementStatus::Cancelled => {
            ("A customer has cancelled a placement order", "Заказчик отменил заказ на размещение")
        }
        _ => return Vec::new(),
    };
    let link = format!("{public_url}/dashboard/placements");
    let mail = |to: &Email| mail(to.clone(), (english, russian), placement, &link);
    readers.iter().map(mail).collect()
}

/// To the customer, when somebody has moved the order on.
pub(super) fn to_customer(placement: &Placement, public_url: &str, customer: Option<Email>) -> Vec<Mail> {
    let words = match placement.status {
        PlacementStatus::InProgress => {
            ("Your placement order is in progress", "Ваш заказ на размещение в работе")
        }
        PlacementStatus::Completed => ("Your placement order is done", "Ваш заказ на размещение выполнен"),
        PlacementStatus::Cancelled => {
            ("Your placement order was cancelled", "Ваш заказ на размещение отменён")
        }
        PlacementStatus::Draft | PlacementStatus::Placed => return Vec::new(),
    };
    let link = format!("{public_url}/dashboard/customer");
    customer.map(|to| mail(to, words, placement, &link)).into_iter().collect()
}

fn mail(to: Email, (english, russian): (&str, &str), placement: &Placement, link: &str) -> Mail {
    let title: String = placement.title.chars().filter(|c| !c.is_control()).collect();
    Mail {
        to,
        subject: format!("{english} / {russian}"),
        body: format!("{english}: {title}\n\n{link}\n\n---\n\n{russian}: {title}\n\n{link}\n"),
    }
}
