//! This process as the operating system sees it, from `/proc` (Linux; elsewhere nothing is known).

use std::fs;

/// Linux counts processor time in hundredths of a second, whatever the kernel's own tick.
const TICKS_PER_SECOND: u64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    /// In user and kernel mode, all threads.
    pub(super) cpu_seconds: u64,
    pub(super) resident_bytes: u64,
    pub(super) open_files: usize,
    pub(super) threads: u64,
}

/// `None` where there is no `/proc`.
pub(super) fn usage() -> Option<Usage> {
    let read = |file: &str| fs::read_to_string(format!("/proc/self/{file}")).ok();
    let open_files = fs::read_dir("/proc/self/fd").ok()?.count();
    parse(&read("stat")?, &read("status")?, open_files)
}

/// proc_pid_stat(5) and proc_pid_status(5). The program's name, in parentheses, may hold anything: the numbers
/// are counted after it.
fn parse(stat: &str, status: &str, open_files: usize) -> Option<Usage> {
    let numbers: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    // The first one here is the third of the manual.
    let ticks = |number: usize| numbers.get(number - 3)?.parse::<u64>().ok();
    let said = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_ascii_whitespace().next()?.parse::<u64>().ok()
    };
    Some(Usage {
        cpu_seconds: (ticks(14)? + ticks(15)?) / TICKS_PER_SECOND,
        resident_bytes: said("VmRSS")? << 10,
        open_files,
        threads: said("Threads")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_shifts_nothing() {
        let stat = "7 (a ) (b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 12 0 900 1000000 300";
        let status = "Name:\ta ) (b\nVmRSS:\t    1200 kB\nThreads:\t12\n";
        let usage = parse(stat, status, 5).expect("files as the kernel writes them");
        assert_eq!(usage, Usage { cpu_seconds: 3, resident_bytes: 1_228_800, open_files: 5, threads: 12 });
    }

    #[test]
    fn this_process_is_seen() {
        let usage = usage().expect("tests run on Linux");
        assert!(usage.resident_bytes > 1 << 20 && usage.open_files > 2 && usage.threads > 0, "{usage:?}");
    }
}
