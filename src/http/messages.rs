//! Every failure a client can be told of: its stable `code`, HTTP status, and words in both languages.
//!
//! This table is the only place for such words. The detail of a 5xx says nothing of our inside.

use axum::http::StatusCode;

use crate::domain::Language;

/// A title (what happened) and a detail (what to do about it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub title: &'static str,
    pub detail: &'static str,
}

macro_rules! codes {
    ($($code:ident $name:literal $status:ident en $en:literal $en_detail:literal ru $ru:literal $ru_detail:literal)*) => {
        /// Why a request failed. The name (`Code::name`) is a promise to clients.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($code),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The `code` member of the problem.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }

            #[must_use]
            pub fn status(self) -> StatusCode {
                // The number that tus has for it; there is no name for the number.
                if self == Self::ChecksumMismatch {
                    return StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
                }
                match self { $(Self::$code => StatusCode::$status),* }
            }

            #[must_use]
            pub fn message(self, language: Language) -> Message {
                match (self, language) {
                    $((Self::$code, Language::English) => Message { title: $en, detail: $en_detail },
                      (Self::$code, Language::Russian) => Message { title: $ru, detail: $ru_detail },)*
                }
            }
        }
    };
}

codes! {
    MalformedId "malformed_id" UNPROCESSABLE_ENTITY
        en "Malformed id" "An id must be a UUID such as 0192f0c1-7a3b-7c4d-8e5f-001122334455."
        ru "Неверный идентификатор" "Идентификатор должен быть UUID, например 0192f0c1-7a3b-7c4d-8e5f-001122334455."
    SessionNotFound "session_not_found" NOT_FOUND
        en "Session not found" "There is no such photo session. Check the link or the QR code."
        ru "Съёмка не найдена" "Такой фотосессии нет. Проверьте ссылку или QR-код."
    FacepassDisabled "facepass_disabled" NOT_FOUND
        en "FacePass is not enabled" "The photographer does not show this session to guests now."
        ru "FacePass выключен" "Сейчас фотограф не показывает эту съёмку гостям."
    FaceSearchOff "face_search_off" NOT_FOUND
        en "No face search here" "The photographer has switched off face search for this session. The photos can be looked through."
        ru "Поиска по лицу здесь нет" "Фотограф выключил поиск по лицу для этой съёмки. Фотографии можно посмотреть."
    PinRequired "pin_required" FORBIDDEN
        en "This gallery opens with a PIN" "Ask for the PIN where you got the link, and type it in on the gallery's page."
        ru "Галерея открывается PIN-кодом" "Спросите PIN-код там же, где получили ссылку, и введите его на странице галереи."
    PinWrong "pin_wrong" FORBIDDEN
        en "The PIN is wrong" "Check the PIN and try again."
        ru "Неверный PIN-код" "Проверьте PIN-код и попробуйте ещё раз."
    NotRevealed "not_revealed" NOT_FOUND
        en "The photos are not shown yet" "The photographer shows them later. Come back then by the same link."
        ru "Фотографии ещё не показаны" "Фотограф покажет их позже. Зайдите тогда по той же ссылке."
    DownloadsOff "downloads_off" FORBIDDEN
        en "Photos cannot be saved here" "The photographer shows these photos and does not let guests save them, or not in this size."
        ru "Сохранять здесь нельзя" "Фотограф показывает эти фотографии, но не разрешил гостям сохранять их или сохранять в этом размере."
    InvalidTerms "invalid_terms" UNPROCESSABLE_ENTITY
        en "Invalid gallery settings" "A PIN has 4 to 32 letters or digits, a gallery ends after its photos are shown, and its cover is one of its photos."
        ru "Неверные настройки галереи" "PIN-код — от 4 до 32 букв или цифр, закрывается галерея позже, чем показывает фотографии, а обложка — одна из её фотографий."
    StudioNotFound "studio_not_found" NOT_FOUND
        en "Studio not found" "There is no such studio, or it is not yours."
        ru "Студия не найдена" "Такой студии нет, или она не ваша."
    ErasureNotFound "erasure_not_found" NOT_FOUND
        en "Erasure not found" "There is no such erasure, or it is not yours to see."
        ru "Удаление не найдено" "Такого удаления нет, или смотреть его можете не вы."
    ErasureNotConfirmed "erasure_not_confirmed" CONFLICT
        en "The erasure is not confirmed" "Nothing was erased. Ask again without a confirmation, look at what would go, and confirm it within ten minutes."
        ru "Удаление не подтверждено" "Ничего не удалено. Запросите удаление без подтверждения, посмотрите, что будет удалено, и подтвердите в течение десяти минут."
    WebhookNotFound "webhook_not_found" NOT_FOUND
        en "Webhook not found" "There is no such webhook, or it has been removed."
        ru "Вебхук не найден" "Такого вебхука нет, или его удалили."
    DeliveryNotFound "delivery_not_found" NOT_FOUND
        en "Delivery not found" "There is no such delivery. The log is kept for 30 days."
        ru "Доставка не найдена" "Такой доставки нет. Журнал хранится 30 дней."
    InvalidWebhookUrl "invalid_webhook_url" UNPROCESSABLE_ENTITY
        en "Invalid address" "The address of a webhook must be an https URL without a user name, a password or a fragment, written exactly as it is meant: no backslashes, spaces or line breaks."
        ru "Неверный адрес" "Адрес вебхука — это URL с https, без имени пользователя, пароля и якоря, записанный точно: без обратных косых черт, пробелов и переносов."
    PrivateWebhookUrl "private_webhook_url" UNPROCESSABLE_ENTITY
        en "Not an address in the public internet" "Webhooks go to the public internet only. The host of this address is not known there, or is inside a private network."
        ru "Адрес не в открытом интернете" "Вебхуки отправляются только в открытый интернет. Узел этого адреса там не известен или находится во внутренней сети."
    InvalidWebhookEvents "invalid_webhook_events" UNPROCESSABLE_ENTITY
        en "Invalid events" "`events` must be one or more of session.enabled, session.disabled and session.completed."
        ru "Неверные события" "`events` — одно или несколько из session.enabled, session.disabled, session.completed."
    TooManyWebhooks "too_many_webhooks" UNPROCESSABLE_ENTITY
        en "Too many webhooks" "A studio can have at most 20 webhooks. Remove one first."
        ru "Слишком много вебхуков" "У студии может быть не больше 20 вебхуков. Сначала удалите один из них."
    PhotoNotFound "photo_not_found" NOT_FOUND
        en "Photo not found" "There is no such photo in this session."
        ru "Фотография не найдена" "В этой съёмке нет такой фотографии."
    PhotoNotInBin "photo_not_in_bin" NOT_FOUND
        en "Not in the bin" "The photo is not in the bin, or its time there is over."
        ru "Не в корзине" "Фотографии нет в корзине, или её срок там истёк."
    PhotoNotFailed "photo_not_failed" CONFLICT
        en "Nothing to try again" "The photo did not fail by a fault of the service."
        ru "Повторять нечего" "Обработка этой фотографии не срывалась по вине сервиса."
    ChapterNotFound "chapter_not_found" NOT_FOUND
        en "Chapter not found" "There is no such chapter in this session; somebody may have removed it."
        ru "Глава не найдена" "В этой съёмке нет такой главы; возможно, её убрали."
    InvalidChapterName "invalid_chapter_name" UNPROCESSABLE_ENTITY
        en "Invalid name" "A chapter's name has 1 to 80 characters in one line."
        ru "Неверное название" "Название главы — от 1 до 80 символов в одну строку."
    TooManyChapters "too_many_chapters" UNPROCESSABLE_ENTITY
        en "Too many chapters" "A session has at most 50 chapters. Remove one first."
        ru "Слишком много глав" "В съёмке может быть не больше 50 глав. Сначала уберите одну."
    ListNotFound "list_not_found" NOT_FOUND
        en "List not found" "There is no such list of chosen photos, its link was renewed, or its owner no longer shares it."
        ru "Список не найден" "Такого списка выбранных фотографий нет, его ссылку обновили, или владелец больше не делится им."
    SelectionFull "selection_full" CONFLICT
        en "As many as may be chosen" "The selection holds `limit` photos and no more. Take one out to choose another."
        ru "Больше выбрать нельзя" "В выборе уже `limit` фотографий, это предел. Уберите одну, чтобы выбрать другую."
    InvalidListName "invalid_list_name" UNPROCESSABLE_ENTITY
        en "Invalid name" "A name has up to 60 characters in one line."
        ru "Неверное имя" "Имя — до 60 символов в одну строку."
    InvalidSelectionLimit "invalid_selection_limit" UNPROCESSABLE_ENTITY
        en "Invalid limit" "A couple may be let choose 1 to 10,000 photos, or as many as they like."
        ru "Неверный предел" "Паре можно разрешить выбрать от 1 до 10 000 фотографий или сколько угодно."
    NotTheCouples "not_the_couples" CONFLICT
        en "Only the couple's choice is made at once" "A guest's hearts are never done. Open the couple's link to say that the selection is made."
        ru "Завершают только выбор пары" "Отметки гостя не завершают. Чтобы сказать, что выбор сделан, откройте ссылку пары."
    PeopleOff "people_off" NOT_FOUND
        en "People are switched off" "Faces are not grouped by person here. An admin switches that on for the studio, then each session has a switch of its own."
        ru "Люди отключены" "Лица здесь не группируются по людям. Администратор включает это для студии, затем — в каждой съёмке отдельно."
    PersonNotFound "person_not_found" NOT_FOUND
        en "Person not found" "There is no such person in this session. The faces may have been put to somebody else; load the people again."
        ru "Человек не найден" "В этой съёмке такого человека нет. Возможно, лица отнесены к другому; загрузите людей снова."
    PersonFaceNotFound "person_face_not_found" NOT_FOUND
        en "Face not found" "This person has no such face. It may have been put to somebody else; load the faces again."
        ru "Лицо не найдено" "У этого человека такого лица нет. Возможно, оно отнесено к другому; загрузите лица снова."
    InvalidPersonName "invalid_person_name" UNPROCESSABLE_ENTITY
        en "Invalid name" "A person's name has 1 to 80 characters in one line."
        ru "Неверное имя" "Имя человека — от 1 до 80 символов в одну строку."
    PersonNameTaken "person_name_taken" CONFLICT
        en "Somebody is called so already" "`person_id` has this name in the session. If both are one person, merge them."
        ru "Такое имя уже есть" "В этой съёмке так зовут `person_id`. Если это один человек, объедините их."
    PeopleShareAPhoto "people_share_a_photo" CONFLICT
        en "They are in one photo" "Two faces of one photo are two people. If a face there is wrong, take it away from its person first."
        ru "Они на одной фотографии" "Два лица на одной фотографии — это два человека. Если одно из них отнесено неверно, сначала отделите его."
    NobodyLeft "nobody_left" CONFLICT
        en "No face would be left" "Leave the person one face at least. To join all of them to somebody else, merge the two."
        ru "Не останется ни одного лица" "Оставьте человеку хотя бы одно лицо. Чтобы отнести все лица к другому, объедините людей."
    NotFoundYet "not_found_yet" CONFLICT
        en "Find yourself first" "Search with a selfie; then you can hear of new photos, or ask to be left out of what was found. A search is remembered for 12 hours."
        ru "Сначала найдите себя" "Выполните поиск по селфи, тогда можно узнавать о новых фотографиях или попросить скрыть найденное. Поиск помнится 12 часов."
    NewsChannelOff "news_channel_off" CONFLICT
        en "News cannot come this way" "This installation cannot send such messages. Choose one of the `channels` that are offered."
        ru "Так сообщать нельзя" "Эта установка не может отправлять такие сообщения. Выберите один из предложенных способов (`channels`)."
    InvalidNewsAddress "invalid_news_address" UNPROCESSABLE_ENTITY
        en "Invalid address" "Check the e-mail address, for example anna@mail.example."
        ru "Неверный адрес" "Проверьте адрес почты, например anna@mail.example."
    InvalidPushSubscription "invalid_push_subscription" UNPROCESSABLE_ENTITY
        en "Invalid subscription" "Send the browser's `PushSubscription`; its `endpoint` must be https at a public address."
        ru "Неверная подписка" "Передайте `PushSubscription` браузера; `endpoint` должен быть https с публичным адресом."
    UnknownNotice "unknown_notice" UNPROCESSABLE_ENTITY
        en "Unknown notice" "`kind` must be first_visit, order, upload_stalled or hide_request."
        ru "Неизвестное уведомление" "`kind` — first_visit, order, upload_stalled или hide_request."
    NewsNotFound "news_not_found" NOT_FOUND
        en "No such news" "There are no news with this link, or they were erased with their session."
        ru "Таких сообщений нет" "Сообщений с такой ссылкой нет, или они стёрты вместе со съёмкой."
    NothingToHide "nothing_to_hide" UNPROCESSABLE_ENTITY
        en "No photo to be left out of" "None of these photos was found by your selfie. Ask the photographer about others."
        ru "Скрывать нечего" "Ни одна из этих фотографий не найдена по вашему селфи. О других спросите фотографа."
    WishNotFound "wish_not_found" NOT_FOUND
        en "No such wish" "There is no wish to be left out with this code, or it was erased with its session."
        ru "Такой просьбы нет" "Просьбы скрыть с таким кодом нет, или она стёрта вместе со съёмкой."
    TooManyPeople "too_many_people" UNPROCESSABLE_ENTITY
        en "Too many at once" "At most 200 people or faces can be changed at once."
        ru "Слишком много сразу" "За один раз можно изменить не больше 200 людей или лиц."
    ConsentNotFound "consent_not_found" NOT_FOUND
        en "Consent not found" "No such consent was given in this session, or it was withdrawn."
        ru "Согласие не найдено" "В этой съёмке такого согласия не давали, или его уже отозвали."
    UnknownConsent "unknown_consent" UNPROCESSABLE_ENTITY
        en "Unknown consent" "The consent was withdrawn or belongs to another session. Ask for it again."
        ru "Неизвестное согласие" "Согласие отозвано или дано в другой съёмке. Запросите его снова."
    InvalidConsent "invalid_consent" UNPROCESSABLE_ENTITY
        en "Invalid consent" "`version` must be 1 to 32 letters, digits, dots or hyphens, and `language` ru or en."
        ru "Неверное согласие" "`version` — от 1 до 32 букв, цифр, точек или дефисов, `language` — ru или en."
    LastSuperAdmin "last_super_admin" CONFLICT
        en "The last super admin" "This is the only super admin who can sign in. Make another first."
        ru "Единственный супер-администратор" "Других супер-администраторов, которые могут войти, нет. Сначала добавьте ещё одного."
    AccountHasOrders "account_has_orders" CONFLICT
        en "Orders are open" "An order of this account is being worked on. Finish or cancel it first."
        ru "Есть открытые заказы" "По заказу этого аккаунта ещё идёт работа. Сначала завершите или отмените его."
    ConsentOutdated "consent_outdated" CONFLICT
        en "The text has changed" "The consent names an earlier text. Show the text of this `version` and ask for it again."
        ru "Текст изменился" "Согласие дано на прежний текст. Покажите текст этой версии (`version`) и запросите его снова."
    RecordNotFound "record_not_found" NOT_FOUND
        en "Record not found" "There is no record of consents with this code, or it was erased."
        ru "Запись не найдена" "Записи о согласиях с таким кодом нет, или она удалена."
    InvalidConsentText "invalid_consent_text" UNPROCESSABLE_ENTITY
        en "Invalid text" "A text has 1 to 3,500 characters in Russian and in English."
        ru "Неверный текст" "Текст — от 1 до 3500 знаков на русском и на английском."
    UnknownPurpose "unknown_purpose" UNPROCESSABLE_ENTITY
        en "Unknown purpose" "`purpose` must be match, news, hiding or guardian; a guest gives match or guardian here."
        ru "Неизвестная цель" "`purpose` — match, news, hiding или guardian; гость даёт здесь match или guardian."
    NoFace "no_face" UNPROCESSABLE_ENTITY
        en "No face found" "We could not see a face. Look straight at the camera in good light."
        ru "Лицо не найдено" "Мы не увидели лица. Посмотрите прямо в камеру при хорошем свете."
    LowQuality "low_quality" UNPROCESSABLE_ENTITY
        en "The selfie is not clear enough" "Please take another selfie."
        ru "Селфи недостаточно чёткое" "Сделайте, пожалуйста, ещё одно селфи."
    UnknownFace "unknown_face" UNPROCESSABLE_ENTITY
        en "No such face in the selfie" "`face` must be the index of one of the faces that the search answered with, for a single selfie."
        ru "На селфи нет такого лица" "`face` — номер одного из лиц, названных в ответе поиска, для одного селфи."
    MissingSelfie "missing_selfie" UNPROCESSABLE_ENTITY
        en "No selfie was sent" "Send at least one picture in the field `selfie`."
        ru "Селфи не отправлено" "Отправьте хотя бы один снимок в поле `selfie`."
    TooManySelfies "too_many_selfies" UNPROCESSABLE_ENTITY
        en "Too many selfies" "At most 5 selfies can be combined in one search."
        ru "Слишком много селфи" "В одном поиске можно объединить не больше 5 селфи."
    SelfieTooLarge "selfie_too_large" PAYLOAD_TOO_LARGE
        en "The selfie is too large" "A selfie may have up to 10 MB."
        ru "Селфи слишком большое" "Селфи может занимать до 10 МБ."
    SelfieTooManyPixels "selfie_too_many_pixels" PAYLOAD_TOO_LARGE
        en "The selfie has too many pixels" "A selfie may have up to 25 megapixels. Take it with the phone's usual camera setting."
        ru "В селфи слишком много пикселей" "Селфи может иметь до 25 мегапикселей. Снимите его с обычными настройками камеры телефона."
    UndecodableImage "undecodable_image" UNPROCESSABLE_ENTITY
        en "The picture cannot be read" "The file is damaged or is not what it claims to be. Send another one."
        ru "Снимок не читается" "Файл повреждён или не является тем, за что себя выдаёт. Отправьте другой."
    UnsupportedType "unsupported_type" UNSUPPORTED_MEDIA_TYPE
        en "Unsupported type" "Pictures may be JPEG, PNG, WebP, GIF, TIFF, JPEG XL, HEIC or AVIF; a body must be of the type that the documentation names."
        ru "Неподдерживаемый тип" "Снимки принимаются в JPEG, PNG, WebP, GIF, TIFF, JPEG XL, HEIC и AVIF; тип тела запроса указан в документации."
    InvalidClock "invalid_clock" UNPROCESSABLE_ENTITY
        en "Invalid clock" "A zone lies between -720 and 840 minutes from UTC; a clock is moved by 60 years at most."
        ru "Неверные часы" "Часовой пояс — от -720 до 840 минут от UTC; часы сдвигаются не больше чем на 60 лет."
    FtpOff "ftp_off" NOT_FOUND
        en "No FTP" "This server takes no photos from cameras by FTP."
        ru "Нет FTP" "Этот сервер не принимает снимки с камер по FTP."
    LibraryOff "library_off" NOT_FOUND
        en "No library" "No library of originals is set up on this server."
        ru "Нет библиотеки" "На этом сервере не настроено ни одной библиотеки оригиналов."
    LibraryFolderNotAllowed "library_folder_not_allowed" UNPROCESSABLE_ENTITY
        en "The folder is not allowed" "There is no such folder below those that the operator has allowed."
        ru "Папка не разрешена" "Среди разрешённых администратором папок такой нет."
    UnknownCamera "unknown_camera" UNPROCESSABLE_ENTITY
        en "Unknown camera" "No photo of the session was taken with this camera."
        ru "Неизвестная камера" "В этой съёмке нет снимков с такой камеры."
    UnsupportedEncoding "unsupported_encoding" UNSUPPORTED_MEDIA_TYPE
        en "The body is compressed" "Bodies are taken uncompressed only: leave out `Content-Encoding`."
        ru "Тело запроса сжато" "Тела запросов принимаются только без сжатия: не передавайте `Content-Encoding`."
    UnknownField "unknown_field" UNPROCESSABLE_ENTITY
        en "Unknown field" "This address does not take the field that `field` names. Check its spelling."
        ru "Неизвестное поле" "Этот адрес не принимает поле, названное в `field`. Проверьте, как оно написано."
    UnknownParameter "unknown_parameter" UNPROCESSABLE_ENTITY
        en "Unknown parameter" "This address does not take the parameter that `parameter` names. Check its spelling."
        ru "Неизвестный параметр" "Этот адрес не принимает параметр, названный в `parameter`. Проверьте, как он написан."
    UnknownClient "unknown_client" UNPROCESSABLE_ENTITY
        en "No such customer" "`client_id` must be the account of a customer."
        ru "Такого заказчика нет" "`client_id` — учётная запись заказчика."
    LibraryFileNotFound "library_file_not_found" UNPROCESSABLE_ENTITY
        en "No such file in the library" "The session's library has no file of this key. A key stands below the library's place, as a listing has it, and leads to nothing outside."
        ru "В хранилище нет такого файла" "В хранилище съёмки нет файла с таким ключом. Ключ записывается относительно места хранилища, как в списке файлов, и не ведёт наружу."
    LibraryChanged "library_changed" SERVICE_UNAVAILABLE
        en "The file is changing" "The file changed while it was read. Try again when it is written."
        ru "Файл меняется" "Файл изменился, пока его читали. Повторите, когда он будет записан."
    InvalidExternalId "invalid_external_id" UNPROCESSABLE_ENTITY
        en "Invalid external id" "An external id is text of 1 to 200 bytes in UTF-8, without a zero byte. In an address it is percent-encoded."
        ru "Неверный внешний идентификатор" "Внешний идентификатор — текст от 1 до 200 байт в UTF-8 без нулевого байта. В адресе он кодируется процентами."
    PhotoRejected "photo_rejected" UNPROCESSABLE_ENTITY
        en "The picture cannot be read" "`reason` says why. Sending the same file again will not help."
        ru "Снимок не читается" "Причина — в `reason`. Повторная отправка того же файла не поможет."
    InvalidReturnUrl "invalid_return_url" UNPROCESSABLE_ENTITY
        en "Invalid return address" "A return address begins with https:// and a host, has at most 500 bytes of ASCII, and no placeholders but {session_id}, {photo_id} and {external_id}, behind the host."
        ru "Неверный адрес возврата" "Адрес возврата начинается с https:// и имени узла, содержит не больше 500 байт ASCII и только подстановки {session_id}, {photo_id} и {external_id} после узла."
    InvalidOrigin "invalid_origin" UNPROCESSABLE_ENTITY
        en "Invalid web site" "Write a web site as https://studio.example, without a path and without a wildcard. Plain http is taken for localhost and 127.0.0.1 only."
        ru "Неверный адрес сайта" "Адрес сайта пишется как https://studio.example, без пути и без звёздочки. Просто http годится только для localhost и 127.0.0.1."
    TooManyOrigins "too_many_origins" UNPROCESSABLE_ENTITY
        en "Too many web sites" "A studio names up to 20 web sites."
        ru "Слишком много сайтов" "У студии может быть не больше 20 сайтов."
    InvalidBatch "invalid_batch" UNPROCESSABLE_ENTITY
        en "Invalid batch" "A batch has 1 to 500 photos."
        ru "Неверный пакет" "В пакете от 1 до 500 снимков."
    BatchNotFound "batch_not_found" NOT_FOUND
        en "Batch not found" "This session has no such batch."
        ru "Пакет не найден" "В этой съёмке нет такого пакета."
    TooManyBatches "too_many_batches" TOO_MANY_REQUESTS
        en "Too many batches wait" "100 batches of this session wait. Send the next one when one of them has ended."
        ru "Слишком много пакетов ждут" "В этой съёмке ждут 100 пакетов. Отправьте следующий, когда один из них закончится."
    IndexingInterrupted "indexing_interrupted" SERVICE_UNAVAILABLE
        en "Others changed the photo" "The photo was written or erased by others at the same time. Nothing of yours was kept; send it again."
        ru "Снимок изменили другие" "Снимок в это же время записали или удалили другие. Из вашего запроса ничего не сохранено; отправьте его ещё раз."
    MalformedBody "malformed_body" UNPROCESSABLE_ENTITY
        en "Malformed body" "The body of the request cannot be read; see the documentation for its fields."
        ru "Неверное тело запроса" "Тело запроса не удалось прочитать; его поля описаны в документации."
    MalformedQuery "malformed_query" UNPROCESSABLE_ENTITY
        en "Malformed query" "The query of the address cannot be read; see the documentation for its parameters."
        ru "Неверные параметры" "Параметры адреса не удалось прочитать; они описаны в документации."
    InvalidCursor "invalid_cursor" UNPROCESSABLE_ENTITY
        en "Invalid cursor" "`cursor` must be the `next_cursor` of the page before."
        ru "Неверный курсор" "`cursor` — это `next_cursor` предыдущей страницы."
    InvalidLimit "invalid_limit" UNPROCESSABLE_ENTITY
        en "Invalid limit" "`limit` must be from 1 to 200."
        ru "Неверный предел" "`limit` — от 1 до 200."
    TooManyIds "too_many_ids" UNPROCESSABLE_ENTITY
        en "Too many ids" "At most 100 sessions can be validated at once."
        ru "Слишком много идентификаторов" "За один раз можно проверить не больше 100 съёмок."
    BodyTooSlow "body_too_slow" REQUEST_TIMEOUT
        en "The request came too slowly" "Nothing came for a while, or next to nothing. Check your connection and send it again."
        ru "Запрос передавался слишком медленно" "Данные долго не поступали или поступали слишком медленно. Проверьте связь и отправьте запрос снова."
    NetworkBusy "network_busy" TOO_MANY_REQUESTS
        en "Your network sends too much at once" "Others behind the same address are sending as well. Try again in a few seconds."
        ru "Из вашей сети отправляют слишком много сразу" "Через тот же адрес отправляют и другие. Повторите через несколько секунд."
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE
        en "The request is too large" "Send less at once."
        ru "Запрос слишком большой" "Отправьте меньше данных за один раз."
    RangeNotSatisfiable "range_not_satisfiable" RANGE_NOT_SATISFIABLE
        en "No such part" "The part of the file that was asked for does not exist."
        ru "Нет такой части" "Запрошенной части файла не существует."
    HttpsRequired "https_required" BAD_REQUEST
        en "Encrypted connections only" "This address speaks https: begin it with https:// and send the request again."
        ru "Только защищённое соединение" "Этот адрес работает по https: начните его с https:// и отправьте запрос снова."
    NotFound "not_found" NOT_FOUND
        en "Not found" "There is nothing at this address."
        ru "Не найдено" "По этому адресу ничего нет."
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED
        en "Method not allowed" "This address does not take requests of this kind."
        ru "Метод не поддерживается" "Этот адрес не принимает такие запросы."
    TusVersionUnsupported "tus_version_unsupported" PRECONDITION_FAILED
        en "Unknown upload protocol" "Uploads speak tus 1.0.0; send `Tus-Resumable: 1.0.0`."
        ru "Неизвестный протокол загрузки" "Загрузка работает по tus 1.0.0; отправьте `Tus-Resumable: 1.0.0`."
    MalformedUpload "malformed_upload" BAD_REQUEST
        en "Malformed upload" "The header in `field` is missing or wrong, or the part goes beyond the end of the file."
        ru "Неверный запрос загрузки" "Заголовка из `field` нет или он неверен, либо часть выходит за конец файла."
    InvalidUploadMetadata "invalid_upload_metadata" UNPROCESSABLE_ENTITY
        en "Invalid upload metadata" "`Upload-Metadata` needs `photo_session_id` and `filename`; the value in `field` cannot be used."
        ru "Неверные метаданные загрузки" "В `Upload-Metadata` нужны `photo_session_id` и `filename`; значение из `field` использовать нельзя."
    UploadTooLarge "upload_too_large" PAYLOAD_TOO_LARGE
        en "The file is too large" "A photo may have up to 100 MB."
        ru "Файл слишком большой" "Фотография может занимать до 100 МБ."
    UploadNotFound "upload_not_found" NOT_FOUND
        en "Upload not found" "There is no such upload. It may have expired; begin it again."
        ru "Загрузка не найдена" "Такой загрузки нет. Возможно, её срок истёк; начните снова."
    UploadOffsetMismatch "upload_offset_mismatch" CONFLICT
        en "The upload stands elsewhere" "Go on from `upload_offset`."
        ru "Загрузка находится в другом месте" "Продолжите с `upload_offset`."
    UploadLocked "upload_locked" LOCKED
        en "The upload is in use" "Another request is writing to it. Ask where it stands, then go on."
        ru "Загрузка занята" "В неё пишет другой запрос. Узнайте, где она находится, и продолжите."
    UploadInterrupted "upload_interrupted" CONFLICT
        en "The upload was interrupted" "The connection broke, or another request has taken over. Ask where the upload stands, then go on."
        ru "Загрузка прервана" "Соединение оборвалось или загрузку продолжил другой запрос. Узнайте, где она находится, и продолжите."
    ChecksumMismatch "checksum_mismatch" BAD_REQUEST
        en "The checksum does not match" "The part was damaged on its way and has been dropped. Send it again."
        ru "Контрольная сумма не совпадает" "Часть повредилась в пути и отброшена. Отправьте её снова."
    MissingPhoto "missing_photo" UNPROCESSABLE_ENTITY
        en "No photo was sent" "Send at least one file in the field `photo`."
        ru "Фотография не отправлена" "Отправьте хотя бы один файл в поле `photo`."
    TooManyFiles "too_many_files" UNPROCESSABLE_ENTITY
        en "Too many files" "At most 5,000 files can be accounted for at once."
        ru "Слишком много файлов" "За один раз можно сверить не больше 5 000 файлов."
    SignInRequired "sign_in_required" UNAUTHORIZED
        en "Sign in, please" "This needs an account: sign in, or send an access token or an API key."
        ru "Требуется авторизация" "Войдите, пожалуйста: для этого нужна учётная запись: войдите или передайте токен доступа либо ключ API."
    Forbidden "forbidden" FORBIDDEN
        en "Not allowed" "Your role, or the scope of your API key, does not cover this."
        ru "Недоступно" "Ваша роль или область действия вашего ключа API этого не позволяет."
    CsrfRequired "csrf_required" FORBIDDEN
        en "The request did not come from our page" "Reload the page and try again. Scripts send a bearer token instead of cookies."
        ru "Запрос пришёл не с нашей страницы" "Обновите страницу и повторите. Скрипты передают токен вместо cookie."
    InvalidCredentials "invalid_credentials" UNAUTHORIZED
        en "Wrong name or password" "Check the e-mail address or telephone number and the password."
        ru "Неверное имя или пароль" "Проверьте адрес почты или номер телефона и пароль."
    TooManyAttempts "too_many_attempts" TOO_MANY_REQUESTS
        en "Too many attempts" "Wait a little and try again."
        ru "Слишком много попыток" "Подождите немного и попробуйте снова."
    TooManySearches "too_many_searches" TOO_MANY_REQUESTS
        en "Too many searches" "Many searches came from here in a short time. Wait a little and search again."
        ru "Слишком много запросов поиска" "Отсюда за короткое время пришло много запросов. Подождите немного и повторите поиск."
    InvalidRefreshToken "invalid_refresh_token" UNAUTHORIZED
        en "You are signed out" "This device is not signed in any more. Sign in again."
        ru "Вы вышли из системы" "На этом устройстве вход больше не действует. Войдите снова."
    RefreshTokenReused "refresh_token_reused" UNAUTHORIZED
        en "You were signed out for safety" "A token of this device was used twice, so somebody may have copied it. Sign in again and check your devices."
        ru "Вход завершён ради безопасности" "Токен этого устройства использован дважды: возможно, его скопировали. Войдите снова и проверьте свои устройства."
    SetupLinkInvalid "setup_link_invalid" NOT_FOUND
        en "This set-up link does not work" "It was used, has expired or is incomplete. Restart the server to get a new one while nobody has an account."
        ru "Ссылка для настройки не действует" "Она использована, устарела или неполна. Пока учётных записей нет, новая появится при перезапуске сервера."
    InvalidEmail "invalid_email" UNPROCESSABLE_ENTITY
        en "Not an e-mail address" "It should look like anna@example.com."
        ru "Это не адрес почты" "Он должен выглядеть как anna@example.com."
    InvalidPhone "invalid_phone" UNPROCESSABLE_ENTITY
        en "Not a telephone number" "Write it with the country code, such as +49 30 123456."
        ru "Это не номер телефона" "Укажите его с кодом страны, например +7 900 000-00-00."
    InvalidName "invalid_name" UNPROCESSABLE_ENTITY
        en "Invalid name" "A name has 1 to 100 characters, a photo session's up to 200."
        ru "Неверное название" "Имя — от 1 до 100 символов, название съёмки — до 200."
    WeakPassword "weak_password" UNPROCESSABLE_ENTITY
        en "The password is too weak" "It needs 10 to 200 characters, and more than common words, rows of keys, years and your own name or address. A few words that do not belong together are good."
        ru "Слишком слабый пароль" "Нужно от 10 до 200 символов, и не только известные слова, ряды клавиш, годы, ваше имя или адрес. Хорошо подходят несколько слов, не связанных между собой."
    SecondStepRequired "second_step_required" UNAUTHORIZED
        en "A second step is needed" "The password is right. Send a code of your authenticator app or a recovery code, or use a passkey, within five minutes."
        ru "Нужен второй шаг" "Пароль верный. В течение пяти минут введите код из приложения или запасной код либо используйте ключ доступа."
    SecondStepExpired "second_step_expired" UNAUTHORIZED
        en "The second step came too late" "Sign in with your password again. The second step must follow within five minutes."
        ru "Второй шаг опоздал" "Войдите с паролем снова. Второй шаг должен быть сделан в течение пяти минут."
    InvalidCode "invalid_code" UNAUTHORIZED
        en "The code is wrong" "Check the code. Each counts once: wait for the next one of your app. The clock of your phone must be right."
        ru "Код не подходит" "Проверьте код. Каждый действует один раз: дождитесь следующего в приложении. Часы телефона должны быть точными."
    AuthenticatorThere "authenticator_there" CONFLICT
        en "An app is set up already" "Remove the authenticator app that you have before you set up another one."
        ru "Приложение уже подключено" "Сначала отключите нынешнее приложение с кодами, потом подключите другое."
    NoAuthenticator "no_authenticator" NOT_FOUND
        en "No app is set up" "There is no authenticator app to remove."
        ru "Приложение не подключено" "Отключать нечего: приложения с кодами нет."
    TwoStepOff "two_step_off" CONFLICT
        en "There is no second step" "Recovery codes come with an authenticator app or a passkey. Add one of them first."
        ru "Второго шага нет" "Запасные коды появляются вместе с приложением или ключом доступа. Сначала добавьте одно из них."
    PasskeysOff "passkeys_off" CONFLICT
        en "Passkeys do not work here" "Browsers use passkeys at a site with a name and HTTPS only. The operator sets PIXORA_PUBLIC_URL to such an address."
        ru "Ключи доступа здесь не работают" "Браузеры используют ключи доступа только на сайте с именем и HTTPS. Такой адрес задаёт оператор в PIXORA_PUBLIC_URL."
    PasskeyRefused "passkey_refused" UNAUTHORIZED
        en "The passkey was not accepted" "It is not known here, its answer came too late or does not fit. Try again, or sign in another way."
        ru "Ключ доступа не подошёл" "Он здесь не известен, ответ пришёл поздно или не подходит. Попробуйте снова или войдите другим способом."
    PasskeyNotFound "passkey_not_found" NOT_FOUND
        en "Passkey not found" "You have no such passkey. Load the page again."
        ru "Ключа доступа нет" "У вас нет такого ключа доступа. Загрузите страницу снова."
    TooManyPasskeys "too_many_passkeys" CONFLICT
        en "Too many passkeys" "An account has up to 20 passkeys. Remove one that you do not use."
        ru "Слишком много ключей доступа" "У учётной записи может быть до 20 ключей доступа. Уберите ненужный."
    ResetLinkInvalid "reset_link_invalid" NOT_FOUND
        en "This link does not work" "The link for a new password is wrong, older than half an hour, or used. Ask for another one."
        ru "Ссылка не действует" "Ссылка для нового пароля неверна, старше получаса или уже использована. Попросите другую."
    EmailLinkInvalid "email_link_invalid" NOT_FOUND
        en "This link does not work" "The link to an e-mail address is wrong, older than a day, or used. Sign in and ask for another one."
        ru "Ссылка не действует" "Ссылка для адреса почты неверна, старше суток или уже использована. Войдите и запросите другую."
    MemberNotFound "member_not_found" NOT_FOUND
        en "Not in the team" "Nobody in this studio's team has this id. Load the team again."
        ru "Такого в команде нет" "В команде этой студии такого человека нет. Загрузите команду снова."
    InvalidRole "invalid_role" UNPROCESSABLE_ENTITY
        en "Invalid role" "There is no such role, or you cannot give it: an administrator gives the roles below an administrator."
        ru "Неверная роль" "Такой роли нет, или вы не можете её дать: администратор даёт роли ниже администратора."
    InvalidEnd "invalid_end" UNPROCESSABLE_ENTITY
        en "Invalid end" "The end must be in the future, and a main administrator has none."
        ru "Неверный срок" "Срок должен быть в будущем, а у главного администратора его нет."
    LastOwner "last_owner" CONFLICT
        en "The last main administrator stays" "Nobody else runs this installation. Make somebody else a main administrator first."
        ru "Последний главный администратор остаётся" "Больше никто не управляет этой системой. Сначала назначьте другого главного администратора."
    InvalidHeir "invalid_heir" UNPROCESSABLE_ENTITY
        en "The sessions cannot go there" "Sessions go to somebody else of this studio who may photograph, or stay with its administrators."
        ru "Съёмки нельзя передать" "Съёмки получает другой человек этой студии, который может снимать, или они остаются у её администраторов."
    InvalidPhotographer "invalid_photographer" UNPROCESSABLE_ENTITY
        en "Not a photographer of this studio" "Only people of the session's studio who may photograph take part in it. Load the list again."
        ru "Не фотограф этой студии" "В съёмке участвуют только люди её студии, которые могут снимать. Загрузите список снова."
    InvitationNotFound "invitation_not_found" NOT_FOUND
        en "Invitation not found" "There is no such invitation: it was accepted, taken back or has expired."
        ru "Приглашения нет" "Такого приглашения нет: его приняли, отозвали или оно устарело."
    InvitationInvalid "invitation_invalid" NOT_FOUND
        en "This invitation does not work" "It was used, taken back, is older than a week or was not copied whole. Ask the studio for another one."
        ru "Приглашение не действует" "Его уже приняли, отозвали, оно старше недели или скопировано не целиком. Попросите у студии другое."
    RoleDiffers "role_differs" CONFLICT
        en "This account has another role" "The account has another role in another studio. Ask for an invitation with that role, or use another e-mail address."
        ru "У учётной записи другая роль" "У этой учётной записи другая роль в другой студии. Попросите приглашение с этой ролью или укажите другой адрес."
    MailOff "mail_off" CONFLICT
        en "No mail is sent here" "This server sends no mail. Ask your studio's administrator for a link."
        ru "Почта не настроена" "Этот сервер не отправляет писем. Попросите ссылку у администратора студии."
    LoginTaken "login_taken" CONFLICT
        en "This account exists already" "The e-mail address or telephone number belongs to another account."
        ru "Такая учётная запись уже есть" "Этот адрес почты или номер телефона принадлежит другой учётной записи."
    DeviceSessionNotFound "device_session_not_found" NOT_FOUND
        en "Device not found" "You are not signed in on such a device, or it was signed out."
        ru "Устройство не найдено" "На таком устройстве вы не вошли, или вход уже завершён."
    ApiKeyNotFound "api_key_not_found" NOT_FOUND
        en "Key not found" "You have no such API key, or it was revoked."
        ru "Ключ не найден" "У вас нет такого ключа API, или он отозван."
    InvalidScopes "invalid_scopes" UNPROCESSABLE_ENTITY
        en "Invalid scopes" "Choose one or more of those in `offered`: a key does no more than your role."
        ru "Неверные области действия" "Выберите одну или несколько из `offered`: ключ может не больше, чем ваша роль."
    QrCodeNotFound "qr_code_not_found" NOT_FOUND
        en "The code has expired" "A code works for one minute. Show a new one on the other device."
        ru "Код устарел" "Код действует одну минуту. Покажите новый на другом устройстве."
    QrCodeSettled "qr_code_settled" CONFLICT
        en "The code was used" "It was confirmed or rejected before."
        ru "Код уже использован" "Его уже подтвердили или отклонили."
    InvalidDescription "invalid_description" UNPROCESSABLE_ENTITY
        en "The description is too long" "A description has up to 2000 characters."
        ru "Слишком длинное описание" "Описание — до 2000 символов."
    InvalidStatus "invalid_status" UNPROCESSABLE_ENTITY
        en "Not possible from here" "A session goes from created to active, completed and archived, and from the archive back to completed."
        ru "Такой переход невозможен" "Съёмка проходит состояния created, active, completed, archived; из архива можно вернуться в completed."
    InvalidTime "invalid_time" UNPROCESSABLE_ENTITY
        en "Invalid time" "Times are RFC 3339, such as 2026-06-20T17:00:00Z; `from` is at most 366 days before `to`."
        ru "Неверное время" "Время записывается по RFC 3339, например 2026-06-20T17:00:00Z; `from` — не раньше 366 дней до `to`."
    InvalidIdempotencyKey "invalid_idempotency_key" UNPROCESSABLE_ENTITY
        en "Invalid Idempotency-Key" "The header holds 1 to 255 ASCII characters."
        ru "Неверный Idempotency-Key" "В заголовке должно быть от 1 до 255 символов ASCII."
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY
        en "This Idempotency-Key was used" "It belongs to a request with another body. Use a new key for a new request."
        ru "Такой Idempotency-Key уже использован" "Он относится к запросу с другим телом. Для нового запроса нужен новый ключ."
    InvalidPictureSize "invalid_size" UNPROCESSABLE_ENTITY
        en "Invalid size" "`size` is 128 to 4096 pixels, and large enough for the code: try 1024."
        ru "Неверный размер" "`size` — от 128 до 4096 пикселей и достаточно велик для кода: попробуйте 1024."
    InvalidLanguage "invalid_language" UNPROCESSABLE_ENTITY
        en "Unknown language" "`language` must be ru or en."
        ru "Неизвестный язык" "`language` — ru или en."
    InvalidContact "invalid_contact" UNPROCESSABLE_ENTITY
        en "Invalid contact" "A contact is one line of up to 200 characters: a mail address, a number, a name in a messenger."
        ru "Неверный контакт" "Контакт — одна строка до 200 символов: почта, телефон, имя в мессенджере."
    InvalidSite "invalid_site" UNPROCESSABLE_ENTITY
        en "Invalid site" "The address of a site begins with https:// or http:// and has up to 200 characters."
        ru "Неверный адрес сайта" "Адрес сайта начинается с https:// или http://, до 200 символов."
    LinkNotFound "link_not_found" NOT_FOUND
        en "Link not found" "No session has this link. Scan the QR code again, or ask the photographer for the link."
        ru "Ссылка не найдена" "Ни у одной съёмки нет такой ссылки. Отсканируйте QR-код ещё раз или попросите ссылку у фотографа."
    InvalidLabel "invalid_label" UNPROCESSABLE_ENTITY
        en "Invalid label" "The label of a code has 1 to 60 characters in one line."
        ru "Неверная подпись" "Подпись кода — от 1 до 60 символов в одну строку."
    TooManyLinks "too_many_links" UNPROCESSABLE_ENTITY
        en "Too many codes" "A session can have 200 codes. Remove one first."
        ru "Слишком много кодов" "У съёмки может быть 200 кодов. Сначала удалите один из них."
    InvalidDesign "invalid_design" UNPROCESSABLE_ENTITY
        en "Invalid design" "A sheet of cards has the design classic, cover or small."
        ru "Неверный вид карточек" "Лист карточек бывает classic, cover или small."
    TooManyCards "too_many_cards" UNPROCESSABLE_ENTITY
        en "Too many cards" "A sheet has 1 to 100 cards. Ask for fewer copies, or for one code at a time."
        ru "Слишком много карточек" "На листе от 1 до 100 карточек. Закажите меньше копий или по одному коду."
    NoCover "no_cover" CONFLICT
        en "The session has no cover" "Choose one of its photos as the cover first, in the large view of a photo."
        ru "У съёмки нет обложки" "Сначала сделайте одну из её фотографий обложкой — в крупном просмотре фотографии."
    InvalidColour "invalid_colour" UNPROCESSABLE_ENTITY
        en "Invalid colour" "A colour is written as #rrggbb."
        ru "Неверный цвет" "Цвет записывается как #rrggbb."
    InvalidCredits "invalid_credits" UNPROCESSABLE_ENTITY
        en "These words cannot be written" "Creator, copyright and contact have up to 200 characters each, in one line."
        ru "Такие слова записать нельзя" "Автор, права и контакт — до 200 символов каждый, в одну строку."
    InvalidLogo "invalid_logo" UNPROCESSABLE_ENTITY
        en "The logo cannot be used" "It must be a PNG of 32 to 4096 pixels a side."
        ru "Логотип не подходит" "Нужен файл PNG со сторонами от 32 до 4096 пикселей."
    LogoTooLarge "logo_too_large" PAYLOAD_TOO_LARGE
        en "The logo is too large" "A logo may have up to 512 KB."
        ru "Логотип слишком большой" "Логотип может занимать до 512 КБ."
    TooManyPhotos "too_many_photos" UNPROCESSABLE_ENTITY
        en "Too many photos at once" "At most 500 photos can be changed at once."
        ru "Слишком много фотографий сразу" "За один раз можно изменить не больше 500 фотографий."
    InvalidWatermark "invalid_watermark" UNPROCESSABLE_ENTITY
        en "The watermark cannot be used" "`kind` is none, text (1 to 60 characters that can be printed) or logo (a PNG, or the studio's own), `opacity` is 10 to 90."
        ru "Водяной знак не подходит" "`kind` — none, text (от 1 до 60 печатных символов) или logo (PNG или логотип студии), `opacity` — от 10 до 90."
    ArchiveTooLarge "archive_too_large" UNPROCESSABLE_ENTITY
        en "Too many photos in one archive" "An archive holds at most 10,000 photos."
        ru "Слишком много фотографий в архиве" "В одном архиве — не больше 10 000 фотографий."
    ArchiveChanged "archive_changed" GONE
        en "The photos have changed" "A photo has gone or looks different since this archive was begun. Begin a new one."
        ru "Фотографии изменились" "С начала скачивания какую-то фотографию удалили или изменили. Начните скачивание заново."
    ArchivePreparing "archive_preparing" SERVICE_UNAVAILABLE
        en "The archive is being prepared" "Many photos have to be read first. Try again in a few seconds: what is done stays done."
        ru "Архив готовится" "Сначала нужно прочитать много фотографий. Повторите через несколько секунд: сделанное сохраняется."
    WebhookSignatureInvalid "webhook_signature_invalid" BAD_REQUEST
        en "The signature is not right" "The message was not signed with this endpoint's secret, or longer than five minutes ago."
        ru "Подпись неверна" "Сообщение подписано не секретом этого адреса или больше пяти минут назад."
    LinkInvalid "link_invalid" NOT_FOUND
        en "This link does not work" "It has expired or is incomplete. Go back to the page that it came from for a new one."
        ru "Ссылка не действует" "Срок ссылки истёк, или она неполна. Вернитесь на страницу, с которой пришли, за новой."
    PicturesBusy "pictures_busy" SERVICE_UNAVAILABLE
        en "Too many pictures right now" "Many guests are opening pictures at the same time. Try again in a few seconds."
        ru "Сейчас слишком много снимков" "Одновременно открывают много снимков. Повторите через несколько секунд."
    TicketNotFound "ticket_not_found" NOT_FOUND
        en "Ticket not found" "There is no such ticket, or it is not yours."
        ru "Обращение не найдено" "Такого обращения нет, или оно не ваше."
    AttachmentNotFound "attachment_not_found" NOT_FOUND
        en "File not found" "There is no such file in this ticket."
        ru "Файл не найден" "В этом обращении нет такого файла."
    InvalidTicket "invalid_ticket" UNPROCESSABLE_ENTITY
        en "A field cannot be used" "A subject has 1 to 200 characters, a message 1 to 10,000; `priority` and `category` are words of the documentation."
        ru "Поле заполнено неверно" "Тема — от 1 до 200 символов, сообщение — от 1 до 10 000; `priority` и `category` — слова из документации."
    InvalidAssignee "invalid_assignee" UNPROCESSABLE_ENTITY
        en "Not somebody who answers tickets" "A ticket is given to an operator or an administrator."
        ru "Этот человек не отвечает на обращения" "Обращение можно передать оператору или администратору."
    TicketClosed "ticket_closed" CONFLICT
        en "The ticket is closed" "Open it again, or write a new one."
        ru "Обращение закрыто" "Откройте его снова или напишите новое."
    TicketStatusRefused "ticket_status_refused" CONFLICT
        en "Not possible from here" "The ticket has moved on meanwhile, or was closed more than 30 days ago. Reload the page."
        ru "Такой переход невозможен" "Обращение тем временем изменилось или закрыто больше 30 дней назад. Обновите страницу."
    TooManyAttachments "too_many_attachments" UNPROCESSABLE_ENTITY
        en "Too many files" "At most 5 files go with one message."
        ru "Слишком много файлов" "К одному сообщению можно приложить не больше 5 файлов."
    AttachmentTooLarge "attachment_too_large" PAYLOAD_TOO_LARGE
        en "The file is too large" "A file may have up to 10 MB."
        ru "Файл слишком большой" "Файл может занимать до 10 МБ."
    UnsupportedAttachment "unsupported_attachment" UNSUPPORTED_MEDIA_TYPE
        en "Files of this type are not taken" "By its content it must be a JPEG, PNG, GIF, PDF, DOC, plain text or ZIP."
        ru "Такие файлы не принимаются" "По содержимому это должен быть JPEG, PNG, GIF, PDF, DOC, обычный текст или ZIP."
    EmptyAttachment "empty_attachment" UNPROCESSABLE_ENTITY
        en "The file is empty" "There is nothing in it to send."
        ru "Файл пуст" "В нём нечего отправлять."
    InvalidCurrency "invalid_currency" UNPROCESSABLE_ENTITY
        en "Unknown currency" "`currency` is a code of ISO 4217 in capitals, such as EUR."
        ru "Неизвестная валюта" "`currency` — код ISO 4217 заглавными буквами, например RUB."
    InvalidPrice "invalid_price" UNPROCESSABLE_ENTITY
        en "A price is not right" "`index` and `field` say which. A name has 1 to 100 characters, an amount is 1 to 1,000,000,000 minor units, a print and nothing else has a size, an id is of this list."
        ru "Ошибка в прайс-листе" "Где именно — в `index` и `field`. Название — от 1 до 100 символов, сумма — от 1 до 1 000 000 000 копеек, размер есть только у отпечатка, `id` — из этого же списка."
    TooManyPrices "too_many_prices" UNPROCESSABLE_ENTITY
        en "Too many prices" "A price list has at most 100 lines."
        ru "Слишком много цен" "В прайс-листе может быть не больше 100 строк."
    CartNotFound "cart_not_found" NOT_FOUND
        en "The cart is not there" "Carts are kept for 30 days after they were last used. Choose your photos again."
        ru "Корзина не найдена" "Корзина хранится 30 дней после последнего обращения. Выберите фотографии снова."
    CartOrdered "cart_ordered" CONFLICT
        en "The cart has been ordered" "It is an order already. Begin a new cart for more photos."
        ru "Корзина уже заказана" "Она уже стала заказом. Для других фотографий начните новую корзину."
    CartEmpty "cart_empty" UNPROCESSABLE_ENTITY
        en "The cart is empty" "Put something into it first."
        ru "Корзина пуста" "Сначала положите в неё что-нибудь."
    CartFull "cart_full" UNPROCESSABLE_ENTITY
        en "The cart is full" "A cart holds up to 1,000 lines, and up to 500 are changed at once. The whole session may be cheaper."
        ru "Корзина заполнена" "В корзине до 1000 строк, за один раз меняется до 500. Возможно, выгоднее взять всю съёмку."
    UnknownPrice "unknown_price" UNPROCESSABLE_ENTITY
        en "No longer on the price list" "The studio has changed its prices. Load them again."
        ru "Такой цены больше нет" "Студия изменила прайс-лист. Загрузите его снова."
    PhotoNotForSale "photo_not_for_sale" UNPROCESSABLE_ENTITY
        en "The photo cannot be bought" "It is not in this session any more, or the photographer has hidden it."
        ru "Эту фотографию нельзя купить" "Её больше нет в этой съёмке, или фотограф её скрыл."
    InvalidCartItem "invalid_cart_item" UNPROCESSABLE_ENTITY
        en "That does not go together" "Files and prints are of one photo, the whole session is of none."
        ru "Так заказать нельзя" "Файл и отпечаток относятся к одной фотографии, вся съёмка — ни к какой."
    InvalidQuantity "invalid_quantity" UNPROCESSABLE_ENTITY
        en "Not that many" "A print can be ordered up to 100 times, a file once."
        ru "Неверное количество" "Отпечаток можно заказать до 100 раз, файл — один раз."
    TotalChanged "total_changed" CONFLICT
        en "The total has changed" "Prices or photos changed since you looked. Check the cart and order again."
        ru "Сумма изменилась" "Цены или фотографии изменились. Проверьте корзину и оформите заказ снова."
    InvalidNote "invalid_note" UNPROCESSABLE_ENTITY
        en "The note is too long" "A note has up to 1000 characters."
        ru "Слишком длинное примечание" "Примечание — до 1000 символов."
    PaymentMethodUnavailable "payment_method_unavailable" UNPROCESSABLE_ENTITY
        en "This way to pay is not offered" "Choose one of the ways that are offered here."
        ru "Такой способ оплаты недоступен" "Выберите один из предложенных способов."
    PaymentProviderUnavailable "payment_provider_unavailable" SERVICE_UNAVAILABLE
        en "Paying online does not work right now" "Your order is kept. Try again in a few minutes."
        ru "Онлайн-оплата сейчас не работает" "Ваш заказ сохранён. Повторите попытку через несколько минут."
    PaymentProviderRefused "payment_provider_refused" CONFLICT
        en "The payment provider refuses" "Nothing was changed. Look into your account there, or arrange it with the other side yourself."
        ru "Платёжная система отказала" "Ничего не изменилось. Посмотрите в её личном кабинете или договоритесь с другой стороной сами."
    OrderBeingPaid "order_being_paid" CONFLICT
        en "The order has just been paid" "The payment arrives here within minutes. After that it can be refunded, not cancelled."
        ru "Заказ только что оплачен" "Оплата появится здесь в течение нескольких минут. После этого её можно вернуть, но не отменить заказ."
    OrderNotFound "order_not_found" NOT_FOUND
        en "Order not found" "There is no such order, or the link is not complete. Open it from the mail again."
        ru "Заказ не найден" "Такого заказа нет, или ссылка неполная. Откройте её из письма ещё раз."
    OrderNotPayable "order_not_payable" CONFLICT
        en "Nothing to pay here" "The order is not paid online, or it is paid or cancelled already."
        ru "Оплачивать нечего" "Заказ оплачивается не онлайн, либо уже оплачен или отменён."
    OrderTransitionRefused "order_transition_refused" CONFLICT
        en "Not possible from here" "An order goes from placed to paid and fulfilled; it can be cancelled before it is paid, and refunded after."
        ru "Такой переход невозможен" "Заказ проходит состояния placed, paid, fulfilled; отменить его можно до оплаты, вернуть деньги — после."
    InvalidOrderStatus "invalid_order_status" UNPROCESSABLE_ENTITY
        en "Unknown order status" "An order is placed, paid, fulfilled, cancelled or refunded."
        ru "Неизвестное состояние заказа" "Заказ бывает placed, paid, fulfilled, cancelled или refunded."
    UserNotFound "user_not_found" NOT_FOUND
        en "User not found" "The account does not exist any more. Sign in with another one."
        ru "Пользователь не найден" "Такой учётной записи больше нет. Войдите под другой."
    CustomersOnly "customers_only" FORBIDDEN
        en "Only customers can create orders" "Sign in with an account that has the role customer."
        ru "Создавать заказы могут только заказчики" "Войдите под учётной записью с ролью «Заказчик»."
    PlacementIncomplete "placement_incomplete" BAD_REQUEST
        en "Not all fields are filled in" "`fields` names those that are missing. Until then the order can be kept as a draft."
        ru "Не все поля заполнены" "Недостающие поля перечислены в `fields`. До тех пор заказ можно сохранить как черновик."
    PlacementInvalid "placement_invalid" UNPROCESSABLE_ENTITY
        en "Some fields cannot be right" "`faults` says of each of `fields` what is wrong. An order costs at least 100 ₽ and its deadline lies in the future."
        ru "Некоторые поля заполнены неверно" "В `faults` о каждом из `fields` сказано, что не так. Заказ стоит не меньше 100 ₽, а его срок — в будущем."
    PlacementNotFound "placement_not_found" NOT_FOUND
        en "Order not found" "There is no such order, or it is not yours."
        ru "Заказ не найден" "Такого заказа нет, или он не ваш."
    PlacementNotDraft "placement_not_draft" CONFLICT
        en "The order is not a draft any more" "Only a draft can be changed or deleted. An order that was placed can be cancelled."
        ru "Заказ уже не черновик" "Изменить или удалить можно только черновик. Размещённый заказ можно отменить."
    PlacementTransitionRefused "placement_transition_refused" CONFLICT
        en "Not possible from here" "The order's status does not allow this step, or the step is not yours to take."
        ru "Такой шаг невозможен" "Статус заказа не допускает этого шага, или его делает не ваша сторона."
    InsufficientBalance "insufficient_balance" CONFLICT
        en "The balance does not cover the order" "`available` says what is left, in minor units. Lower the amount or top up the balance."
        ru "Недостаточно средств на балансе" "В `available` — доступная сумма в копейках. Уменьшите бюджет или пополните баланс."
    ImageNotFound "image_not_found" NOT_FOUND
        en "Picture not found" "There is no such picture, or it is not yours. Pictures that no order needs are kept for a day."
        ru "Изображение не найдено" "Такого изображения нет, или оно не ваше. Изображения, не нужные ни одному заказу, хранятся сутки."
    MissingImage "missing_image" UNPROCESSABLE_ENTITY
        en "No picture was sent" "Send a picture in the field `image`, or `image_url` of one that was uploaded before."
        ru "Изображение не отправлено" "Отправьте изображение в поле `image` или `image_url` загруженного ранее."
    ImageTooLarge "image_too_large" PAYLOAD_TOO_LARGE
        en "The picture is too large" "A picture may have up to 20 MB and 100 megapixels."
        ru "Изображение слишком большое" "Изображение может занимать до 20 МБ и иметь до 100 мегапикселей."
    ForeignImageUrl "foreign_image_url" UNPROCESSABLE_ENTITY
        en "Not a picture of this server" "`image_url` must be /api/images/… of a picture uploaded here. Nothing is fetched from elsewhere: upload the file."
        ru "Изображение не с этого сервера" "`image_url` — это /api/images/… загруженного сюда изображения. С других адресов ничего не скачивается: загрузите файл."
    InvalidTargetUrl "invalid_target_url" UNPROCESSABLE_ENTITY
        en "Invalid link" "`target_url` must be a full http or https link of at most 2000 bytes, without a user name or a password."
        ru "Неверная ссылка" "`target_url` — полная ссылка http или https длиной до 2000 байт, без имени пользователя и пароля."
    QrDoesNotFit "qr_does_not_fit" UNPROCESSABLE_ENTITY
        en "The QR code does not fit this picture" "The link is too long for so small a picture: take a shorter link or a larger picture."
        ru "QR-код не помещается на изображение" "Ссылка слишком длинная для такого маленького изображения: возьмите ссылку короче или изображение больше."
    QrUnreadable "qr_unreadable" UNPROCESSABLE_ENTITY
        en "The QR code cannot be read on this picture" "Wherever we put it, it could not be scanned reliably. Take another picture or a shorter link."
        ru "QR-код на этом изображении не читается" "Где бы мы его ни поставили, надёжно отсканировать его не удалось. Возьмите другое изображение или ссылку короче."
    TooManyStreams "too_many_streams" SERVICE_UNAVAILABLE
        en "Too many pages are open" "Many guests are watching at the same time. The page looks for new photos now and then instead."
        ru "Открыто слишком много страниц" "Одновременно смотрит много гостей. Страница будет сама время от времени проверять новые фотографии."
    QueueFull "queue_full" SERVICE_UNAVAILABLE
        en "Too much at once" "Many guests are asking at the same time. Try again in a few seconds."
        ru "Сейчас слишком много запросов" "Одновременно обращается много гостей. Повторите через несколько секунд."
    StorageFull "storage_full" SERVICE_UNAVAILABLE
        en "The disk is full" "Nothing was stored. Searches go on; everything else does as soon as there is room on the server, uploads by themselves."
        ru "Диск заполнен" "Ничего не сохранено. Поиск работает; остальное заработает, как только на сервере появится место, загрузки продолжатся сами."
    HandoffNotFound "handoff_not_found" NOT_FOUND
        en "No such hand-off" "Check the link or the code on the photobooth's screen."
        ru "Такой передачи нет" "Проверьте ссылку или код на экране фотобудки."
    HandoffExpired "handoff_expired" GONE
        en "The time is over" "A hand-off lives for 30 minutes, and its pictures with it. Ask the photobooth for a new code."
        ru "Время вышло" "Передача длится 30 минут, снимки живут столько же. Попросите у фотобудки новый код."
    HandoffFull "handoff_full" CONFLICT
        en "No more photos, please" "A hand-off takes up to 5 photos from the guest and 5 pictures from the booth."
        ru "Больше фотографий не нужно" "Передача принимает до 5 фотографий гостя и до 5 снимков фотобудки."
    HandoffCompleted "handoff_completed" CONFLICT
        en "The photobooth has finished" "It takes no more photos in this hand-off. Ask it for a new code."
        ru "Фотобудка уже закончила" "Фотографии в эту передачу больше не принимаются. Попросите у фотобудки новый код."
    HandoffStatusRefused "handoff_status_refused" CONFLICT
        en "Not possible from here" "A hand-off goes from pending to ready, completed and expired, never back."
        ru "Такой переход невозможен" "Передача проходит состояния pending, ready, completed, expired и не возвращается назад."
    InvalidHandoffType "invalid_handoff_type" UNPROCESSABLE_ENTITY
        en "Unknown type" "`type` is upload or download, and stays what it was."
        ru "Неизвестный тип" "`type` — upload или download и не меняется."
    InvalidHandoffStatus "invalid_handoff_status" UNPROCESSABLE_ENTITY
        en "Unknown status" "`status` is pending, ready, completed or expired."
        ru "Неизвестный статус" "`status` — pending, ready, completed или expired."
    InvalidPhotoType "invalid_photo_type" UNPROCESSABLE_ENTITY
        en "The wrong type of picture" "Photos of the guest are `uploaded` and go to …/photos, pictures of the booth are `result` and go to …/result."
        ru "Неверный тип снимка" "Фотографии гостя — `uploaded`, их принимает …/photos; снимки фотобудки — `result`, их принимает …/result."
    InvalidTelegramUser "invalid_telegram_user" UNPROCESSABLE_ENTITY
        en "Not a Telegram user" "`telegram_user_id` is a positive number, `telegram_username` up to 32 Latin letters, digits and underscores."
        ru "Это не пользователь Telegram" "`telegram_user_id` — положительное число, `telegram_username` — до 32 латинских букв, цифр и подчёркиваний."
    HandoffDataTooLarge "handoff_data_too_large" PAYLOAD_TOO_LARGE
        en "Too much data" "`data` may have up to 16 KB as JSON."
        ru "Слишком много данных" "`data` может занимать до 16 КБ в виде JSON."
    HandoffPhotoTooLarge "handoff_photo_too_large" PAYLOAD_TOO_LARGE
        en "The picture is too large" "A picture may have up to 15 MB."
        ru "Снимок слишком большой" "Снимок может занимать до 15 МБ."
    UnusablePicture "unusable_picture" UNPROCESSABLE_ENTITY
        en "The picture cannot be used" "Send a JPEG, PNG or WebP of up to 100 megapixels; `reason` says what is wrong with this one."
        ru "Снимок не подходит" "Нужен JPEG, PNG или WebP до 100 мегапикселей; что не так с этим, говорит `reason`."
    ResultNotFound "result_not_found" NOT_FOUND
        en "No picture yet" "The photobooth has not left its picture. Wait a little."
        ru "Снимка ещё нет" "Фотобудка ещё не передала снимок. Подождите немного."
    StorageUnavailable "storage_unavailable" SERVICE_UNAVAILABLE
        en "The pictures cannot be reached right now" "Nothing is lost. Try again in a moment."
        ru "Сейчас нет доступа к снимкам" "Ничего не потеряно. Повторите чуть позже."
    PictureBeingMade "picture_being_made" SERVICE_UNAVAILABLE
        en "The picture is being made again" "Its file was lost or damaged and comes back from the original. Try again in a few seconds."
        ru "Снимок создаётся заново" "Его файл потерялся или повреждён и восстанавливается из оригинала. Повторите через несколько секунд."
    TooManyHandoffs "too_many_handoffs" SERVICE_UNAVAILABLE
        en "Too many hand-offs" "Many photobooths are busy here. Try again in a minute; a booth with a key has more room."
        ru "Слишком много передач" "Сейчас занято много фотобудок. Повторите через минуту; фотобудке с ключом места больше."
    TimedOut "timed_out" SERVICE_UNAVAILABLE
        en "It took too long" "The request could not be answered in time. Try again."
        ru "Слишком долго" "Ответить вовремя не удалось. Повторите попытку."
    DatabaseUnavailable "database_unavailable" SERVICE_UNAVAILABLE
        en "The database is busy" "Try again in a moment; a request with an Idempotency-Key runs once all the same."
        ru "База данных занята" "Повторите чуть позже; запрос с Idempotency-Key всё равно выполнится один раз."
    SourceUnavailable "source_unavailable" INTERNAL_SERVER_ERROR
        en "Sessions cannot be checked right now" "Please try again in a minute."
        ru "Сейчас нельзя проверить съёмку" "Повторите, пожалуйста, через минуту."
    Internal "internal" INTERNAL_SERVER_ERROR
        en "Something went wrong" "It is our fault and has been noted. Please try again later."
        ru "Что-то пошло не так" "Это наша ошибка, мы её записали. Повторите, пожалуйста, позже."
}

/// How to do better, for one reason of `low_quality`. `None` for a reason that has no words.
#[must_use]
pub fn selfie_advice(reason: &str, language: Language) -> Option<&'static str> {
    let (english, russian) = match reason {
        "too_small" => ("Come closer to the camera.", "Подойдите ближе к камере."),
        "too_dark" => ("Find a brighter place.", "Найдите место посветлее."),
        "too_bright" => ("Turn away from the bright light.", "Отвернитесь от яркого света."),
        "blurred" => ("Hold the phone still.", "Держите телефон неподвижно."),
        "turned_away" => ("Look straight at the camera.", "Посмотрите прямо в камеру."),
        "unclear" => (
            "Show your whole face: without sunglasses, a mask or hands before it.",
            "Покажите лицо целиком: без тёмных очков, маски и рук перед лицом.",
        ),
        _ => return None,
    };
    Some(match language {
        Language::English => english,
        Language::Russian => russian,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn is_russian(text: &str) -> bool {
        text.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё'))
    }

    #[test]
    fn every_code_has_its_own_words_in_both_languages() {
        for code in Code::ALL {
            let (english, russian) = (code.message(Language::English), code.message(Language::Russian));
            for text in [english.title, english.detail] {
                assert!(!text.is_empty() && !is_russian(text), "{code:?}: {text:?}");
            }
            for text in [russian.title, russian.detail] {
                assert!(is_russian(text), "{code:?}: {text:?}");
            }
        }
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len(), "a name is used twice");
    }

    #[test]
    fn every_code_is_documented_with_its_status() {
        let documentation = include_str!("../../docs/API.md");
        for code in Code::ALL {
            let row = format!("| {} |", code.status().as_u16());
            let name = format!("`{}`", code.name());
            assert!(documentation.lines().any(|l| l.starts_with(&row) && l.contains(&name)), "{row} {name}");
        }
    }

    #[test]
    fn every_reason_for_low_quality_has_advice() {
        for reason in ["too_small", "too_dark", "too_bright", "blurred", "turned_away", "unclear"] {
            assert!(selfie_advice(reason, Language::Russian).is_some_and(is_russian), "{reason}");
            assert!(
                selfie_advice(reason, Language::English).is_some_and(|text| !is_russian(text)),
                "{reason}"
            );
        }
    }
}
