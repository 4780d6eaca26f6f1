//! Pictures as cameras, phones and editors make them.

mod colours;
mod damage;
mod fixtures;
mod formats;
mod small_files;
mod times;
