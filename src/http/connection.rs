//! Time limits of a connection: a first request comes soon, idling ends, and the client reads its answers.
//!
//! HTTP itself leaves all three open. A connection that sends nothing (or half a preface of HTTP/2) is one that no
//! request has come from; a client that asks and then reads nothing keeps its answer in our memory. [`Care::neglected`]
//! looks every few seconds and says when it is enough; who serves the connection then drops it.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

/// How long a client may take over what it owes.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the connection to the end of the first request's head.
    pub first_request: Duration,
    /// Between the end of one answer, as far as the network has not taken it from us, and the next request.
    pub idle: Duration,
    /// Between two pieces of an answer that is there to be taken.
    pub untaken: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_request: Duration::from_secs(15),
            idle: Duration::from_secs(120),
            untaken: Duration::from_secs(60),
        }
    }
}

/// One connection. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Care(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    begun: Instant,
    patience: Patience,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// A request has come.
    greeted: bool,
    in_hand: Vec<Weak<Answer>>,
    /// The end of the last answer.
    idle_since: Instant,
}

/// A request from its head to the end of its answer.
#[derive(Debug)]
pub struct Answer {
    care: Care,
    /// Milliseconds from the connection's begin to the last time that the client took something; [`OURS`] while
    /// we make it wait.
    taken: AtomicU64,
}

/// Of an answer that is whole in memory, handed on at a time: so that it is seen whether the client takes it.
const PIECE: usize = 64 << 10;
/// The client waits for us.
const OURS: u64 = u64::MAX;

impl Care {
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        let begun = Instant::now();
        let state = State { greeted: false, in_hand: Vec::new(), idle_since: begun };
        Self(Arc::new(Shared { begun, patience, state: Mutex::new(state) }))
    }

    /// A poisoned lock only says that somebody panicked; each change is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request's head has come. Keep it until the answer is sent: [`Answer::watch`].
    #[must_use]
    pub fn request(&self) -> Arc<Answer> {
        let answer = Arc::new(Answer { care: self.clone(), taken: AtomicU64::new(OURS) });
        let mut state = self.state();
        state.greeted = true;
        state.in_hand.retain(|other| other.strong_count() > 0);
        state.in_hand.push(Arc::downgrade(&answer));
        answer
    }

    /// Ready when the client has been waited for long enough; says what for.
    pub async fn neglected(&self) -> &'static str {
        let Patience { first_request, idle, untaken } = self.0.patience;
        let look = first_request.min(idle).min(untaken) / 3;
        loop {
            tokio::time::sleep(look).await;
            if let Some(what) = self.owed(Instant::now()) {
                return what;
            }
        }
    }

    fn owed(&self, now: Instant) -> Option<&'static str> {
        let Patience { first_request, idle, untaken } = self.0.patience;
        let since = |instant: Instant| now.saturating_duration_since(instant);
        let state = self.state();
        if !state.greeted {
            return (since(self.0.begun) >= first_request).then_some("a request");
        }
        let answers: Vec<_> = state.in_hand.iter().filter_map(Weak::upgrade).collect();
        let idle_since = state.idle_since;
        // Dropping one of them takes the lock.
        drop(state);
        if answers.is_empty() {
            return (since(idle_since) >= idle).then_some("another request");
        }
        let is_untaken = |answer: &Arc<Answer>| {
            let taken = answer.taken.load(Ordering::Relaxed);
            taken != OURS && since(self.0.begun + Duration::from_millis(taken)) >= untaken
        };
        answers.iter().any(is_untaken).then_some("to take its answer")
    }
}

impl Answer {
    /// Watches how the client takes the answer.
    #[must_use]
    pub fn watch(self: Arc<Self>, response: Response) -> Response {
        self.taken_now();
        response.map(|body| Body::new(Watched { inner: body, rest: Bytes::new(), answer: self }))
    }

    fn taken_now(&self) {
        let millis = u64::try_from(self.care.0.begun.elapsed().as_millis()).unwrap_or(OURS - 1);
        self.taken.store(millis, Ordering::Relaxed);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.care.state().idle_since = Instant::now();
    }
}

/// An answer's body: whenever it is asked for more, the client has taken what was there.
struct Watched {
    inner: Body,
    /// Of the frame that is being handed on.
    rest: Bytes,
    answer: Arc<Answer>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            match Pin::new(&mut this.inner).poll_frame(context) {
                Poll::Pending => {
                    this.answer.taken.store(OURS, Ordering::Relaxed);
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                Poll::Ready(end) => return Poll::Ready(end),
            }
        }
        this.answer.taken_now();
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.inner.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{FutureExt, StreamExt, stream};

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_that_sends_nothing_is_let_go_and_one_that_waits_for_us_is_not() {
        let (care, now) = (Care::new(Patience::default()), Instant::now());
        assert_eq!(care.owed(now + seconds(14)), None);
        assert_eq!(care.owed(now + seconds(16)), Some("a request"));
        let answer = care.request();
        assert_eq!(care.owed(now + seconds(1000)), None, "we are slow, not the client");
        drop(answer);
        assert_eq!(care.owed(Instant::now() + seconds(115)), None);
        assert_eq!(care.owed(Instant::now() + seconds(125)), Some("another request"));
    }

    #[tokio::test]
    async fn an_answer_that_is_whole_is_handed_on_in_pieces() {
        let whole: Vec<u8> = (0..=255).cycle().take(3 * PIECE + 7).collect();
        let care = Care::new(Patience::default());
        let body = care.request().watch(Response::new(Body::from(whole.clone()))).into_body();
        assert_eq!(body.size_hint().exact(), Some(whole.len() as u64));
        let pieces: Vec<Bytes> =
            body.into_data_stream().map(|piece| piece.expect("no failure")).collect().await;
        assert_eq!((pieces.len(), pieces.concat()), (4, whole));
    }

    #[test]
    fn a_client_that_takes_nothing_is_let_go_and_one_that_listens_is_not() {
        let care = Care::new(Patience::default());
        let whole = care.request().watch(Response::new(Body::from("whole")));
        assert_eq!(care.owed(Instant::now() + seconds(50)), None);
        assert_eq!(care.owed(Instant::now() + seconds(61)), Some("to take its answer"));
        drop(whole);
        // One event, and then none for hours.
        let events = stream::iter([Ok::<_, Infallible>("event")]).chain(stream::pending());
        let mut events =
            care.request().watch(Response::new(Body::from_stream(events))).into_body().into_data_stream();
        assert!(events.next().now_or_never().flatten().is_some_and(|event| event.is_ok()));
        assert_eq!(care.owed(Instant::now() + seconds(61)), Some("to take its answer"), "the event itself");
        assert!(events.next().now_or_never().is_none());
        assert_eq!(care.owed(Instant::now() + seconds(10_000)), None);
    }
}
