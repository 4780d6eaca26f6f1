//! Mails about placement orders: that one came in or was cancelled, to those who move orders on; how it stands, to its
//! customer. They hold nothing that the customer wrote but the title, in every language, because nobody's is known.

use crate::{
    domain::{Email, Mail, Placement, PlacementStatus},
    words::in_all,
};

/// To those who move orders on, when a customer has placed or cancelled one.
pub(super) fn to_desk(placement: &Placement, public_url: &str, readers: &[Email]) -> Vec<Mail> {
    let what = match placement.status {
        PlacementStatus::Placed => "mails.placements.came_in",
        PlacementStatus::Cancelled => "mails.placements.withdrawn",
        _ => return Vec::new(),
    };
    let link = format!("{public_url}/dashboard/placements");
    readers.iter().map(|to| mail(to.clone(), what, placement, &link)).collect()
}

/// To the customer, when somebody has moved the order on.
pub(super) fn to_customer(placement: &Placement, public_url: &str, customer: Option<Email>) -> Vec<Mail> {
    let what = match placement.status {
        PlacementStatus::InProgress => "mails.placements.in_progress",
        PlacementStatus::Completed => "mails.placements.completed",
        PlacementStatus::Cancelled => "mails.placements.cancelled",
        PlacementStatus::Draft | PlacementStatus::Placed => return Vec::new(),
    };
    let link = format!("{public_url}/dashboard/customer");
    customer.map(|to| mail(to, what, placement, &link)).into_iter().collect()
}

fn mail(to: Email, what: &str, placement: &Placement, link: &str) -> Mail {
    let title: String = placement.title.chars().filter(|c| !c.is_control()).collect();
    let body = in_all(|words| format!("{}: {title}\n\n{link}\n", words.say(what)));
    Mail { to, subject: in_all(|words| words.say(what).to_owned()).join(" / "), body: body.join("\n---\n\n") }
}
