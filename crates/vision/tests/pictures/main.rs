//! Pictures as cameras, phones and editors make them.

mod colours;
mod damage;
mod damaged_files;
mod fixtures;
mod formats;
mod made;
mod small_files;
mod table;
mod times;
