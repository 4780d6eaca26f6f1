use std::fs;

use super::*;

fn open() -> (tempfile::TempDir, AccessTokens, DateTime<Utc>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
    let tokens = AccessTokens::open(&folder.path().join("keys/access.json"), now).expect("the keys are made");
    (folder, tokens, now)
}

fn part(json: &str) -> String {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(json)
}

#[test]
fn a_token_is_honoured_for_a_quarter_of_an_hour_and_the_skew() {
    let (_folder, tokens, now) = open();
    let (user, session) = (UserId::generate(), DeviceSessionId::generate());
    let token = tokens.issue(user, session, now);
    let at = |seconds| tokens.verify(&token, now + TimeDelta::seconds(seconds));
    assert_eq!(at(0), Some(session));
    assert_eq!(at(15 * 60 + 29), Some(session), "another node's clock may be half a minute ahead");
    assert_eq!(at(15 * 60 + 30), None);
    assert_eq!(at(-30), Some(session), "or half a minute behind");
    assert_eq!(at(-31), None, "a token from the future is not ours");
}

#[test]
fn a_token_that_was_touched_is_not_honoured() {
    let (_folder, tokens, now) = open();
    let token = tokens.issue(UserId::generate(), DeviceSessionId::generate(), now);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts: {token}") };
    let kid = jsonwebtoken::decode_header(&token).expect("ours").kid.expect("names its key");
    let other = tokens.issue(UserId::generate(), DeviceSessionId::generate(), now);
    let others_claims = other.split('.').nth(1).expect("has claims");
    let none = part(&format!(r#"{{"alg":"none","typ":"JWT","kid":"{kid}"}}"#));
    let hs512 = part(&format!(r#"{{"alg":"HS512","typ":"JWT","kid":"{kid}"}}"#));
    let no_kid = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    let forged = [
        format!("{header}.{others_claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", part("forged")),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{hs512}.{claims}.{signature}"),
        format!("{no_kid}.{claims}.{signature}"),
        format!("{header}.{claims}"),
        String::new(),
        "...".into(),
    ];
    for token in forged {
        assert_eq!(tokens.verify(&token, now), None, "{token}");
    }
    assert!(tokens.verify(&token, now).is_some(), "the token itself is good");
}

#[test]
fn a_key_of_another_installation_signs_nothing_here() {
    let (_here, ours, now) = open();
    let (_there, theirs, _) = open();
    assert_eq!(ours.verify(&theirs.issue(UserId::generate(), DeviceSessionId::generate(), now), now), None);
}

#[test]
fn keys_survive_a_restart_and_are_changed_after_a_month() {
    let (folder, tokens, now) = open();
    let file = folder.path().join("keys/access.json");
    let token = tokens.issue(UserId::generate(), DeviceSessionId::generate(), now);
    let again = AccessTokens::open(&file, now).expect("the keys are read");
    assert!(again.verify(&token, now).is_some());

    let month = now + KEY_LIFE;
    let last = again.issue(UserId::generate(), DeviceSessionId::generate(), month);
    again.rotate(month).expect("is written");
    let new = again.issue(UserId::generate(), DeviceSessionId::generate(), month);
    let key_of = |token: &str| jsonwebtoken::decode_header(token).expect("ours").kid;
    assert_ne!(key_of(&last), key_of(&new), "a new key signs");
    assert!(again.verify(&last, month).is_some(), "what the old one signed is honoured to its end");
    again.rotate(month + KEY_LIFE).expect("is written");
    assert!(again.verify(&last, month).is_none(), "two keys later it is forgotten");
}

#[cfg(unix)]
#[test]
fn the_keys_are_for_their_owner_alone_and_damage_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _, now) = open();
    let file = folder.path().join("keys/access.json");
    let mode = fs::metadata(&file).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::write(&file, "{").expect("is written");
    assert!(matches!(AccessTokens::open(&file, now), Err(KeyFileError::Damaged(_))));
}

#[test]
fn nodes_with_a_common_secret_honour_each_other_s_tokens() {
    let now = DateTime::from_timestamp(KEY_LIFE.num_seconds() * 690, 0).expect("in range");
    let (user, session) = (UserId::generate(), DeviceSessionId::generate());
    let before = now - TimeDelta::seconds(1);
    let (early, late) = (AccessTokens::shared("common", before), AccessTokens::shared("common", now));
    let of_old = early.issue(user, session, before);
    let of_new = late.issue(user, session, now);
    assert_eq!(late.verify(&of_old, now), Some(session), "the last period's key");
    assert_eq!(early.verify(&of_new, now), Some(session), "a node that has not rotated yet");
    early.rotate(now).expect("writes nothing");
    assert_eq!(kid(&early.issue(user, session, now)), kid(&of_new));
    assert_ne!(kid(&of_old), kid(&of_new));
    assert_eq!(AccessTokens::shared("another", now).verify(&of_new, now), None);
}

fn kid(token: &str) -> Option<String> {
    jsonwebtoken::decode_header(token).expect("ours").kid
}
