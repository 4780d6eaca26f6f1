//! Bodies on their way in: how much memory they may take, and how slowly they may come.
//!
//! Each [`Door`] has memory of its own, so that who fills one shuts no other. Memory is taken as bytes come, never
//! for what a request announces, and given back when the request is answered. One network may hold half of a door's
//! memory: that is room for a wedding behind one address, and leaves the other half to everybody else.
//!
//! A body that makes its reader wait has [`PATIENCE`] for it, and earns more with every byte at [`LEAST_RATE`]. Only
//! waiting for the client counts; what the server needs to write or to think is not the client's fault.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Extension,
    body::{Body, HttpBody},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::{
    app::AppState,
    http::{client, messages::Code, problem::Problem},
    throttle::{Exhausted, Share, Shares, network},
};

/// For so long a body may keep its reader waiting.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes that buy a second of waiting.
const LEAST_RATE: f64 = 1024.0;
/// A form's reader takes whatever is there into memory; after so much it is made to look at what it has.
const BURST: usize = 256 << 10;
/// When to come again after memory was short: a selfie is held for about as long.
const AGAIN: Duration = Duration::from_secs(2);

/// Where bodies are held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Selfies to search with.
    Selfies,
    /// Pictures for hand-offs.
    Handoffs,
    /// Customers' pictures for placements.
    Images,
    /// Photos of programs that keep them themselves.
    Photos,
    /// Everything else: JSON and small forms.
    Forms,
}

/// The operations whose bodies are large, by method and path.
const LARGE: [(&str, &str, Door); 7] = [
    ("POST", "/api/v1/sessions/{session_id}/search", Door::Selfies),
    ("POST", "/api/session/{handoff_id}/photos", Door::Handoffs),
    ("POST", "/api/session/{handoff_id}/result", Door::Handoffs),
    ("POST", "/api/images", Door::Images),
    ("POST", "/api/images/process", Door::Images),
    ("PUT", "/api/v1/sessions/{session_id}/photos/{external_id}", Door::Photos),
    ("PUT", "/api/v1/sessions/{session_id}/photos/ids", Door::Photos),
];

/// Operations whose bodies are of any length and go to the disk as they come, so that they need no memory.
const STREAMED: [(&str, &str); 6] = [
    ("POST", "/api/uploads"),
    ("PATCH", "/api/uploads/{upload_id}"),
    ("PATCH", "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}"),
    ("POST", "/api/photo-sessions/{session_id}/photos"),
    ("POST", "/api/ticket"),
    ("POST", "/api/ticket/{ticket_id}/response"),
];

/// Whether the operation's body goes to the disk as it comes, for as long as that takes.
#[must_use]
pub fn is_streamed(method: &Method, path: &str) -> bool {
    STREAMED.contains(&(method.as_str(), path))
}

impl Door {
    /// Where the body of this operation is held; `None` if it goes to the disk.
    fn of(method: &Method, path: &str) -> Option<Self> {
        if is_streamed(method, path) {
            return None;
        }
        let large = LARGE.iter().find(|(of, at, _)| method.as_str() == *of && path == *at);
        Some(large.map_or(Self::Forms, |(_, _, door)| *door))
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Selfies | Self::Handoffs | Self::Photos => 256 << 20,
            Self::Images => 160 << 20,
            Self::Forms => 64 << 20,
        }
    }
}

/// The memory of every door.
#[derive(Debug, Clone)]
pub struct Budgets {
    selfies: Shares<IpAddr>,
    handoffs: Shares<IpAddr>,
    images: Shares<IpAddr>,
    photos: Shares<IpAddr>,
    forms: Shares<IpAddr>,
}

impl Default for Budgets {
    fn default() -> Self {
        let of = |door: Door| Shares::new(door.bytes(), door.bytes() / 2);
        Self {
            selfies: of(Door::Selfies),
            handoffs: of(Door::Handoffs),
            images: of(Door::Images),
            photos: of(Door::Photos),
            forms: of(Door::Forms),
        }
    }
}

impl Budgets {
    fn at(&self, door: Door) -> &Shares<IpAddr> {
        match door {
            Door::Selfies => &self.selfies,
            Door::Handoffs => &self.handoffs,
            Door::Images => &self.images,
            Door::Photos => &self.photos,
            Door::Forms => &self.forms,
        }
    }
}

/// The memory that a request holds; in its extensions, for whoever makes more of a body than came.
#[derive(Debug, Clone)]
pub struct Held(Arc<Share<IpAddr>>);

impl Held {
    /// Takes so many bytes more.
    ///
    /// # Errors
    /// `queue_full`, or `network_busy` where one network holds its half.
    pub fn grow(&self, bytes: usize) -> Result<(), Problem> {
        self.0.grow(bytes).map_err(|exhausted| Refusal::from(exhausted).into())
    }
}

/// Why the rest of a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Full,
    NetworkBusy,
    TooSlow,
}

impl From<Exhausted> for Refusal {
    fn from(exhausted: Exhausted) -> Self {
        match exhausted {
            Exhausted::All => Self::Full,
            Exhausted::One => Self::NetworkBusy,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => Self::new(Code::QueueFull).retry_after(AGAIN),
            Refusal::NetworkBusy => Self::new(Code::NetworkBusy).retry_after(AGAIN),
            Refusal::TooSlow => Self::new(Code::BodyTooSlow),
        }
    }
}

/// Middleware of every route: meters the body that its handler reads.
pub async fn meter(
    State(app): State<AppState>,
    Extension(budgets): Extension<Budgets>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let door = Door::of(&parts.method, path);
    let held = door.map(|door| {
        let address = network(client::of(&parts, &app).ip);
        Held(Arc::new(budgets.at(door).of(address)))
    });
    if let Some(held) = &held {
        parts.extensions.insert(held.clone());
    }
    let refused = Arc::new(OnceLock::new());
    let version = parts.version;
    let body = Metered::new(body, Pace::new(PATIENCE, LEAST_RATE), held.clone(), Arc::clone(&refused));
    let response = next.run(Request::from_parts(parts, Body::new(body))).await;
    drop(held);
    match refused.get() {
        // A part that was cut short has an answer of its own: it counts as far as it came.
        Some(refusal) if door.is_some() && !response.status().is_success() => {
            let mut response = Problem::from(*refusal).into_response();
            if version < Version::HTTP_2 {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
        _ => response,
    }
}

/// How long a body may still keep its reader waiting.
#[derive(Debug)]
struct Pace {
    most: Duration,
    /// Bytes that buy a second.
    rate: f64,
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Pace {
    fn new(patience: Duration, least_rate: f64) -> Self {
        Self { most: patience, rate: least_rate, left: patience, waiting: None }
    }

    fn came(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        self.left = (self.left + Duration::from_secs_f64(bytes as f64 / self.rate)).min(self.most);
    }

    /// Ready when the client has kept us waiting for too long.
    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let (_, over) =
            self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(self.left))));
        over.as_mut().poll(context)
    }
}

/// A body that takes memory as it comes and is not waited for without end.
struct Metered {
    inner: Body,
    held: Option<Held>,
    refused: Arc<OnceLock<Refusal>>,
    pace: Pace,
    burst: usize,
}

impl Metered {
    fn new(inner: Body, pace: Pace, held: Option<Held>, refused: Arc<OnceLock<Refusal>>) -> Self {
        Self { inner, held, refused, pace, burst: 0 }
    }

    fn refuse(&mut self, refusal: Refusal) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let _ = self.refused.set(refusal);
        // The waiting bytes are released now, and not only when the reader has noticed.
        self.inner = Body::empty();
        Poll::Ready(Some(Err(axum::Error::new(std::io::Error::other("the body is not read any further")))))
    }
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.burst >= BURST {
            this.burst = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.pace.came(bytes);
                this.burst += bytes;
                match this.held.as_ref().map_or(Ok(()), |held| held.0.grow(bytes)) {
                    Ok(()) => Poll::Ready(Some(Ok(frame))),
                    Err(exhausted) => this.refuse(exhausted.into()),
                }
            }
            Poll::Ready(end) => Poll::Ready(end),
            Poll::Pending => {
                this.burst = 0;
                ready!(this.pace.poll_over(context));
                this.refuse(Refusal::TooSlow)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{Stream, StreamExt, stream};

    use super::*;

    /// Shorter than the real one, so that the test is; the rate is 2 KiB a second.
    const PATIENCE: Duration = Duration::from_millis(400);

    fn metered(pieces: impl Stream<Item = Bytes> + Send + 'static) -> (Body, Arc<OnceLock<Refusal>>) {
        let refused = Arc::new(OnceLock::new());
        let inner = Body::from_stream(pieces.map(Ok::<_, Infallible>));
        let pace = Pace::new(PATIENCE, 2048.0);
        (Body::new(Metered::new(inner, pace, None, Arc::clone(&refused))), refused)
    }

    /// Twenty pieces, one each 100 ms.
    fn slowly(bytes: usize) -> impl Stream<Item = Bytes> + Send + 'static {
        stream::iter(0..20).then(move |_| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Bytes::from(vec![0; bytes])
        })
    }

    async fn length(body: Body) -> Option<usize> {
        axum::body::to_bytes(body, 1 << 20).await.ok().map(|whole| whole.len())
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_ended_and_one_that_keeps_the_least_rate_is_not() {
        let begun = Instant::now();
        let (body, refused) =
            metered(stream::once(async { Bytes::from_static(b"--") }).chain(stream::pending()));
        assert_eq!(length(body).await, None);
        assert_eq!(refused.get(), Some(&Refusal::TooSlow));
        assert!(begun.elapsed() >= PATIENCE && begun.elapsed() < 10 * PATIENCE, "{:?}", begun.elapsed());

        let (body, refused) = metered(slowly(1));
        assert_eq!(length(body).await, None, "a byte now and then is no rate");
        assert_eq!(refused.get(), Some(&Refusal::TooSlow));

        let (body, refused) = metered(slowly(1024));
        assert_eq!((length(body).await, refused.get()), (Some(20 * 1024), None));
    }

    #[tokio::test]
    async fn the_time_that_the_reader_takes_is_not_the_clients() {
        let (body, refused) = metered(stream::iter((0..3).map(|_| Bytes::from_static(b"piece"))));
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            assert!(piece.is_ok());
            tokio::time::sleep(PATIENCE + Duration::from_millis(100)).await;
        }
        assert_eq!(refused.get(), None);
    }

    #[tokio::test]
    async fn memory_is_taken_as_bytes_come_and_given_back_when_the_request_is_done() {
        let shares = Shares::new(10, 5);
        let held = || Some(Held(Arc::new(shares.of(IpAddr::from([192, 0, 2, 1])))));
        let read = |held: Option<Held>, text: &'static str| {
            let refused = Arc::new(OnceLock::new());
            let pace = Pace::new(PATIENCE, 2048.0);
            let body = Metered::new(Body::from(text), pace, held, Arc::clone(&refused));
            async move { (length(Body::new(body)).await, refused.get().copied()) }
        };
        let first = held();
        assert_eq!(shares.in_use(), 0, "nothing for what is only announced");
        assert_eq!(read(first.clone(), "1234").await, (Some(4), None));
        assert_eq!(shares.in_use(), 4);
        assert_eq!(read(held(), "12").await, (None, Some(Refusal::NetworkBusy)));
        drop(first);
        assert_eq!(shares.in_use(), 0);
        assert_eq!(read(held(), "12345").await, (Some(5), None));
    }

    #[test]
    fn every_large_operation_has_a_door_of_its_own_or_goes_to_the_disk() {
        let at = |method: Method, path: &str| Door::of(&method, path);
        assert_eq!(at(Method::POST, "/api/v1/sessions/{session_id}/search"), Some(Door::Selfies));
        assert_eq!(at(Method::POST, "/api/images"), Some(Door::Images));
        assert_eq!(at(Method::PATCH, "/api/uploads/{upload_id}"), None);
        assert_eq!(at(Method::PUT, "/api/carts/{cart_token}/items"), Some(Door::Forms));
        let named = LARGE.iter().map(|(method, path, _)| (method, path));
        for (method, path) in named.chain(STREAMED.iter().map(|(method, path)| (method, path))) {
            assert!(crate::http::rights::row(method, path).is_some(), "{method} {path}");
        }
    }
}
