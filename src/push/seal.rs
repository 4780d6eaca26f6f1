//! The content of a notification, readable for one browser alone: RFC 8291, in one record of RFC 8188.

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::SystemRandom,
};

/// Every push service takes bodies of this size (RFC 8030, section 7.2).
const BODY: usize = 4096;
/// Salt, record size, length of the key, key.
const HEADER: usize = 16 + 4 + 1 + 65;
/// The end of the record, and its tag.
const ENDING: usize = 1 + 16;
/// Bytes of a content that every push service takes.
pub const LONGEST: usize = BODY - HEADER - ENDING;

/// Seals a content for the browser with these keys; `None` when they are none, or it is too long.
pub(super) fn seal(content: &[u8], p256dh: &[u8; 65], auth: &[u8; 16]) -> Option<Vec<u8>> {
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).ok()?;
    let public: [u8; 65] = own.compute_public_key().ok()?.as_ref().try_into().ok()?;
    let browser = UnparsedPublicKey::new(&ECDH_P256, p256dh);
    let salt: [u8; 16] = rand::random();
    agree_ephemeral(own, &browser, |secret| record(content, secret, auth, p256dh, &public, &salt)).ok()?
}

/// `secret`: what the two keys agree on. RFC 8291, section 3.4.
fn record(
    content: &[u8],
    secret: &[u8],
    auth: &[u8; 16],
    p256dh: &[u8; 65],
    public: &[u8; 65],
    salt: &[u8; 16],
) -> Option<Vec<u8>> {
    if content.len() > LONGEST {
        return None;
    }
    let agreed = Salt::new(HKDF_SHA256, auth).extract(secret);
    let material: [u8; 32] = expanded(&agreed, &[b"WebPush: info\0", p256dh, public])?;
    let keys = Salt::new(HKDF_SHA256, salt).extract(&material);
    let key: [u8; 16] = expanded(&keys, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expanded(&keys, &[b"Content-Encoding: nonce\0"])?;
    // The last record ends in 2.
    let mut sealed = [content, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).ok()?;
    let size = u32::try_from(BODY).ok()?.to_be_bytes();
    Some([&salt[..], &size, &[65], public, &sealed].concat())
}

struct Bytes<const N: usize>;

impl<const N: usize> KeyType for Bytes<N> {
    fn len(&self) -> usize {
        N
    }
}

fn expanded<const N: usize>(from: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    let mut out = [0; N];
    from.expand(info, Bytes::<N>).ok()?.fill(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        BASE64_URL_SAFE_NO_PAD.decode(text).expect("is base64").try_into().expect("has the length")
    }

    #[test]
    fn the_example_of_rfc_8291_is_sealed_as_it_says() {
        let p256dh =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let public =
            bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let secret: [u8; 32] = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let (auth, salt) = (bytes("BTBZMqHH6r4Tts7J_aSIgg"), bytes("DGv6ra1nlYgDCS1FRnbzlw"));
        let content = b"When I grow up, I want to be a watermelon";
        let sealed = record(content, &secret, &auth, &p256dh, &public, &salt).expect("fits");
        assert_eq!(
            BASE64_URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl\
             7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn a_content_is_as_long_as_every_push_service_takes_and_no_longer() {
        let browser = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("can be made");
        let p256dh: [u8; 65] =
            browser.compute_public_key().expect("has one").as_ref().try_into().expect("65 bytes");
        assert_eq!(seal(&[b'x'; LONGEST], &p256dh, &[7; 16]).expect("fits").len(), BODY);
        assert_eq!(seal(&[b'x'; LONGEST + 1], &p256dh, &[7; 16]), None);
        assert_eq!(seal(b"x", &[4; 65], &[7; 16]), None, "a point that is on no curve");
    }
}
