//! A bucket of an S3-compatible store as a storage.

use std::{fmt, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
    prefix::PrefixStore,
};

use super::BlobError;

/// To reach a machine; a store on the other side of the world takes half a second.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection on which nothing has come for so long is given up. A part of an upload is answered only after it
/// has come whole, over whatever line a studio has.
const SILENCE: Duration = Duration::from_secs(120);
/// From a request's beginning until it is not tried again.
const TRYING: Duration = Duration::from_secs(60);
/// Tries of one request after its first, which take 15 seconds together where each fails at once.
const RETRIES: usize = 8;

/// A bucket, or a folder in one, and how to reach it.
#[derive(Clone)]
pub struct S3Bucket {
    pub name: String,
    /// Without slashes around it; may be empty.
    pub prefix: String,
    /// `http://host:9000` or `https://…`; none: AWS.
    pub endpoint: Option<String>,
    pub region: String,
    /// None: the role of the EC2 machine that this is.
    pub keys: Option<S3Keys>,
    /// `https://host/bucket/…` rather than `https://bucket.host/…`
    pub path_style: bool,
}

/// The keys that sign requests.
#[derive(Clone)]
pub struct S3Keys {
    pub id: String,
    pub secret: String,
    /// Of keys that run out.
    pub session_token: Option<String>,
}

impl fmt::Display for S3Bucket {
    /// Without keys and address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix.as_str() {
            "" => write!(f, "s3://{}", self.name),
            prefix => write!(f, "s3://{}/{prefix}", self.name),
        }
    }
}

impl S3Bucket {
    /// The bucket's own address, without its folder and without a slash at its end.
    pub(super) fn url(&self) -> String {
        let Self { name, region, .. } = self;
        match &self.endpoint {
            Some(endpoint) if self.path_style => format!("{endpoint}/{name}"),
            Some(endpoint) => match endpoint.split_once("://") {
                Some((scheme, host)) => format!("{scheme}://{name}.{host}"),
                None => endpoint.clone(),
            },
            None if self.path_style => format!("https://s3.{region}.amazonaws.com/{name}"),
            None => format!("https://{name}.s3.{region}.amazonaws.com"),
        }
    }

    /// A client for the folder in the bucket; sends nothing yet.
    pub(super) fn open(&self) -> Result<Arc<dyn ObjectStore>, BlobError> {
        let store = self.client()?;
        Ok(match self.prefix.as_str() {
            "" => Arc::new(store),
            prefix => Arc::new(PrefixStore::new(store, Path::from(prefix))),
        })
    }

    /// A client for the whole bucket; sends nothing yet.
    pub(super) fn client(&self) -> Result<AmazonS3, BlobError> {
        crate::tls::install_provider();
        let retries = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(5),
                base: 2.,
            },
            max_retries: RETRIES,
            retry_timeout: TRYING,
        };
        // No limit for a whole answer: a guest with a slow line takes minutes for an original.
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT)
            .with_read_timeout(SILENCE)
            .with_allow_http(self.endpoint.as_ref().is_some_and(|url| url.starts_with("http://")));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_virtual_hosted_style_request(!self.path_style)
            .with_retry(retries)
            .with_client_options(client);
        if let Some(endpoint) = &self.endpoint {
            // The library takes the bucket's own address where the bucket is part of the host's name.
            builder = builder.with_endpoint(if self.path_style { endpoint.clone() } else { self.url() });
        }
        if let Some(S3Keys { id, secret, session_token }) = &self.keys {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
            if let Some(token) = session_token {
                builder = builder.with_token(token);
            }
        }
        builder.build().map_err(|error| BlobError::unavailable(&error))
    }
}
