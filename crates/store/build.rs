//! Embeds the files of `migrations/`, oldest first. sqlx has a macro for it, whose crates cost two minutes of
//! compilation: they bring both database drivers a second time, for the compiler.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../migrations");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../migrations").canonicalize()?;
    let mut files = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut table = String::from("[\n");
    for file in files {
        let name = file.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
        let (version, rest) = name.split_once('_').ok_or_else(|| format!("{name}: expected NUMBER_NAME.sql"))?;
        let description = rest.strip_suffix(".sql").ok_or_else(|| format!("{name}: expected NUMBER_NAME.sql"))?;
        let version: i64 = version.parse()?;
        let description = description.replace('_', " ");
        table += &format!("    ({version}, {description:?}, include_str!({:?})),\n", file.path());
    }
    table += "]\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), table)?;
    Ok(())
}
