//! An S3 for tests: the one that `PIXORA_TEST_STORAGE_URL` names (`tools/s3.py` sets it), or moto's, started here.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use pixora::blobs::S3Bucket;

use crate::bucket::bucket_at;

/// A folder of its own in the bucket of the tests. `None`, and a word about it, where there is no S3.
pub fn bucket() -> Option<S3Bucket> {
    static SERVER: OnceLock<Option<(String, Option<Child>)>> = OnceLock::new();
    let (url, _) = SERVER
        .get_or_init(|| match std::env::var("PIXORA_TEST_STORAGE_URL") {
            Ok(url) => Some((url, None)),
            Err(_) => start(),
        })
        .as_ref()?;
    Some(bucket_at(url))
}

/// The child ends when its standard input does: with this process, however that ends.
fn start() -> Option<(String, Option<Child>)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/s3.py");
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut address = String::new();
    if let Ok(mut child) = child {
        let output = child.stdout.take().expect("is piped");
        BufReader::new(output).read_line(&mut address).expect("is text");
        if let Some(url) = address.strip_suffix('\n') {
            return Some((url.to_owned(), Some(child)));
        }
        let _ = child.wait();
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no S3 on CI");
    println!("SKIPPED: there is no S3 here; `tools/setup.py --tests` installs moto's");
    None
}
