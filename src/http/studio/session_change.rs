//! How a studio says in JSON what is to be different in a session.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain,
    http::{
        extract,
        messages::Code,
        problem::Problem,
        shared::{parsed_time, parsed_zone},
        words::{self, SessionStatus},
    },
    photo_sessions::{SessionChange, TermsChange},
};

#[derive(Deserialize, ToSchema)]
pub struct SessionChangeJson {
    name: Option<String>,
    /// `null` removes it.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// RFC 3339; `null` removes it.
    #[serde(default, alias = "scheduledAt", deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    scheduled_at: Option<Option<String>>,
    /// In which the session's times are shown and clocks of cameras are read that do not say their own, by its IANA name
    /// (`Europe/Berlin`); `null` for the installation's.
    #[serde(default, alias = "timeZone", deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>)]
    time_zone: Option<Option<String>>,
    /// `created` → `active` → `completed` → `archived`, and back from `archived` to `completed`.
    #[schema(value_type = Option<SessionStatus>)]
    status: Option<String>,
    /// Whether guests get in.
    #[serde(alias = "galleryOpen")]
    gallery_open: Option<bool>,
    /// Whether guests who get in may search by a selfie.
    #[serde(alias = "faceSearch")]
    face_search: Option<bool>,
    /// Stands for both where they are not named.
    #[serde(alias = "facepassEnabled")]
    facepass_enabled: Option<bool>,
    /// 4 to 32 letters or digits that guests must know to get in; `null` removes it.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>)]
    pin: Option<Option<String>>,
    /// RFC 3339. Until then guests see no photos; `null` removes it.
    #[serde(default, alias = "revealsAt", deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    reveals_at: Option<Option<String>>,
    /// RFC 3339. From then on guests do not get in; `null` removes it.
    #[serde(default, alias = "endsAt", deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Option<String>>,
    /// The fate of the session at its end. It is erased seven days after.
    #[serde(alias = "atEnd")]
    #[schema(value_type = Option<words::AtEnd>)]
    at_end: Option<String>,
    /// The copies that guests may save. Where files are sold it is no more than `full` under a watermark, and `web` without one.
    #[schema(value_type = Option<words::Downloads>)]
    downloads: Option<String>,
    /// Whether the studio's watermark lies over the pictures.
    watermark: Option<bool>,
    /// Ids of the prices of the studio's list that are offered here; `null` for all of them.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<Vec<Uuid>>)]
    prices: Option<Option<Vec<String>>>,
    /// A photo of the session that stands for it: first on the guest's page, and beside its link where `previews` says so;
    /// `null` for none.
    #[serde(default, alias = "coverPhotoId", deserialize_with = "extract::given")]
    #[schema(value_type = Option<Uuid>)]
    cover_photo_id: Option<Option<String>>,
    /// The pictures that messengers show beside links, to everybody who is sent one.
    #[schema(value_type = Option<words::Previews>)]
    previews: Option<String>,
    /// Whether guests may add photos of their own.
    #[serde(alias = "guestPhotos")]
    #[schema(value_type = Option<words::GuestPhotos>)]
    guest_photos: Option<String>,
    /// Photos that one guest may send, 1 to 1000.
    #[serde(alias = "mostFromAGuest")]
    #[schema(minimum = 1, maximum = 1000)]
    most_from_a_guest: Option<u32>,
    /// Photos that all of them may send, 1 to 10000.
    #[serde(alias = "mostFromGuests")]
    #[schema(minimum = 1, maximum = 10000)]
    most_from_guests: Option<u32>,
    /// Whether guests may write on photos.
    #[schema(value_type = Option<words::Comments>)]
    comments: Option<String>,
    /// A customer's account; `null` removes it.
    #[serde(default, alias = "clientId", deserialize_with = "extract::given")]
    #[schema(value_type = Option<Uuid>)]
    client_id: Option<Option<Uuid>>,
}

impl SessionChangeJson {
    /// The change, with every text parsed.
    pub(super) fn parsed(self) -> Result<SessionChange, Problem> {
        let prices =
            self.prices.map(|prices| prices.map(|prices| extract::ids(&prices)).transpose()).transpose()?;
        let terms = TermsChange {
            pin: self.pin,
            reveals_at: moment(self.reveals_at)?,
            ends_at: moment(self.ends_at)?,
            at_end: word(self.at_end.as_deref())?,
            downloads: word(self.downloads.as_deref())?,
            watermark: self.watermark,
            prices,
            cover: self.cover_photo_id.map(|id| id.as_deref().map(extract::id).transpose()).transpose()?,
            previews: word(self.previews.as_deref())?,
            guest_photos: word(self.guest_photos.as_deref())?,
            most_from_a_guest: self.most_from_a_guest,
            most_from_guests: self.most_from_guests,
            comments: word(self.comments.as_deref())?,
        };
        Ok(SessionChange {
            name: self.name,
            description: self.description,
            scheduled_at: moment(self.scheduled_at)?,
            time_zone: self.time_zone.map(|zone| zone.as_deref().map(parsed_zone).transpose()).transpose()?,
            terms,
            status: self.status.map(domain::SessionStatus::from),
            gallery_open: self.gallery_open.or(self.facepass_enabled),
            face_search: self.face_search.or(self.facepass_enabled),
            client: self.client_id,
        })
    }
}

/// A time that a body gives, removes, or leaves out.
fn moment(given: Option<Option<String>>) -> Result<Option<Option<DateTime<Utc>>>, Problem> {
    given.map(|time| time.as_deref().map(parsed_time).transpose()).transpose()
}

fn word<T: std::str::FromStr>(given: Option<&str>) -> Result<Option<T>, Problem> {
    Ok(given.map(|word| word.parse().map_err(|_| Code::MalformedBody)).transpose()?)
}
