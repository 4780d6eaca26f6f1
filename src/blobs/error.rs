//! Errors of stored files, in our own words: a library's messages hold the names of files, which hold ids that open
//! galleries.

use std::{error::Error, fmt, io};

use object_store::client::{HttpError, HttpErrorKind};
use rustix::io::Errno;

use crate::{disk::no_room, reach};

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no such file")]
    NotFound,
    /// The asked range starts behind the end of the file.
    #[error("the range lies outside the file")]
    Range,
    /// The file is no longer the one that was listed in its library; the next sync takes it in.
    #[error("the file has changed in its library")]
    Changed,
    /// The storage did not do what it was told; it may later.
    #[error("the file storage is not available: {0}")]
    Unavailable(Trouble),
    /// The storage cannot be used as it is set up, or not now.
    #[error("a file could not be {step}: {trouble}")]
    Check { step: &'static str, trouble: Trouble },
    /// A local file outside the storage could not be read.
    #[error("the file cannot be read or written")]
    Source(#[source] io::Error),
}

impl BlobError {
    /// Whether there is no room left, so that trying again later may help.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Unavailable(trouble) | Self::Check { trouble, .. } => trouble.full,
            Self::Source(error) => no_room(error),
            Self::NotFound | Self::Range | Self::Changed => false,
        }
    }

    /// Whether the storage is to blame, and not the file that was asked for: it may be back later. What a local disk
    /// or this process lacks (room, descriptors, a sound medium, the right to write) is such an outage.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Check { .. } | Self::Source(_) | Self::Changed => true,
            Self::NotFound | Self::Range => false,
        }
    }

    /// Whether asking again may help: clients are told to.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Changed => true,
            Self::Source(error) => passes(error),
            Self::Check { .. } | Self::NotFound | Self::Range => false,
        }
    }

    /// Whether the store does not take the keys: an operator has to give new ones.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Unavailable(trouble) | Self::Check { trouble, .. } if trouble.denied)
    }

    /// Stable name of the failure, for logs and problem documents.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "file_not_found",
            Self::Range => "range_not_satisfiable",
            Self::Changed => "library_changed",
            Self::Unavailable(_) => "storage_unavailable",
            Self::Check { .. } => "storage_unusable",
            Self::Source(_) => "file_unreadable",
        }
    }

    /// For what has nothing to do with a certain file: a bucket that is not there is no file that is not there.
    pub(super) fn unavailable(error: &object_store::Error) -> Self {
        Self::Unavailable(Trouble::of(error))
    }

    /// The library of an original does not answer, or is not mounted.
    pub(super) fn library_away() -> Self {
        Self::Unavailable(Trouble { words: "the library cannot be read".into(), ..Trouble::default() })
    }

    /// The library's store answered with an error, by the text and the status of its answer.
    pub(super) fn library_refused(text: &str, status: u16) -> Self {
        let words = match code_in(text) {
            Some(code) => meaning(code)
                .map_or_else(|| format!("the store answered {code}"), |words| format!("{words} [{code}]")),
            None => format!("the store answered {status}"),
        };
        let denied = matches!(status, 401 | 403);
        Self::Unavailable(Trouble { words, denied, ..Trouble::default() })
    }

    pub(crate) fn late() -> Self {
        Self::Unavailable(Trouble { words: LATE.into(), ..Trouble::default() })
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match &error {
            object_store::Error::NotFound { .. } if code_in(&error.to_string()) != Some("NoSuchBucket") => {
                Self::NotFound
            }
            other => Self::unavailable(other),
        }
    }
}

/// Why a storage did not do what it was told. Holds no file's name.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    words: String,
    full: bool,
    /// The store does not take the keys, or not any more.
    denied: bool,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

const LATE: &str = "no answer in time";

impl Trouble {
    pub(super) fn other_bytes() -> Self {
        Self { words: "other bytes than were written".into(), ..Self::default() }
    }

    pub(super) fn of(error: &object_store::Error) -> Self {
        let text = error.to_string();
        if let Some(code) = code_in(&text) {
            let full = matches!(code, "XMinioStorageFull" | "QuotaExceeded" | "InsufficientStorage");
            let words = match meaning(code) {
                Some(meaning) => format!("{meaning} [{code}]"),
                None => format!("the store answered {code}"),
            };
            return Self {
                words,
                full,
                denied: status_in(&text).is_some_and(|status| matches!(status, 401 | 403)),
            };
        }
        let causes =
            || std::iter::successors(Some(error as &(dyn Error + 'static)), |cause| (*cause).source());
        if let Some(error) = causes().find_map(|cause| cause.downcast_ref::<io::Error>())
            && causes().all(|cause| !cause.is::<HttpError>())
        {
            return Self { words: error.kind().to_string(), full: no_room(error), denied: false };
        }
        let words = if text.contains("169.254.169.254") {
            "there are no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role at AWS"
                .into()
        } else if let Some(status) = status_in(&text) {
            match meaning_of_status(status) {
                Some(meaning) => format!("{meaning} [{status}]"),
                None => format!("the store answered {status}"),
            }
        } else if text.contains("redirect") {
            OTHER_REGION.into()
        } else {
            let kind = causes().find_map(|cause| cause.downcast_ref::<HttpError>()).map(HttpError::kind);
            match kind {
                Some(HttpErrorKind::Timeout) => LATE.into(),
                _ if reach::why(error).is_some() => reach::why(error).unwrap_or_default().into(),
                Some(HttpErrorKind::Connect) => "nobody answers at its address".into(),
                Some(HttpErrorKind::Decode) => "an answer that is not S3's".into(),
                Some(_) => "the connection broke".into(),
                None => "an answer that is not understood".into(),
            }
        };
        let denied = status_in(&text).is_some_and(|status| matches!(status, 401 | 403));
        Self { words, full: false, denied }
    }
}

const OTHER_REGION: &str = "the bucket is in another region than AWS_REGION says";
const REFUSED: &str =
    "the key may not do this; it needs the rights that docs/OPERATIONS.md lists under \"Pictures on S3\"";

/// The codes of S3 that an operator can do something about.
fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "NoSuchBucket" => "there is no such bucket; make it, or correct PIXORA_STORAGE_URL",
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => REFUSED,
        "InvalidAccessKeyId" => "the store does not know AWS_ACCESS_KEY_ID",
        "SignatureDoesNotMatch" => "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
        "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => "AWS_SESSION_TOKEN is not valid any more",
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => OTHER_REGION,
        "RequestTimeTooSkewed" | "RequestExpired" => "this machine's clock is wrong; set it",
        "XMinioStorageFull" | "QuotaExceeded" | "InsufficientStorage" => "the store is full",
        "SlowDown" | "ServiceUnavailable" | "InternalError" | "OperationAborted" => {
            "the store cannot do it now"
        }
        "NotImplemented" | "MethodNotAllowed" => "the store cannot do what Pixora needs",
        _ => return None,
    })
}

/// An answer without a body, as to `HEAD`, has no code.
fn meaning_of_status(status: u16) -> Option<&'static str> {
    match status {
        301 | 307 => Some(OTHER_REGION),
        401 | 403 => Some(REFUSED),
        500..600 => Some("the store cannot do it now"),
        _ => None,
    }
}

/// Whether this process, or the whole system, has no descriptor left: nothing is wrong with the file.
#[must_use]
pub fn lacks_descriptors(error: &io::Error) -> bool {
    matches!(errno(error), Some(Errno::MFILE | Errno::NFILE))
}

/// Whether a local disk or this process cannot do now what it could before, and may do again.
fn passes(error: &io::Error) -> bool {
    no_room(error)
        || lacks_descriptors(error)
        || matches!(errno(error), Some(Errno::IO | Errno::ROFS | Errno::DQUOT))
}

fn errno(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw_os_error)
}

/// S3's code in an error document. What is no code is not repeated: it may be anything.
fn code_in(text: &str) -> Option<&str> {
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    let sound = (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    sound.then_some(code)
}

fn status_in(text: &str) -> Option<u16> {
    let number = text.split_once("status code: ")?.1.get(..3)?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn what_is_said_of_a_failure_names_no_file() {
        let id = "0192f0c1-7a3b-7c4d-8e5f-001122334455";
        for (answer, words) in [
            ("status code: 403 Forbidden: <Error><Code>AccessDenied</Code>", "the key may not"),
            ("status code: 404 Not Found: <Error><Code>NoSuchBucket</Code>", "no such bucket"),
            ("status code: 301 Moved: <Error><Code>PermanentRedirect</Code>", "another region"),
            ("Received redirect without LOCATION", "another region"),
            ("status code: 403 Forbidden: <Error><Code>RequestTimeTooSkewed</Code>", "clock"),
            ("status code: 403 Forbidden: ", "the key may not"),
            ("status code: 503 Service Unavailable: ", "cannot do it now"),
            ("status code: 418 I'm a teapot: sessions", "answered 418"),
            (&format!("<Code>Strange</Code> sessions/{id}"), "answered Strange"),
            (&format!("<Code>sessions/{id}</Code>"), "not understood"),
        ] {
            let error = generic(&format!("Error performing GET https://b.example/sessions/{id} - {answer}"));
            let said = BlobError::from(error).to_string();
            assert!(said.contains(words) && !said.contains("0192") && !said.contains("b.example"), "{said}");
        }
    }

    #[test]
    fn a_full_store_is_known_as_such_wherever_it_is() {
        let full = generic("status code: 507: <Code>XMinioStorageFull</Code>");
        assert!(BlobError::from(full).is_full());
        let disk = io::Error::from(io::ErrorKind::StorageFull);
        let disk = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(disk) };
        assert!(BlobError::from(disk).is_full());
        assert!(!BlobError::from(generic("status code: 500")).is_full());
    }

    /// `EMFILE` was taken for the photo's fault, and 522 photos were set aside in two minutes.
    #[test]
    fn every_local_failure_is_an_outage_that_passes() {
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOSPC, Errno::IO, Errno::ROFS, Errno::DQUOT] {
            let error = || io::Error::from_raw_os_error(errno.raw_os_error());
            let own = BlobError::Source(error());
            assert!(own.is_outage() && own.passes(), "{errno:?}");
            let source = Box::new(error());
            let stored = BlobError::from(object_store::Error::Generic { store: "LocalFileSystem", source });
            assert!(stored.is_outage() && stored.passes(), "{errno:?}: {stored:?}");
        }
        assert!(!BlobError::NotFound.is_outage());
        assert!(lacks_descriptors(&io::Error::from_raw_os_error(Errno::MFILE.raw_os_error())));
        assert!(!lacks_descriptors(&io::Error::from_raw_os_error(Errno::IO.raw_os_error())));
    }

    #[test]
    fn a_bucket_that_is_not_there_is_no_file_that_is_not_there() {
        let missing = |code: &str| object_store::Error::NotFound {
            path: "sessions".into(),
            source: format!("status code: 404 Not Found: <Error><Code>{code}</Code>").into(),
        };
        assert!(matches!(BlobError::from(missing("NoSuchKey")), BlobError::NotFound));
        assert!(matches!(BlobError::from(missing("NoSuchBucket")), BlobError::Unavailable(_)));
    }
}
