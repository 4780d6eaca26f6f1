//! Pictures that take much memory while they are decoded, one after another: on many threads at once, a few of them
//! would take more than the machine has.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Format, Header};

/// Up to this many bytes pictures are decoded side by side.
const LIGHT: u64 = 128 << 20;

static TURN: Mutex<()> = Mutex::new(());

/// The turn to decode this picture, until it is dropped; `None` for one that needs none.
pub(super) fn wait(header: &Header) -> Option<MutexGuard<'static, ()>> {
    // A poisoned lock only says that a decoder panicked; there is nothing in it.
    (cost(header) > LIGHT).then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The memory for decoding besides the requested picture, in bytes.
fn cost(header: &Header) -> u64 {
    let pixels = u64::from(header.width) * u64::from(header.height);
    let stored = u64::from(header.channels) * u64::from(header.bit_depth.div_ceil(8));
    match (header.format, header.interlaced) {
        // libjpeg keeps every coefficient of a progressive picture, two bytes each, whatever scale is asked for.
        (Format::Jpeg | Format::Raw(_), true) => pixels * u64::from(header.channels) * 2,
        // Row by row.
        (Format::Jpeg | Format::Raw(_) | Format::Png | Format::Tiff, false) => 0,
        // Every sample is a floating-point number, of the picture and of what it is made from.
        (Format::JpegXl, _) => pixels * 24,
        _ => pixels * (stored + 3),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    fn header(format: Format, side: u32, interlaced: bool) -> Header {
        Header { interlaced, ..Header::new(format, side, side) }
    }

    #[test]
    fn hostile_pictures_are_decoded_one_after_another_and_photos_side_by_side() {
        let hostile = header(Format::Jpeg, 10_000, true);
        assert_eq!(cost(&hostile), 600_000_000);
        let first = wait(&hostile).expect("a turn of its own");
        for light in [
            header(Format::Jpeg, 10_000, false),
            header(Format::Jpeg, 4_500, true),
            header(Format::Png, 10_000, false),
            header(Format::WebP, 4_000, false),
        ] {
            assert!(wait(&light).is_none(), "{light:?}");
        }
        let (done, is_done) = mpsc::channel();
        let second = std::thread::spawn(move || {
            let _turn = wait(&header(Format::WebP, 7_000, false)).expect("a turn of its own");
            done.send(()).expect("the test waits");
        });
        assert!(is_done.recv_timeout(Duration::from_millis(200)).is_err(), "both at once");
        drop(first);
        is_done.recv_timeout(Duration::from_secs(10)).expect("its turn comes");
        second.join().expect("no panic");
    }
}
