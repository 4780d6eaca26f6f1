//! Mails about an account, to whoever it belongs to. They lead to pages of ours and hold no secret but the link that
//! they bring.

use crate::{
    domain::{Email, Language, Mail, User},
    mail::Postbox,
    words::{Words, in_all},
};

/// Where mails about accounts are left, and where their links lead.
#[derive(Clone)]
pub struct Outgoing {
    pub postbox: Postbox,
    /// Of this installation, without a slash at its end.
    pub public_url: String,
}

impl Outgoing {
    /// The address of a page that a secret opens. The secret stands in the fragment, which browsers send to no server
    /// and write into no `Referer`.
    pub(super) fn link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}#{token}", self.public_url)
    }

    /// The mail to a user, unless no mail is sent or the user has no address.
    pub(super) fn to(&self, user: &User, words: impl FnOnce(Email) -> Mail) -> Vec<Mail> {
        let email = user.email.clone().filter(|_| self.postbox.enabled());
        email.map(words).into_iter().collect()
    }
}

/// A mail of the catalogue in the reader's language; in all of them where it is not known, as at an operator's terminal.
fn mail(to: Email, language: Option<Language>, subject: &str, body: impl Fn(Words) -> String) -> Mail {
    let words = Words(language.unwrap_or(Language::English));
    let body = match language {
        Some(_) => body(words),
        None => in_all(body).join("\n---\n\n"),
    };
    Mail { to, subject: words.say(subject).into(), body }
}

/// The link to another password.
pub(super) fn reset(to: Email, language: Language, link: &str) -> Mail {
    let body = |words: Words| words.fill("mails.reset.body", &[("link", &link)]);
    mail(to, Some(language), "mails.reset.subject", body)
}

/// The password has changed; `page` is where another one can be asked for.
pub(super) fn password_changed(to: Email, language: Option<Language>, page: &str) -> Mail {
    let body = |words: Words| words.fill("mails.password_changed.body", &[("page", &page)]);
    mail(to, language, "mails.password_changed.subject", body)
}

/// The link that makes an address the account's.
pub(super) fn confirm_email(to: Email, language: Language, link: &str) -> Mail {
    let body = |words: Words| words.fill("mails.confirm_email.body", &[("link", &link)]);
    mail(to, Some(language), "mails.confirm_email.subject", body)
}

/// To the old address: the account has another one.
pub(super) fn email_changed(to: Email, language: Option<Language>, new: &Email) -> Mail {
    let body = |words: Words| words.fill("mails.email_changed.body", &[("new", &new.as_str())]);
    mail(to, language, "mails.email_changed.subject", body)
}

/// The link into a studio's team.
pub(super) fn invitation(to: Email, language: Language, studio: &str, link: &str) -> Mail {
    let body = |words: Words| words.fill("mails.invitation.body", &[("studio", &studio), ("link", &link)]);
    mail(to, Some(language), "mails.invitation.subject", body)
}

/// Something was added to the second step of signing in, or taken away from it.
pub(super) fn two_step(to: Email, language: Option<Language>, added: bool) -> Mail {
    let body = |words: Words| match added {
        true => words.say("mails.two_step.added").to_owned(),
        false => words.say("mails.two_step.removed").to_owned(),
    };
    mail(to, language, "mails.two_step.subject", body)
}
