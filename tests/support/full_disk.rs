//! A small disk of its own, which a test can fill to the last byte.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system in memory, gone with the test. Making one needs the rights of root; CI has them.
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// A disk at `place`, which must outlive it; `None`, and a word about it, where none can be made.
    pub fn at(place: &Path, mebibytes: u32) -> Option<Self> {
        fs::create_dir_all(place).expect("the folder can be made");
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(place).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { at: place.to_owned() }),
            failed => {
                assert!(
                    std::env::var("CI").as_deref() != Ok("true"),
                    "no disk can be made on CI: {failed:?}"
                );
                println!("SKIPPED: a file system of its own needs the rights of root");
                None
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Takes all room but so many bytes, in a file beside everything else.
    pub fn fill_but(&self, left: u64) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).expect("can be made");
        let block = vec![0_u8; 1 << 16];
        // What is being tested writes meanwhile, so the room is asked for once each time.
        loop {
            let some = self.free().saturating_sub(left).min(block.len() as u64) as usize;
            if some == 0 || filler.write_all(&block[..some]).is_err() {
                break;
            }
        }
    }

    /// Gives all of it back.
    pub fn empty(&self) {
        fs::remove_file(self.filler()).expect("was made here");
    }

    pub fn free(&self) -> u64 {
        pixora::disk::free_bytes(self.path()).expect("the disk is there")
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a killed process may not have let go yet.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
