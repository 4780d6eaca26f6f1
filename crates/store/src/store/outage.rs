//! Temporary failures: the database is busy, away, or between two states.

use std::error::Error;

/// Whether an error, or what led to it, says that the database cannot serve at the moment, so that the same request
/// may succeed later. A statement that is wrong is none of that.
#[must_use]
pub fn is_outage(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(passes) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| code_passes(&code)),
        _ => false,
    }
}

/// SQLite's extended result codes are numbers, PostgreSQL's SQLSTATE has five characters.
/// <https://www.sqlite.org/rescode.html>, <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn code_passes(code: &str) -> bool {
    if code.len() == 5 {
        // Connections, resources, an operator's intervention (a timeout, a stop); a lock; two that met; a standby.
        let classes = ["08", "53", "57"];
        return classes.iter().any(|class| code.starts_with(class))
            || ["55P03", "40001", "40P01", "25006"].contains(&code);
    }
    // Busy, locked, an error of the disk, a full one, a file that cannot be opened, a race for the lock.
    code.parse::<u32>().is_ok_and(|code| [5, 6, 10, 13, 14, 15].contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for passing in ["5", "261", "517", "6", "13", "08006", "53300", "57014", "57P01", "55P03", "40P01"] {
            assert!(code_passes(passing), "{passing}");
        }
        for lasting in ["1", "19", "2067", "11", "26", "42P01", "23505", "28P01", ""] {
            assert!(!code_passes(lasting), "{lasting}");
        }
        assert!(is_outage(&StoreError::from(sqlx::Error::PoolTimedOut)), "through what it led to");
        assert!(!is_outage(&StoreError::from(sqlx::Error::ColumnNotFound("x".into()))));
    }
}
