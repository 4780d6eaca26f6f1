//! What a browser signs for a passkey, and whether it is right: Web Authentication Level 3, sections 7.1 and 7.2
//! (<https://www.w3.org/TR/webauthn-3/>), without attestation, which we do not ask for. Pure: bytes in, a verdict out.
//!
//! `webauthn-rs` would do this too. Since 0.6 it needs no OpenSSL, but it brings fifty crates, among them four elliptic
//! curves, a second Argon2 and a pre-release of RSA with an open advisory, and switches on features of crates below
//! rustls, so that all of it would be compiled anew. Without attestation the rules left over are the ones below; the
//! signatures are checked by `ring`, which rustls brings, and CBOR and keys are read by `coset`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use coset::{AsCborValue, CoseKey, KeyType, Label, cbor::Value, iana, iana::EnumI64};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The algorithms that a passkey may sign with, by preference, as COSE numbers them: ES256, EdDSA, RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
/// Hash of the site, flags, counter.
const HEAD: usize = 32 + 1 + 4;
/// The longest id that the specification allows.
const LONGEST_ID: usize = 1023;

/// Why an answer is refused. All of them look the same to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the passkey's answer is wrong: {0}")]
pub struct Refused(&'static str);

/// The site whose passkeys these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its host.
    pub id: String,
    /// As a browser names it.
    pub origin: String,
}

impl Site {
    /// The site at an address; none where browsers have no passkeys: at an IP address, or without TLS anywhere but on
    /// this machine.
    #[must_use]
    pub fn at(public_url: &str) -> Option<Self> {
        let (scheme, rest) = public_url.split_once("://")?;
        let authority = rest.split('/').next()?;
        let host = authority.split(':').next()?.to_ascii_lowercase();
        let is_name =
            !host.is_empty() && !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err();
        let is_secure = scheme == "https" || host == "localhost" || host.ends_with(".localhost");
        let origin = format!("{scheme}://{}", authority.to_ascii_lowercase());
        (is_name && is_secure).then(|| Self { origin: without_usual_port(&origin), id: host })
    }
}

/// Browsers leave the usual port out of an origin.
fn without_usual_port(origin: &str) -> String {
    let usual = if origin.starts_with("https:") { ":443" } else { ":80" };
    origin.strip_suffix(usual).unwrap_or(origin).to_owned()
}

/// A new passkey.
#[derive(Debug)]
pub struct Registered {
    pub credential_id: Vec<u8>,
    /// COSE.
    pub public_key: Vec<u8>,
    pub sign_count: u32,
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

/// The challenge in a browser's answer, by which the row of what was asked is found.
///
/// # Errors
/// [`Refused`] when it is no such answer.
pub fn challenge_of(client_data: &[u8]) -> Result<String, Refused> {
    Ok(read_client_data(client_data)?.challenge)
}

/// Checks the answer to a registration, whose challenge the caller has looked up.
///
/// # Errors
/// [`Refused`]
pub fn register(site: &Site, client_data: &[u8], attestation_object: &[u8]) -> Result<Registered, Refused> {
    check_client_data(site, client_data, "webauthn.create")?;
    let object: Value =
        coset::cbor::from_reader(attestation_object).map_err(|_| Refused("attestation object"))?;
    let fields = object.as_map().ok_or(Refused("attestation object"))?;
    let data = fields.iter().find(|(name, _)| name.as_text() == Some("authData"));
    let data = data.and_then(|(_, data)| data.as_bytes()).ok_or(Refused("authenticator data"))?;
    let (flags, sign_count) = check_head(site, data)?;
    if flags & HAS_CREDENTIAL == 0 {
        return Err(Refused("no credential"));
    }
    // The authenticator's model (16 bytes), which we do not ask for; then the id with its length before it.
    let rest = data.get(HEAD + 16..).ok_or(Refused("credential"))?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(Refused("credential"))?;
    let length = usize::from(u16::from_be_bytes(*length));
    let sound = (1..=LONGEST_ID).contains(&length);
    let (credential_id, mut rest) =
        rest.split_at_checked(length).filter(|_| sound).ok_or(Refused("credential id"))?;
    // The key is one CBOR value; extensions may follow it.
    let key: Value = coset::cbor::from_reader(&mut rest).map_err(|_| Refused("key"))?;
    let key = CoseKey::from_cbor_value(key).map_err(|_| Refused("key"))?;
    PublicKey::of(&key)?;
    let public_key = coset::CborSerializable::to_vec(key).map_err(|_| Refused("key"))?;
    Ok(Registered { credential_id: credential_id.to_owned(), public_key, sign_count })
}

/// Checks what a passkey signed; the caller has looked up its challenge. Returns the passkey's counter.
///
/// # Errors
/// [`Refused`]
pub fn verify(
    site: &Site,
    public_key: &[u8],
    client_data: &[u8],
    authenticator_data: &[u8],
    signature: &[u8],
) -> Result<u32, Refused> {
    check_client_data(site, client_data, "webauthn.get")?;
    let (_, sign_count) = check_head(site, authenticator_data)?;
    let key: CoseKey = coset::CborSerializable::from_slice(public_key).map_err(|_| Refused("key"))?;
    let signed = [authenticator_data, &Sha256::digest(client_data)].concat();
    PublicKey::of(&key)?.verify(&signed, signature)?;
    Ok(sign_count)
}

fn read_client_data(client_data: &[u8]) -> Result<ClientData, Refused> {
    serde_json::from_slice(client_data).map_err(|_| Refused("client data"))
}

fn check_client_data(site: &Site, client_data: &[u8], kind: &str) -> Result<(), Refused> {
    let said = read_client_data(client_data)?;
    if said.kind != kind {
        return Err(Refused("type"));
    }
    if said.origin != site.origin || said.cross_origin {
        return Err(Refused("origin"));
    }
    Ok(())
}

/// The flags and the counter of authenticator data that is of this site, with the person there and recognised.
fn check_head(site: &Site, data: &[u8]) -> Result<(u8, u32), Refused> {
    let (hash, rest) = data.split_first_chunk::<32>().ok_or(Refused("authenticator data"))?;
    let (head, _) = rest.split_first_chunk::<5>().ok_or(Refused("authenticator data"))?;
    let [flags, counter @ ..] = *head;
    if hash[..] != Sha256::digest(site.id.as_bytes())[..] {
        return Err(Refused("site"));
    }
    if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
        return Err(Refused("nobody was recognised"));
    }
    if flags & BACKUP_ELIGIBLE == 0 && flags & BACKED_UP != 0 {
        return Err(Refused("back-up flags"));
    }
    Ok((flags, u32::from_be_bytes(counter)))
}

/// A key of one of [`ALGORITHMS`].
enum PublicKey {
    /// An uncompressed point.
    Es256(Vec<u8>),
    EdDsa(Vec<u8>),
    Rs256 {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    fn of(key: &CoseKey) -> Result<Self, Refused> {
        let bytes = |label: i64| {
            let found = key.params.iter().find(|(name, _)| *name == Label::Int(label));
            found.and_then(|(_, value)| value.as_bytes()).cloned().ok_or(Refused("key"))
        };
        let number = |label: i64| {
            let found = key.params.iter().find(|(name, _)| *name == Label::Int(label));
            found.and_then(|(_, value)| value.as_integer()).map(i128::from)
        };
        let algorithm = match &key.alg {
            Some(coset::RegisteredLabelWithPrivate::Assigned(algorithm)) => algorithm.to_i64(),
            _ => return Err(Refused("algorithm")),
        };
        let kind = match &key.kty {
            KeyType::Assigned(kind) => *kind,
            KeyType::Text(_) => return Err(Refused("key")),
        };
        match (algorithm, kind) {
            (-7, iana::KeyType::EC2) if number(-1) == Some(1) => {
                let (x, y) = (bytes(-2)?, bytes(-3)?);
                if x.len() != 32 || y.len() != 32 {
                    return Err(Refused("key"));
                }
                Ok(Self::Es256([&[4], &x[..], &y[..]].concat()))
            }
            (-8, iana::KeyType::OKP) if number(-1) == Some(6) => {
                let x = bytes(-2)?;
                if x.len() == 32 { Ok(Self::EdDsa(x)) } else { Err(Refused("key")) }
            }
            (-257, iana::KeyType::RSA) => Ok(Self::Rs256 { n: bytes(-1)?, e: bytes(-2)? }),
            _ => Err(Refused("algorithm")),
        }
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), Refused> {
        match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(signed, signature)
            }
            Self::EdDsa(point) => UnparsedPublicKey::new(&ED25519, point).verify(signed, signature),
            Self::Rs256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            }
        }
        .map_err(|_| Refused("signature"))
    }
}

/// Bytes as browsers' JSON has them.
#[must_use]
pub fn to_text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The other way.
///
/// # Errors
/// [`Refused`]
pub fn to_bytes(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused("encoding"))
}

#[cfg(test)]
mod tests;
