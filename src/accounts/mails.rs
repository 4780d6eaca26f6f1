//! Mails about an account, to whoever it belongs to. They lead to pages of ours and hold no secret but the link that
//! they bring.

use crate::{
    domain::{Email, Language, Mail, User},
    mail::Postbox,
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

/// A text in the reader's language; in both where it is not known, as at an operator's terminal.
pub(super) struct Words {
    pub russian: (&'static str, String),
    pub english: (&'static str, String),
}

impl Words {
    pub(super) fn mail(self, to: Email, language: Option<Language>) -> Mail {
        let (subject, body) = match language {
            Some(Language::Russian) => self.russian,
            Some(Language::English) => self.english,
            None => (self.english.0, format!("{}\n---\n\n{}", self.english.1, self.russian.1)),
        };
        Mail { to, subject: subject.into(), body }
    }
}

/// The link to another password.
pub(super) fn reset(to: Email, language: Language, link: &str) -> Mail {
    Words {
        russian: (
            "Новый пароль для Pixora",
            format!(
                "Выберите новый пароль по ссылке. Она сработает один раз, в течение получаса:\n\n{link}\n\n\
                 Если вы об этом не просили, ничего делать не нужно: пароль остался прежним.\n"
            ),
        ),
        english: (
            "A new password for Pixora",
            format!(
                "Choose a new password by this link. It works once, within half an hour:\n\n{link}\n\n\
                 If you did not ask for it, there is nothing to do: your password has not changed.\n"
            ),
        ),
    }
    .mail(to, Some(language))
}

/// The password has changed; `page` is where another one can be asked for.
pub(super) fn password_changed(to: Email, language: Option<Language>, page: &str) -> Mail {
    Words {
        russian: (
            "Пароль изменён",
            format!(
                "Пароль вашей учётной записи в Pixora изменён, другие устройства вышли из неё.\n\n\
                 Если это сделали не вы, сразу выберите новый пароль: {page}\n"
            ),
        ),
        english: (
            "Your password was changed",
            format!(
                "The password of your Pixora account was changed, and other devices were signed out.\n\n\
                 If it was not you, choose a new password at once: {page}\n"
            ),
        ),
    }
    .mail(to, language)
}

/// The link that makes an address the account's.
pub(super) fn confirm_email(to: Email, language: Language, link: &str) -> Mail {
    Words {
        russian: (
            "Подтвердите адрес почты",
            format!(
                "Этот адрес указали как новый для учётной записи Pixora. Подтвердите его по ссылке, она действует \
                 сутки:\n\n{link}\n\nЕсли это сделали не вы, ничего делать не нужно.\n"
            ),
        ),
        english: (
            "Confirm your e-mail address",
            format!(
                "This address was given as the new one of a Pixora account. Confirm it by this link, which works for \
                 24 hours:\n\n{link}\n\nIf it was not you, there is nothing to do.\n"
            ),
        ),
    }
    .mail(to, Some(language))
}

/// To the old address: the account has another one.
pub(super) fn email_changed(to: Email, language: Option<Language>, new: &Email) -> Mail {
    let new = new.as_str();
    Words {
        russian: (
            "Адрес почты изменён",
            format!(
                "У вашей учётной записи в Pixora теперь другой адрес почты: {new}. Входить и получать письма вы будете \
                 с ним.\n\nЕсли это сделали не вы, сразу напишите администратору своей студии.\n"
            ),
        ),
        english: (
            "Your e-mail address was changed",
            format!(
                "Your Pixora account has another e-mail address now: {new}. You sign in and get mail with that \
                 one.\n\nIf it was not you, write to your studio's administrator at once.\n"
            ),
        ),
    }
    .mail(to, language)
}

/// The link into a studio's team.
pub(super) fn invitation(to: Email, language: Language, studio: &str, link: &str) -> Mail {
    Words {
        russian: (
            "Приглашение в команду студии",
            format!(
                "Вас приглашают в команду студии «{studio}» в Pixora. Примите приглашение по ссылке, она действует \
                 неделю:\n\n{link}\n\nЕсли вы не знаете эту студию, ничего делать не нужно.\n"
            ),
        ),
        english: (
            "An invitation to a studio's team",
            format!(
                "You are invited to the team of the studio “{studio}” on Pixora. Accept by this link, which works for \
                 a week:\n\n{link}\n\nIf you do not know this studio, there is nothing to do.\n"
            ),
        ),
    }
    .mail(to, Some(language))
}

/// Something was added to the second step of signing in, or taken away from it.
pub(super) fn two_step(to: Email, language: Option<Language>, added: bool) -> Mail {
    let (russian, english) = match added {
        true => (
            "К вашему входу в Pixora добавлен способ второго шага",
            "A way for the second step was added to your Pixora account",
        ),
        false => (
            "У вашего входа в Pixora убран способ второго шага",
            "A way for the second step was removed from your Pixora account",
        ),
    };
    Words {
        russian: (
            "Вход в два шага изменён",
            format!(
                "{russian}: приложение с кодами или ключ доступа. Посмотреть можно в настройках, в разделе «Моя \
                 учётная запись».\n\nЕсли это сделали не вы, сразу смените пароль и напишите администратору студии.\n"
            ),
        ),
        english: (
            "Your two-step sign-in has changed",
            format!(
                "{english}: an authenticator app or a passkey. See “My account” in \
                 the settings.\n\nIf it was not you, change your password at once and write to your studio's \
                 administrator.\n"
            ),
        ),
    }
    .mail(to, language)
}
