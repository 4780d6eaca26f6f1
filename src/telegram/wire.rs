//! An update as Telegram sends it, and what of it concerns us: the rest is not kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::words::language_of;
use crate::domain::{ConsentId, Language, PhotoSessionId};

/// An update from a private chat with the bot. It is a row until it has been handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Received {
    /// Of the person's Telegram.
    pub language: Language,
    pub username: Option<String>,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// With the id in the link that was followed; an empty text where there was something else.
    Start(Option<String>),
    Help,
    Stop,
    ChooseLanguage,
    Speak(Language),
    /// To the consent that was shown in this language. The id was made when the update came, so that acting
    /// upon it twice records one consent.
    Agree {
        session: PhotoSessionId,
        language: Language,
        consent: ConsentId,
        /// Of the text; a button of an earlier Pixora does not say.
        #[serde(default)]
        version: Option<String>,
    },
    Picture {
        file: String,
        /// In bytes, if Telegram says.
        size: Option<u64>,
        /// Pictures that were sent together share it.
        album: Option<String>,
    },
    /// Something that is no picture.
    Else,
    /// The button under news.
    StopNews(ConsentId),
    /// The bot was blocked, or the chat deleted.
    Left,
}

/// The data of a pressed button: at most 64 bytes.
pub(super) enum Pressed {
    Agree(PhotoSessionId, Language, Option<String>),
    Speak(Language),
    StopNews(ConsentId),
}

impl Pressed {
    pub(super) fn data(&self) -> String {
        match self {
            Self::Agree(session, language, version) => {
                let version = version.as_deref().map(|version| format!(":{version}")).unwrap_or_default();
                format!("agree:{}:{session}{version}", language.as_str())
            }
            Self::Speak(language) => format!("speak:{}", language.as_str()),
            Self::StopNews(news) => format!("stop:{news}"),
        }
    }

    fn read(data: &str) -> Option<Self> {
        if let Some(news) = data.strip_prefix("stop:") {
            return Some(Self::StopNews(news.parse().ok()?));
        }
        let mut parts = data.splitn(3, ':');
        let (kind, language) = (parts.next()?, parts.next()?.parse().ok()?);
        match (kind, parts.next()) {
            ("agree", Some(rest)) => {
                let (session, version) = match rest.split_once(':') {
                    Some((session, version)) => (session, Some(version.to_owned())),
                    None => (rest, None),
                };
                Some(Self::Agree(session.parse().ok()?, language, version))
            }
            ("speak", None) => Some(Self::Speak(language)),
            _ => None,
        }
    }
}

/// An update with its number.
pub(super) struct Update {
    pub id: i64,
    /// The chat and what was done there; `None` when it is not our affair.
    pub received: Option<(i64, Received)>,
    /// A button that waits for an answer.
    pub button: Option<String>,
}

/// Reads an update; `None` when it has no number, without which it is none.
pub(super) fn read(update: Value) -> Option<Update> {
    let id = update.get("update_id")?.as_i64()?;
    let Ok(update) = serde_json::from_value::<Sent>(update) else {
        return Some(Update { id, received: None, button: None });
    };
    let button = update.callback_query.as_ref().map(|query| query.id.clone());
    Some(Update { id, received: received(update), button })
}

fn received(update: Sent) -> Option<(i64, Received)> {
    let (chat, from, what) = match update {
        Sent { message: Some(message), .. } => {
            let what = message.what();
            (message.chat, message.from?, what)
        }
        Sent { callback_query: Some(query), .. } => {
            let what = match Pressed::read(&query.data?)? {
                Pressed::Agree(session, language, version) => {
                    What::Agree { session, language, consent: ConsentId::generate(), version }
                }
                Pressed::Speak(language) => What::Speak(language),
                Pressed::StopNews(news) => What::StopNews(news),
            };
            (query.message?.chat, query.from, what)
        }
        Sent { my_chat_member: Some(change), .. } if change.new_chat_member.status == "kicked" => {
            (change.chat, change.from, What::Left)
        }
        Sent { .. } => return None,
    };
    // In a group everybody would see the pictures of one.
    if chat.kind != "private" || from.is_bot {
        return None;
    }
    let language = language_of(from.language_code.as_deref());
    Some((chat.id, Received { language, username: from.username, what }))
}

#[derive(Deserialize)]
struct Sent {
    message: Option<Message>,
    callback_query: Option<CallbackQuery>,
    my_chat_member: Option<ChatMemberUpdated>,
}

#[derive(Deserialize)]
struct Message {
    chat: Chat,
    from: Option<User>,
    text: Option<String>,
    /// The same picture in several sizes.
    photo: Option<Vec<PhotoSize>>,
    document: Option<Document>,
    media_group_id: Option<String>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    is_bot: bool,
    username: Option<String>,
    language_code: Option<String>,
}

#[derive(Deserialize)]
struct PhotoSize {
    file_id: String,
    file_size: Option<u64>,
    width: u64,
    height: u64,
}

#[derive(Deserialize)]
struct Document {
    file_id: String,
    file_size: Option<u64>,
    mime_type: Option<String>,
}

#[derive(Deserialize)]
struct CallbackQuery {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

#[derive(Deserialize)]
struct ChatMemberUpdated {
    chat: Chat,
    from: User,
    new_chat_member: ChatMember,
}

#[derive(Deserialize)]
struct ChatMember {
    status: String,
}

impl Message {
    fn what(&self) -> What {
        if let Some(text) = &self.text {
            return command(text);
        }
        let album = self.media_group_id.clone();
        if let Some(photo) = self.photo.iter().flatten().max_by_key(|size| size.width * size.height) {
            return What::Picture { file: photo.file_id.clone(), size: photo.file_size, album };
        }
        match &self.document {
            Some(file) if file.mime_type.as_deref().is_some_and(|kind| kind.starts_with("image/")) => {
                What::Picture { file: file.file_id.clone(), size: file.file_size, album }
            }
            _ => What::Else,
        }
    }
}

/// Commands, and what people write instead of them.
fn command(text: &str) -> What {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    // `/start@name` is what Telegram makes of a command in its menus.
    match first.split('@').next().unwrap_or_default() {
        // Nothing that people write is kept.
        "/start" => What::Start(words.next().map(|link| id(link).unwrap_or_default())),
        "/help" => What::Help,
        "/stop" | "/forget" => What::Stop,
        "/language" | "/lang" => What::ChooseLanguage,
        _ => match text.trim().trim_end_matches(['.', '!']).to_lowercase().as_str() {
            "stop" | "forget me" | "стоп" | "забудь меня" | "забудьте меня" => {
                What::Stop
            }
            "help" | "помощь" => What::Help,
            // A link that was pasted rather than followed.
            other => match other.rsplit(['/', '=']).next().and_then(id) {
                Some(id) => What::Start(Some(id)),
                None => What::Else,
            },
        },
    }
}

fn id(text: &str) -> Option<String> {
    Uuid::parse_str(text).ok().map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(rest: Value) -> Value {
        let mut message = json!({
            "message_id": 5, "date": 1_700_000_000,
            "from": { "id": 7, "is_bot": false, "first_name": "Anna", "username": "anna", "language_code": "ru" },
            "chat": { "id": 7, "type": "private", "first_name": "Anna" },
        });
        message.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        json!({ "update_id": 40, "message": message })
    }

    fn what(update: Value) -> Option<What> {
        read(update).expect("has a number").received.map(|(_, received)| received.what)
    }

    #[test]
    fn commands_are_understood_and_so_are_plain_words() {
        let id = "0192f0c1-7a3b-7c4d-8e5f-001122334455";
        for (text, expected) in [
            ("/start", What::Start(None)),
            (&*format!("/start {id}"), What::Start(Some(id.into()))),
            (&*format!("/start@pixora_bot {id}"), What::Start(Some(id.into()))),
            (&*format!("https://photos.example/session/{id}"), What::Start(Some(id.into()))),
            ("/start my name is Anna", What::Start(Some(String::new()))),
            ("/help", What::Help),
            ("/stop", What::Stop),
            ("Забудь меня!", What::Stop),
            ("forget me", What::Stop),
            ("/language", What::ChooseLanguage),
            ("hello", What::Else),
            ("", What::Else),
        ] {
            assert_eq!(what(message(json!({ "text": text }))), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_largest_size_of_a_photo_is_taken_and_documents_that_are_pictures() {
        let photo = json!({ "media_group_id": "9", "photo": [
            { "file_id": "s", "file_unique_id": "1", "width": 90, "height": 60, "file_size": 1000 },
            { "file_id": "l", "file_unique_id": "2", "width": 1280, "height": 853, "file_size": 90_000 },
            { "file_id": "m", "file_unique_id": "3", "width": 320, "height": 213 },
        ] });
        let expected = What::Picture { file: "l".into(), size: Some(90_000), album: Some("9".into()) };
        assert_eq!(what(message(photo)), Some(expected));
        let document = |kind: &str| message(json!({ "document": { "file_id": "d", "mime_type": kind } }));
        let expected = What::Picture { file: "d".into(), size: None, album: None };
        assert_eq!(what(document("image/png")), Some(expected));
        assert_eq!(what(document("application/pdf")), Some(What::Else));
        assert_eq!(what(message(json!({ "sticker": {} }))), Some(What::Else));
    }

    #[test]
    fn buttons_come_back_as_they_were_made() {
        let session = PhotoSessionId::generate();
        let data = Pressed::Agree(session, Language::Russian, Some("studio-12".to_owned())).data();
        assert!(data.len() <= 64);
        let press = |data: &str| {
            json!({ "update_id": 41, "callback_query": {
                "id": "3", "from": { "id": 7, "first_name": "Anna" }, "data": data,
                "message": { "chat": { "id": 7, "type": "private" } },
            } })
        };
        let update = read(press(&data)).expect("has a number");
        assert_eq!(update.button.as_deref(), Some("3"));
        let done = update.received.expect("is received").1.what;
        let agreed =
            matches!(done, What::Agree { session: s, language: Language::Russian, .. } if s == session);
        assert!(agreed, "{done:?}");
        assert_eq!(what(press("speak:en")), Some(What::Speak(Language::English)));
        assert_eq!(what(press("speak:de")), Some(What::Speak(Language::German)));
        for nonsense in ["agree:ru:", "agree:ru:x", "speak:fr", "", "::"] {
            assert_eq!(what(press(nonsense)), None, "{nonsense}");
        }
    }

    #[test]
    fn groups_bots_and_what_we_do_not_know_are_nobodys_affair() {
        let mut group = message(json!({ "text": "/start" }));
        group["message"]["chat"]["type"] = json!("group");
        let mut bot = message(json!({ "text": "/start" }));
        bot["message"]["from"]["is_bot"] = json!(true);
        for update in
            [group, bot, json!({ "update_id": 3, "poll": {} }), json!({ "update_id": 3, "message": 1 })]
        {
            assert_eq!(what(update), None);
        }
        assert!(read(json!({ "message": {} })).is_none());
    }

    #[test]
    fn who_blocks_the_bot_is_heard() {
        let update = json!({ "update_id": 8, "my_chat_member": {
            "chat": { "id": 7, "type": "private" }, "from": { "id": 7, "first_name": "Anna" }, "date": 1,
            "old_chat_member": { "status": "member" }, "new_chat_member": { "status": "kicked", "until_date": 0 },
        } });
        assert_eq!(what(update), Some(What::Left));
    }
}
