//! What a guest agrees to.

use std::{fmt, str::FromStr};

use super::Invalid;

words! {
    /// What a consent is for. Each is asked, recorded and withdrawn on its own.
    ConsentPurpose "purpose of a consent" {
        /// A selfie is compared with the faces of a session; its vector is remembered for one visit at most.
        Match "match",
        /// The vector is kept until the session ends, so that the guest hears of new photos.
        News "news",
        /// The guest is left out of the photos, also of those to come.
        Hiding "hiding",
        /// A parent or guardian lets a child's photos be found by a selfie.
        Guardian "guardian",
        /// Photos that the guest sends are shown to the other guests.
        Sharing "sharing",
        /// What the guest writes on photos is shown to the other guests.
        Commenting "commenting",
    }
}
