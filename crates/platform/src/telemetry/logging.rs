//! The log: for people, or one JSON object a line.

use std::{
    fmt::{self, Debug},
    io::IsTerminal,
};

use chrono::SecondsFormat;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_opentelemetry::OtelData;
use tracing_subscriber::{
    Layer,
    fmt::{
        FmtContext, FormatEvent, FormattedFields, MakeWriter,
        format::{JsonFields, Writer},
    },
    registry::LookupSpan,
};

use crate::config::LogFormat;

pub(super) fn layer<S, W>(format: LogFormat, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    match format {
        LogFormat::Pretty => layer.with_ansi(std::io::stderr().is_terminal()).with_target(false).boxed(),
        LogFormat::Json => layer.fmt_fields(JsonFields::new()).event_format(JsonLine).boxed(),
    }
}

/// In JSON a panic is a line like every other. For people the runtime's own words, with the way to a
/// backtrace, serve better.
pub(super) fn log_panics(format: LogFormat) {
    if format == LogFormat::Json {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            let text = panic.payload_as_str().unwrap_or_default();
            tracing::error!(code = "panic", place, cause = text, "a thread panicked");
        }));
    }
}

/// The program's last word on stderr, before or after there is a log.
pub fn say_failure(format: LogFormat, code: &str, message: &str) {
    match format {
        LogFormat::Pretty => eprintln!("pixora: {message} [{code}]"),
        LogFormat::Json => {
            let mut line = head("ERROR", "pixora", message);
            line.insert("code".to_owned(), code.into());
            eprintln!("{}", Value::Object(line));
        }
    }
}

/// Something for the person at the terminal whatever is logged: in JSON one object, `text` as its message.
pub fn say(format: LogFormat, text: &str) {
    match format {
        LogFormat::Pretty => eprintln!("\n{text}\n"),
        LogFormat::Json => eprintln!("{}", Value::Object(head("INFO", "pixora", text))),
    }
}

fn head(level: &str, target: &str, message: &str) -> Map<String, Value> {
    let now = crate::clock::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    [("timestamp", now.as_str()), ("level", level), ("target", target), ("message", message)]
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into_iter()
        .collect()
}

/// `timestamp`, `level`, `target`, `message`, then what the spans around say, from the outermost in, then what
/// the event itself says. Of two that have one name the inner one stands; the first four are never replaced.
struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            if let Some(trace) = extensions.get::<OtelData>().and_then(OtelData::trace_id) {
                fields.0.insert("trace_id".to_owned(), trace.to_string().into());
            }
            let written = extensions.get::<FormattedFields<JsonFields>>();
            let written = written.and_then(|fields| serde_json::from_str::<Map<_, _>>(&fields.fields).ok());
            fields.0.extend(written.into_iter().flatten());
        }
        event.record(&mut fields);
        let Fields(mut line) = fields;
        let message = line.remove("message").map_or_else(String::new, |text| match text {
            Value::String(text) => text,
            other => other.to_string(),
        });
        line.extend(head(event.metadata().level().as_str(), event.metadata().target(), &message));
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panicked with it").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `work` logs.
    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::registry().with(layer(LogFormat::Json, move || writer.clone()));
        tracing::subscriber::with_default(log, work);
        let text = written.0.lock().expect("nobody panicked with it").clone();
        let text = String::from_utf8(text).expect("is text");
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    #[test]
    fn a_line_holds_what_the_spans_around_it_say() {
        let lines = logged(|| {
            let request =
                tracing::info_span!("request", request_id = "r-1", status = tracing::field::Empty).entered();
            tracing::info_span!("stage", stage = "decode").in_scope(|| {
                tracing::warn!(error = %"a \"quoted\"\nword", tries = 2_u64, target = "forged", "it {}", "failed");
            });
            request.record("status", 404);
            tracing::info!("answered");
        });
        let (first, second) = (&lines[0], &lines[1]);
        assert_eq!((&first["level"], &first["message"]), (&"WARN".into(), &"it failed".into()));
        assert_eq!((&first["request_id"], &first["stage"]), (&"r-1".into(), &"decode".into()));
        assert_eq!((&first["error"], &first["tries"]), (&"a \"quoted\"\nword".into(), &2.into()));
        assert_eq!(first["target"], module_path!());
        assert_eq!((&second["message"], &second["status"]), (&"answered".into(), &404.into()));
        assert!(second.get("stage").is_none());
    }

    #[test]
    fn a_panic_is_a_line_too() {
        let lines = logged(|| {
            let before = std::panic::take_hook();
            log_panics(LogFormat::Json);
            let _ = std::panic::catch_unwind(|| panic!("at the {}", "disco"));
            std::panic::set_hook(before);
        });
        let line = lines.iter().find(|line| line["cause"] == "at the disco").expect("is logged");
        assert_eq!((&line["level"], &line["code"]), (&"ERROR".into(), &"panic".into()));
        assert!(line["place"].as_str().is_some_and(|place| place.contains("logging.rs")), "{line}");
    }
}
