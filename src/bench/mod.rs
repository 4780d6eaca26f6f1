//! Measurements that `pixora bench` prints.

mod faces;
mod ingest;
mod library;
mod people;
mod search;
mod sign_in;
mod upload;
mod workers;

pub use faces::{FacesSpeed, measure_faces};
pub use ingest::{
    IngestSpeed, generate_photos, measure_ingest, measure_plain, memory_mb, peak_memory_mb, reset_peak_memory,
};
pub use library::{LibrarySpeed, measure_library};
pub use people::{PeopleSpeed, measure_people};
pub use search::{SearchLatency, measure_search};
pub use sign_in::{SignInSpeed, measure_sign_in};
pub use upload::{UploadSpeed, measure_upload};
pub use workers::{WorkersSpeed, measure_workers};
