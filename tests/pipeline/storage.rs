//! Pictures move into a bucket and back, and are used there.

use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use pixora::blobs::S3Bucket;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    assert_fails, ingest, s3,
    server::search_over_http,
    support::{Pixora, Server, sample},
};

/// A line to the store that can be cut.
async fn line(bucket: &S3Bucket) -> (SocketAddr, Arc<AtomicBool>) {
    let target = bucket.endpoint.as_deref().unwrap_or_default().trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (address, cut) = (listener.local_addr().expect("is bound"), Arc::new(AtomicBool::new(false)));
    let is_cut = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (target, is_cut) = (target.clone(), Arc::clone(&is_cut));
            tokio::spawn(async move {
                let mut server = TcpStream::connect(target).await.expect("the store is there");
                let watch = async {
                    while !is_cut.load(Ordering::SeqCst) {
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    () = watch => {}
                }
            });
        }
    });
    (address, cut)
}

fn stop(mut server: Server) {
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill starts").success());
    assert!(server.child.wait().expect("was started here").success());
}

fn files(report: &Value) -> (u64, u64) {
    let count = |name: &str| report["files"][name].as_u64().expect("is counted");
    (count("copied"), count("present"))
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_move_into_a_bucket_and_back_and_an_outage_loses_none() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(bucket) = s3::bucket() else { return };
    let (address, cut) = line(&bucket).await;
    let reach = format!(
        "AWS_ENDPOINT_URL = 'http://{address}'\nAWS_ACCESS_KEY_ID = 'test'\nAWS_SECRET_ACCESS_KEY = 'password'\n"
    );
    let url = bucket.to_string();
    let settings = |text: String| {
        std::fs::write(pixora.folder.path().join("pixora.toml"), text).expect("can be written");
    };
    settings(reach.clone());
    let session = pixora.session("Into a bucket");
    let (obama, biden) = (sample("officials/obama.jpg"), sample("officials/biden.jpg"));
    ingest(&pixora, &session, &[&obama, &biden]);
    let here = pixora.serve();

    // There, beside the running server: two originals with four derivatives each.
    assert_eq!(files(&pixora.json(&["copy-files", "--to", &url, "--json"])), (10, 0));
    ingest(&pixora, &session, &[&sample("officials/obama2.jpg"), Path::new("--wait")]);
    settings(format!("{reach}PIXORA_STORAGE_URL = '{url}'\n"));
    stop(here);
    let there = pixora.serve();
    assert_eq!(files(&pixora.json(&["copy-files", "--from", "folder", "--json"])), (5, 10));
    std::fs::remove_dir_all(pixora.data().join("blobs")).expect("nobody needs it");
    assert_fails(&pixora, &["copy-files", "--to", &url], 2, "are in s3://");
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);

    let (status, found) = search_over_http(&there.address, &session, &obama).await;
    assert_eq!((status, found["matches"].as_array().map(Vec::len)), (200, Some(2)), "{found}");
    let picture = found["matches"][0]["thumb_url"].as_str().expect("has a picture").to_owned();
    let get = async || {
        let answer = reqwest::get(format!("http://{}{picture}", there.address)).await;
        answer.expect("the server answers")
    };
    let whole = get().await;
    assert_eq!(
        (whole.status().as_u16(), whole.headers()["content-type"].as_bytes()),
        (200, &b"image/jpeg"[..])
    );
    let whole = whole.bytes().await.expect("comes whole");

    // Away: said so, and back: as if nothing had been.
    cut.store(true, Ordering::SeqCst);
    let away = get().await;
    assert_eq!(away.status(), 503);
    assert!(away.headers().contains_key("retry-after"));
    assert_eq!(away.json::<Value>().await.expect("is a problem")["code"], "storage_unavailable");
    cut.store(false, Ordering::SeqCst);
    assert_eq!(get().await.bytes().await.expect("comes whole"), whole);

    stop(there);
    assert_eq!(files(&pixora.json(&["copy-files", "--to", "folder", "--json"])), (15, 0));
    let receipt = pixora.json(&["erase", "--session", &session, "--receipt"]);
    assert_eq!((&receipt["files"], &receipt["left"]["files"]), (&15.into(), &0.into()), "{receipt}");
    // The copy in the folder belongs to nobody now.
    settings(reach);
    let unsound = pixora.command(&["doctor"]).output().expect("the program starts");
    assert_eq!(unsound.status.code(), Some(1));
    assert_eq!(pixora.json(&["doctor", "--fix", "--json"])["ok"], true);
    let left = walkdir::WalkDir::new(pixora.data().join("blobs")).into_iter().flatten();
    assert_eq!(left.filter(|entry| entry.file_type().is_file()).count(), 0);
}
