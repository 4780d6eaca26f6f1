//! From a detector network's outputs to faces, one file for each kind of network.
//!
//! A detector is added by its manifest and by a file here that is named in [`decoders!`]; the manifest's
//! `output.decoder` is the file's name.

use std::{fmt, sync::Arc};

use super::detect::Detection;

/// A network's output: its shape and its numbers.
pub(super) type Output<'a> = (&'a [i64], &'a [f32]);

/// Reads one kind of detector network.
pub(super) trait Decoder: fmt::Debug + Send + Sync {
    /// Names of the outputs, in the order in which [`Decoder::decode`] gets them.
    fn outputs(&self) -> Vec<&str>;

    /// The faces of at least `least`, in pixels of the network's input of `width` × `height`. Several may
    /// be of one face; the caller suppresses all but the best.
    fn decode(&self, outputs: &[Output<'_>], width: usize, height: usize, least: f32) -> Vec<Detection>;
}

/// Declares the decoders' files and the table that finds one by its name.
macro_rules! decoders {
    ($($name:ident),*) => {
        $(mod $name;)*

        /// The decoder that a manifest's `[output]` names, made from that table.
        pub(super) fn parse(output: &toml::Table) -> Result<Arc<dyn Decoder>, String> {
            let name = output.get("decoder").and_then(toml::Value::as_str).ok_or("output.decoder is missing")?;
            match name {
                $(stringify!($name) => $name::parse(output.clone()),)*
                _ => Err(format!("decoder {name:?} is none of {:?}", [$(stringify!($name)),*])),
            }
            .map_err(|error| format!("output: {error}"))
        }
    };
}

decoders!(centerface, yunet);
