//! Where the face index is: in the data directory or on a Qdrant server.

use std::{fmt, path::PathBuf, sync::Arc};

use super::{EdgeIndex, FaceIndex, IndexError, QdrantIndex, QdrantServer, room, shard::unavailable};

#[derive(Clone)]
pub enum IndexPlace {
    /// A folder with one embedded index for each model; each is open in one process at a time.
    Embedded(PathBuf),
    /// A server with one collection for each model, for any number of processes.
    Server(QdrantServer),
}

impl IndexPlace {
    /// Whether several processes may have the index open at the same time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Opens a model's index, or makes it; `dimension` is the length of the model's embeddings.
    ///
    /// # Errors
    /// [`IndexError::Locked`] when another process has the embedded one open.
    pub async fn open(&self, model: &str, dimension: usize) -> Result<Arc<dyn FaceIndex>, IndexError> {
        match self {
            Self::Embedded(folder) => {
                let directory = folder.join(model);
                let open = move || EdgeIndex::open(&directory, dimension);
                let (index, _) = tokio::task::spawn_blocking(open).await.map_err(unavailable)??;
                Ok(Arc::new(index))
            }
            Self::Server(server) => Ok(Arc::new(QdrantIndex::open(server, model, dimension).await?)),
        }
    }

    /// Removes a model's index, its collection on a server included; to open it again makes an empty one.
    ///
    /// # Errors
    /// [`IndexError::Locked`] while a process has the embedded one open.
    pub async fn remove_model(&self, model: &str) -> Result<(), IndexError> {
        match self.clone() {
            Self::Embedded(folder) => {
                let directory = folder.join(model);
                let remove = move || if directory.exists() { EdgeIndex::remove(&directory) } else { Ok(()) };
                tokio::task::spawn_blocking(remove).await.map_err(unavailable)?
            }
            Self::Server(server) => QdrantIndex::remove(&server, model).await,
        }
    }

    /// Removes the files of every embedded index but these models'. They can be filled from the rows again, and
    /// what is erased from now on would stay in them. One that a process has open is left to it.
    ///
    /// # Errors
    /// [`IndexError::Unavailable`].
    pub async fn remove_others(&self, models: &[&str]) -> Result<(), IndexError> {
        let Self::Embedded(folder) = self.clone() else { return Ok(()) };
        let models: Vec<String> = models.iter().map(|model| (*model).to_owned()).collect();
        let remove = move || match folder.read_dir() {
            Ok(indexes) => {
                for index in indexes {
                    let index = index.map_err(unavailable)?;
                    if models.iter().any(|model| index.file_name().to_string_lossy() == *model) {
                        continue;
                    }
                    match EdgeIndex::remove(&index.path()) {
                        Ok(()) | Err(IndexError::Locked) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unavailable(error)),
        };
        tokio::task::spawn_blocking(remove).await.map_err(unavailable)?
    }

    /// Gives back the room that embedded indexes hold in reserve, where the disk has none at all: for what is
    /// opened before the index.
    pub fn give_back_where_full(&self) {
        if let Self::Embedded(folder) = self {
            room::give_back_where_full(folder);
        }
    }

    /// Removes the files of every model's embedded index. A server's are not ours to remove.
    ///
    /// # Errors
    /// [`IndexError::Locked`] when a process has one open.
    pub async fn remove(&self) -> Result<(), IndexError> {
        let Self::Embedded(folder) = self.clone() else { return Ok(()) };
        let remove = move || match folder.read_dir() {
            Ok(mut indexes) => {
                indexes.try_for_each(|index| EdgeIndex::remove(&index.map_err(unavailable)?.path()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unavailable(error)),
        };
        tokio::task::spawn_blocking(remove).await.map_err(unavailable)?
    }
}

impl fmt::Display for IndexPlace {
    /// As it stands in the rows. Neither form has a secret in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(_) => f.write_str("embedded"),
            Self::Server(server) => write!(f, "{}/{}", server.url, server.prefix),
        }
    }
}
