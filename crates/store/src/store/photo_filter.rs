//! Which photos of a session are listed, and in what order. One builder writes the conditions for guests and managers,
//! so that a list, its ids and its hours always mean the same photos.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::{Any, any::AnyArguments, query::Query};
use uuid::Uuid;

use super::{
    children::GUARDED,
    micros,
    sight::{self, MOMENT},
};
use crate::domain::{
    ChapterSpan, ChoiceListId, ColourLabel, Company, PROCESSING_FAILED, PersonId, Photo, PhotoId,
    PhotoSessionId, PhotoSort, PhotoState, Viewer, folded_name,
};

/// The filter of a manager's list of photos; a field that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct PhotoFilter {
    pub state: Option<PhotoState>,
    /// Only those that failed by our fault, and may be tried again.
    pub failed: bool,
    pub selected: Option<bool>,
    /// So many stars or more.
    pub min_rating: Option<i8>,
    pub label: Option<String>,
    pub company: Option<Company>,
    /// Photos that show this person.
    pub person: Option<PersonId>,
    /// A keyword or the label.
    pub tag: Option<String>,
    /// A part of the file's name, whatever its capitals are.
    pub name: Option<String>,
    /// The photographer whom the file names.
    pub credit: Option<String>,
    pub chapter: Option<ChapterSpan>,
    /// So many guests or more have given it a heart.
    pub min_hearts: Option<u32>,
    /// Those in this list of a guest or the couple.
    pub list: Option<ChoiceListId>,
    /// Those that the photographer has rejected.
    pub flagged: bool,
    /// Those that the couple hides from other guests, whether the studio has overruled it or not.
    pub hidden_by_couple: bool,
    /// Those in the bin, which are left out of every other list.
    pub in_bin: bool,
}

/// What a guest narrows the gallery to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    pub person: Option<PersonId>,
    /// The photographer whom the file names.
    pub credit: Option<String>,
    pub chapter: Option<ChapterSpan>,
}

impl Narrowed {
    /// The whole gallery is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.person.is_none() && self.credit.is_none() && self.chapter.is_none()
    }
}

/// The order of a list of photos.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhotoOrder {
    pub sort: PhotoSort,
    /// The last one first.
    pub descending: bool,
}

impl PhotoOrder {
    /// The place just after this photo.
    #[must_use]
    pub fn after(self, photo: &Photo) -> GalleryCursor {
        let at = match self.sort {
            PhotoSort::Uploaded => photo.created_at,
            PhotoSort::Taken | PhotoSort::Name | PhotoSort::Rating | PhotoSort::Label => photo.ordered_at,
        };
        let group = match self.sort {
            PhotoSort::Rating => i64::from(MOST_STARS - photo.facts.rating.unwrap_or(0)),
            PhotoSort::Label => place_of(photo.facts.label.as_deref()),
            PhotoSort::Taken | PhotoSort::Uploaded | PhotoSort::Name => 0,
        };
        GalleryCursor { at: group * GROUP + micros(at), name_key: photo.name_key.clone(), id: photo.id }
    }

    /// The keys by which photos are ordered, the first one first. All of them are in a [`GalleryCursor`].
    fn keys(self) -> [String; 3] {
        let moment = || MOMENT.to_owned();
        let grouped = |group: &str| format!("({group} * {GROUP} + {MOMENT})");
        let [first, second] = match self.sort {
            PhotoSort::Taken => [moment(), "name_key".to_owned()],
            PhotoSort::Uploaded => ["created_at".to_owned(), "name_key".to_owned()],
            PhotoSort::Name => ["name_key".to_owned(), moment()],
            PhotoSort::Rating => {
                [grouped(&format!("({MOST_STARS} - COALESCE(rating, 0))")), "name_key".to_owned()]
            }
            PhotoSort::Label => [grouped(&label_places()), "name_key".to_owned()],
        };
        [first, second, "id".to_owned()]
    }

    /// What stands behind `ORDER BY`.
    pub(super) fn by(self) -> String {
        let direction = if self.descending { " DESC" } else { "" };
        self.keys().map(|key| format!("{key}{direction}")).join(", ")
    }
}

/// Lies between two groups of photos, of which each is in the order of its moments.
const GROUP: i64 = 1_000_000_000_000_000_000;
const MOST_STARS: i8 = 5;

/// The place of a colour label among the others; what is none of them comes last.
fn place_of(label: Option<&str>) -> i64 {
    let label = label.and_then(ColourLabel::of);
    let place = ColourLabel::ALL.iter().position(|each| Some(*each) == label);
    place.unwrap_or(ColourLabel::ALL.len()) as i64
}

/// The same in SQL.
fn label_places() -> String {
    let places = ColourLabel::ALL.iter().enumerate().map(|(place, label)| {
        let names = label.names().map(|name| format!("'{name}'")).join(", ");
        format!("WHEN label IN ({names}) THEN {place} ")
    });
    format!("(CASE {}ELSE {} END)", places.collect::<String>(), ColourLabel::ALL.len())
}

/// Place in a gallery, whatever its order is. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GalleryCursor {
    /// The moment that orders it.
    at: i64,
    name_key: String,
    id: PhotoId,
}

impl GalleryCursor {
    /// The place just after this photo in the order of the gallery.
    #[must_use]
    pub fn after(photo: &Photo) -> Self {
        PhotoOrder::default().after(photo)
    }

    /// Where a page begins, as the query's values.
    pub(super) fn place(after: Option<Self>) -> (i64, String, String) {
        after.map_or_else(
            || (i64::MIN, String::new(), String::new()),
            |Self { at, name_key, id }| (at, name_key, id.to_string()),
        )
    }
}

impl fmt::Display for GalleryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}.{}", self.at, self.name_key, self.id.0.simple())
    }
}

impl FromStr for GalleryCursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let (Some(at), Some(name_key), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("not a cursor");
        };
        let at = u64::from_str_radix(at, 16).map_err(|_| "not a cursor")?.cast_signed();
        let id = PhotoId(Uuid::try_parse(id).map_err(|_| "not a cursor")?);
        if !name_key.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err("not a cursor");
        }
        Ok(Self { at, name_key: name_key.to_owned(), id })
    }
}

/// A value of a query.
pub(super) enum Value {
    Number(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Conditions of a query for photos of one session, with their values.
pub(super) struct Conditions {
    pub sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn new(session: PhotoSessionId) -> Self {
        Self { sql: "photo_session_id = $1".to_owned(), values: vec![session.to_string().into()] }
    }

    /// The photos that such a viewer sees in the session.
    pub fn shown(session: PhotoSessionId, viewer: Viewer, narrowed: Narrowed) -> Self {
        let mut all = Self::new(session);
        all.and(sight::ready(viewer), []);
        if let Some(person) = narrowed.person {
            all.shows(person, viewer);
        }
        if let Some(credit) = narrowed.credit {
            all.credited(&credit);
        }
        if let Some(chapter) = narrowed.chapter {
            all.chapter(chapter);
        }
        all
    }

    /// The photos that the filter lets through.
    pub fn managed(session: PhotoSessionId, filter: PhotoFilter) -> Self {
        let mut all = Self::new(session);
        match filter.state {
            Some(state) => all.and("state = ?", [state.to_string().into()]),
            None => all.and("state <> 'indexed'", []),
        }
        all.and(if filter.in_bin { "bin_until > 0" } else { "bin_until IS NULL" }, []);
        if filter.failed {
            all.and("state = 'rejected' AND reject_code = ?", [PROCESSING_FAILED.into()]);
        }
        if let Some(selected) = filter.selected {
            all.and("is_selected = ?", [i64::from(selected).into()]);
        }
        if let Some(stars) = filter.min_rating {
            all.and("rating >= ?", [i64::from(stars).into()]);
        }
        if let Some(label) = filter.label {
            // The same label in another language of the editor's.
            let [one, other] = ColourLabel::of(&label)
                .map_or([label.clone(), label], |label| label.names().map(str::to_owned));
            all.and("label IN (?, ?)", [one.into(), other.into()]);
        }
        if let Some(company) = filter.company {
            let (fewest, most) = company.faces();
            all.and(
                "state = 'ready' AND faces BETWEEN ? AND ?",
                [i64::from(fewest).into(), i64::from(most).into()],
            );
        }
        if let Some(person) = filter.person {
            all.shows(person, Viewer::Studio);
        }
        if let Some(tag) = filter.tag.filter(|tag| !tag.is_empty()) {
            // The keywords stand first in that JSON, and no text in it can hold the quotes and brackets around them.
            let keyword = format!("%\"keywords\":[%{}%],\"caption\":%", pattern(&quoted(&tag)));
            all.and("(words LIKE ? ESCAPE '!' OR label = ?)", [keyword.into(), tag.into()]);
        }
        if let Some(name) = filter.name.map(|name| folded_name(name.trim())).filter(|name| !name.is_empty()) {
            let part = format!("%{}%", pattern(&name));
            all.and("COALESCE(folded_name, LOWER(filename)) LIKE ? ESCAPE '!'", [part.into()]);
        }
        if let Some(credit) = filter.credit {
            all.credited(&credit);
        }
        if let Some(chapter) = filter.chapter {
            all.chapter(chapter);
        }
        if let Some(hearts) = filter.min_hearts {
            all.and(
                "(SELECT COUNT(*) FROM choice_photos h JOIN choice_lists l ON l.id = h.list_id \
                 WHERE h.photo_id = photos.id AND l.kind = 'guest') >= ?",
                [i64::from(hearts).into()],
            );
        }
        if let Some(list) = filter.list {
            let sql = "EXISTS (SELECT 1 FROM choice_photos c WHERE c.photo_id = photos.id AND c.list_id = ?)";
            all.and(sql, [list.to_string().into()]);
        }
        if filter.flagged {
            all.and("rating = -1", []);
        }
        if filter.hidden_by_couple {
            all.and("couple_hid_at IS NOT NULL", []);
        }
        all
    }

    /// Begins behind a place of this order.
    pub fn behind(&mut self, order: PhotoOrder, after: Option<GalleryCursor>) {
        let Some(GalleryCursor { at, name_key, id }) = after else { return };
        let [first, second, third] = order.keys();
        let than = if order.descending { "<" } else { ">" };
        let (at, name_key, id) = (Value::Number(at), Value::Text(name_key), Value::Text(id.to_string()));
        let values = match order.sort {
            PhotoSort::Name => [name_key, at, id],
            PhotoSort::Taken | PhotoSort::Uploaded | PhotoSort::Rating | PhotoSort::Label => {
                [at, name_key, id]
            }
        };
        self.and(&format!("({first}, {second}, {third}) {than} (?, ?, ?)"), values);
    }

    /// The query, whose text has these conditions in it.
    pub fn query(self, sql: String) -> Query<'static, Any, AnyArguments> {
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
    }

    /// Adds one more condition; each `?` in it stands for one of the values.
    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.sql.push_str(" AND (");
        let mut parts = condition.split('?');
        self.sql.push_str(parts.next().unwrap_or_default());
        for (part, value) in parts.zip(values) {
            self.values.push(value);
            self.sql.push_str(&format!("${}{part}", self.values.len()));
        }
        self.sql.push(')');
    }

    /// The photo shows this person; guests cannot name a child whose guardian is asked.
    fn shows(&mut self, person: PersonId, viewer: Viewer) {
        let guarded = if viewer == Viewer::Studio { String::new() } else { format!("AND NOT {GUARDED}") };
        let sql = format!(
            "EXISTS (SELECT 1 FROM person_faces f JOIN people p ON p.id = f.person_id \
             WHERE f.photo_id = photos.id AND f.person_id = ? {guarded})"
        );
        self.and(&sql, [person.to_string().into()]);
    }

    /// The file names this photographer, in the JSON of `words`.
    fn credited(&mut self, credit: &str) {
        let words = format!("%,\"creator\":{},\"copyright\":%", pattern(&quoted(credit)));
        self.and("words LIKE ? ESCAPE '!'", [words.into()]);
    }

    fn chapter(&mut self, span: ChapterSpan) {
        let (from, to) = span.shot.unwrap_or((DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MIN_UTC));
        let by_time = format!("chapter_id IS NULL AND {MOMENT} >= ? AND {MOMENT} < ?");
        let (from, to) = (micros(from).into(), micros(to).into());
        match span.chapter {
            Some(id) => {
                self.and(&format!("chapter_id = ? OR ({by_time})"), [id.to_string().into(), from, to])
            }
            None => self.and(&by_time, [from, to]),
        }
    }
}

/// A text as it stands in JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text as a pattern of `LIKE` with `!` as its escape.
fn pattern(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_filter_has_a_place_in_its_words() {
        let filter = PhotoFilter {
            name: Some("50%_!".to_owned()),
            credit: Some("A \"B\"".to_owned()),
            min_hearts: Some(2),
            ..PhotoFilter::default()
        };
        let mut all = Conditions::managed(PhotoSessionId::generate(), filter);
        let cursor = GalleryCursor { at: 1, name_key: "aa".to_owned(), id: PhotoId::generate() };
        all.behind(PhotoOrder { sort: PhotoSort::Name, descending: true }, Some(cursor));
        assert_eq!(all.values.len(), 7);
        assert!(all.sql.contains("$7") && !all.sql.contains('?'), "{}", all.sql);
        assert!(matches!(&all.values[1], Value::Text(text) if text == "%50!%!_!!%"));
        assert!(matches!(&all.values[4], Value::Text(text) if text == "aa"), "the name comes first");
        assert!(all.sql.contains(") < ("), "{}", all.sql);
    }
}
