//! What an error of a database means, in words of ours: an operator can act upon them, and they repeat nothing
//! of the URL. Every error that leaves this room has been through [`of`].

use std::fmt;

use sqlx::Error;

use super::StoreError;
use crate::reach;

/// Sorts an error by what can be done about it.
pub(super) fn of(error: Error) -> StoreError {
    let means = match &error {
        Error::Database(database) if database.is_unique_violation() => return StoreError::Conflict(error),
        Error::Database(database) => database.code().as_deref().map(meaning),
        Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) => {
            return StoreError::Corrupt(error.to_string());
        }
        _ => None,
    };
    match means {
        Some(Meaning::Full) => StoreError::Full(error),
        Some(Meaning::Damaged) => StoreError::Damaged(error),
        _ => StoreError::Unavailable(error),
    }
}

enum Meaning {
    Full,
    Damaged,
    Said(&'static str),
    Other,
}

/// SQLite's extended result codes are numbers, PostgreSQL's SQLSTATE has five characters.
/// <https://www.sqlite.org/rescode.html>, <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn meaning(code: &str) -> Meaning {
    match code {
        "28P01" => Meaning::Said("the password or the user is wrong"),
        "28000" => Meaning::Said(
            "it refuses this user: there is no such role, or pg_hba.conf does not let it in from here or without TLS",
        ),
        "3D000" => Meaning::Said("there is no such database; make it, or correct the URL"),
        "42501" => Meaning::Said("its user may not do this"),
        "42P01" => Meaning::Said("it lacks a table that is needed; is it the right database?"),
        "25006" => Meaning::Said("it is read-only"),
        "53300" => Meaning::Said("it has no connection free"),
        "53100" => Meaning::Full,
        "57P01" | "57P02" | "57P03" => Meaning::Said("it is starting or stopping"),
        "XX001" | "XX002" => Meaning::Damaged,
        _ => code.parse().map_or(Meaning::Other, meaning_of_result),
    }
}

fn meaning_of_result(extended: i32) -> Meaning {
    // SQLITE_IOERR_SHMSIZE: there was no room for the index of the write-ahead log.
    const SHARED_MEMORY_SIZE: i32 = 10 | (19 << 8);
    match (extended, extended & 0xff) {
        (SHARED_MEMORY_SIZE, _) | (_, 13) => Meaning::Full,
        (_, 11 | 26) => Meaning::Damaged,
        (_, 5 | 6) => Meaning::Said("it is busy with another write"),
        (_, 3 | 8) => Meaning::Said("this user may not write its file"),
        (_, 10) => Meaning::Said("its disk reports an error"),
        (_, 14) => Meaning::Said("its file cannot be opened or made; check the folder and its owner"),
        _ => Meaning::Other,
    }
}

/// Why a database is not available, as the end of a sentence: `: …`, or nothing where that is not known.
pub(super) struct Reason<'a>(pub &'a Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.0 {
            Error::Database(database) => match database.code().as_deref().map(meaning) {
                Some(Meaning::Said(words)) => Some(words),
                _ => None,
            },
            Error::Tls(inner) if inner.to_string() == "server does not support TLS" => Some(reach::NO_TLS),
            Error::Configuration(_) => Some("its URL has a parameter with a wrong value"),
            Error::PoolTimedOut => Some("no connection came free in time"),
            other => reach::why(other),
        };
        reason.map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, error::Error as StdError};

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    #[derive(Debug)]
    struct Answer(&'static str);

    impl fmt::Display for Answer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("password authentication failed for user \"anna\"")
        }
    }

    impl StdError for Answer {}

    impl DatabaseError for Answer {
        fn message(&self) -> &str {
            "password authentication failed for user \"anna\""
        }
        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }
        fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
            self
        }
        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn said(code: &'static str) -> StoreError {
        of(Error::Database(Box::new(Answer(code))))
    }

    #[test]
    fn a_full_disk_and_a_damaged_file_are_told_from_a_database_that_is_away() {
        for full in ["13", "4874", "53100"] {
            assert!(matches!(said(full), StoreError::Full(_)), "{full}");
        }
        for damaged in ["11", "26", "267", "779", "XX001"] {
            let error = said(damaged);
            assert_eq!(error.code(), "database_damaged", "{damaged}");
            assert!(error.to_string().contains("pixora restore"), "{error}");
        }
        assert_eq!(said("5").code(), "database_unavailable");
    }

    #[test]
    fn what_is_said_of_a_database_names_the_obstacle_and_nobody() {
        for (code, words) in [
            ("28P01", "password"),
            ("3D000", "no such database"),
            ("28000", "pg_hba.conf"),
            ("53300", "no connection free"),
            ("5", "busy"),
            ("14", "cannot be opened"),
        ] {
            let said = said(code).to_string();
            assert!(said.contains(words) && !said.contains("anna"), "{code}: {said}");
        }
        let tls = StoreError::from(Error::Tls("server does not support TLS".into())).to_string();
        assert!(tls.contains("does not offer TLS"), "{tls}");
    }
}
