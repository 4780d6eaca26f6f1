//! Cameras that send by FTP to a server that is killed: whatever was answered with 226 is there.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Rows, account,
    camera::Camera,
    seed,
    support::{Pixora, free_address},
    uploads::serve,
};

const KILLS: usize = 6;
const CAMERAS: usize = 4;

/// Photos that were answered for: their hashes, with their names.
type Answered = Arc<Mutex<BTreeMap<String, String>>>;

#[tokio::test]
async fn a_photo_that_was_answered_for_survives_a_kill() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let id = pixora.session("Sent by cameras");
    account::add(&pixora);
    let at = free_address();
    let settings = format!("PIXORA_FTP_BIND = \"{at}\"\n");
    std::fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
    let at: SocketAddr = at.parse().expect("is an address");

    let answered = Answered::default();
    let mut server = serve(&pixora);
    let token = account::sign_in(&server.address).await;
    let url = format!("http://{}/api/photo-sessions/{id}/ftp", server.address);
    let made = reqwest::Client::new().post(url).bearer_auth(token).send().await.expect("the server answers");
    let made: Value = made.json().await.expect("is JSON");
    let of = |name: &str| made["account"][name].as_str().expect("is text").to_owned();
    let (login, password) = (of("login"), of("password"));

    for kill in 1..=KILLS {
        let cameras: Vec<_> = (0..CAMERAS)
            .map(|_| {
                tokio::spawn(send(at, login.clone(), password.clone(), random.random(), answered.clone()))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(random.random_range(200..700))).await;
        server.child.kill().expect("can be killed");
        server.child.wait().expect("is dead");
        for camera in cameras {
            // It ends by a connection that is gone.
            let _ = camera.await;
        }
        if kill < KILLS {
            server = serve(&pixora);
        }
    }
    drop(server);
    // What a kill left of transfers is no photo: the next start has nothing to take in.
    let rows = Rows::read(&pixora.data(), id.parse().expect("a session's id is an id")).await;
    let mut stored = BTreeMap::new();
    for photo in rows.photos.values() {
        let twice = stored.insert(photo.sha256.clone(), photo.filename.clone());
        assert_eq!(twice, None, "{} is there twice", photo.filename);
    }
    let answered = answered.lock().expect("nobody panics");
    println!("{} photos were answered for, {} are stored", answered.len(), stored.len());
    assert!(answered.len() >= 20, "too few to say anything: {}", answered.len());
    for (hash, name) in answered.iter() {
        assert_eq!(stored.get(hash), Some(name), "{name} was answered for");
    }
}

/// Sends one photo after another until the server is gone; the third of each ends in the middle.
async fn send(at: SocketAddr, login: String, password: String, seed: u64, answered: Answered) {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut camera = Camera::signed_in(at, &login, &password).await;
    for number in 1.. {
        let bytes = photo(&mut random);
        let name = format!("IMG_{number:04}.JPG");
        let length = if number % 3 == 0 { bytes.len() / 2 } else { bytes.len() };
        let answer = camera.send(&name, &bytes[..length]).await;
        if number % 3 == 0 {
            assert!(!answer.starts_with("226 "), "{answer}");
        } else if answer.starts_with("226 ") {
            let hash = hex::encode(Sha256::digest(&bytes));
            answered.lock().expect("nobody panics").insert(hash, name);
        }
    }
}

/// A small picture with a comment of random bytes.
fn photo(random: &mut SmallRng) -> Vec<u8> {
    let mut picture = Vec::new();
    let pixels = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 9]));
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut picture);
    pixels.write_with_encoder(encoder).expect("memory takes all");
    let length: u16 = random.random_range(1000..u16::MAX);
    let mut bytes = picture[..2].to_vec();
    bytes.extend([0xFF, 0xFE]);
    bytes.extend(length.to_be_bytes());
    bytes.extend((2..length).map(|_| random.random::<u8>()));
    bytes.extend(&picture[2..]);
    bytes
}
