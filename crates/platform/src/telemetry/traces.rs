//! Spans to an OpenTelemetry collector, by OTLP over HTTP.
//!
//! The rest of the program knows `tracing` only. What of a span leaves the process is [`ATTRIBUTES`]: a field
//! that is not in that list stays here, whatever somebody writes into it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags, TraceId, Value,
    trace::{SpanContext, SpanKind, Status, TraceContextExt, TraceState, TracerProvider},
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanEvents, SpanLinks,
    },
};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::TraceParent;
use crate::config::{self, Otlp};

/// Spans that wait to be sent; what is beyond is dropped.
const WAITING: usize = 4096;
const EVERY: Duration = Duration::from_secs(2);
/// For one batch, and for what is left at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The fields of our spans that are sent, with OpenTelemetry's names where it has one. None of them may tell
/// who, which session or which photo.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("route", "http.route"),
    ("method", "http.request.method"),
    ("status", "http.response.status_code"),
    ("code", "error.type"),
    ("attempt", "pixora.attempt"),
    ("outcome", "pixora.outcome"),
    ("faces", "pixora.faces"),
    ("photos", "pixora.photos"),
    ("operation", "pixora.operation"),
];

#[derive(Debug, thiserror::Error)]
pub(super) enum TraceError {
    /// The library's own words may show the address.
    #[error("the collector of OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")]
    Collector(#[from] ExporterBuildError),
}

/// The way out, and what stands before it.
pub(super) struct Export(SdkTracerProvider);

impl Export {
    /// Nothing is connected yet. Runs on a thread of its own, its requests on the current runtime.
    pub(super) fn start(otlp: &Otlp) -> Result<Self, TraceError> {
        crate::tls::install_provider();
        let headers = otlp.headers.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()));
        let collector = SpanExporter::builder()
            .with_http()
            .with_endpoint(&otlp.endpoint)
            .with_headers(headers.collect())
            .with_timeout(PATIENCE)
            .build()?;
        let exporter = Exporter {
            collector: Arc::new(collector),
            runtime: Handle::current(),
            away: AtomicBool::new(false),
        };
        let batches =
            BatchConfigBuilder::default().with_max_queue_size(WAITING).with_scheduled_delay(EVERY).build();
        let named = [
            ("service.name", otlp.service.clone()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("service.instance.id", uuid::Uuid::new_v4().to_string()),
        ];
        let resource = Resource::builder_empty()
            .with_attributes(named.map(|(name, value)| KeyValue::new(name, value)))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(sampler(otlp.sampler))
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Our own spans and nothing else: no other library's, and no events, whose texts are for the log.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("pixora"))
            .with_location(false)
            .with_tracked_inactivity(false)
            .with_threads(false)
            .with_target(false)
            .with_filter(filter_fn(|it| it.is_span() && it.target().starts_with("pixora")))
    }

    pub(super) fn stop(self) {
        // A collector that is away has been told of.
        let _ = self.0.shutdown_with_timeout(PATIENCE);
    }
}

fn sampler(config::Sampler { ratio, follows_parent }: config::Sampler) -> Sampler {
    let root = Sampler::TraceIdRatioBased(ratio);
    if follows_parent { Sampler::ParentBased(Box::new(root)) } else { root }
}

/// Makes a span that has not been entered yet a part of the caller's trace.
pub fn adopt(span: &Span, parent: TraceParent) {
    let flags = if parent.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    let (trace, caller) = (TraceId::from(parent.trace_id), SpanId::from(parent.span_id));
    let remote = SpanContext::new(trace, caller, flags, true, TraceState::NONE);
    // Fails where no traces are sent, which is no failure.
    let _ = span.set_parent(Context::new().with_remote_span_context(remote));
}

/// The trace context of the current span for another process; `None` where no traces are sent.
#[must_use]
pub fn here(span: &Span) -> Option<TraceParent> {
    let context = span.context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| TraceParent {
        trace_id: u128::from_be_bytes(span.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(span.span_id().to_bytes()),
        sampled: span.is_sampled(),
    })
}

#[derive(Debug)]
struct Exporter {
    collector: Arc<SpanExporter>,
    runtime: Handle,
    away: AtomicBool,
}

impl opentelemetry_sdk::trace::SpanExporter for Exporter {
    /// A batch that is not taken is dropped: the collector is no reason to fill the memory.
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (collector, spans) = (Arc::clone(&self.collector), batch.into_iter().map(published).collect());
        let sent = self.runtime.spawn(async move { collector.export(spans).await }).await;
        let sent = sent.unwrap_or_else(|error| Err(OTelSdkError::InternalFailure(error.to_string())));
        match (&sent, self.away.swap(sent.is_err(), Ordering::Relaxed)) {
            // The library's words hold the address.
            (Err(_), false) => {
                tracing::warn!("the collector takes no traces; they are dropped until it does")
            }
            (Ok(()), true) => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        sent
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(collector) = Arc::get_mut(&mut self.collector) {
            collector.set_resource(resource);
        }
    }
}

/// A span as others may see it.
fn published(mut span: SpanData) -> SpanData {
    let text = |name: &str| {
        let field = span.attributes.iter().find(|field| field.key.as_str() == name)?;
        Some(field.value.as_str().into_owned())
    };
    let (name, kind) = match &*span.name {
        "request" => {
            let (method, route) = (text("method").unwrap_or_default(), text("route").unwrap_or_default());
            (format!("{method} {route}").into(), SpanKind::Server)
        }
        "stage" => (text("stage").map_or("stage".into(), Into::into), SpanKind::Internal),
        "webhook" | "mail" | "push" | "payment" | "telegram" => (span.name.clone(), SpanKind::Client),
        _ => (span.name.clone(), SpanKind::Internal),
    };
    // A client's error is no failure of the server.
    let blameless =
        text("status").and_then(|status| status.parse::<u16>().ok()).is_some_and(|status| status < 500);
    if let Some(code) = text("code").filter(|_| kind != SpanKind::Server || !blameless) {
        span.status = Status::error(code);
    }
    (span.name, span.span_kind) = (name, kind);
    let known = |field: KeyValue| {
        let (_, name) = ATTRIBUTES.iter().find(|(ours, _)| *ours == field.key.as_str())?;
        // Unsigned numbers come as text from `tracing`.
        let number = field.value.as_str().parse::<i64>().map(Value::from);
        Some(KeyValue::new(*name, number.unwrap_or(field.value)))
    };
    span.attributes = span.attributes.into_iter().filter_map(known).collect();
    (span.events, span.links) = (SpanEvents::default(), SpanLinks::default());
    span
}

#[cfg(test)]
mod tests {
    use opentelemetry::InstrumentationScope;

    use super::*;

    fn span(name: &'static str, fields: &[(&'static str, Value)]) -> SpanData {
        published(SpanData {
            span_context: SpanContext::empty_context(),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: name.into(),
            start_time: std::time::SystemTime::UNIX_EPOCH,
            end_time: std::time::SystemTime::UNIX_EPOCH,
            attributes: fields.iter().map(|(key, value)| KeyValue::new(*key, value.clone())).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::default(),
        })
    }

    #[test]
    fn what_is_not_listed_stays_here() {
        let span =
            span("photo", &[("photo", "0199".into()), ("attempt", 2.into()), ("file", "a.jpg".into())]);
        assert_eq!(span.attributes, [KeyValue::new("pixora.attempt", 2)]);
    }

    #[test]
    fn a_request_fails_by_its_status_and_anything_else_by_its_code() {
        let request = |status: i64, code: &'static str| {
            let of: [(_, Value); 4] = [
                ("method", "GET".into()),
                ("route", "/x/{id}".into()),
                ("status", status.to_string().into()),
                ("code", code.into()),
            ];
            span("request", &of)
        };
        let missed = request(404, "not_found");
        assert_eq!(
            (&*missed.name, missed.span_kind, missed.status),
            ("GET /x/{id}", SpanKind::Server, Status::Unset)
        );
        assert_eq!(request(500, "internal").status, Status::error("internal"));
        let webhook = span("webhook", &[("status", 404.into()), ("code", "refused".into())]);
        assert_eq!((webhook.span_kind, webhook.status), (SpanKind::Client, Status::error("refused")));
        assert_eq!(span("stage", &[("stage", "decode".into())]).name, "decode");
    }
}
