use coset::{CborSerializable, CoseKeyBuilder, iana};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::json;

use super::*;

const CHALLENGE: &str = "bm90aGluZw";

fn site() -> Site {
    Site::at("https://photos.example/").expect("is one")
}

/// An authenticator with a key of each kind that we can make here.
enum Device {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Device {
    fn p256() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("is made");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random);
        Self::P256(key.expect("is read"))
    }

    fn ed25519() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("is made");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("is read"))
    }

    fn cose(&self) -> Vec<u8> {
        let key = match self {
            Self::P256(key) => {
                let point = key.public_key().as_ref();
                let curve = iana::EllipticCurve::P_256;
                CoseKeyBuilder::new_ec2_pub_key(curve, point[1..33].to_vec(), point[33..].to_vec())
                    .algorithm(iana::Algorithm::ES256)
                    .build()
            }
            Self::Ed25519(key) => CoseKeyBuilder::new_okp_key()
                .algorithm(iana::Algorithm::EdDSA)
                .param(-1, Value::from(6))
                .param(-2, Value::Bytes(key.public_key().as_ref().to_vec()))
                .build(),
        };
        key.to_vec().expect("is written")
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => key.sign(&SystemRandom::new(), message).expect("signs").as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// The attestation object of a registration with this authenticator data before the credential.
    fn attest(&self, head: &[u8]) -> Vec<u8> {
        let credential = [&[0; 16][..], &[0, 4], b"cred", &self.cose()].concat();
        let data = Value::Bytes([head, &credential].concat());
        let object = Value::Map(vec![
            (Value::from("fmt"), Value::from("none")),
            (Value::from("attStmt"), Value::Map(Vec::new())),
            (Value::from("authData"), data),
        ]);
        let mut bytes = Vec::new();
        coset::cbor::into_writer(&object, &mut bytes).expect("is written");
        bytes
    }
}

fn client_data(kind: &str, origin: &str) -> Vec<u8> {
    json!({ "type": kind, "challenge": CHALLENGE, "origin": origin, "crossOrigin": false })
        .to_string()
        .into_bytes()
}

fn head(site: &str, flags: u8, counter: u32) -> Vec<u8> {
    [&Sha256::digest(site.as_bytes())[..], &[flags], &counter.to_be_bytes()].concat()
}

const SEEN: u8 = USER_PRESENT | USER_VERIFIED;

#[test]
fn a_passkey_is_registered_and_what_it_signs_is_right_and_nothing_else() {
    for device in [Device::p256(), Device::ed25519()] {
        let made = client_data("webauthn.create", "https://photos.example");
        let object = device.attest(&head("photos.example", SEEN | HAS_CREDENTIAL, 7));
        let passkey = register(&site(), &made, &object).expect("is registered");
        assert_eq!((passkey.credential_id.as_slice(), passkey.sign_count), (&b"cred"[..], 7));
        assert_eq!(challenge_of(&made).as_deref(), Ok(CHALLENGE));

        let asked = client_data("webauthn.get", "https://photos.example");
        let data = head("photos.example", SEEN, 8);
        let signature = device.sign(&[&data[..], &Sha256::digest(&asked)].concat());
        let verify = |client: &[u8], data: &[u8], signature: &[u8]| {
            super::verify(&site(), &passkey.public_key, client, data, signature)
        };
        assert_eq!(verify(&asked, &data, &signature), Ok(8));
        let mut forged = signature.clone();
        *forged.last_mut().expect("is not empty") ^= 1;
        assert_eq!(verify(&asked, &data, &forged), Err(Refused("signature")));
        let other = head("photos.example", SEEN, 9);
        assert_eq!(verify(&asked, &other, &signature), Err(Refused("signature")));
        let stranger = Device::p256().cose();
        assert!(super::verify(&site(), &stranger, &asked, &data, &signature).is_err());
    }
}

#[test]
fn an_answer_of_another_site_kind_or_nobody_is_refused() {
    let device = Device::p256();
    let cases = [
        ("webauthn.get", "https://photos.example", "photos.example", SEEN, "type"),
        ("webauthn.create", "https://evil.example", "photos.example", SEEN, "origin"),
        ("webauthn.create", "http://photos.example", "photos.example", SEEN, "origin"),
        ("webauthn.create", "https://photos.example", "evil.example", SEEN, "site"),
        (
            "webauthn.create",
            "https://photos.example",
            "photos.example",
            USER_PRESENT,
            "nobody was recognised",
        ),
        (
            "webauthn.create",
            "https://photos.example",
            "photos.example",
            USER_VERIFIED,
            "nobody was recognised",
        ),
        ("webauthn.create", "https://photos.example", "photos.example", SEEN | BACKED_UP, "back-up flags"),
    ];
    for (kind, origin, id, flags, why) in cases {
        let object = device.attest(&head(id, flags | HAS_CREDENTIAL, 0));
        let refused = register(&site(), &client_data(kind, origin), &object).expect_err(why);
        assert_eq!(refused, Refused(why));
    }
    let made = client_data("webauthn.create", "https://photos.example");
    let object = device.attest(&head("photos.example", SEEN, 0));
    assert_eq!(register(&site(), &made, &object).expect_err("none"), Refused("no credential"));
    let framed =
        br#"{"type":"webauthn.create","challenge":"x","origin":"https://photos.example","crossOrigin":true}"#;
    let object = device.attest(&head("photos.example", SEEN | HAS_CREDENTIAL, 0));
    assert_eq!(register(&site(), framed, &object).expect_err("framed"), Refused("origin"));
}

#[test]
fn whatever_bytes_come_they_are_refused_and_nothing_breaks() {
    let device = Device::p256();
    let made = client_data("webauthn.create", "https://photos.example");
    let object = device.attest(&head("photos.example", SEEN | HAS_CREDENTIAL, 0));
    for length in 0..object.len() {
        assert!(register(&site(), &made, &object[..length]).is_err(), "{length} bytes");
    }
    for data in [&b""[..], b"null", b"{}", b"[1]", b"\xff"] {
        assert!(challenge_of(data).is_err());
        assert!(verify(&site(), data, &made, data, data).is_err());
    }
}

#[test]
fn a_site_has_a_name_and_is_secure() {
    let at = |url: &str| Site::at(url).map(|site| (site.id, site.origin));
    let named = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
    assert_eq!(at("https://Photos.Example"), named("photos.example", "https://photos.example"));
    assert_eq!(at("https://photos.example:443/x"), named("photos.example", "https://photos.example"));
    assert_eq!(at("https://photos.example:8443"), named("photos.example", "https://photos.example:8443"));
    assert_eq!(at("http://localhost:8000"), named("localhost", "http://localhost:8000"));
    for none in ["http://photos.example", "https://192.0.2.1", "https://[2001:db8::1]:8000", "https://", "x"]
    {
        assert_eq!(at(none), None, "{none}");
    }
}
