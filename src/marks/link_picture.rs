//! The picture that messengers show beside a sent link (<https://ogp.me>): the shape that they ask for, and small enough for
//! those that refuse more. It is made when it is asked for and kept for half a minute in memory; each messenger asks once
//! and then keeps it itself, so no file is written.

use std::sync::Arc;

use bytes::Bytes;

use super::{DEADLINE, JPEG_QUALITY, MarkError, Marks, StudioMark, key};
use crate::{
    compute::Lane,
    domain::{Derivative, Photo, part_of_shape},
    imaging::{self, Filter},
};

/// Width and height in pixels.
pub const LINK_PICTURE: (u32, u32) = (1200, 630);
/// WhatsApp shows no larger one.
const MOST_BYTES: usize = 300_000;
/// Tried one after the other until the picture is small enough.
const QUALITIES: [u8; 4] = [JPEG_QUALITY, 65, 45, 25];

impl Marks {
    /// Cuts it out of a derivative, under the mark where there is one. `at` is a point of
    /// [`kept_by_crops`](crate::domain::kept_by_crops).
    ///
    /// # Errors
    /// [`MarkError`].
    pub async fn link_picture(
        &self,
        photo: &Photo,
        derivative: &Derivative,
        mark: Option<&Arc<StudioMark>>,
        at: (f64, f64),
    ) -> Result<Bytes, Arc<MarkError>> {
        let clean = key(photo, derivative)?;
        let key = mark.map_or(clean, |mark| mark.key_of(clean));
        let make = async {
            let whole = self.picture(photo, derivative, mark).await?;
            let made = self.compute.run(Lane::Interactive, DEADLINE, move |_| cut(&whole, at)).await;
            Ok::<_, Arc<MarkError>>(Bytes::from(made.map_err(MarkError::from)??))
        };
        self.links.try_get_with(key, make).await.map_err(|error| Arc::clone(&*error))
    }
}

fn cut(whole: &[u8], at: (f64, f64)) -> Result<Vec<u8>, MarkError> {
    let (width, height) = LINK_PICTURE;
    let header = imaging::read_header(whole)?;
    let picture = imaging::decode(whole, &header, header.long_side())?;
    let part = part_of_shape((picture.width, picture.height), f64::from(width) / f64::from(height), at);
    let picture = imaging::crop_resize(&picture, part, width, height, Filter::CatmullRom);
    let mut jpeg = Vec::new();
    for quality in QUALITIES {
        jpeg = imaging::encode_jpeg(&picture, quality)?;
        if jpeg.len() <= MOST_BYTES {
            break;
        }
    }
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Picture;

    /// A picture of noise, which no encoder makes small.
    fn noise(width: u32, height: u32) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let rgb = (0..width * height * 3).map(|_| next()).collect();
        imaging::encode_jpeg(&Picture::new(width, height, rgb), 95).expect("it is encoded")
    }

    #[test]
    fn any_picture_gets_the_shape_and_the_size_that_messengers_take() {
        for (width, height) in [(2048, 1365), (1365, 2048), (320, 213), (40, 2000)] {
            let jpeg = cut(&noise(width, height), (0.5, 0.2)).expect("it is made");
            let header = imaging::read_header(&jpeg).expect("it is a picture");
            assert_eq!(header.upright_size(), LINK_PICTURE);
            assert!(jpeg.len() <= MOST_BYTES, "{} bytes of {width}x{height}", jpeg.len());
        }
    }
}
