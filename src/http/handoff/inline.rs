//! JSON with pictures in it, in base64: written as it is sent, so that of pictures of any size a few hundred
//! kilobytes are in memory, and no thread is busy with one answer for long.

use axum::{
    Extension,
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use serde::Serialize;
use uuid::Uuid;

use super::json::HandoffPhotoJson;
use crate::{
    app::AppState,
    domain::HandoffPhoto,
    http::{problem::Problem, shared::compression::Incompressible},
};

/// The answer that `shape` makes of these pictures, with each in its place; `shape` keeps their order.
///
/// # Errors
/// [`Problem`] if the first picture cannot be read; a later failure breaks the connection, because the answer has begun.
pub async fn answer<T: Serialize>(
    app: &AppState,
    named: Vec<HandoffPhoto>,
    shape: impl FnOnce(Vec<HandoffPhotoJson>) -> T,
) -> Result<Response, Problem> {
    // Nobody can have put this into a field.
    let place = Uuid::new_v4().to_string();
    let photos =
        named.iter().map(|photo| HandoffPhotoJson::new(photo.clone(), Some(place.clone()))).collect();
    let json = serde_json::to_string(&shape(photos)).map_err(Problem::internal)?;
    let mut texts = json.split(place.as_str()).map(|text| Bytes::copy_from_slice(text.as_bytes()));
    let mut whole = said(texts.next());
    for (at, (photo, after)) in named.into_iter().zip(texts).enumerate() {
        let picture = match at {
            // Asked for before the answer begins, so that a storage that is away can be told.
            0 => base64(app.handoff.content(&photo).await?.bytes.map_err(axum::Error::new).boxed()),
            _ => later(app.clone(), photo),
        };
        whole = whole.chain(picture).chain(said(Some(after))).boxed();
    }
    let json_type = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((json_type, Extension(Incompressible), Body::from_stream(whole)).into_response())
}

/// A part of the answer, piece by piece.
type Pieces = BoxStream<'static, Result<Bytes, axum::Error>>;

fn said(text: Option<Bytes>) -> Pieces {
    stream::iter(text.map(Ok)).boxed()
}

/// A picture that is opened when its turn has come.
fn later(app: AppState, photo: HandoffPhoto) -> Pieces {
    let opened = async move {
        let picture = app.handoff.content(&photo).await.map_err(axum::Error::new)?;
        Ok::<_, axum::Error>(base64(picture.bytes.map_err(axum::Error::new).boxed()))
    };
    stream::once(opened).try_flatten().boxed()
}

/// Base64 of the bytes, piece by piece: three bytes are four letters, so a piece's last one or two wait for the next.
fn base64(bytes: Pieces) -> Pieces {
    let encode = |bytes: &[u8]| Bytes::from(BASE64_STANDARD.encode(bytes));
    let pieces =
        stream::try_unfold((bytes, Vec::new(), false), move |(mut bytes, mut rest, over)| async move {
            if over {
                return Ok(None);
            }
            let Some(piece) = bytes.try_next().await? else {
                return Ok(Some((encode(&rest), (bytes, Vec::new(), true))));
            };
            rest.extend_from_slice(&piece);
            let tail = rest.split_off(rest.len() - rest.len() % 3);
            Ok(Some((encode(&rest), (bytes, tail, false))))
        });
    pieces.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_of_any_length_are_the_base64_of_the_whole() {
        let whole: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for size in [1, 2, 3, 4, 7, 256, 999, 1000] {
            let pieces: Vec<_> = whole.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let pieces: Vec<Bytes> =
                base64(stream::iter(pieces).boxed()).try_collect().await.expect("no failure");
            assert_eq!(
                String::from_utf8(pieces.concat()).expect("letters"),
                BASE64_STANDARD.encode(&whole),
                "{size}"
            );
        }
    }
}
