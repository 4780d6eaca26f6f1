//! A bucket behind a bad line: nothing is lost, nothing is half, and what cannot be done is said.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use pixora::{
    blobs::{BlobKey, Blobs, S3Bucket},
    domain::{PhotoId, PhotoSessionId},
};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use crate::{blobs::content, s3};

fn original() -> BlobKey {
    BlobKey::original(PhotoSessionId::generate(), PhotoId::generate())
}

/// The bucket, as it is reached at another address.
fn behind(bucket: &S3Bucket, address: SocketAddr) -> Blobs {
    Blobs::open_s3(&S3Bucket { endpoint: Some(format!("http://{address}")), ..bucket.clone() }).unwrap()
}

async fn served(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Passes requests on, but for those that `refuse` answers itself.
async fn proxy(
    bucket: &S3Bucket,
    refuse: impl Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static,
) -> SocketAddr {
    pixora::tls::install_provider();
    let (client, target) = (reqwest::Client::new(), bucket.endpoint.clone().unwrap());
    let pass = move |request: Request| {
        let (client, refused) = (client.clone(), refuse(&request));
        let url = format!("{target}{}", request.uri());
        async move {
            if let Some(refused) = refused {
                return refused;
            }
            let (mut parts, body) = request.into_parts();
            parts.headers.remove(header::HOST);
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let sent = client.request(parts.method, url).headers(parts.headers).body(body).send();
            let answer = sent.await.unwrap();
            let mut response = Response::builder().status(answer.status());
            *response.headers_mut().unwrap() = answer.headers().clone();
            response.body(Body::from_stream(answer.bytes_stream())).unwrap()
        }
    };
    served(Router::new().fallback(pass)).await
}

/// A line that breaks each time when `after` more bytes have gone over it, `times` times.
async fn breaking(bucket: &S3Bucket, after: i64, times: usize) -> SocketAddr {
    let target = bucket.endpoint.as_deref().unwrap().trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (left, times) = (Arc::new(AtomicI64::new(after)), Arc::new(AtomicUsize::new(times)));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (target, left, times) = (target.clone(), Arc::clone(&left), Arc::clone(&times));
            tokio::spawn(async move {
                let mut server = TcpStream::connect(target).await.unwrap();
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                let passes = |bytes: usize| {
                    if left.fetch_sub(bytes as i64, Ordering::SeqCst) > bytes as i64 {
                        return true;
                    }
                    let breaks = |times: usize| times.checked_sub(1);
                    left.store(after, Ordering::SeqCst);
                    times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, breaks).is_err()
                };
                tokio::select! {
                    () = pump(&mut from_client, &mut to_server, passes) => {}
                    () = pump(&mut from_server, &mut to_client, passes) => {}
                }
            });
        }
    });
    address
}

async fn pump(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    to: &mut (impl tokio::io::AsyncWrite + Unpin),
    passes: impl Fn(usize) -> bool,
) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut buffer = vec![0; 64 << 10];
    while let Ok(bytes @ 1..) = from.read(&mut buffer).await {
        if !passes(bytes) || to.write_all(&buffer[..bytes]).await.is_err() {
            return;
        }
    }
}

/// Uploads in parts that have begun and not ended, as the store itself tells.
async fn begun(bucket: &S3Bucket) -> usize {
    let S3Bucket { endpoint, name, prefix, .. } = bucket;
    let url = format!("{}/{name}?uploads&prefix={prefix}", endpoint.as_deref().unwrap());
    reqwest::get(url).await.unwrap().text().await.unwrap().matches("<UploadId>").count()
}

#[tokio::test]
async fn a_store_that_fails_now_and_then_is_asked_again() {
    let Some(bucket) = s3::bucket() else { return };
    let count = Arc::new(AtomicUsize::new(0));
    let address = proxy(&bucket, {
        let count = Arc::clone(&count);
        move |_| match count.fetch_add(1, Ordering::SeqCst) % 6 {
            1 => Some(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            4 => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            _ => None,
        }
    })
    .await;
    let blobs = behind(&bucket, address);
    blobs.check().await.unwrap();
    let folder = TempDir::new().unwrap();
    let (file, long) = (folder.path().join("file"), content(40 << 20));
    std::fs::write(&file, &long).unwrap();
    let (session, photos) = (PhotoSessionId::generate(), [PhotoId::generate(), PhotoId::generate()]);
    for photo in photos {
        blobs.adopt(BlobKey::original(session, photo), file.clone()).await.unwrap();
        let small = BlobKey::derivative_of(session, photo, 320, "00000000000000aa").unwrap();
        blobs.put(small, "small").await.unwrap();
    }
    assert!(blobs.get(BlobKey::original(session, photos[0])).await.unwrap() == long);
    assert_eq!(blobs.count_session(session).await.unwrap(), 4);
    assert_eq!(blobs.delete_photo(session, photos[0]).await.unwrap(), 2);
    assert_eq!(blobs.delete_session(session).await.unwrap(), 2);
    assert_eq!((blobs.count_session(session).await.unwrap(), begun(&bucket).await), (0, 0));
    assert!(count.load(Ordering::SeqCst) > 20);
}

#[tokio::test]
async fn a_line_that_breaks_in_the_middle_of_a_file_loses_none_of_it() {
    let Some(bucket) = s3::bucket() else { return };
    let folder = TempDir::new().unwrap();
    let (file, long) = (folder.path().join("file"), content(20 << 20));
    std::fs::write(&file, &long).unwrap();
    let key = original();
    let blobs = behind(&bucket, breaking(&bucket, 7 << 20, 3).await);
    blobs.adopt(key, file).await.unwrap();
    let blobs = behind(&bucket, breaking(&bucket, 5 << 20, 3).await);
    assert!(blobs.get(key).await.unwrap() == long);
    let blobs = behind(&bucket, breaking(&bucket, 5 << 20, 2).await);
    let part = blobs.get_stream(key, Some(3..(19 << 20))).await.unwrap();
    let part = part.bytes.try_collect::<Vec<_>>().await.unwrap().concat();
    assert!(part == long[3..(19 << 20)]);
    assert_eq!(begun(&bucket).await, 0);
}

#[tokio::test]
async fn a_part_that_is_refused_leaves_nothing_and_the_next_try_everything() {
    let Some(bucket) = s3::bucket() else { return };
    let address = proxy(&bucket, |request| {
        let is_third = request.uri().query().is_some_and(|query| query.contains("partNumber=3"));
        is_third.then(|| (StatusCode::FORBIDDEN, "<Error><Code>AccessDenied</Code></Error>").into_response())
    })
    .await;
    let folder = TempDir::new().unwrap();
    let (file, long) = (folder.path().join("file"), content(30 << 20));
    std::fs::write(&file, &long).unwrap();
    let key = original();
    let error = behind(&bucket, address).adopt(key, file.clone()).await.unwrap_err();
    assert!(error.code() == "storage_unavailable" && error.to_string().contains("AccessDenied"), "{error}");
    let direct = Blobs::open_s3(&bucket).unwrap();
    assert_eq!(direct.get(key).await.unwrap_err().code(), "file_not_found");
    assert_eq!(begun(&bucket).await, 0);
    direct.adopt(key, file).await.unwrap();
    assert!(direct.get(key).await.unwrap() == long);
}

/// Nobody waits for an answer any more, and half an upload must not stay for that.
#[tokio::test]
async fn an_upload_whose_caller_is_gone_is_brought_to_its_end() {
    let Some(bucket) = s3::bucket() else { return };
    let folder = TempDir::new().unwrap();
    let (file, long) = (folder.path().join("file"), content(40 << 20));
    std::fs::write(&file, &long).unwrap();
    let (key, blobs) = (original(), Blobs::open_s3(&bucket).unwrap());
    let _ = tokio::time::timeout(std::time::Duration::from_millis(1), blobs.adopt(key, file)).await;
    for _ in 0..600 {
        if blobs.get(key).await.is_ok_and(|there| there == long) {
            return assert_eq!(begun(&bucket).await, 0);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the upload has not ended");
}

#[tokio::test]
async fn what_an_operator_can_mend_is_said_in_a_sentence() {
    let Some(bucket) = s3::bucket() else { return };
    for (step, code, status, words) in [
        ("PUT", "AccessDenied", 403, "could not be written: the key may not do this"),
        ("GET", "AccessDenied", 403, "could not be read: the key may not do this"),
        ("POST", "AccessDenied", 403, "could not be deleted: the key may not do this"),
        ("PUT", "InvalidAccessKeyId", 403, "does not know AWS_ACCESS_KEY_ID"),
        ("PUT", "SignatureDoesNotMatch", 403, "AWS_SECRET_ACCESS_KEY does not belong"),
        ("PUT", "RequestTimeTooSkewed", 403, "this machine's clock is wrong"),
        ("PUT", "PermanentRedirect", 301, "in another region than AWS_REGION says"),
        ("PUT", "AuthorizationHeaderMalformed", 400, "in another region than AWS_REGION says"),
    ] {
        let address = proxy(&bucket, move |request| {
            let status = StatusCode::from_u16(status).unwrap();
            let body = format!("<Error><Code>{code}</Code><BucketName>hunter2</BucketName></Error>");
            (request.method() == step).then(|| (status, body).into_response())
        })
        .await;
        let error = behind(&bucket, address).check().await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(words) && !said.contains("hunter2"), "{said}");
        assert_eq!(error.code(), "storage_unusable");
    }
}

#[tokio::test]
async fn a_full_store_is_told_from_one_that_is_away() {
    let Some(bucket) = s3::bucket() else { return };
    let full = proxy(&bucket, |_| {
        let body = "<Error><Code>QuotaExceeded</Code></Error>";
        Some((StatusCode::FORBIDDEN, body).into_response())
    });
    let error = behind(&bucket, full.await).put(original(), "x").await.unwrap_err();
    assert!(error.is_full(), "{error}");
}
