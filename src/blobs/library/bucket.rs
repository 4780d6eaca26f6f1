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
