//! A new migration alone changes no Rust file, so that cargo has to be told to look.
fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
