//! Server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use serde::Serialize;

/// Proxies cut connections that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a browser comes again after a cut.
const RETRY: Duration = Duration::from_secs(3);

/// The answer that tells these events, until the page leaves or `end` is ready.
pub fn answer(
    events: impl Stream<Item = Event> + Send + 'static,
    end: impl Future<Output = ()> + Send + 'static,
) -> Response {
    let first = stream::once(async { Event::default().retry(RETRY) });
    let events = first.chain(events.take_until(end)).map(Ok::<_, Infallible>);
    // nginx would hold events back until it has a buffer full.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    let kept_alive = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    ([(header::CACHE_CONTROL, "no-store"), unbuffered], kept_alive).into_response()
}

/// An event with JSON as its data.
pub fn named(name: &str, data: &impl Serialize) -> Event {
    // Our own JSON has one line, and serialising it cannot fail.
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}
