//! Settings of libraries: places with originals that are not ours and are only read.

use std::{path::PathBuf, time::Duration};

use super::{
    ConfigError,
    storage::{self, Bucket, S3Names, S3Settings},
    values::{Found, whole_number},
};

/// Stands for the id of a photo session in a template.
const SESSION: &str = "{session_id}";
const TEMPLATES: &str = "one or more of file:///folder/{session_id}/ and s3://bucket/folder/{session_id}/, \
                         separated by commas, each with {session_id} once behind the first folder or bucket";
/// Twenty times a large wedding.
const MOST_FILES: usize = 200_000;
const ROOTS: &str = "absolute paths of existing folders, separated by commas";
const NAMES: S3Names = S3Names {
    endpoint: "PIXORA_LIBRARY_S3_ENDPOINT",
    region: "PIXORA_LIBRARY_S3_REGION",
    id: "PIXORA_LIBRARY_S3_ACCESS_KEY_ID",
    secret: "PIXORA_LIBRARY_S3_SECRET_ACCESS_KEY",
    token: "PIXORA_LIBRARY_S3_SESSION_TOKEN",
    path_style: "PIXORA_LIBRARY_S3_PATH_STYLE",
};

#[derive(Debug, Clone)]
pub struct LibrarySettings {
    /// Tried in turn for each session.
    pub templates: Vec<LibraryTemplate>,
    /// Folders below which a studio may tie a session to a folder.
    pub roots: Vec<PathBuf>,
    /// Between two syncs of a session that guests visit.
    pub sync: Duration,
    /// Files in the library of one session. What lists more is no wedding but a folder that was named by mistake.
    pub most_files: u64,
    /// How the buckets are reached, apart from our own storage.
    pub s3: Result<S3Settings, ConfigError>,
}

/// Where the originals of a session lie, with `{session_id}` for its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LibraryTemplate {
    Folder(String),
    S3(Bucket),
}

impl LibraryTemplate {
    /// The folder, or the prefix in the bucket, of one session.
    #[must_use]
    pub fn of(&self, session: &str) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.replace(SESSION, session)),
            Self::S3(Bucket { name, prefix }) => {
                Self::S3(Bucket { name: name.clone(), prefix: prefix.replace(SESSION, session) })
            }
        }
    }

    /// The part in front of the session's id: what must be there whichever session is looked for.
    #[must_use]
    pub fn base(&self) -> Self {
        let before = |text: &str| {
            let (before, _) = text.split_once(SESSION).unwrap_or((text, ""));
            before.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
        };
        match self {
            Self::Folder(folder) => Self::Folder(before(folder)),
            Self::S3(Bucket { name, prefix }) => {
                Self::S3(Bucket { name: name.clone(), prefix: before(prefix) })
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.matches(SESSION).count() != 1 {
            return None;
        }
        if let Some(folder) = text.strip_prefix("file://") {
            let folder = folder.trim_end_matches('/');
            let is_sound = folder.starts_with('/')
                && !folder[1..].starts_with(SESSION)
                && folder[1..].split('/').all(|step| !matches!(step, "" | "." | ".."));
            return is_sound.then(|| Self::Folder(folder.to_owned()));
        }
        // An id has the characters that a step of a bucket's folder may have.
        let checked = storage::parse_bucket(&text.replace(SESSION, "SESSION"))?;
        let (_, prefix) = text.strip_prefix("s3://")?.trim_end_matches('/').split_once('/')?;
        Some(Self::S3(Bucket { name: checked.name, prefix: prefix.to_owned() }))
    }
}

pub(super) fn resolve(find: &impl Fn(&'static str) -> Option<Found>) -> Result<LibrarySettings, ConfigError> {
    let templates: Vec<LibraryTemplate> = match find("PIXORA_LIBRARY_URL") {
        Some(found) => {
            found.parse(TEMPLATES, |value| value.split(',').map(LibraryTemplate::parse).collect())?
        }
        None => Vec::new(),
    };
    let roots = match find("PIXORA_LIBRARY_ROOTS") {
        Some(found) => found.parse(ROOTS, |value| {
            let folder = |text: &str| {
                let path = PathBuf::from(text.trim());
                (path.is_absolute() && path.is_dir()).then_some(path)
            };
            value.split(',').map(folder).collect()
        })?,
        None => Vec::new(),
    };
    let sync = match find("PIXORA_LIBRARY_SYNC_SECONDS") {
        Some(found) => found.parse("a whole number of seconds from 1 to 86400", whole_number(1, 86_400))?,
        None => 300,
    };
    let most_files = match find("PIXORA_LIBRARY_MAX_FILES") {
        Some(found) => found.parse("a whole number from 1 to 10000000", whole_number(1, 10_000_000))?,
        None => MOST_FILES,
    };
    let s3 = storage::resolve(find, &NAMES);
    if templates.iter().any(|template| matches!(template, LibraryTemplate::S3(_))) {
        s3.clone()?;
    }
    let sync = Duration::from_secs(sync as u64);
    Ok(LibrarySettings { templates, roots, sync, most_files: most_files as u64, s3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_session_once_and_stays_below_its_base() {
        let parsed = LibraryTemplate::parse("file:///mnt/nas/weddings/{session_id}/").expect("is sound");
        assert_eq!(parsed.of("7"), LibraryTemplate::Folder("/mnt/nas/weddings/7".into()));
        assert_eq!(parsed.base(), LibraryTemplate::Folder("/mnt/nas/weddings".into()));
        let parsed =
            LibraryTemplate::parse("s3://studio/production/photos/{session_id}/originals").expect("is sound");
        let bucket =
            |prefix: &str| LibraryTemplate::S3(Bucket { name: "studio".into(), prefix: prefix.to_owned() });
        assert_eq!(parsed.of("7"), bucket("production/photos/7/originals"));
        assert_eq!(parsed.base(), bucket("production/photos"));
        for bad in [
            "file:///mnt/nas/",
            "file://nas/{session_id}",
            "file:///{session_id}",
            "file:///mnt/../{session_id}",
            "file:///mnt/{session_id}/{session_id}",
            "s3://{session_id}/originals",
            "https://example.org/{session_id}",
            "",
        ] {
            assert_eq!(LibraryTemplate::parse(bad), None, "{bad}");
        }
    }
}
