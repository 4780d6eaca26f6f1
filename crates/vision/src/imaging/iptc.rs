//! IPTC-IIM 4.2: records of dataset 2, as Photo Mechanic and older programs write them into APP13.

use super::{
    facts::Written,
    text,
    when::{self, Taken},
};

/// The IPTC records among the resources of a Photoshop segment ("Photoshop 3.0\0" and then `8BIM` blocks).
pub(super) fn in_photoshop(segment: &[u8]) -> Option<&[u8]> {
    let mut rest = segment.strip_prefix(b"Photoshop 3.0\0")?;
    loop {
        rest = rest.strip_prefix(b"8BIM")?;
        let id = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
        // A name of Pascal's kind, padded to an even length together with its own.
        let name = usize::from(*rest.get(2)?);
        let at = 2 + (1 + name).next_multiple_of(2);
        let length = u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?) as usize;
        let data = rest.get(at + 4..(at + 4).checked_add(length)?)?;
        if id == 0x0404 {
            return Some(data);
        }
        rest = rest.get(at + 4 + length.next_multiple_of(2)..)?;
    }
}

pub(super) fn read(records: &[u8]) -> Written {
    let mut iptc = Written::default();
    let (mut date, mut time) = (None, None);
    let mut rest = records;
    // 0x1C, record, dataset, length. An extended length (its highest bit set) is for pictures, not for words.
    while let [0x1C, record, dataset, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(value) = tail.get(..length).filter(|_| high & 0x80 == 0) else { break };
        rest = &tail[length..];
        if *record != 2 {
            continue;
        }
        let text = text::plain(&text::decoded(value));
        match dataset {
            25 => iptc.keywords.extend(text),
            55 => date = text,
            60 => time = text,
            80 => iptc.creator = iptc.creator.or(text),
            116 => iptc.copyright = text,
            120 => iptc.caption = text,
            _ => {}
        }
    }
    iptc.taken = date.and_then(|date| taken(&date, time.as_deref().unwrap_or_default()));
    iptc
}

/// `CCYYMMDD` and `HHMMSS±HHMM`.
fn taken(date: &str, time: &str) -> Option<Taken> {
    let part = |text: &str, at: usize, length: usize| text.get(at..at + length).map(str::to_owned);
    let day = format!("{}:{}:{}", part(date, 0, 4)?, part(date, 4, 2)?, part(date, 6, 2)?);
    let clock = || Some(format!("{}:{}:{}", part(time, 0, 2)?, part(time, 2, 2)?, part(time, 4, 2)?));
    match clock() {
        Some(clock) => when::parse(&format!("{day} {clock}{}", time.get(6..).unwrap_or_default())),
        None => when::parse(&day),
    }
}
