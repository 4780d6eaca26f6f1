//! The words of mails about tickets: that something was said, and where to read it. Never what was said, and
//! nothing at all of internal notes.

use crate::{
    domain::{Email, Mail, Role, Ticket, User},
    words::{Named, Words},
};

/// The occasion of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// For the desk.
    Opened,
    /// For the desk.
    AuthorReplied,
    /// For the author.
    DeskReplied,
}

/// A mail to each reader.
pub fn mails(occasion: Occasion, ticket: &Ticket, public_url: &str, readers: &[Email]) -> Vec<Mail> {
    let words = Words(ticket.language);
    let (head, body) = match occasion {
        Occasion::Opened => ("mails.tickets.opened.subject", "mails.tickets.opened.body"),
        Occasion::AuthorReplied => {
            ("mails.tickets.author_replied.subject", "mails.tickets.author_replied.body")
        }
        Occasion::DeskReplied => ("mails.tickets.desk_replied.subject", "mails.tickets.desk_replied.body"),
    };
    let link = format!("{public_url}/dashboard/tickets/{}", ticket.id);
    let values: [Named; 2] = [("subject", &ticket.subject), ("link", &link)];
    let (subject, body) = (words.fill(head, &values), words.fill(body, &values));
    let to_each = readers.iter();
    to_each.map(|to| Mail { to: to.clone(), subject: subject.clone(), body: body.clone() }).collect()
}

/// The people at the desk who get a mail about a ticket: the one it is assigned to; else every operator; if there is
/// no operator, the super admins. Nobody gets a mail about what they did themselves.
pub fn readers(ticket: &Ticket, desk: &[User]) -> Vec<Email> {
    let with_role = |role| desk.iter().filter(move |user| user.role == role);
    let assigned = ticket.assigned_to.as_ref().and_then(|to| desk.iter().find(|user| user.id == to.id));
    let readers: Vec<&User> = match assigned {
        Some(user) => vec![user],
        None if with_role(Role::Operator).next().is_some() => with_role(Role::Operator).collect(),
        None => with_role(Role::SuperAdmin).collect(),
    };
    let others = readers.into_iter().filter(|user| user.id != ticket.author.id);
    others.filter_map(|user| user.email.clone()).collect()
}
