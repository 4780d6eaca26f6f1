//! Where traces go: OpenTelemetry's own variables, so that what an operator knows of other programs holds.
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>

use percent_encoding::percent_decode_str;

use super::{
    ConfigError, Secret,
    values::{Found, parse_public_url},
};

const URL: &str = "an http:// or https:// URL without user and query";

/// A collector that takes OTLP over HTTP.
#[derive(Debug, Clone)]
pub struct Otlp {
    /// The whole address, `/v1/traces` included.
    pub endpoint: String,
    /// Name and value of headers that go along, such as a key.
    pub headers: Vec<(String, Secret)>,
    /// The service name in the traces.
    pub service: String,
    pub sampler: Sampler,
}

/// Which traces are recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    /// Of traces that begin here, 0 to 1.
    pub ratio: f64,
    /// A caller who says whether they record (`traceparent`) decides for us too.
    pub follows_parent: bool,
}

/// The collector that the settings name, if any; what is said about it is checked either way.
pub(super) fn resolve(find: impl Fn(&'static str) -> Option<Found>) -> Result<Option<Otlp>, ConfigError> {
    let base =
        find("OTEL_EXPORTER_OTLP_ENDPOINT").map(|found| found.parse(URL, parse_public_url)).transpose()?;
    let traces = find("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        .map(|found| found.parse(URL, parse_public_url))
        .transpose()?;
    if let Some(found) = find("OTEL_EXPORTER_OTLP_PROTOCOL") {
        found.parse("http/protobuf, the one protocol that is spoken", |v| {
            (v == "http/protobuf").then_some(())
        })?;
    }
    let headers = match find("OTEL_EXPORTER_OTLP_HEADERS") {
        Some(found) => found.parse("name=value pairs separated by commas", parse_headers)?,
        None => Vec::new(),
    };
    let service = match find("OTEL_SERVICE_NAME") {
        Some(found) => found.parse("a name of at most 100 visible ASCII characters", |v| {
            let sound = (1..=100).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_graphic());
            sound.then(|| v.to_owned())
        })?,
        None => "pixora".to_owned(),
    };
    let ratio = match find("OTEL_TRACES_SAMPLER_ARG") {
        Some(found) => found
            .parse("a number from 0 to 1", |v| v.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio)))?,
        None => 1.0,
    };
    let sampler = match find("OTEL_TRACES_SAMPLER") {
        Some(found) => found.parse(
            "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
             parentbased_traceidratio",
            |v| {
                let (root, follows_parent) =
                    v.strip_prefix("parentbased_").map_or((v, false), |root| (root, true));
                let ratio = match root {
                    "always_on" => 1.0,
                    "always_off" => 0.0,
                    "traceidratio" => ratio,
                    _ => return None,
                };
                Some(Sampler { ratio, follows_parent })
            },
        )?,
        None => Sampler { ratio: 1.0, follows_parent: true },
    };
    let endpoint = traces.or_else(|| base.map(|base| format!("{base}/v1/traces")));
    Ok(endpoint.map(|endpoint| Otlp { endpoint, headers, service, sampler }))
}

/// `name=value,name=value`, values percent-encoded where they hold a comma.
fn parse_headers(value: &str) -> Option<Vec<(String, Secret)>> {
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let sound = hyper::header::HeaderName::try_from(name.trim()).is_ok()
            && hyper::header::HeaderValue::from_str(&value).is_ok();
        sound.then(|| (name.trim().to_ascii_lowercase(), Secret::new(value.into_owned())))
    };
    value.split(',').map(header).collect()
}
