//! `pixora session …`

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{CliError, existing_session, print_json};
use crate::{
    app::{self, Parts},
    config::Settings,
    domain::{Addresses, GalleryTerms, PhotoSession, PhotoSessionId, SessionStatus, timestamp},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a session and print its link
    Create {
        /// What guests read at the top of the page
        #[arg(long)]
        name: String,
        #[arg(long)]
        description: Option<String>,
        /// Let guests find themselves by selfie
        #[arg(long)]
        facepass: bool,
        #[arg(long)]
        json: bool,
    },
    /// All sessions, newest first
    List {
        #[arg(long)]
        json: bool,
    },
    /// One session and how its photos stand
    Show {
        id: PhotoSessionId,
        #[arg(long)]
        json: bool,
    },
    /// Put a session away, as the panel does: guests no longer see it; nothing is erased
    Archive {
        id: PhotoSessionId,
        #[arg(long)]
        json: bool,
    },
    /// Open or close a session to guests, its selfie search with it
    Facepass {
        id: PhotoSessionId,
        #[arg(value_parser = ["on", "off"])]
        to: String,
        #[arg(long)]
        json: bool,
    },
    /// Let guests in, or keep them out
    Gallery {
        id: PhotoSessionId,
        #[arg(value_parser = ["open", "closed"])]
        to: String,
        #[arg(long)]
        json: bool,
    },
    /// Tie a session to a folder with its originals, which is only read, or look through its library now
    Library {
        id: PhotoSessionId,
        /// Below one of PIXORA_LIBRARY_ROOTS
        folder: Option<PathBuf>,
        /// Back to the places of PIXORA_LIBRARY_URL
        #[arg(long, conflicts_with = "folder")]
        untie: bool,
        #[arg(long)]
        json: bool,
    },
    /// Switch the selfie search on or off; the gallery stays as it is
    FaceSearch {
        id: PhotoSessionId,
        #[arg(value_parser = ["on", "off"])]
        to: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct SessionDocument {
    id: PhotoSessionId,
    url: String,
    name: String,
    description: Option<String>,
    status: SessionStatus,
    gallery_open: bool,
    face_search: bool,
    facepass_enabled: bool,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    photos: Option<crate::store::PhotoCounts>,
}

impl SessionDocument {
    fn new(session: PhotoSession, addresses: &Addresses) -> Self {
        let facepass_enabled = session.facepass_enabled();
        Self {
            id: session.id,
            url: addresses.session(session.studio_id, session.id),
            name: session.name,
            description: session.description,
            status: session.status,
            gallery_open: session.gallery_open,
            face_search: session.face_search,
            facepass_enabled,
            created_at: timestamp(session.created_at),
            updated_at: timestamp(session.updated_at),
            photos: None,
        }
    }
}

/// Sessions read at a time while listing.
const PAGE: u32 = 200;

pub(super) async fn run(command: Command, settings: &Settings) -> Result<(), CliError> {
    let parts = Parts::open(settings).await?;
    let done = run_on(&parts, command, settings).await;
    parts.store.close().await;
    done
}

async fn run_on(parts: &Parts, command: Command, settings: &Settings) -> Result<(), CliError> {
    let sessions = parts.store.sessions();
    let addresses = app::addresses(settings, &parts.store).await?;
    match command {
        Command::Create { name, description, facepass, json } => {
            let name = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 200 {
                return Err(CliError::Usage("--name needs 1 to 200 characters".into()));
            }
            let now = parts.now();
            let session = PhotoSession {
                id: PhotoSessionId::generate(),
                name,
                description,
                studio_id: parts.store.sessions().default_studio(now).await?,
                photographer_id: None,
                status: SessionStatus::Active,
                gallery_open: facepass,
                face_search: facepass,
                terms: GalleryTerms::default(),
                scheduled_at: None,
                time_zone: settings.time_zone,
                completed_at: None,
                created_at: now,
                updated_at: now,
            };
            sessions.create(&session).await?;
            print(SessionDocument::new(session, &addresses), json)
        }
        Command::List { json } => {
            let mut all: Vec<SessionDocument> = Vec::new();
            loop {
                let page = sessions.list(all.last().map(|last| last.id), PAGE).await?;
                if page.is_empty() {
                    break;
                }
                all.extend(page.into_iter().map(|session| SessionDocument::new(session, &addresses)));
            }
            if json {
                return print_json(&serde_json::json!({ "sessions": all }));
            }
            for session in all {
                outln!("{}  {:9}  {}", session.id, session.status, session.name);
            }
            Ok(())
        }
        Command::Show { id, json } => show(parts, id, settings, json).await,
        Command::Archive { id, json } => {
            own_session(parts, id).await?;
            sessions.set_status(id, SessionStatus::Archived, parts.now()).await?;
            show(parts, id, settings, json).await
        }
        Command::Facepass { id, to, json } => {
            own_session(parts, id).await?;
            let on = Some(to == "on");
            sessions.set_switches(id, on, on, parts.now()).await?;
            show(parts, id, settings, json).await
        }
        Command::Gallery { id, to, json } => {
            own_session(parts, id).await?;
            sessions.set_switches(id, Some(to == "open"), None, parts.now()).await?;
            show(parts, id, settings, json).await
        }
        Command::Library { id, folder, untie, json } => {
            existing_session(parts, id).await?;
            library(parts, id, folder.as_deref(), untie).await?;
            show(parts, id, settings, json).await
        }
        Command::FaceSearch { id, to, json } => {
            own_session(parts, id).await?;
            sessions.set_switches(id, None, Some(to == "on"), parts.now()).await?;
            show(parts, id, settings, json).await
        }
    }
}

/// A running server syncs within seconds, another one at its start.
async fn library(
    parts: &Parts,
    id: PhotoSessionId,
    folder: Option<&Path>,
    untie: bool,
) -> Result<(), CliError> {
    let (library, now) = (parts.store.library(), parts.now());
    let Some(folder) = folder else {
        if untie {
            library.tie(id, None, now).await?;
        } else {
            library.want(id, now).await?;
        }
        return Ok(());
    };
    let allowed = parts.libraries.allowed(folder);
    let folder = allowed.as_deref().and_then(Path::to_str).ok_or_else(|| {
        let words = "there is no such folder below those of PIXORA_LIBRARY_ROOTS";
        CliError::failed("library_folder_not_allowed", words)
    })?;
    Ok(library.tie(id, Some(folder), now).await?)
}

/// A session that is ours to change.
async fn own_session(parts: &Parts, id: PhotoSessionId) -> Result<(), CliError> {
    if parts.store.sessions().get(id).await?.is_some() {
        return Ok(());
    }
    existing_session(parts, id).await?;
    Err(CliError::failed(
        "external_session",
        "the session lives in the studio's own database; change it there",
    ))
}

async fn show(parts: &Parts, id: PhotoSessionId, settings: &Settings, json: bool) -> Result<(), CliError> {
    let session = existing_session(parts, id).await?;
    let photos = Some(parts.store.photos().counts(id).await?);
    let addresses = app::addresses(settings, &parts.store).await?;
    print(SessionDocument { photos, ..SessionDocument::new(session, &addresses) }, json)
}

fn print(session: SessionDocument, json: bool) -> Result<(), CliError> {
    if json {
        return print_json(&session);
    }
    outln!("{}\n  {}", session.name, session.url);
    let gallery = if session.gallery_open { "open" } else { "closed" };
    let search = if session.face_search { "on" } else { "off" };
    outln!("  status {}, gallery {gallery}, face search {search}", session.status);
    if let Some(photos) = session.photos {
        outln!(
            "  {} photos ready with {} faces, {} queued, {} rejected",
            photos.ready,
            photos.faces,
            photos.queued,
            photos.rejected
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_command_line_are_written_as_those_of_the_api() {
        let at = chrono::DateTime::from_timestamp_micros(1_771_437_351_000_000).expect("in range");
        let session = PhotoSession {
            id: PhotoSessionId::generate(),
            name: "Wedding".to_owned(),
            description: None,
            studio_id: crate::domain::StudioId::generate(),
            photographer_id: None,
            status: SessionStatus::Active,
            gallery_open: true,
            face_search: true,
            terms: GalleryTerms::default(),
            scheduled_at: None,
            time_zone: None,
            completed_at: None,
            created_at: at,
            updated_at: at,
        };
        let settings = Settings::load(&crate::config::ConfigArgs::default()).expect("nothing is set");
        let document =
            serde_json::to_value(SessionDocument::new(session, &Addresses::new(&settings.public_url)))
                .expect("is JSON");
        assert_eq!(document["created_at"], "2026-02-18T17:55:51.000000+00:00");
        assert_eq!(document["updated_at"], document["created_at"]);
    }
}
