//! Which photos are whose to see, and the first key of their order, in SQL.

use crate::domain::Viewer;

/// The first sort key of a gallery; `name_key` and `id` follow.
pub(super) const MOMENT: &str = "COALESCE(ordered_at, taken_at, created_at)";

/// What makes a photo one for guests and the couple, whoever shows it.
macro_rules! for_guests {
    () => {
        "is_selected = 1 AND is_withheld = 0 AND bin_until IS NULL"
    };
}

/// The couple does not hide it from other guests, or the studio shows it all the same.
macro_rules! not_hidden_by_couple {
    () => {
        "(couple_hid_at IS NULL OR couple_overruled = 1)"
    };
}

/// [`crate::domain::Photo::is_visible`] in SQL.
pub(super) const VISIBLE: &str =
    concat!("(state = 'ready' AND ", for_guests!(), " AND ", not_hidden_by_couple!(), ")");

/// The photos that the couple sees: also those that it hides from other guests.
const OF_COUPLE: &str = concat!("(state = 'ready' AND ", for_guests!(), ")");

/// A photo that a search names: one that guests see, or one whose picture another program shows them.
pub(super) const FINDABLE: &str =
    concat!("(state IN ('ready', 'indexed') AND ", for_guests!(), " AND ", not_hidden_by_couple!(), ")");

/// The SQL condition for a photo that is listed to such a viewer.
pub(super) fn ready(viewer: Viewer) -> &'static str {
    match viewer {
        Viewer::Guest => VISIBLE,
        Viewer::Couple => OF_COUPLE,
        Viewer::Studio => "(state = 'ready' AND bin_until IS NULL)",
    }
}
