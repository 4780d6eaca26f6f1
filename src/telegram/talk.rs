//! The conversation: what is done about an update, and what is said. Services are called here; what they do may
//! be done twice, the outcome commits once.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Bot, FAREWELL, POLL,
    api::{ALBUM, ApiFault, Button, FILE_BYTES},
    later::Later,
    message::Message,
    wire::{Pressed, Received, What},
    words::EARLIER_BUTTONS,
};
use crate::{
    chats::{ChatChange, Outcome, StoreError, TelegramChat, Waiting},
    consents::{ConsentError, NewConsent},
    domain::{ConsentId, ConsentPurpose, Downloads, HandoffId, Language, PhotoSessionId, PhotoState},
    guests::{GuestError, Pass},
    photo_sessions::SessionError,
    queue::{BackOff, Pace, Work},
    search::{Asker, SearchAnswer, SearchError, SearchRequest},
    throttle::Throttle,
    words::Words,
};

/// How long a chat is remembered that nobody writes in.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);
/// An update that fails so often is answered with regret.
const MOST_ATTEMPTS: u32 = 6;
/// Searches of one person: so many at once, then one each time this has passed.
const SEARCHES: u32 = 5;
const SEARCH_EVERY: Duration = Duration::from_secs(12);
/// Photos that are sent of a search; a guest who is in more photos finds them on the page.
const MOST_PHOTOS: usize = 20;

/// How often each chat may search.
pub(super) fn throttle() -> Throttle<i64> {
    Throttle::new(SEARCHES, SEARCH_EVERY)
}

/// The answer to an update.
pub(super) struct Answer {
    pub chat: ChatChange,
    pub awaits: Option<(HandoffId, DateTime<Utc>)>,
    pub messages: Vec<Message>,
}

impl Answer {
    pub(super) fn say(text: impl Into<String>) -> Self {
        Self { chat: ChatChange::Keep, awaits: None, messages: vec![Message::text(text)] }
    }

    /// A text with a button under it.
    pub(super) fn ask(text: impl Into<String>, button: Button) -> Self {
        let message = Message::Text { text: text.into(), buttons: vec![button] };
        Self { messages: vec![message], ..Self::silence() }
    }

    pub(super) fn silence() -> Self {
        Self { chat: ChatChange::Keep, awaits: None, messages: Vec::new() }
    }

    pub(super) fn about(mut self, chat: TelegramChat, until: DateTime<Utc>) -> Self {
        self.chat = ChatChange::Set(chat, until);
        self
    }
}

/// An update with its chat: who wrote, where, and the chat's state.
pub(super) struct Talk<'a> {
    pub bot: &'a Bot,
    pub update: &'a Waiting<i64>,
    pub received: &'a Received,
    pub about: TelegramChat,
    pub language: Language,
    pub words: Words,
    pub now: DateTime<Utc>,
}

/// The updates that wait.
#[derive(Clone)]
pub(super) struct Updates(pub Arc<Bot>);

/// Chats that are served at the same time: each may hold pictures of some 20 MB.
pub(super) const PACE: Pace = Pace { at_once: 8, poll: POLL, rest: Duration::ZERO, farewell: Some(FAREWELL) };
/// After a failure that may pass.
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(2), Duration::from_secs(64));

impl Work for Updates {
    type Item = Waiting<i64>;
    type Outcome = ();
    const NAME: &'static str = "telegram_updates";

    /// The first of each chat.
    async fn due(&self, _: usize) -> Result<Vec<Waiting<i64>>, StoreError> {
        self.0.chats.due_updates(self.0.now()).await
    }

    fn lane(&self, update: &Waiting<i64>) -> Option<i64> {
        Some(update.chat)
    }

    async fn act(self, update: Waiting<i64>) {
        let bot = &self.0;
        let rows = &bot.chats;
        let now = bot.now();
        let mut waits = false;
        let settled = match bot.answer(&update, now).await {
            Ok(Answer { chat, awaits, messages }) => {
                waits = awaits.is_some();
                let messages = messages.iter().map(Message::to_json).collect();
                rows.settle(&update, &Outcome { chat, awaits, messages }, now).await.map(|_| ())
            }
            Err(later) => {
                tracing::warn!(error = %later, attempts = update.attempts + 1, "an update of the bot's waits");
                rows.postpone_update(update.id, now + BACK_OFF.wait(update.attempts + 1)).await
            }
        };
        bot.said.notify_one();
        if waits {
            // The booth may have been faster.
            bot.expected.notify_one();
        }
        if let Err(error) = settled {
            tracing::warn!(%error, "what became of an update could not be written down; it comes again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

impl Bot {
    async fn answer(&self, update: &Waiting<i64>, now: DateTime<Utc>) -> Result<Answer, Later> {
        let Ok(received) = serde_json::from_str::<Received>(&update.payload) else {
            tracing::warn!("an update was written down by another version; it is passed over");
            return Ok(Answer::silence());
        };
        let about = self.chats.about(update.chat).await?;
        let language = about.language.unwrap_or(received.language);
        let words = Words(language);
        let talk = Talk { bot: self, update, received: &received, about, language, words, now };
        match talk.answer().await {
            Err(later) if update.attempts + 1 >= MOST_ATTEMPTS => {
                tracing::error!(error = %later, "an update of the bot's is given up");
                Ok(Answer::say(words.say("bot.failed")))
            }
            answer => answer,
        }
    }

    /// Takes back what was agreed to in a chat, and forgets the chat.
    pub(super) async fn forget(&self, chat: i64) -> Result<(), Later> {
        let about = self.chats.about(chat).await?;
        self.take_back(chat, &about).await?;
        Ok(self.chats.forget(chat).await?)
    }

    /// Withdraws every consent of a chat, and its ties to booths.
    async fn take_back(&self, chat: i64, about: &TelegramChat) -> Result<(), Later> {
        for (session, consent) in &about.consents {
            // A consent that does not exist was withdrawn already, perhaps with the whole session.
            if let Err(GuestError::Store(error)) =
                self.guests.withdraw(*session, *consent, (self.clock)()).await
            {
                return Err(error.into());
            }
        }
        self.news.stop_chat(chat, None).await?;
        self.untie(chat).await
    }

    /// The language of a chat that has not chosen one.
    pub(super) async fn language_of(&self, chat: i64) -> Result<Language, StoreError> {
        let about = self.chats.about(chat).await?;
        Ok(about.language.unwrap_or(Language::English))
    }
}

impl Talk<'_> {
    async fn answer(self) -> Result<Answer, Later> {
        let words = self.words;
        match &self.received.what {
            What::Start(None) => Ok(Answer::say(words.say("bot.greeting"))),
            What::Start(Some(link)) => self.follow(link).await,
            What::Help => Ok(Answer::say(words.say("bot.help"))),
            What::ChooseLanguage => Ok(self.choose_language()),
            What::Speak(language) => {
                let about = TelegramChat { language: Some(*language), ..self.about };
                Ok(Answer::say(Words(*language).say("bot.language_chosen")).about(about, self.now + KEPT))
            }
            What::Stop => {
                self.bot.take_back(self.update.chat, &self.about).await?;
                Ok(Answer { chat: ChatChange::Forget, ..Answer::say(words.say("bot.forgotten")) })
            }
            What::Left => {
                self.bot.take_back(self.update.chat, &self.about).await?;
                Ok(Answer { chat: ChatChange::Forget, ..Answer::silence() })
            }
            What::StopNews(news) => self.stop_news(*news).await,
            What::Agree { session, language, consent, version } => {
                self.agree(*session, *language, *consent, version.as_deref()).await
            }
            What::Picture { file, size, .. } => {
                if size.is_some_and(|size| size > FILE_BYTES as u64) {
                    return Ok(Answer::say(words.say("bot.too_large")));
                }
                if let Some(handoff) = self.about.handoff {
                    return self.hand_over(handoff, file).await;
                }
                let Some(session) = self.about.session else {
                    return Ok(Answer::say(words.say("bot.no_session")));
                };
                match self.about.consent(session) {
                    Some(consent) => self.find(session, consent, file).await,
                    None => self.ask(session).await,
                }
            }
            What::Else => Ok(Answer::say(words.say("bot.only_pictures"))),
        }
    }

    /// Somebody comes with a link.
    async fn follow(self, link: &str) -> Result<Answer, Later> {
        let Ok(session) = link.parse::<PhotoSessionId>() else {
            return Ok(Answer::say(self.words.say("bot.unknown_link")));
        };
        if let Some(answer) = self.hear(ConsentId(session.0)).await? {
            return Ok(answer);
        }
        // Shoots first: any id that is old enough may have been a hand-off's.
        match self.bot.guests.open(session, &Pass::none()).await {
            Err(SessionError::NotFound) => self.meet(HandoffId(session.0)).await,
            // Booths do not wait for the studio's own database.
            Err(SessionError::Unavailable(_)) if self.bot.handoff.get(HandoffId(session.0)).await.is_ok() => {
                self.meet(HandoffId(session.0)).await
            }
            _ => self.ask(session).await,
        }
    }

    fn choose_language(self) -> Answer {
        let button = |language: Language| {
            (Words(language).say("bot.own_name").to_owned(), Pressed::Speak(language).data())
        };
        let buttons = Language::ALL.iter().copied().map(button).collect();
        let message = Message::Text { text: self.words.say("bot.choose_language").to_owned(), buttons };
        Answer { messages: vec![message], ..Answer::silence() }
    }

    /// Asks for the consent to search in a session, unless it was given.
    async fn ask(self, session: PhotoSessionId) -> Result<Answer, Later> {
        let words = self.words;
        let open = match self.bot.guests.open(session, &Pass::none()).await {
            Ok(open) => open,
            Err(error) => return self.closed(error),
        };
        let url = self.bot.addresses.session(open.studio_id, session);
        let gallery = words.fill("bot.gallery", &[("name", &open.name), ("url", &url)]);
        if !open.face_search {
            return Ok(Answer::say(format!("{gallery}\n\n{}", words.say("bot.no_face_search"))));
        }
        let about = TelegramChat { session: Some(session), handoff: None, ..self.about };
        if about.consent(session).is_some() {
            let text = format!("{gallery}\n\n{}", words.say("bot.agreed"));
            return Ok(Answer::say(text).about(about, self.now + KEPT));
        }
        let asked =
            self.bot.guests.asked(session, &Pass::none()).await.map_err(|error| Later(error.to_string()))?;
        let Some(asked) = asked.into_iter().find(|text| text.purpose == ConsentPurpose::Match) else {
            return Err(Later("there is no text to agree to".to_owned()));
        };
        let text = format!("{}\n\n{}", asked.body(self.language), words.say("bot.consent_here"));
        let agree = (
            words.say("bot.agree").to_owned(),
            Pressed::Agree(session, self.language, Some(asked.version)).data(),
        );
        let consent = Message::Text { text, buttons: vec![agree] };
        let messages = vec![Message::text(gallery), consent];
        Ok(Answer { messages, ..Answer::silence() }.about(about, self.now + KEPT))
    }

    fn closed(self, error: SessionError) -> Result<Answer, Later> {
        match error {
            SessionError::NotFound => Ok(Answer::say(self.words.say("bot.unknown_link"))),
            SessionError::FacePassDisabled => Ok(Answer::say(self.words.say("bot.session_closed"))),
            SessionError::FaceSearchOff => Ok(Answer::say(self.words.say("bot.no_face_search"))),
            SessionError::PinRequired => Ok(Answer::say(self.words.say("bot.pin_required"))),
            SessionError::NotRevealed => Ok(Answer::say(self.words.say("bot.not_revealed"))),
            SessionError::Unavailable(error) => Err(Later(error.to_string())),
        }
    }

    async fn agree(
        self,
        session: PhotoSessionId,
        read_in: Language,
        consent: ConsentId,
        version: Option<&str>,
    ) -> Result<Answer, Later> {
        let mut about = TelegramChat { session: Some(session), handoff: None, ..self.about.clone() };
        if about.consent(session).is_some() {
            return Ok(Answer::say(self.words.say("bot.agreed")).about(about, self.now + KEPT));
        }
        let version = version.unwrap_or(EARLIER_BUTTONS).to_owned();
        let purpose = ConsentPurpose::Match;
        let new = NewConsent { id: consent, purpose, version, language: read_in, beside: None };
        match self.bot.guests.agree(session, &Pass::none(), new, self.now).await {
            Ok(_) => {}
            Err(GuestError::Session(error)) => return self.closed(error),
            Err(GuestError::Consent(ConsentError::Outdated(_))) => return self.ask(session).await,
            Err(error) => return Err(Later(error.to_string())),
        }
        about.consents.push((session, consent));
        Ok(Answer::say(self.words.say("bot.agreed")).about(about, self.now + KEPT))
    }

    /// The sent file; or the answer, if it can never be downloaded.
    pub(super) async fn download(&self, file: &str) -> Result<Result<Bytes, Answer>, Later> {
        match self.bot.api.file(file).await {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(ApiFault::TooLarge) => Ok(Err(Answer::say(self.words.say("bot.too_large")))),
            Err(ApiFault::Refused(_)) => Ok(Err(Answer::say(self.words.say("bot.failed")))),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Searches with a selfie. It lives in this call only.
    async fn find(self, session: PhotoSessionId, consent: ConsentId, file: &str) -> Result<Answer, Later> {
        let words = self.words;
        // A search that is tried again was counted before.
        if self.update.attempts == 0
            && let Err(wait) = self.bot.throttle.check(&self.update.chat)
        {
            return Ok(Answer::say(words.fill("bot.too_often", &[("seconds", &(wait.as_secs() + 1))])));
        }
        let selfie = match self.download(file).await? {
            Ok(selfie) => selfie,
            Err(answer) => return Ok(answer),
        };
        let request = request(session, self.update.chat, selfie);
        match self.bot.guests.search_once(request, &Pass::none(), consent).await {
            Ok(answer) => {
                let about = self.about.clone();
                // A picture in a chat is saved with one tap.
                let visit = self.bot.guests.enter(session, &Pass::none()).await;
                let saves = visit.as_ref().is_ok_and(|visit| visit.downloads != Downloads::Off);
                let most = if saves { MOST_PHOTOS } else { 0 };
                let addresses = &self.bot.addresses;
                let gallery = match &visit {
                    Ok(visit) => addresses.session(visit.session.studio_id, session),
                    // It has been closed this moment, and its page says so.
                    Err(_) => format!("{}/session/{session}", addresses.installation()),
                };
                Ok(self.found(session, &gallery, &answer, most).about(about, self.now + KEPT))
            }
            Err(GuestError::Session(error)) => self.closed(error),
            Err(GuestError::Search(error)) => self.not_found(error, session).await,
            // The text has changed since.
            Err(GuestError::Consent(_)) => self.not_found(SearchError::UnknownConsent, session).await,
            Err(error) => Err(Later(error.to_string())),
        }
    }

    fn found(&self, session: PhotoSessionId, gallery: &str, answer: &SearchAnswer, most: usize) -> Answer {
        let words = self.words;
        let photos: Vec<_> = answer
            .matches
            .iter()
            // Another program shows the others.
            .filter(|found| found.photo.state == PhotoState::Ready)
            .take(most)
            .map(|found| found.photo.id)
            .collect();
        let (n, sent) = (answer.matches.len(), photos.len());
        let mut text = match n {
            0 => words.say("bot.found_none").to_owned(),
            _ if sent == 0 => words.fill("bot.found_to_look_at", &[("n", &n)]),
            _ if sent < n => words.fill("bot.found_more", &[("n", &n), ("sent", &sent)]),
            _ => words.fill("bot.found", &[("n", &n)]),
        };
        if answer.faces.len() > 1 {
            text = format!("{text}\n\n{}", words.say("bot.several_faces"));
        }
        if answer.photos_pending > 0 {
            let more = words.fill("bot.more_to_come", &[("n", &answer.photos_pending)]);
            text = format!("{text}\n\n{more}");
        }
        if sent < n {
            text = format!("{text}\n\n{gallery}");
        }
        let albums = photos.chunks(ALBUM).map(|photos| Message::Photos { session, photos: photos.to_vec() });
        let messages = std::iter::once(Message::text(text)).chain(albums).collect();
        Answer { messages, ..Answer::silence() }
    }

    async fn not_found(self, error: SearchError, session: PhotoSessionId) -> Result<Answer, Later> {
        let words = self.words;
        match error {
            SearchError::NoFace | SearchError::UnknownFace => Ok(Answer::say(words.say("bot.no_face"))),
            SearchError::LowQuality { reasons } => {
                let hints = reasons.iter().filter_map(|reason| words.find(&format!("bot.hints.{reason}")));
                let text: Vec<_> = std::iter::once(words.say("bot.low_quality")).chain(hints).collect();
                Ok(Answer::say(text.join(" ")))
            }
            SearchError::UnsupportedType | SearchError::Undecodable { .. } | SearchError::TooManyPixels => {
                Ok(Answer::say(words.say("bot.not_a_picture")))
            }
            // Withdrawn elsewhere.
            SearchError::UnknownConsent => {
                let mut about = self.about;
                about.consents.retain(|(of, _)| *of != session);
                Talk { about, ..self }.ask(session).await
            }
            error @ (SearchError::QueueFull { .. }
            | SearchError::TimedOut
            | SearchError::Store(_)
            | SearchError::Index(_)
            | SearchError::Internal(_)) => Err(Later(error.to_string())),
        }
    }
}

fn request(session: PhotoSessionId, chat: i64, selfie: Bytes) -> SearchRequest {
    let asker = Asker::Chat(chat);
    SearchRequest {
        session,
        asker,
        selfies: vec![selfie],
        face: None,
        consent: None,
        lenient: false,
        confirmed: Vec::new(),
    }
}
