//! The studio's terms of a session's gallery, beyond its switches.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Comments, Invalid, PhotoId, PriceId, PriceList};

/// How a gallery is closed, and what it offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GalleryTerms {
    /// Guests must know it to get in. It is kept in clear, because the studio reads it out and prints it; it opens
    /// this gallery only.
    pub pin: Option<String>,
    /// Until then guests get in and see no photos.
    pub reveals_at: Option<DateTime<Utc>>,
    /// From then on guests do not get in.
    pub ends_at: Option<DateTime<Utc>>,
    pub at_end: AtEnd,
    pub downloads: Downloads,
    /// Whether the studio's watermark, if it has set one, lies over the pictures.
    pub watermark: bool,
    /// The prices of the studio's list that are offered here; `None` for all of them.
    pub prices: Option<Vec<PriceId>>,
    /// The photo that stands for the session.
    pub cover: Option<PhotoId>,
    pub previews: Previews,
    pub guest_photos: GuestPhotos,
    /// Photos that one guest may send.
    pub most_from_a_guest: u32,
    /// Photos that all of them may send.
    pub most_from_guests: u32,
    pub comments: Comments,
}

/// A session whose end is to erase it is erased so long after its end: until then its studio can still change its mind.
pub const ERASED_AFTER: TimeDelta = TimeDelta::days(7);

impl GalleryTerms {
    /// Whether messengers may show this photo beside a link, to everybody who is sent one.
    #[must_use]
    pub fn is_previewed(&self, photo: PhotoId) -> bool {
        match self.previews {
            Previews::None => false,
            Previews::Cover => self.cover == Some(photo),
            Previews::Photos => true,
        }
    }
}

words! {
    /// By what photos are ordered.
    #[derive(Default)]
    PhotoSort "order of photos" {
        /// The moment of the shot; of upload, where the camera did not say.
        #[default]
        Taken "taken",
        Uploaded "uploaded",
        Name "name",
        /// The photographer's stars, most first; then the moment.
        Rating "rating",
        /// The colour label, in Lightroom's order; photos without one last; then the moment.
        Label "label",
    }
}

words! {
    /// The fate of a session when its gallery ends.
    AtEnd "what happens at the end" {
        /// It is put away; the studio keeps everything.
        Archive "archive",
        /// It is erased [`ERASED_AFTER`] its end.
        Erase "erase",
    }
}

words! {
    /// The copies that guests may save of the photos that they see, the least first.
    Downloads "downloads" {
        Off "off",
        /// Copies of [`WEB`] pixels.
        Web "web",
        /// The largest copies.
        Full "full",
        /// The photographer's files, as archives; single photos as the largest copies.
        Original "original",
    }
}

words! {
    /// Whether guests may add photos of their own.
    GuestPhotos "guest photos" {
        Off "off",
        /// They are seen when the studio has looked at them.
        Moderated "moderated",
        /// They are seen at once.
        Open "open",
    }
}

words! {
    /// The pictures that a messenger shows beside a link, to everybody who is sent it. They show guests, so the studio
    /// says which.
    Previews "previews" {
        None "none",
        /// The cover beside the link of the session.
        Cover "cover",
        /// That, and a photo beside its own link.
        Photos "photos",
    }
}

/// The long side of the copies of [`Downloads::Web`], in pixels.
pub const WEB: u32 = 1024;

impl Downloads {
    /// The long side of the largest copy that guests are sent at all. Where nothing larger may be saved, nothing larger
    /// is shown either, because what a browser shows can be kept.
    #[must_use]
    pub fn largest(self) -> u32 {
        match self {
            Self::Off | Self::Web => WEB,
            Self::Full | Self::Original => u32::MAX,
        }
    }
}

impl Default for GalleryTerms {
    fn default() -> Self {
        Self {
            pin: None,
            reveals_at: None,
            ends_at: None,
            at_end: AtEnd::Archive,
            downloads: Downloads::Full,
            watermark: true,
            prices: None,
            cover: None,
            previews: Previews::None,
            guest_photos: GuestPhotos::Off,
            most_from_a_guest: 50,
            most_from_guests: 1_000,
            comments: Comments::Off,
        }
    }
}

impl GalleryTerms {
    /// The studio's list as it is sold here: what is not offered is inactive.
    #[must_use]
    pub fn offered(&self, mut list: PriceList) -> PriceList {
        if let Some(prices) = &self.prices {
            list.prices.iter_mut().for_each(|price| price.active &= prices.contains(&price.id));
        }
        list
    }

    /// The copies that guests may save. Where files are sold, nothing is free that would take their place: without a watermark
    /// guests save copies for the screen, under one the largest copies, and nowhere originals.
    #[must_use]
    pub fn saved(&self, list: Option<&PriceList>, is_marked: bool) -> Downloads {
        let sells_files =
            list.is_some_and(|list| list.prices.iter().any(|price| price.active && price.gives_files()));
        let most = match (sells_files, is_marked) {
            (false, _) => Downloads::Original,
            (true, true) => Downloads::Full,
            (true, false) => Downloads::Web,
        };
        self.downloads.min(most)
    }
}
