//! Whether a file that has ended is whole. FTP says so by closing a connection, as a camera does whose battery dies.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

use super::control::Control;

const PIECE: usize = 64 << 10;

/// Bytes that have come of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Length(Arc<AtomicU64>);

impl Length {
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The bytes of a transfer; an error is its last item where the file is not whole.
pub(super) fn body(
    input: impl AsyncRead + Send + Unpin + 'static,
    control: Arc<Control>,
    length: Length,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin {
    let input = ReaderStream::with_capacity(input, PIECE);
    let begun = Some((input, Jpeg::default()));
    Box::pin(stream::unfold(begun, move |state| {
        let (control, length) = (Arc::clone(&control), length.clone());
        async move {
            let (mut input, mut jpeg) = state?;
            match input.next().await {
                Some(Ok(bytes)) => {
                    length.0.fetch_add(bytes.len() as u64, Ordering::AcqRel);
                    jpeg.see(&bytes);
                    Some((Ok(bytes), Some((input, jpeg))))
                }
                // Many clients end TLS without a word, or reset the connection since they did not read all that we
                // sent: then the picture itself must say that it is whole.
                Some(Err(error)) if ends_connection(&error) && jpeg.has_ended() => None,
                Some(Err(error)) => Some((Err(error), None)),
                None => {
                    let is_whole = match jpeg {
                        Jpeg::AtItsEnd => true,
                        Jpeg::Behind | Jpeg::None | Jpeg::Begin => control.is_waiting().await,
                        _ => false,
                    };
                    (!is_whole).then(|| (Err(io::ErrorKind::UnexpectedEof.into()), None))
                }
            }
        }
    }))
}

fn ends_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
    )
}

/// How far a JPEG has come (ITU-T T.81, annex B): segments with a length, then coded data up to a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Jpeg {
    #[default]
    Begin,
    BeginSecond,
    /// A marker's first byte is next.
    Marker,
    MarkerCode,
    /// The length of a segment; of a scan's head, if so.
    Length {
        is_scan: bool,
    },
    LengthLow {
        is_scan: bool,
        high: u8,
    },
    /// So many bytes of a segment are left.
    Segment {
        is_scan: bool,
        left: u16,
    },
    Coded,
    /// Behind `FF` in coded data.
    CodedMarker,
    AtItsEnd,
    /// More followed: a second picture or a film, as telephones write it.
    Behind,
    /// It is something else.
    None,
}

impl Jpeg {
    fn has_ended(self) -> bool {
        matches!(self, Self::AtItsEnd | Self::Behind)
    }

    fn see(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self {
                Self::None | Self::Behind => return,
                Self::Coded => match bytes[at..].iter().position(|byte| *byte == 0xFF) {
                    Some(next) => {
                        at += next + 1;
                        *self = Self::CodedMarker;
                    }
                    None => return,
                },
                Self::Segment { is_scan, left } => {
                    let step = usize::from(*left).min(bytes.len() - at);
                    // At most what is left.
                    *left -= step as u16;
                    at += step;
                    if *left == 0 {
                        *self = if *is_scan { Self::Coded } else { Self::Marker };
                    }
                }
                _ => {
                    *self = self.after(byte);
                    at += 1;
                }
            }
        }
    }

    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Begin, 0xFF) => Self::BeginSecond,
            (Self::BeginSecond, 0xD8) => Self::Marker,
            (Self::Begin | Self::BeginSecond, _) => Self::None,
            (Self::Marker, 0xFF) | (Self::MarkerCode, 0xFF) => Self::MarkerCode,
            // Readers skip what stands between segments.
            (Self::Marker, _) => Self::Marker,
            (Self::MarkerCode | Self::CodedMarker, 0xD9) => Self::AtItsEnd,
            (Self::CodedMarker, 0x00 | 0xD0..=0xD7) => Self::Coded,
            (Self::CodedMarker, 0xFF) => Self::CodedMarker,
            (Self::MarkerCode, 0x01 | 0xD0..=0xD8) => Self::Marker,
            (Self::MarkerCode | Self::CodedMarker, code) => Self::Length { is_scan: code == 0xDA },
            (Self::Length { is_scan }, high) => Self::LengthLow { is_scan, high },
            (Self::LengthLow { is_scan, high }, low) => {
                match u16::from_be_bytes([high, low]).saturating_sub(2) {
                    0 if is_scan => Self::Coded,
                    0 => Self::Marker,
                    left => Self::Segment { is_scan, left },
                }
            }
            (Self::AtItsEnd, _) => Self::Behind,
            (other, _) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a camera writes it: a thumbnail with an end of its own inside a segment, two scans, a restart marker.
    fn picture() -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        let thumbnail = [0xFF, 0xD8, 1, 2, 3, 0xFF, 0xD9];
        bytes.extend([0xFF, 0xE1, 0, 9]);
        bytes.extend(thumbnail);
        for _ in 0..2 {
            bytes.extend([0xFF, 0xFF, 0xDA, 0, 4, 0xFF, 0xD9]);
            bytes.extend([7, 0xFF, 0x00, 8, 0xFF, 0xD3, 9]);
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    fn seen(bytes: &[u8], step: usize) -> Jpeg {
        let mut jpeg = Jpeg::default();
        bytes.chunks(step).for_each(|piece| jpeg.see(piece));
        jpeg
    }

    #[test]
    fn a_jpeg_has_ended_at_its_own_end_and_nowhere_before() {
        let whole = picture();
        for step in [1, 2, 3, 7, whole.len()] {
            assert_eq!(seen(&whole, step), Jpeg::AtItsEnd, "in steps of {step}");
            for cut in 0..whole.len() {
                assert!(!seen(&whole[..cut], step).has_ended(), "cut at {cut}, in steps of {step}");
            }
            let followed = [whole.as_slice(), b"ftypmp42"].concat();
            assert_eq!(seen(&followed, step), Jpeg::Behind);
        }
    }

    /// A client that never reads resets the connection when it closes it.
    #[tokio::test]
    async fn a_reset_connection_ends_a_whole_picture_and_breaks_another_one() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("bound");
        let client = tokio::net::TcpStream::connect(at).await.expect("connects");
        let (control, _) = listener.accept().await.expect("comes");
        let control = Arc::new(Control::of(&control).expect("is a socket"));
        let whole = picture();
        for (bytes, is_whole) in [(whole.clone(), true), (whole[..whole.len() - 1].to_vec(), false)] {
            for kind in [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset] {
                let pieces = [Ok(Bytes::from(bytes.clone())), Err(io::Error::from(kind))];
                let input = tokio_util::io::StreamReader::new(stream::iter(pieces));
                let last =
                    body(input, Arc::clone(&control), Length::default()).collect::<Vec<_>>().await.pop();
                assert_eq!(last.expect("has come").is_ok(), is_whole, "{kind}");
            }
        }
        drop(client);
    }

    #[test]
    fn something_else_never_ends() {
        assert_eq!(seen(b"II*\0 a RAW file \xFF\xD9", 4), Jpeg::None);
        assert_eq!(seen(b"\x89PNG\r\n", 1), Jpeg::None);
        assert_eq!(seen(b"", 1), Jpeg::Begin);
    }
}
