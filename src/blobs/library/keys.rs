//! Keys of files.

/// S3's own limit, in bytes.
const LONGEST: usize = 1024;

/// Whether a key can stand in rows, lists and answers as it is.
pub(super) fn is_usable(key: &str) -> bool {
    key.len() <= LONGEST && !key.chars().any(char::is_control)
}
