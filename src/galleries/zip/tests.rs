use std::{collections::HashMap, process::Command};

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

fn at(year: i32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, 6, 20).and_then(|day| day.and_hms_opt(17, 31, 59)).expect("a time")
}

fn entry(name: &str, content: &[u8]) -> Entry {
    let (bytes, crc32) = (content.len() as u64, crc32fast::hash(content));
    Entry { name: name.into(), bytes, crc32, modified: at(2026) }
}

/// The bytes of a range, put together as a server does.
fn read(layout: &Layout, contents: &[Vec<u8>], range: Range<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(part) = layout.part(range.start + bytes.len() as u64, range.end) {
        match part {
            Part::Bytes(part) => bytes.extend(part),
            Part::File { entry, range } => {
                bytes.extend_from_slice(&contents[entry][range.start as usize..range.end as usize]);
            }
        }
    }
    bytes
}

fn number(bytes: &[u8], at: usize, size: usize) -> u64 {
    bytes[at..at + size].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A reader of its own: from the end records through the directory to each local header, as programs that
/// open archives do. Returns each name with the offset, length and CRC-32 of its file.
fn directory(layout: &Layout) -> HashMap<String, (u64, u64, u32)> {
    let read = |range: Range<u64>| {
        let (mut bytes, mut at) = (Vec::new(), range.start);
        while let Some(part) = layout.part(at, range.end) {
            let Part::Bytes(part) = part else { panic!("a file where a header should be") };
            at += part.len() as u64;
            bytes.extend(part);
        }
        bytes
    };
    let end = read(layout.length() - 22..layout.length());
    assert_eq!(number(&end, 0, 4), 0x0605_4b50);
    let mut count = number(&end, 10, 2);
    let (mut size, mut offset) = (number(&end, 12, 4), number(&end, 16, 4));
    let mut before_end = layout.length() - 22;
    if count == MAX16 || size == MAX32 || offset == MAX32 {
        let locator = read(before_end - 20..before_end);
        assert_eq!((number(&locator, 0, 4), number(&locator, 16, 4)), (0x0706_4b50, 1));
        let at = number(&locator, 8, 8);
        let record = read(at..before_end - 20);
        assert_eq!((number(&record, 0, 4), number(&record, 4, 8)), (0x0606_4b50, 44));
        assert_eq!(number(&record, 24, 8), number(&record, 32, 8));
        (count, size, offset) = (number(&record, 32, 8), number(&record, 40, 8), number(&record, 48, 8));
        before_end = at;
    }
    assert_eq!(offset + size, before_end, "nothing lies between directory and end");
    let central = read(offset..offset + size);
    let (mut files, mut at) = (HashMap::new(), 0);
    for _ in 0..count {
        let header = &central[at..];
        assert_eq!(number(header, 0, 4), 0x0201_4b50);
        assert_eq!(number(header, 8, 2), 1 << 11, "UTF-8 and nothing else");
        assert_eq!(number(header, 10, 2), 0, "stored");
        let (name, extra) = (number(header, 28, 2) as usize, number(header, 30, 2) as usize);
        let crc = number(header, 16, 4) as u32;
        let (mut length, mut packed) = (number(header, 24, 4), number(header, 20, 4));
        let mut local = number(header, 42, 4);
        let mut from = 46 + name + 4;
        for value in [&mut length, &mut packed, &mut local] {
            if *value == MAX32 {
                assert!(from + 8 <= 46 + name + extra, "the ZIP64 field has it");
                *value = number(header, from, 8);
                from += 8;
            }
        }
        assert_eq!(length, packed);
        let text = String::from_utf8(header[46..46 + name].to_vec()).expect("UTF-8");
        let start = read(local..local + 30);
        assert_eq!(number(&start, 0, 4), 0x0403_4b50, "{text}");
        assert_eq!(start[6..18], header[8..20], "{text}: flags, method, time and CRC are told twice");
        let file = local + 30 + number(&start, 26, 2) + number(&start, 28, 2);
        assert_eq!(read(local + 30..local + 30 + name as u64), text.as_bytes());
        files.insert(text, (file, length, crc));
        at += 46 + name + extra;
    }
    assert_eq!(at as u64, size);
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_is_that_slice_of_the_whole(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12),
        ends in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 20),
    ) {
        let entries = contents.iter().enumerate().map(|(n, content)| entry(&format!("фото {n}.jpg"), content));
        let layout = Layout::new(entries.collect());
        let whole = read(&layout, &contents, 0..u64::MAX);
        prop_assert_eq!(whole.len() as u64, layout.length());
        for (a, b) in ends {
            let [a, b] = [a.index(whole.len()), b.index(whole.len() + 1)];
            let range = a.min(b)..a.max(b);
            prop_assert_eq!(&read(&layout, &contents, range.start as u64..range.end as u64), &whole[range]);
        }
        for (name, (offset, length, crc)) in directory(&layout) {
            let file = &whole[offset as usize..(offset + length) as usize];
            prop_assert_eq!(crc, crc32fast::hash(file), "{}", name);
        }
    }

    /// No bytes: only the places where they would be.
    #[test]
    fn sizes_beyond_32_bits_are_told_in_zip64(
        sizes in proptest::collection::vec(
            prop_oneof![0..100_u64, MAX32 - 2..MAX32 + 3, 1_u64 << 33..1 << 45],
            1..9,
        ),
    ) {
        let entries: Vec<Entry> = sizes.iter().enumerate()
            .map(|(n, &bytes)| Entry { name: format!("{n}"), bytes, crc32: n as u32, modified: at(2026) })
            .collect();
        let layout = Layout::new(entries);
        let files = directory(&layout);
        let mut before = 0;
        for (n, &bytes) in sizes.iter().enumerate() {
            let (offset, length, crc) = files[&format!("{n}")];
            prop_assert_eq!((length, crc), (bytes, n as u32));
            prop_assert!(offset >= before + 30);
            before = offset + bytes;
            if bytes > 2 {
                let expected = Part::File { entry: n, range: bytes / 2..bytes };
                prop_assert_eq!(layout.part(offset + bytes / 2, u64::MAX), Some(expected));
            }
        }
    }
}

#[test]
fn more_entries_than_16_bits_count_are_told_in_zip64() {
    for count in [65_534_usize, 65_535, 70_000] {
        let entry = |n| Entry { name: format!("{n}.jpg"), bytes: 3, crc32: 7, modified: at(2026) };
        let layout = Layout::new((0..count).map(entry).collect());
        let zip64 = 76 * u64::from(count >= 65_535);
        assert_eq!(layout.length() - layout.central[count], 22 + zip64, "{count}");
        assert_eq!(layout.central.len(), count + 1);
    }
}

#[test]
fn times_outside_what_zip_knows_are_the_nearest_that_it_does() {
    assert_eq!(dos_time(at(2026)), (46 << 9 | 6 << 5 | 20, 17 << 11 | 31 << 5 | 29));
    assert_eq!(dos_time(at(1969)), (1 << 5 | 1, 0));
    assert_eq!(dos_time(at(2500)).0 >> 9, 127);
}

/// Reads it with other programs: Python's `zipfile`, and `unzip` where there is one.
#[test]
fn others_can_read_it() {
    let contents: Vec<Vec<u8>> = (0..1_000_usize).map(|n| vec![(n % 251) as u8; n * 7]).collect();
    let entries = contents.iter().enumerate().map(|(n, content)| entry(&format!("Жених {n}.jpg"), content));
    let layout = Layout::new(entries.collect());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.zip");
    std::fs::write(&file, read(&layout, &contents, 0..u64::MAX)).expect("is written");
    let script = "import sys, zipfile\n\
                  z = zipfile.ZipFile(sys.argv[1])\n\
                  assert z.testzip() is None\n\
                  i = z.infolist()\n\
                  assert len(i) == 1000 and i[7].filename == 'Жених 7.jpg' and i[7].file_size == 49, i[7]\n\
                  assert i[7].date_time == (2026, 6, 20, 17, 31, 58) and i[7].external_attr >> 16 == 0o100644\n\
                  assert z.read(i[999]) == bytes([999 % 251]) * 6993";
    let checks: [(&str, &[&str]); 2] = [("python3", &["-c", script]), ("unzip", &["-tqq"])];
    for (program, arguments) in checks {
        match Command::new(program).args(arguments).arg(&file).output() {
            Ok(checked) => assert!(checked.status.success(), "{program}: {checked:?}"),
            Err(error) => eprintln!("SKIPPED: {program} cannot be run: {error}"),
        }
    }
}
