//! A bucket as a library. Its listing is our own request: the storage library gives a whole page up for one key that it
//! cannot name.

use std::{ops::Range, sync::Arc, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt,
    aws::{AmazonS3, AwsAuthorizer},
    client::HttpRequestBody,
    path::Path,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Listed, keys::is_usable};
use crate::blobs::{BlobError, BlobStream, S3Bucket, in_time, pieces};

/// Keys of one request; S3 gives no more.
const PAGE: usize = 1000;
/// Requests for one page.
const TRIES: u32 = 4;
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

#[derive(Debug)]
pub(super) struct BucketLibrary {
    store: AmazonS3,
    http: reqwest::Client,
    /// Of the bucket, without a slash at its end.
    url: String,
    region: String,
    /// Ends with a slash, or is empty.
    prefix: String,
}

/// A page of a listing, and where the next one begins.
type Page = (Vec<Listed>, Option<String>);

impl BucketLibrary {
    pub(super) fn open(bucket: &S3Bucket) -> Result<Self, BlobError> {
        let prefix = match bucket.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Ok(Self {
            store: bucket.client()?,
            http: reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(5))
                .timeout(crate::blobs::ANSWER)
                .build()
                .map_err(|_| BlobError::library_away())?,
            url: bucket.url(),
            region: bucket.region.clone(),
            prefix,
        })
    }

    pub(super) fn list(self: Arc<Self>) -> BoxStream<'static, Result<Vec<Listed>, BlobError>> {
        let begin = Some(None::<String>);
        futures::stream::try_unfold((self, begin), |(library, next)| async {
            let Some(token) = next else { return Ok(None) };
            let (page, next) = library.page(token.as_deref(), PAGE).await?;
            Ok(Some((page, (library, next.map(Some)))))
        })
        .boxed()
    }

    /// One page, asked for again where the store does not answer.
    pub(super) async fn page(&self, token: Option<&str>, most: usize) -> Result<Page, BlobError> {
        let mut tries = 1;
        loop {
            match self.ask(token, most).await {
                Err(error) if tries < TRIES && error.passes() => {
                    tokio::time::sleep(Duration::from_millis(200 << tries)).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    async fn ask(&self, token: Option<&str>, most: usize) -> Result<Page, BlobError> {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let token = token.map_or_else(String::new, |token| format!("continuation-token={}&", encoded(token)));
        let url = format!(
            "{}/?{token}encoding-type=url&list-type=2&max-keys={most}&prefix={}",
            self.url,
            encoded(&self.prefix)
        );
        let credential = self
            .store
            .credentials()
            .get_credential()
            .await
            .map_err(|error| BlobError::unavailable(&error))?;
        let mut request = hyper::Request::builder()
            .uri(&url)
            .body(HttpRequestBody::empty())
            .map_err(|_| BlobError::library_away())?;
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .try_authorize(&mut request, None)
            .map_err(|error| BlobError::unavailable(&error))?;
        let answer = self.http.get(&url).headers(request.headers().clone()).send().await;
        let answer = answer.map_err(|_| BlobError::library_away())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|_| BlobError::library_away())?;
        if !status.is_success() {
            return Err(BlobError::library_refused(&text, status.as_u16()));
        }
        read_page(&self.prefix, &text).ok_or_else(BlobError::library_away)
    }

    pub(super) async fn find(&self, key: &str) -> Result<Listed, BlobError> {
        let found = in_time(self.store.head(&self.path(key)?)).await??;
        let stamp = found.e_tag.unwrap_or_default().trim_matches('"').to_owned();
        Ok(Listed { key: key.to_owned(), bytes: found.size, stamp, fault: None })
    }

    /// The object's own path. One that the storage library would write in another way names nothing.
    fn path(&self, key: &str) -> Result<Path, BlobError> {
        let whole = format!("{}{key}", self.prefix);
        Path::parse(&whole).ok().filter(|path| path.as_ref() == whole).ok_or(BlobError::NotFound)
    }

    pub(super) async fn get_stream(
        &self,
        key: &str,
        stamp: &str,
        range: Option<Range<u64>>,
    ) -> Result<BlobStream, BlobError> {
        let path = self.path(key)?;
        let options = GetOptions {
            range: range.clone().map(GetRange::Bounded),
            if_match: (!stamp.is_empty()).then(|| format!("\"{stamp}\"")),
            ..GetOptions::default()
        };
        let found = match in_time(self.store.get_opts(&path, options)).await? {
            Err(object_store::Error::Precondition { .. }) => return Err(BlobError::Changed),
            Err(object_store::Error::NotFound { source, path }) => {
                return Err(object_store::Error::NotFound { source, path }.into());
            }
            Err(error) => match range {
                Some(range) if in_time(self.store.head(&path)).await??.size <= range.start => {
                    return Err(BlobError::Range);
                }
                _ => return Err(error.into()),
            },
            Ok(found) => found,
        };
        Ok(BlobStream {
            length: found.meta.size,
            range: found.range.clone(),
            etag: Some(stamp.to_owned()),
            bytes: pieces(found).await?,
        })
    }
}

/// A page of `ListObjectsV2` with URL-encoded keys.
fn read_page(prefix: &str, xml: &str) -> Option<Page> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let root = document.root_element();
    let child = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = node.children().find(|child| child.tag_name().name() == name)?;
        Some(found.text().unwrap_or_default().to_owned())
    };
    let mut page = Vec::new();
    for node in root.children().filter(|node| node.tag_name().name() == "Contents") {
        let bytes = child(node, "Size")?.parse().ok()?;
        let stamp = child(node, "ETag").unwrap_or_default();
        // In this encoding a space is a plus.
        let key = child(node, "Key")?.replace('+', " ");
        let key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
        let below = key.strip_prefix(prefix).unwrap_or(&key);
        // The folder itself, as some programs make one.
        if below.is_empty() || (below.ends_with('/') && bytes == 0) {
            continue;
        }
        let is_named = Path::parse(&key).is_ok_and(|path| path.as_ref() == key);
        let fault = (!is_named || !is_usable(below)).then_some("library_key_unusable");
        page.push(Listed { key: below.to_owned(), bytes, stamp: stamp.trim_matches('"').to_owned(), fault });
    }
    let is_cut = child(root, "IsTruncated").is_some_and(|cut| cut == "true");
    let next = if is_cut { Some(child(root, "NextContinuationToken")?) } else { None };
    Some((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that lists a thousand pages of a thousand keys; counts the pages that it was asked for.
    async fn endless() -> (S3Bucket, Arc<std::sync::atomic::AtomicUsize>) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let asked: Arc<AtomicUsize> = Arc::default();
        let counting = Arc::clone(&asked);
        let list = async move |uri: axum::http::Uri| {
            counting.fetch_add(1, Ordering::SeqCst);
            let mut pairs = uri.query().unwrap_or_default().split('&');
            let token = pairs.find_map(|pair| pair.strip_prefix("continuation-token="));
            let page: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
            let key = |n: usize| {
                format!("<Contents><Key>p/{page}/{n}.jpg</Key><Size>9</Size><ETag>e</ETag></Contents>")
            };
            let keys: String = (0..PAGE).map(key).collect();
            let (is_cut, next) = (page + 1 < 1_000, page + 1);
            format!(
                "<ListBucketResult><IsTruncated>{is_cut}</IsTruncated>\
                 <NextContinuationToken>{next}</NextContinuationToken>{keys}</ListBucketResult>"
            )
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("is bound"));
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(list)).await });
        let bucket = S3Bucket {
            name: "endless".into(),
            prefix: "p".into(),
            endpoint: Some(endpoint),
            region: "us-east-1".into(),
            keys: Some(crate::blobs::S3Keys {
                id: "reader".into(),
                secret: "password".into(),
                session_token: None,
            }),
            path_style: true,
        };
        (bucket, asked)
    }

    #[tokio::test]
    async fn a_million_keys_are_listed_with_one_page_in_memory() {
        crate::tls::install_provider();
        let (bucket, asked) = endless().await;
        let asked = || asked.load(std::sync::atomic::Ordering::SeqCst);
        let mut pages = Arc::new(BucketLibrary::open(&bucket).expect("opens")).list();
        let (mut seen, mut keys) = (0, 0);
        while let Some(page) = pages.next().await {
            let page = page.expect("is a page");
            seen += 1;
            keys += page.len();
            assert_eq!(asked(), seen, "the next page is asked for when this one is done");
            assert_eq!(page[PAGE - 1].key, format!("{}/{}.jpg", seen - 1, PAGE - 1));
        }
        assert_eq!((seen, keys), (1_000, 1_000_000));
    }

    #[test]
    fn odd_keys_of_a_page_are_told_and_the_others_are_read() {
        let contents: String =
            ["p/a+b%2Bc.jpg", "p/two%0Alines.jpg", "p/a//b.jpg", "p/../up.jpg", "p/folder/"]
                .iter()
                .map(|key| format!("<Contents><Key>{key}</Key><Size>0</Size><ETag>\"e\"</ETag></Contents>"))
                .collect();
        let xml = format!(
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>more</NextContinuationToken>{contents}</ListBucketResult>"
        );
        let (page, next) = read_page("p/", &xml).expect("is a page");
        assert_eq!(next.as_deref(), Some("more"));
        let told: Vec<_> = page.iter().map(|file| (file.key.as_str(), file.fault)).collect();
        let unusable = Some("library_key_unusable");
        let expected = [
            ("a b+c.jpg", None),
            ("two\nlines.jpg", unusable),
            ("a//b.jpg", unusable),
            ("../up.jpg", unusable),
        ];
        assert_eq!(told, expected);
        assert_eq!(read_page("p/", "<html>"), None);
    }
}
