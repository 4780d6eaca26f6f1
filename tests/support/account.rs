//! Somebody with an account on a server under test.

use std::{io::Write, process::Stdio};

use serde_json::{Value, json};

use crate::support::Pixora;

const EMAIL: &str = "sender@example.com";
const PASSWORD: &str = "an invented password";

/// Makes a `super_admin`, also beside a running server.
pub fn add(pixora: &Pixora) {
    let arguments = ["user", "add", "--email", EMAIL, "--role", "super_admin", "--password-stdin"];
    let mut command = pixora.command(&arguments);
    let mut adding = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
    writeln!(adding.stdin.take().expect("is a pipe"), "{PASSWORD}").expect("can be written");
    assert!(adding.wait().expect("ends").success());
}

/// Their access token, good for a quarter of an hour.
pub async fn sign_in(address: &str) -> String {
    pixora::tls::install_provider();
    let login = json!({ "login": EMAIL, "password": PASSWORD });
    let request = reqwest::Client::new().post(format!("http://{address}/api/auth/login")).json(&login);
    let answer: Value = request.send().await.expect("the server answers").json().await.expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}
