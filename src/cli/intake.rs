//! The outcome of each file of an ingest, and the report.

use std::path::Path;

use serde::Serialize;

use super::CliError;

/// The outcome of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    Stored,
    /// The session had it.
    Duplicate,
    /// No picture: what it says of one has been read.
    Sidecar,
    Rejected(String),
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) accepted: usize,
    pub(super) duplicates: usize,
    /// Files of XMP beside pictures, which have been read.
    pub(super) sidecars: usize,
    pub(super) rejected: Vec<Rejected>,
    /// Files that were found and are left out.
    pub(super) left_out: Vec<LeftOut>,
    /// Accepted photos that can be found now.
    pub(super) indexed: usize,
    /// Faces in them.
    pub(super) faces: u64,
    /// The server's own account of all that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ledger: Option<Sums>,
}

#[derive(Debug, Serialize)]
pub(super) struct Rejected {
    pub(super) file: String,
    pub(super) code: String,
}

/// Something that was found and is no picture to be taken, which is nobody's fault.
#[derive(Debug, Serialize)]
pub(super) struct LeftOut {
    pub(super) file: String,
    /// `litter`, `hidden`, `sidecar` or `link_loop`.
    pub(super) code: &'static str,
}

impl Report {
    pub(super) fn reject(&mut self, file: &Path, code: &str) {
        self.rejected.push(Rejected { file: file.display().to_string(), code: code.to_owned() });
    }

    /// A command that took nothing of what it was given has failed.
    pub(super) fn outcome(&self) -> Result<(), CliError> {
        if self.rejected.is_empty() || self.accepted + self.duplicates + self.sidecars > 0 {
            return Ok(());
        }
        let many = self.rejected.len();
        Err(CliError::failed("nothing_taken", format!("none of the {many} files could be taken")))
    }
}

/// `sent = indexed + queued + rejected + sidecars + missing`, over the distinct contents.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Sums {
    pub(super) sent: usize,
    pub(super) stored: usize,
    pub(super) indexed: usize,
    pub(super) queued: usize,
    pub(super) rejected: usize,
    pub(super) sidecars: usize,
    pub(super) missing: usize,
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sent, indexed, queued, rejected, sidecars, missing, .. } = self;
        write!(
            f,
            "{sent} sent = {indexed} indexed + {queued} queued + {rejected} rejected + {missing} missing"
        )?;
        if *sidecars > 0 { write!(f, " + {sidecars} sidecars") } else { Ok(()) }
    }
}
