//! Mail out, by the studio's own SMTP server. Features put mails into the outbox in the transaction of what
//! they tell ([`crate::store::MailRows`]); this room sends what lies there. Must not know what a mail is about.
//!
//! # How a mail is sent
//!
//! A mail is a row (`store/mails.rs`) that commits with what it tells of; `mail/` sends what lies there by
//! lettre, one after the other, again after growing waits for two days, always under the same Message-ID,
//! and deletes the row once the server has the mail. Without `PIXORA_SMTP_URL` nothing is queued:
//! `Postbox::enabled` says so.
//!
//! News for guests have no words in their row: a [`Writer`] makes them when they are sent, so that a mail shows what its
//! reader may see then, with a picture in it.

mod html;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Span, field};

use crate::{
    domain::{Clock, Email},
    queue::{self, BackOff, Pace, Work},
    store::{QueuedMail, Store, StoreError},
    telemetry, tls,
};

/// For one command of the server's.
const PATIENCE: Duration = Duration::from_secs(30);
/// A mail that is not settled by then died with its process, and is sent again. Longer than a dozen commands of
/// [`PATIENCE`] each.
const LEASE: Duration = Duration::from_secs(600);
/// Between looks at the outbox when nobody says that something is in it.
const POLL: Duration = Duration::from_secs(10);
/// A mail that is older has missed its purpose.
const GIVE_UP: TimeDelta = TimeDelta::days(2);
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60));
/// A mail that is being sent at shutdown may still be sent; other mails are sent later.
const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(
        "PIXORA_SMTP_URL is not smtps://user:password@host or smtp://user:password@host?tls=required; without tls \
         only a server on this machine is taken"
    )]
    Server,
    #[error("PIXORA_MAIL_FROM is not a sender such as: Studio Example <photos@studio.example>")]
    Sender,
    #[error("the system has no certificates to trust, which mail over TLS needs")]
    Certificates,
}

/// Where features leave their mails. Cheap to clone.
#[derive(Clone, Default)]
pub struct Postbox(Option<Arc<Notify>>);

impl Postbox {
    /// A postbox that somebody empties.
    #[must_use]
    pub fn open() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether mail is sent at all. If not, nothing should be queued.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.0.is_some()
    }

    /// Says that a transaction with mails has been committed.
    pub fn wake(&self) {
        if let Some(wake) = &self.0 {
            wake.notify_one();
        }
    }
}

/// A mail as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    /// Lines separated by `\n`.
    pub body: String,
    /// A JPEG that is shown above the words.
    pub picture: Option<Bytes>,
    /// Where a mail program may stop such mails by itself, with a POST (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// What becomes of news that are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    Letter(Box<Letter>),
    /// There is nothing (any more) to be told.
    Nothing,
    /// It may be told later, not now.
    Later,
}

pub use crate::store::NewsMail;

/// Writes news, as far as their reader may see them now.
#[async_trait]
pub trait Writer: Send + Sync + 'static {
    /// # Errors
    /// [`StoreError`]; it is asked again then.
    async fn write(&self, news: &NewsMail) -> Result<Written, StoreError>;
}

/// Sends what lies in the outbox: at least once, and with the same Message-ID each time.
pub struct Mailer {
    store: Store,
    postbox: Postbox,
    writer: Arc<dyn Writer>,
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    clock: Clock,
}

/// The mails that wait: one at a time, because a lease is for one mail, and another node must not take for dead
/// what only waits for a slow server.
#[derive(Clone)]
struct Outbox(Arc<Mailer>);

impl Work for Outbox {
    type Item = QueuedMail;
    type Outcome = Result<(), StoreError>;
    const NAME: &'static str = "mails";

    async fn due(&self, room: usize) -> Result<Vec<QueuedMail>, StoreError> {
        let Mailer { store, clock, .. } = &*self.0;
        store.mails().lease_due(u32::try_from(room).unwrap_or(u32::MAX), LEASE, clock()).await
    }

    async fn act(self, mail: QueuedMail) -> Result<(), StoreError> {
        self.0.send(mail).await
    }
}

impl Mailer {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn new(
        store: Store,
        postbox: Postbox,
        writer: Arc<dyn Writer>,
        url: &str,
        from: &str,
        clock: Clock,
    ) -> Result<Self, MailError> {
        tls::install_provider();
        let plain = reqwest::Url::parse(url).map_err(|_| MailError::Server).and_then(|url| {
            let host = url.host_str().ok_or(MailError::Server)?;
            let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
            let tls = url.scheme() == "smtps"
                || url.query_pairs().any(|(key, value)| key == "tls" && value == "required");
            if local || tls { Ok(!tls) } else { Err(MailError::Server) }
        })?;
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| if plain { MailError::Server } else { MailError::Certificates })?
            .timeout(Some(PATIENCE))
            .build();
        let from = from.parse().map_err(|_| MailError::Sender)?;
        Ok(Self { store, postbox, writer, server, from, clock })
    }

    /// Until cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let pace = Pace { at_once: 1, poll: POLL, rest: Duration::ZERO, farewell: Some(FAREWELL) };
        let postbox = self.postbox.clone();
        let never = Notify::new();
        let woken = postbox.0.as_deref().unwrap_or(&never);
        queue::run(Outbox(Arc::new(self)), pace, woken, &stop, |settled| {
            if let Err(error) = settled {
                tracing::warn!(%error, "what became of a mail could not be written down; it is sent again");
            }
        })
        .await;
    }

    #[tracing::instrument(name = "mail", skip_all, fields(attempt = queued.attempts, code = field::Empty))]
    async fn send(&self, queued: QueuedMail) -> Result<(), StoreError> {
        let QueuedMail { id, mail, news, attempts, created_at } = queued;
        let written = match &news {
            None => Written::plain(mail.subject, mail.body),
            Some(news) => self.writer.write(news).await?,
        };
        let letter = match written {
            Written::Letter(letter) => letter,
            Written::Later if (self.clock)() - created_at <= GIVE_UP => {
                telemetry::mail_attempted("postponed");
                return self.store.mails().retry(id, (self.clock)() + BACK_OFF.wait(attempts)).await;
            }
            Written::Nothing | Written::Later => return self.store.mails().sent(id).await,
        };
        let message_id = format!("<{id}@{}>", self.from.email.domain());
        let Some(message) = self.message(&mail.to, *letter, message_id, created_at) else {
            telemetry::mail_attempted("given_up");
            tracing::error!(mail = %id, "a mail has no form that can be sent, and is dropped");
            return self.store.mails().sent(id).await;
        };
        let now = (self.clock)();
        match self.server.send(message).await {
            Ok(_) => {
                telemetry::mail_attempted("sent");
                self.store.mails().sent(id).await
            }
            // The server's words may hold the reader's address: only its number is logged.
            Err(error) if error.is_permanent() || now - created_at > GIVE_UP => {
                Span::current().record("code", "given_up");
                telemetry::mail_attempted("given_up");
                tracing::warn!(mail = %id, status = error.status().map(u16::from), "a mail is given up");
                self.store.mails().sent(id).await
            }
            Err(error) => {
                Span::current().record("code", "postponed");
                telemetry::mail_attempted("postponed");
                tracing::warn!(mail = %id, status = error.status().map(u16::from), "a mail waits");
                self.store.mails().retry(id, now + BACK_OFF.wait(attempts)).await
            }
        }
    }

    fn message(&self, to: &Email, letter: Letter, message_id: String, at: DateTime<Utc>) -> Option<Message> {
        let subject: String = letter.subject.chars().filter(|c| !c.is_control()).collect();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.as_str().parse().ok()?))
            .subject(subject)
            .message_id(Some(message_id))
            .date(at.into());
        // RFC 3834: no holiday notes in answer.
        let message = header(message, "Auto-Submitted", "auto-generated".to_owned());
        let message = match letter.unsubscribe {
            None => message,
            Some(link) => header(
                header(message, "List-Unsubscribe", format!("<{link}>")),
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ),
        };
        let (plain, rich) = (letter.body.clone(), html::of(&letter.body, letter.picture.is_some()));
        let parts = match letter.picture {
            None => MultiPart::alternative_plain_html(plain, rich),
            Some(picture) => {
                let picture = Attachment::new_inline(html::PICTURE.to_owned())
                    .body(picture.to_vec(), ContentType::parse("image/jpeg").ok()?);
                let rich = MultiPart::related().singlepart(SinglePart::html(rich)).singlepart(picture);
                MultiPart::alternative().singlepart(SinglePart::plain(plain)).multipart(rich)
            }
        };
        message.multipart(parts).ok()
    }
}

impl Written {
    fn plain(subject: String, body: String) -> Self {
        Self::Letter(Box::new(Letter { subject, body, picture: None, unsubscribe: None }))
    }
}

fn header(message: MessageBuilder, name: &'static str, value: String) -> MessageBuilder {
    message.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NobodyWrites;

    #[async_trait]
    impl Writer for NobodyWrites {
        async fn write(&self, _: &NewsMail) -> Result<Written, StoreError> {
            Ok(Written::Nothing)
        }
    }

    #[tokio::test]
    async fn a_password_travels_to_this_machine_or_encrypted() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("pixora.db").display());
        let store = Store::open(&url).await.unwrap();
        let open = |url: &str, from: &str| {
            let writer = Arc::new(NobodyWrites);
            Mailer::new(store.clone(), Postbox::open(), writer, url, from, Arc::new(Utc::now)).map(|_| ())
        };
        let from = "Studio Example <photos@studio.example>";
        for url in [
            "smtps://me:hunter2@mail.example",
            "smtp://me:hunter2@mail.example:587?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
        ] {
            assert!(open(url, from).is_ok(), "{url}");
        }
        for url in [
            "smtp://me:hunter2@mail.example",
            "smtp://me:hunter2@mail.example?tls=opportunistic",
            "https://mail.example",
            "mail.example:25",
            "smtps://",
        ] {
            let error = open(url, from).unwrap_err().to_string();
            assert!(error.starts_with("PIXORA_SMTP_URL") && !error.contains("hunter2"), "{url}: {error}");
        }
        assert!(matches!(open("smtp://127.0.0.1", "nobody"), Err(MailError::Sender)));
    }

    #[test]
    fn waits_grow_up_to_their_limit() {
        assert_eq!(BACK_OFF.wait(1).as_secs(), 10);
        assert_eq!(BACK_OFF.wait(3).as_secs(), 40);
        assert_eq!(BACK_OFF.wait(u32::MAX).as_secs(), 3600);
    }
}
