//! The signature of a webhook: `Stripe-Signature: t=1492774577,v1=5257a869…,v1=…,v0=…`, where `v1` is HMAC-SHA-256 over
//! `{t}.{body}` in lower-case hex. <https://docs.stripe.com/webhooks#verify-manually>

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far its time may be from ours: an older message may be one that somebody has recorded.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Whether the endpoint's secret has signed this body, a moment ago. While a secret is being replaced a message
/// has one `v1` for each; one that is right is enough. Compares in constant time.
#[must_use]
pub fn is_sound(header: &str, body: &[u8], secret: &str, now: DateTime<Utc>) -> bool {
    let mut parts = header.split(',').filter_map(|part| part.trim().split_once('='));
    let mut time = None;
    let mut signatures = Vec::new();
    for (name, value) in &mut parts {
        match name {
            "t" if time.is_none() => time = Some(value),
            // Two times: which one was signed?
            "t" => return false,
            "v1" => signatures.extend(hex::decode(value)),
            _ => {}
        }
    }
    let Some(time) = time else { return false };
    let said = time.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if said.is_none_or(|said| (now - said).abs() > TOLERANCE) {
        return false;
    }
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    let mac = mac.chain_update(time).chain_update(".").chain_update(body);
    signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_an_invented_secret";
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn signed(time: i64, secret: &str, body: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
        hex::encode(mac.chain_update(format!("{time}.")).chain_update(body).finalize().into_bytes())
    }

    /// Computed with `openssl dgst -sha256 -hmac` over `1700000000.{"id":"evt_1"}`.
    #[test]
    fn it_is_the_signature_that_others_compute() {
        assert_eq!(
            signed(1_700_000_000, SECRET, BODY),
            "6f1d5c13e8b32aa9eae1d466f0e9132fd74439a3c9237bfb4bfc53a1bb0a6bf5"
        );
    }

    #[test]
    fn only_what_was_signed_a_moment_ago_is_believed() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let at = |seconds: i64| 1_700_000_000 + seconds;
        let good = signed(at(0), SECRET, BODY);
        let other = signed(at(0), "whsec_another", BODY);
        for header in [
            format!("t={},v1={good}", at(0)),
            format!("t={},v1={other},v1={good},v0=00", at(0)),
            format!("v1={good}, t={}", at(0)),
            format!("t={},v1={}", at(-300), signed(at(-300), SECRET, BODY)),
            format!("t={},v1={}", at(300), signed(at(300), SECRET, BODY)),
        ] {
            assert!(is_sound(&header, BODY, SECRET, now), "{header}");
        }
        for header in [
            String::new(),
            format!("t={}", at(0)),
            format!("v1={good}"),
            format!("t={},v1=", at(0)),
            format!("t={},v0={good}", at(0)),
            format!("t={},v1={other}", at(0)),
            format!("t={},v1={}", at(0), &good[..62]),
            format!("t={},v1={good}", at(1)),
            format!("t={0},t={0},v1={good}", at(0)),
            format!("t=nonsense,v1={good}"),
            format!("t=99999999999999999,v1={good}"),
            format!("t={},v1={}", at(-301), signed(at(-301), SECRET, BODY)),
            format!("t={},v1={}", at(301), signed(at(301), SECRET, BODY)),
        ] {
            assert!(!is_sound(&header, BODY, SECRET, now), "{header}");
        }
        let header = format!("t={},v1={good}", at(0));
        assert!(!is_sound(&header, br#"{"id":"evt_2"}"#, SECRET, now), "another body");
    }
}
