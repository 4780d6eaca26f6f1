//! What a lab needs to print an order: which photo, in which size, how often, and which part of it.

use super::Orders;
use crate::{
    domain::{Line, Order, PhotoId, PriceKind},
    store::StoreError,
};

/// One photo in one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Print {
    pub photo: PhotoId,
    pub size: String,
    pub copies: u32,
    /// The part that fills the paper, in pixels of the upright picture: left, top, width, height. `None` where the size
    /// has no two numbers, or the photo is gone.
    pub crop: Option<[u32; 4]>,
    /// Width and height of the upright picture.
    pub pixels: Option<[u32; 2]>,
}

impl Orders {
    /// The prints of an order, in the order of its lines.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prints(&self, order: &Order) -> Result<Vec<Print>, StoreError> {
        let photos = self.photos(order).await?;
        let lines = order.lines.iter().filter(|line| line.kind == PriceKind::Print);
        let wanted: Vec<_> = lines.filter_map(|line| Some((line, line.photo_id?))).collect();
        let ids: Vec<PhotoId> = wanted.iter().map(|(_, id)| *id).collect();
        let crops = self.crops(&ids).await?;
        let print = |(line, photo): &(&Line, PhotoId)| {
            let size = line.size.clone().unwrap_or_default();
            let pixels = photos.get(photo).map(|photo| [photo.width, photo.height]);
            let place = crops.get(photo).copied();
            let crop = pixels.and_then(|pixels| crop(pixels, ratio_of(&size)?, place));
            Print { photo: *photo, size, copies: line.quantity, crop, pixels }
        };
        Ok(wanted.iter().map(print).collect())
    }
}

/// The longer side of a paper by its shorter one: 1.5 of `10×15 cm`. `None` where the size has no two numbers.
fn ratio_of(size: &str) -> Option<f64> {
    let numbers = size.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let mut numbers = numbers.filter_map(|number| number.replace(',', ".").parse::<f64>().ok());
    let (a, b) = (numbers.next()?, numbers.next()?);
    (a > 0.0 && b > 0.0).then(|| a.max(b) / a.min(b))
}

/// The largest part of a picture that has that ratio, lying or standing as the picture does, at the place that keeps its
/// heads whole where they have room (see [`crate::domain::kept_by_crops`]).
fn crop([width, height]: [u32; 2], ratio: f64, place: Option<(f64, f64)>) -> Option<[u32; 4]> {
    let (across, down) = (f64::from(width), f64::from(height));
    let wanted = if width >= height { ratio } else { 1.0 / ratio };
    let (w, h) = if across > down * wanted { (down * wanted, down) } else { (across, across / wanted) };
    let (x, y) = place.unwrap_or((0.5, 0.5));
    let (left, top) = (x * (across - w), y * (down - h));
    let [left, top, w, h] = [left, top, w, h].map(|side| side.floor() as u32);
    (w > 0 && h > 0).then_some([left, top, w, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_ratio_where_it_has_two_numbers() {
        for (size, ratio) in [
            ("10x15 cm", Some(1.5)),
            ("10×15", Some(1.5)),
            ("15х10 см", Some(1.5)),
            ("20 × 20", Some(1.0)),
            ("8.5x11 in", Some(11.0 / 8.5)),
            ("21,0 x 29,7", Some(29.7 / 21.0)),
            ("A4", None),
            ("0x15", None),
            ("", None),
        ] {
            assert_eq!(ratio_of(size), ratio, "{size}");
        }
    }

    #[test]
    fn a_crop_fills_the_paper_at_the_place_that_keeps_the_heads() {
        // 3:2 paper of a 4:3 picture: all of its width.
        assert_eq!(crop([4_000, 3_000], 1.5, None), Some([0, 166, 4_000, 2_666]));
        assert_eq!(crop([4_000, 3_000], 1.5, Some((0.5, 0.0))), Some([0, 0, 4_000, 2_666]));
        assert_eq!(crop([4_000, 3_000], 1.5, Some((0.5, 1.0))), Some([0, 333, 4_000, 2_666]));
        // A standing picture stands on its paper.
        assert_eq!(crop([3_000, 4_000], 1.5, Some((0.25, 0.5))), Some([83, 0, 2_666, 4_000]));
        assert_eq!(crop([3_000, 3_000], 1.0, None), Some([0, 0, 3_000, 3_000]));
        assert_eq!(crop([0, 0], 1.5, None), None);
    }
}
