//! Open files and connections: how many this process may have, and how many of them connections may take.
//!
//! A service manager usually starts a process with a soft limit of 1,024. Guests' pages alone can use that up, and
//! then no photo can be read and no row be written. So the program raises its soft limit to the hard one at the
//! start, and whoever accepts connections or opens streams stays below [`for_connections`].

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than this is never asked for: some systems call their limit infinite and refuse it all the same.
const MOST: u64 = 1 << 20;
/// Where the system does not name a limit (macOS: `OPEN_MAX`).
const UNNAMED: u64 = 10_240;
/// A quarter of the limit is kept back for the database, the face index and the files of the pipeline, within these
/// bounds.
const LEAST_KEPT: u64 = 64;
const MOST_KEPT: u64 = 1024;

/// Raises the soft limit to the hard one and returns what holds from now on. To be called once, at the start.
pub fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(UNNAMED).min(MOST);
    if current.is_some_and(|current| current < wanted) {
        // Refused, the old limit stands, and everything below goes by what stands.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
    limit()
}

/// Descriptors that this process may have open now.
#[must_use]
pub fn limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(MOST).min(MOST)
}

/// Descriptors that connections may take all together, with the files that are read for them. The rest is kept
/// back for the database, the face index and the pipeline, so that guests never stop the photos.
#[must_use]
pub fn for_connections() -> usize {
    usize::try_from(left_for_connections(limit())).unwrap_or(usize::MAX)
}

fn left_for_connections(limit: u64) -> u64 {
    limit.saturating_sub((limit / 4).clamp(LEAST_KEPT, MOST_KEPT)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_raised_to_the_hard_one() {
        let before = getrlimit(Resource::Nofile);
        let raised = raise();
        let after = getrlimit(Resource::Nofile);
        assert_eq!(after.maximum, before.maximum, "the hard limit stays");
        assert_eq!(Some(raised), after.current);
        assert_eq!(
            raised,
            before.maximum.unwrap_or(UNNAMED).min(MOST).max(before.current.unwrap_or(0).min(MOST))
        );
    }

    #[test]
    fn descriptors_are_kept_back_for_the_pipeline_whatever_the_limit_is() {
        for limit in [256, 1024, 4096, 65_536, MOST] {
            let kept = limit - left_for_connections(limit);
            assert!((LEAST_KEPT..=MOST_KEPT).contains(&kept), "{kept} of {limit}");
        }
        assert_eq!(left_for_connections(1024), 768);
        assert_eq!(left_for_connections(10), 1, "a server that can serve nobody is of no use");
    }
}
