//! Which photos are whose to see, and the first key of their order, in SQL.

/// The first sort key of a gallery; `name_key` and `id` follow.
pub(super) const MOMENT: &str = "COALESCE(ordered_at, taken_at, created_at)";

/// What makes a photo one for guests, whoever shows it.
macro_rules! for_guests {
    () => {
        "is_selected = 1 AND is_withheld = 0 AND bin_until IS NULL"
    };
}

/// [`crate::domain::Photo::is_visible`] in SQL.
pub(super) const VISIBLE: &str = concat!("(state = 'ready' AND ", for_guests!(), ")");

/// A photo that a search names: one that guests see, or one whose picture another program shows them.
pub(super) const FINDABLE: &str = concat!("(state IN ('ready', 'indexed') AND ", for_guests!(), ")");

/// The SQL condition for a photo that is listed: to guests (`only_visible`), or to those who manage its session.
pub(super) fn ready(only_visible: bool) -> &'static str {
    if only_visible { VISIBLE } else { "(state = 'ready' AND bin_until IS NULL)" }
}
