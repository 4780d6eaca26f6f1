//! A place in a bucket for one test alone.

use pixora::blobs::{S3Bucket, S3Keys};

/// A folder of its own in the bucket with this address, `http://host:port/bucket`.
pub fn bucket_at(url: &str) -> S3Bucket {
    let (endpoint, name) = url.rsplit_once('/').expect("has a bucket");
    S3Bucket {
        name: name.to_owned(),
        prefix: format!("t{}", uuid::Uuid::now_v7().simple()),
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        keys: Some(S3Keys { id: "test".to_owned(), secret: "password".to_owned(), session_token: None }),
        path_style: true,
    }
}
