//! The Bot API (<https://core.telegram.org/bots/api>), through `teloxide`. Its errors end here: they hold
//! addresses with the token in them, and answers with what people wrote.

use std::{error::Error, sync::Mutex, time::Duration};

use bytes::Bytes;
use futures::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use teloxide::{
    ApiError, Bot, RequestError,
    net::Download,
    payloads::{SendDocumentSetters, SendMessageSetters, SendPhotoSetters, SetWebhookSetters},
    requests::{JsonRequest, Payload, Requester},
    types::{
        AllowedUpdate, CallbackQueryId, ChatId, FileId, InlineKeyboardButton, InlineKeyboardMarkup,
        InputFile, InputMedia, InputMediaPhoto,
    },
};
use tokio::time::Instant;

use crate::{config, tls};

/// How long Telegram holds a question for updates open when there are none.
const POLL: Duration = Duration::from_secs(50);
/// From the question to the end of the answer. An album on its way up takes the longest.
const PATIENCE: Duration = Duration::from_secs(120);
/// Of all messages together: Telegram's limit is 30 a second.
const BETWEEN: Duration = Duration::from_millis(34);
/// The largest file that the Bot API hands out (<https://core.telegram.org/bots/api#getfile>).
pub(super) const FILE_BYTES: usize = 20 << 20;
/// The largest file that Telegram takes as a photo; larger ones go as files.
const PHOTO_BYTES: usize = 10 << 20;
/// Pictures in an album.
pub(super) const ALBUM: usize = 10;

/// Why Telegram did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ApiFault {
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    Wait(Duration),
    /// The network, or Telegram itself.
    #[error("Telegram cannot be reached: {0}")]
    Away(String),
    #[error("Telegram does not know the token: check PIXORA_TELEGRAM_TOKEN")]
    Token,
    #[error("another process uses the same bot")]
    Rival,
    /// The person has blocked the bot, or is not there any more.
    #[error("the chat is closed")]
    Closed,
    /// It will not do this one thing, now or later.
    #[error("Telegram refuses: {0}")]
    Refused(String),
    #[error("the file is larger than the Bot API hands out")]
    TooLarge,
}

/// A button under a message, with what comes back when it is pressed.
pub(super) type Button = (String, String);

pub(super) struct Api {
    bot: Bot,
    /// The secret that only Telegram and this service know.
    webhook_secret: Hmac<Sha256>,
    /// When the next message may go out.
    next: Mutex<Instant>,
}

impl Api {
    pub(super) fn new(settings: &config::Telegram) -> Self {
        tls::install_provider();
        // Some addresses hold the token: no other site may be told where a request came from.
        let client = teloxide::net::default_reqwest_settings().timeout(PATIENCE).referer(false).build();
        let client = client.expect("a client of fixed settings, with certificates of its own");
        let bot = Bot::with_client(settings.token.expose(), client).set_api_url(settings.api_url.clone());
        let key = Hmac::<Sha256>::new_from_slice(settings.token.expose().as_bytes());
        let webhook_secret = key.expect("a key of any length").chain_update(b"pixora telegram webhook");
        Self { bot, webhook_secret, next: Mutex::new(Instant::now()) }
    }

    pub(super) fn is_webhook_secret(&self, secret: &str) -> bool {
        // In constant time.
        hex::decode(secret).is_ok_and(|secret| self.webhook_secret.clone().verify_slice(&secret).is_ok())
    }

    /// The bot's own name.
    pub(super) async fn name(&self) -> Result<String, ApiFault> {
        let me = read(JsonRequest::new(self.bot.clone(), GetMe {}).await)?;
        me.username.ok_or_else(|| ApiFault::Away("the answer names no bot".to_owned()))
    }

    /// Updates from `offset` on; what lies before it is done for Telegram. Waits until there are any.
    pub(super) async fn updates(&self, offset: Option<i64>) -> Result<Vec<Value>, ApiFault> {
        let timeout = POLL.as_secs();
        let payload = GetUpdates { offset, timeout, allowed_updates: allowed().to_vec() };
        read(JsonRequest::new(self.bot.clone(), payload).await)
    }

    /// Has updates sent to `url`, or kept for [`updates`](Self::updates) if there is none.
    pub(super) async fn listen_at(&self, url: Option<&str>) -> Result<(), ApiFault> {
        let Some(url) = url else { return accepted(self.bot.delete_webhook().await) };
        let url = url.parse().map_err(|_| ApiFault::Refused("PIXORA_PUBLIC_URL is no address".to_owned()))?;
        let secret = hex::encode(self.webhook_secret.clone().finalize().into_bytes());
        // One at a time: then they come in order.
        let request = self.bot.set_webhook(url).secret_token(secret).max_connections(1);
        accepted(request.allowed_updates(allowed()).await)
    }

    pub(super) async fn send_text(&self, chat: i64, text: &str, buttons: &[Button]) -> Result<(), ApiFault> {
        self.turn(1).await;
        let mut request = self.bot.send_message(ChatId(chat), text);
        if !buttons.is_empty() {
            let row = |(label, data): &Button| vec![InlineKeyboardButton::callback(label, data)];
            request = request.reply_markup(InlineKeyboardMarkup::new(buttons.iter().map(row)));
        }
        accepted(request.await)
    }

    /// Sends JPEGs, as an album where there are several; [`ALBUM`] at most.
    pub(super) async fn send_photos(&self, chat: i64, mut photos: Vec<Bytes>) -> Result<(), ApiFault> {
        self.turn(photos.len()).await;
        let file = |bytes: Bytes| InputFile::memory(bytes).file_name("photo.jpg");
        if photos.len() == 1 {
            return accepted(self.bot.send_photo(ChatId(chat), file(photos.remove(0))).await);
        }
        let album = photos.into_iter().map(|bytes| InputMedia::Photo(InputMediaPhoto::new(file(bytes))));
        accepted(self.bot.send_media_group(ChatId(chat), album).await)
    }

    /// Sends a JPEG of any shape: as a photo if Telegram takes it for one, else as a file.
    pub(super) async fn send_picture(
        &self,
        chat: i64,
        caption: &str,
        picture: Bytes,
    ) -> Result<(), ApiFault> {
        let file = |bytes: Bytes| InputFile::memory(bytes).file_name("photo.jpg");
        if picture.len() <= PHOTO_BYTES {
            self.turn(1).await;
            let request = self.bot.send_photo(ChatId(chat), file(picture.clone())).caption(caption);
            match accepted(request.await) {
                // Too long and narrow, or more pixels than it shows.
                Err(ApiFault::Refused(_)) => {}
                done => return done,
            }
        }
        self.turn(1).await;
        accepted(self.bot.send_document(ChatId(chat), file(picture)).caption(caption).await)
    }

    /// Stops the clock on a pressed button. Who pressed it long ago does not look any more.
    pub(super) async fn pressed(&self, button: String) {
        let _ = self.bot.answer_callback_query(CallbackQueryId(button)).await;
    }

    /// Downloads a file that a user has sent.
    pub(super) async fn file(&self, id: &str) -> Result<Bytes, ApiFault> {
        let file = self.bot.get_file(FileId(id.to_owned())).await.map_err(|error| match fault(&error) {
            ApiFault::Refused(reason) if reason.contains("too big") => ApiFault::TooLarge,
            fault => fault,
        })?;
        let mut pieces = self.bot.download_file_stream(&file.path);
        let mut whole = Vec::new();
        while let Some(piece) = pieces.next().await {
            whole.extend_from_slice(&piece.map_err(|error| ApiFault::Away(cause(&error)))?);
            if whole.len() > FILE_BYTES {
                return Err(ApiFault::TooLarge);
            }
        }
        Ok(whole.into())
    }

    /// Sends nothing for a while.
    pub(super) fn rest(&self, wait: Duration) {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *next = (*next).max(Instant::now() + wait);
    }

    /// Waits until `messages` more may go out.
    async fn turn(&self, messages: usize) {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let at = (*next).max(Instant::now());
            *next = at + BETWEEN * u32::try_from(messages).unwrap_or(1);
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

fn allowed() -> [AllowedUpdate; 3] {
    [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember]
}

/// As `teloxide`'s, but each update is read by us ([`super::wire`]): its own types hold every field that the
/// Bot API has, and skip an update of which they do not understand one.
#[derive(Clone, Serialize)]
struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    timeout: u64,
    allowed_updates: Vec<AllowedUpdate>,
}

impl Payload for GetUpdates {
    type Output = Vec<Value>;
    const NAME: &'static str = "GetUpdates";
}

#[derive(Clone, Serialize)]
struct GetMe {}

#[derive(Deserialize)]
struct Me {
    username: Option<String>,
}

impl Payload for GetMe {
    type Output = Me;
    const NAME: &'static str = "GetMe";
}

fn read<T>(answer: Result<T, RequestError>) -> Result<T, ApiFault> {
    answer.map_err(|error| fault(&error))
}

/// For requests whose answer says nothing that we need. One that we cannot read is a yes if it says "ok":
/// what it confirms is done, and doing it again would show it twice.
fn accepted<T>(answer: Result<T, RequestError>) -> Result<(), ApiFault> {
    #[derive(Deserialize)]
    struct Answer {
        ok: bool,
    }
    match answer {
        Ok(_) => Ok(()),
        Err(RequestError::InvalidJson { raw, .. })
            if serde_json::from_str(&raw).is_ok_and(|Answer { ok }| ok) =>
        {
            Ok(())
        }
        Err(error) => Err(fault(&error)),
    }
}

fn fault(error: &RequestError) -> ApiFault {
    match error {
        RequestError::RetryAfter(seconds) => ApiFault::Wait(seconds.duration()),
        RequestError::Network(error) => ApiFault::Away(cause(error)),
        RequestError::InvalidJson { .. } => ApiFault::Away("the answer is not of the Bot API".to_owned()),
        RequestError::Io(error) => ApiFault::Away(error.kind().to_string()),
        RequestError::MigrateToChatId(_) => ApiFault::Closed,
        RequestError::Api(error) => refusal(error),
    }
}

/// `teloxide` keeps the description only; its beginning is the kind.
fn refusal(error: &ApiError) -> ApiFault {
    let text = match error {
        ApiError::InvalidToken => return ApiFault::Token,
        ApiError::ChatNotFound | ApiError::UserDeactivated => return ApiFault::Closed,
        ApiError::CantGetUpdates => return ApiFault::Rival,
        ApiError::Unknown(text) => text.clone(),
        known => known.to_string(),
    };
    match text.split([':', ' ']).next() {
        Some("Conflict") => ApiFault::Rival,
        Some("Forbidden" | "Unauthorized") => ApiFault::Closed,
        Some("Bad" | "Request") if text != "Bad Gateway" => ApiFault::Refused(text),
        _ => ApiFault::Away(text),
    }
}

/// The innermost cause: unlike the error itself, it does not name the address.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error.source();
    while let Some(deeper) = innermost.and_then(Error::source) {
        innermost = Some(deeper);
    }
    innermost.map_or_else(|| "no answer".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    const TOKEN: &str = "123456:an-invented-token_of-the-usual-length";

    fn api(url: &str) -> Api {
        let api_url = url.parse().expect("an address");
        Api::new(&config::Telegram { token: Secret::new(TOKEN.into()), api_url, webhook: true })
    }

    #[test]
    fn a_refusal_is_told_by_its_first_words() {
        let refusal = |text: &str| refusal(&ApiError::Unknown(text.to_owned()));
        assert_eq!(refusal("Forbidden: the user is gone"), ApiFault::Closed);
        assert_eq!(refusal("Conflict: another one"), ApiFault::Rival);
        assert!(matches!(refusal("Bad Request: IMAGE_TOO_ODD"), ApiFault::Refused(_)));
        assert!(matches!(refusal("Bad Gateway"), ApiFault::Away(_)));
        assert!(matches!(refusal("Internal Server Error"), ApiFault::Away(_)));
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_told_without_the_token() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let fault = api(&format!("http://{address}/some/where")).name().await.expect_err("nobody is there");
        assert!(matches!(&fault, ApiFault::Away(_)), "{fault:?}");
        let told = format!("{fault} {fault:?}");
        assert!(!told.contains("invented") && !told.contains("123456"), "{told}");
    }

    #[test]
    fn only_the_secret_of_the_token_opens_the_webhook() {
        let api = api("http://127.0.0.1:1");
        let secret = hex::encode(api.webhook_secret.clone().finalize().into_bytes());
        assert!(api.is_webhook_secret(&secret));
        assert!(!api.is_webhook_secret("") && !api.is_webhook_secret(&secret[2..]));
        assert!(!api.is_webhook_secret(TOKEN));
    }
}
