//! The bot's texts, in Russian and English.

use crate::domain::Language;

/// The language of the IETF tag that Telegram gives; English when Pixora does not speak it.
pub(super) fn language_of(tag: Option<&str>) -> Language {
    let known = tag.and_then(|tag| tag.split('-').next()?.parse().ok());
    known.unwrap_or(Language::English)
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Russian => &RUSSIAN,
            Language::English => &ENGLISH,
        }
    }
}

/// What a button of an earlier Pixora agrees to, which did not say the version.
pub(super) const EARLIER_BUTTONS: &str = "2026-11.4";

/// `{n}` and the like are filled in by [`fill`].
pub(super) struct Words {
    /// As the language calls itself.
    pub own_name: &'static str,
    /// The sentence that is added to the text that guests agree to.
    pub consent_here: &'static str,
    pub agree: &'static str,
    pub gallery: &'static str,
    pub agreed: &'static str,
    pub greeting: &'static str,
    pub help: &'static str,
    pub forgotten: &'static str,
    pub choose_language: &'static str,
    pub language_chosen: &'static str,
    pub unknown_link: &'static str,
    pub session_closed: &'static str,
    pub no_face_search: &'static str,
    pub pin_required: &'static str,
    pub not_revealed: &'static str,
    pub no_session: &'static str,
    pub only_pictures: &'static str,
    pub found: &'static str,
    pub found_more: &'static str,
    pub found_to_look_at: &'static str,
    pub found_none: &'static str,
    pub several_faces: &'static str,
    pub more_to_come: &'static str,
    pub booth_sends: &'static str,
    pub booth_receives: &'static str,
    pub booth_has: &'static str,
    pub booth_ready: &'static str,
    pub booth_full: &'static str,
    pub booth_completed: &'static str,
    pub booth_expired: &'static str,
    pub booth_result: &'static str,
    pub news_on: &'static str,
    pub news_stop: &'static str,
    pub news_stopped: &'static str,
    pub no_face: &'static str,
    pub low_quality: &'static str,
    pub not_a_picture: &'static str,
    pub too_large: &'static str,
    pub too_often: &'static str,
    pub failed: &'static str,
    /// Hints by the names of `search`'s reasons.
    hints: [(&'static str, &'static str); 6],
}

impl Words {
    pub(super) fn hint(&self, reason: &str) -> Option<&'static str> {
        self.hints.iter().find(|(name, _)| *name == reason).map(|(_, hint)| *hint)
    }
}

/// Puts values where their names stand in braces.
pub(super) fn fill(text: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    let put = |text: String, (name, value): &(&str, &dyn std::fmt::Display)| {
        text.replace(&format!("{{{name}}}"), &value.to_string())
    };
    values.iter().fold(text.to_owned(), put)
}

static RUSSIAN: Words = Words {
    own_name: "Русский",
    consent_here: "Здесь это команда /stop. Селфи приходит к нам через Telegram и останется в этой переписке, \
                   пока вы его не удалите.",
    agree: "Согласен, искать меня",
    gallery: "Все фотографии съёмки «{name}»: {url}",
    agreed: "Спасибо! Теперь пришлите селфи: лицо прямо, хорошо освещено, без солнечных очков.",
    greeting: "Здравствуйте! Я нахожу ваши фотографии со съёмки по селфи и связываю вас с фотобудкой.\n\n\
               Откройте ссылку или отсканируйте QR-код, который вам дали: дальше я подскажу.",
    help: "Что я умею:\n\
           • по ссылке съёмки — найти по селфи снимки, на которых есть вы;\n\
           • по QR-коду фотобудки — передать ей ваши фотографии и прислать готовую.\n\n\
           /language — сменить язык\n\
           /stop — отозвать согласие и забыть всё, что я о вас помню",
    forgotten: "Готово: согласие отозвано, и всё, что я помнил об этом чате, удалено. Сами сообщения остаются у \
                вас в Telegram — удалить их можете вы.",
    choose_language: "На каком языке отвечать?",
    language_chosen: "Отвечаю по-русски.",
    unknown_link: "Эта ссылка не работает: съёмка или фотобудка по ней не найдена. Проверьте ссылку или \
                   отсканируйте QR-код ещё раз.",
    session_closed: "Фотограф сейчас не показывает эту съёмку гостям.",
    pin_required: "Эта съёмка открывается PIN-кодом: откройте ссылку на неё в браузере и введите его там.",
    not_revealed: "Фотографии этой съёмки ещё не показаны. Напишите мне, когда фотограф их откроет.",
    no_face_search: "Поиск по лицу в этой съёмке выключен: фотографии можно посмотреть по ссылке.",
    no_session: "Сначала откройте ссылку или отсканируйте QR-код, который вам дали: так я узнаю, где искать или \
                 куда передать снимок.",
    only_pictures: "Я понимаю только фотографии. /help — что я умею.",
    found: "Снимков с вами: {n}.",
    found_to_look_at: "Снимков с вами: {n}. Посмотреть их можно на странице съёмки; сохранять фотограф не разрешил.",
    found_more: "Снимков с вами: {n}. Присылаю {sent} самых похожих, остальные — на странице съёмки.",
    found_none: "Вас пока нет ни на одном снимке. Попробуйте другое селфи: лицо прямо, хорошо освещено.",
    several_faces: "На снимке несколько лиц, искал самое крупное. Чтобы найти другого человека, пришлите \
                    фотографию, где он один.",
    more_to_come: "Ещё не готовы снимков: {n}. Пришлите селфи ещё раз позже.",
    booth_sends: "Фотобудка на связи. Пришлите сюда до {most} снимков — они сразу появятся в ней. Когда будет готова \
                  фотография, я пришлю её вам.",
    booth_receives: "Всё готово: как только фотобудка сделает фотографию, я пришлю её сюда.",
    booth_has: "Снимок {n} из {most} — в фотобудке.",
    booth_ready: "Этого уже достаточно: можно продолжать у экрана будки.",
    booth_full: "У фотобудки уже {most} снимков, больше она не берёт. Продолжайте у её экрана.",
    booth_completed: "Фотобудка уже закончила с этими снимками. Чтобы начать заново, отсканируйте код на её экране.",
    booth_expired: "Время вышло: код фотобудки действует 30 минут. Отсканируйте новый код на её экране.",
    booth_result: "Ваша фотография из фотобудки.",
    news_on: "Буду присылать сюда новые фотографии с вами. Шаблон вашего лица хранится, пока съёмка не закончится или пока вы \
              не отпишетесь.",
    news_stop: "Больше не сообщать",
    news_stopped: "Больше сообщать не буду. Шаблон лица и номер этого чата для этой съёмки стёрты.",
    no_face: "Не вижу лица. Пришлите снимок, где лицо видно прямо и хорошо освещено.",
    low_quality: "Лицо видно недостаточно хорошо.",
    not_a_picture: "Этот файл не открывается как фотография. Пришлите снимок в JPEG, PNG или WebP.",
    too_large: "Файл слишком большой. Пришлите снимок как фото, а не как файл, или поменьше 20 МБ.",
    too_often: "Слишком много поисков подряд. Подождите {seconds} с и пришлите селфи ещё раз.",
    failed: "Сейчас не получается. Пришлите, пожалуйста, ещё раз через несколько минут.",
    hints: [
        ("too_small", "Подойдите чуть ближе."),
        ("too_dark", "Нужно больше света."),
        ("too_bright", "Слишком ярко, отвернитесь от света."),
        ("blurred", "Не двигайтесь секунду."),
        ("turned_away", "Посмотрите прямо в камеру."),
        ("unclear", "Покажите лицо целиком: без тёмных очков, маски и рук перед лицом."),
    ],
};

static ENGLISH: Words = Words {
    own_name: "English",
    consent_here: "Here that is /stop. The selfie comes to us through Telegram and stays in this chat until you \
                   delete it.",
    agree: "I agree, find me",
    gallery: "All photos of “{name}”: {url}",
    agreed: "Thank you! Now send a selfie: face straight, well lit, no sunglasses.",
    greeting: "Hello! I find your photos of a shoot by a selfie, and I connect you with a photo booth.\n\n\
               Open the link or scan the QR code that you were given, and I will guide you from there.",
    help: "What I can do:\n\
           • with the link of a shoot: find the photos that you are in, by a selfie;\n\
           • with the QR code of a photo booth: hand it your pictures and send you the finished one.\n\n\
           /language — change the language\n\
           /stop — withdraw your consent and forget everything that I remember of you",
    forgotten: "Done: the consent is withdrawn, and everything that I remembered of this chat is deleted. The \
                messages themselves stay in your Telegram, where you can delete them.",
    choose_language: "Which language shall I answer in?",
    language_chosen: "I answer in English.",
    unknown_link: "This link does not work: there is no shoot and no photo booth behind it. Check the link, or scan \
                   the QR code again.",
    session_closed: "The photographer does not show this shoot to guests now.",
    pin_required: "This shoot opens with a PIN: open its link in a browser and type it in there.",
    not_revealed: "The photos of this shoot are not shown yet. Write to me when the photographer has opened them.",
    no_face_search: "Face search is off in this shoot: look through the photos by the link.",
    no_session: "First open the link or scan the QR code that you were given, so that I know where to look or where \
                 to hand the picture.",
    only_pictures: "I understand pictures only. /help tells what I can do.",
    found: "Photos with you: {n}.",
    found_to_look_at: "Photos with you: {n}. Look at them on the page of the shoot; the photographer does not let guests save them.",
    found_more: "Photos with you: {n}. Here are the {sent} that fit best; the others are on the page of the shoot.",
    found_none: "You are in none of the photos so far. Try another selfie: face straight, well lit.",
    several_faces: "There are several faces in the picture; I looked for the largest. To find somebody else, send a \
                    picture of them alone.",
    more_to_come: "Photos that are not ready yet: {n}. Send the selfie again later.",
    booth_sends: "You are connected with the photo booth. Send up to {most} pictures here, and they appear in it at \
                  once. When your photo is finished, I send it to you.",
    booth_receives: "All set: as soon as the photo booth has made your photo, I send it here.",
    booth_has: "Picture {n} of {most} is in the photo booth.",
    booth_ready: "That is enough already: you can go on at the booth’s screen.",
    booth_full: "The photo booth has {most} pictures already and takes no more. Go on at its screen.",
    booth_completed: "The photo booth has finished with these pictures. To begin anew, scan the code on its screen.",
    booth_expired: "Time is over: a code of the photo booth lasts 30 minutes. Scan the new one on its screen.",
    booth_result: "Your photo from the booth.",
    news_on: "I will send new photos of you here. The template of your face is kept until the shoot ends or you unsubscribe.",
    news_stop: "Stop",
    news_stopped: "I will send no more. The template of your face and the number of this chat are erased for this shoot.",
    no_face: "I can’t see a face. Send a picture with the face straight and well lit.",
    low_quality: "The face is not clear enough.",
    not_a_picture: "This file does not open as a picture. Send a JPEG, PNG or WebP.",
    too_large: "The file is too large. Send the picture as a photo rather than as a file, or one below 20 MB.",
    too_often: "Too many searches in a row. Wait {seconds} s, then send the selfie again.",
    failed: "That does not work right now. Please send it again in a few minutes.",
    hints: [
        ("too_small", "Come a little closer."),
        ("too_dark", "A little more light, please."),
        ("too_bright", "Too bright, turn away from the light."),
        ("blurred", "Hold still for a second."),
        ("turned_away", "Look straight at the camera."),
        ("unclear", "Show your whole face: without sunglasses, a mask or hands before it."),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_the_tag_of_telegram() {
        for (tag, expected) in [
            (Some("ru"), Language::Russian),
            (Some("ru-RU"), Language::Russian),
            (Some("en-GB"), Language::English),
            (Some("de"), Language::English),
            (None, Language::English),
        ] {
            assert_eq!(language_of(tag), expected, "{tag:?}");
        }
    }

    #[test]
    fn every_fault_of_a_selfie_has_its_hint() {
        for &language in Language::ALL {
            for reason in ["too_small", "too_dark", "too_bright", "blurred", "turned_away", "unclear"] {
                assert!(Words::of(language).hint(reason).is_some(), "{reason}");
            }
        }
    }
}
