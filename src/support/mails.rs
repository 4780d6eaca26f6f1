//! The words of mails about tickets: that something was said, and where to read it. Never what was said, and
//! nothing at all of internal notes.

use crate::domain::{Email, Language, Mail, Role, Ticket, User};

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
    let Ticket { id, subject, .. } = ticket;
    let russian = ticket.language == Language::Russian;
    let (head, line) = match (occasion, russian) {
        (Occasion::Opened, true) => ("Новое обращение", "Поступило новое обращение:"),
        (Occasion::Opened, false) => ("New ticket", "A new ticket has come in:"),
        (Occasion::AuthorReplied, true) => ("Новое сообщение в обращении", "В обращении ответили:"),
        (Occasion::AuthorReplied, false) => {
            ("New message in a ticket", "There is a new message in the ticket:")
        }
        (Occasion::DeskReplied, true) => ("Ответ на ваше обращение", "На ваше обращение ответили:"),
        (Occasion::DeskReplied, false) => ("Your ticket was answered", "Your ticket was answered:"),
    };
    let read = if russian { "Прочитать и ответить" } else { "Read and answer" };
    let body = format!("{line} {subject}\n\n{read}: {public_url}/dashboard/tickets/{id}\n");
    let to_each = readers.iter().map(|to| Mail {
        to: to.clone(),
        subject: format!("{head}: {subject}"),
        body: body.clone(),
    });
    to_each.collect()
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
