//! Chapters: the parts of a session's day, such as the ceremony and the dinner.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::ChapterId;

/// One part of a session's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    pub id: ChapterId,
    pub name: String,
    /// By the session's clock. Photos that were shot from then on are in it, until the next chapter that has a time.
    pub starts_at: Option<NaiveDateTime>,
}

/// The chapters of one session in the photographer's order, with what is needed to read their times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chapters {
    pub list: Vec<Chapter>,
    /// How many minutes the session's clock is ahead of UTC.
    pub offset_minutes: i32,
}

/// The photos of one chapter, or of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChapterSpan {
    /// Photos that were put into it by hand; `None` for those that are in no chapter.
    pub chapter: Option<ChapterId>,
    /// Photos that nobody has put anywhere by hand and that were shot between these; nobody's where it is `None`.
    pub shot: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Chapters {
    /// The chapter of a photo; what was said by hand wins over the time of the shot.
    #[must_use]
    pub fn of(&self, moment: DateTime<Utc>, by_hand: Option<ChapterId>) -> Option<ChapterId> {
        if let Some(chapter) = by_hand.filter(|id| self.list.iter().any(|chapter| chapter.id == *id)) {
            return Some(chapter);
        }
        let mut begun = self.timed().into_iter().filter(|(start, _)| *start <= moment);
        begun.next_back().map(|(_, chapter)| chapter)
    }

    /// Which photos a chapter has; `None` where there is no such chapter.
    #[must_use]
    pub fn span(&self, id: ChapterId) -> Option<ChapterSpan> {
        self.list.iter().find(|chapter| chapter.id == id)?;
        let timed = self.timed();
        let at = timed.iter().position(|(_, chapter)| *chapter == id);
        let end = |at: usize| timed.get(at + 1).map_or(DateTime::<Utc>::MAX_UTC, |(start, _)| *start);
        Some(ChapterSpan { chapter: Some(id), shot: at.map(|at| (timed[at].0, end(at))) })
    }

    /// The photos that are in no chapter.
    #[must_use]
    pub fn outside(&self) -> ChapterSpan {
        let first = self.timed().first().map_or(DateTime::<Utc>::MAX_UTC, |(start, _)| *start);
        ChapterSpan { chapter: None, shot: Some((DateTime::<Utc>::MIN_UTC, first)) }
    }

    /// The chapters that have a time, by their starts. Of two that start together the later one in the list has all.
    fn timed(&self) -> Vec<(DateTime<Utc>, ChapterId)> {
        let zone = TimeDelta::minutes(i64::from(self.offset_minutes));
        let start = |chapter: &Chapter| Some((chapter.starts_at?.and_utc() - zone, chapter.id));
        let mut timed: Vec<_> = self.list.iter().filter_map(start).collect();
        timed.sort_by_key(|(start, _)| *start);
        timed
    }
}

/// A pause in which nothing was shot parts chapters from so many minutes on.
const PAUSE: TimeDelta = TimeDelta::minutes(15);
/// The most chapters that are suggested.
const MOST: usize = 8;

/// Where chapters may begin: the first photo, and the first one after each of the longest pauses. `moments` are in order.
#[must_use]
pub fn suggested_starts(moments: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    let Some(first) = moments.first() else { return Vec::new() };
    let pauses = moments.windows(2).map(|pair| (pair[1] - pair[0], pair[1]));
    let mut pauses: Vec<_> = pauses.filter(|(pause, _)| *pause >= PAUSE).collect();
    pauses.sort_by(|one, other| other.cmp(one));
    pauses.truncate(MOST - 1);
    let mut starts: Vec<_> =
        std::iter::once(*first).chain(pauses.into_iter().map(|(_, start)| start)).collect();
    starts.sort_unstable();
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("2026-06-20T{text}:00Z")).expect("a time").to_utc()
    }

    fn chapter(start: Option<&str>) -> Chapter {
        let starts_at = start.map(|start| at(start).naive_utc());
        Chapter { id: ChapterId::generate(), name: "Dinner".to_owned(), starts_at }
    }

    #[test]
    fn a_photo_is_in_the_chapter_that_began_last_unless_a_hand_said_otherwise() {
        let list = vec![chapter(Some("18:00")), chapter(None), chapter(Some("15:00"))];
        let (dinner, details, ceremony) = (list[0].id, list[1].id, list[2].id);
        let chapters = Chapters { list, offset_minutes: 120 };
        assert_eq!(chapters.of(at("12:59"), None), None, "14:59 by the session's clock");
        assert_eq!(chapters.of(at("13:00"), None), Some(ceremony));
        assert_eq!(chapters.of(at("16:00"), None), Some(dinner));
        assert_eq!(chapters.of(at("16:00"), Some(details)), Some(details));
        assert_eq!(
            chapters.of(at("16:00"), Some(ChapterId::generate())),
            Some(dinner),
            "a chapter that is gone"
        );
        // The spans say the same as the photos' chapters.
        let span = chapters.span(ceremony).expect("a chapter");
        assert_eq!(span.shot, Some((at("13:00"), at("16:00"))));
        assert_eq!(chapters.span(details).expect("a chapter").shot, None);
        assert_eq!(chapters.outside().shot, Some((DateTime::<Utc>::MIN_UTC, at("13:00"))));
        assert_eq!(chapters.span(ChapterId::generate()), None);
    }

    #[test]
    fn chapters_are_suggested_where_nothing_was_shot_for_a_while() {
        let moments = ["12:00", "12:05", "13:00", "13:10", "13:24", "19:00"].map(at);
        assert_eq!(suggested_starts(&moments), ["12:00", "13:00", "19:00"].map(at));
        assert_eq!(suggested_starts(&[]), []);
        let many: Vec<_> = (0..20).map(|n| at("00:00") + TimeDelta::minutes(20 * n + n)).collect();
        assert_eq!(suggested_starts(&many).len(), MOST);
    }
}
