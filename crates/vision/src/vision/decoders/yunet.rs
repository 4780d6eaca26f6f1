//! YuNet (Wu et al. 2023, <https://doi.org/10.1007/s11633-023-1423-y>): for each of several strides a class
//! score, an objectness, a box and five points for every cell.

use std::sync::Arc;

use serde::Deserialize;

use super::{Decoder, Output};
use crate::vision::{
    detect::Detection,
    geometry::{Landmarks, Point, QuarterTurns, Rect},
};

#[derive(Debug, Deserialize)]
struct YuNet {
    strides: Vec<u32>,
    /// Names of the outputs, each in the order of `strides`.
    class: Vec<String>,
    object: Vec<String>,
    boxes: Vec<String>,
    points: Vec<String>,
}

pub(super) fn parse(output: toml::Table) -> Result<Arc<dyn Decoder>, String> {
    let decoder: YuNet = output.try_into().map_err(|error| error.to_string())?;
    let count = decoder.strides.len();
    let named = [&decoder.class, &decoder.object, &decoder.boxes, &decoder.points];
    if count == 0 || decoder.strides.contains(&0) || named.iter().any(|names| names.len() != count) {
        return Err("class, object, boxes and points must name one output for each of strides".into());
    }
    Ok(Arc::new(decoder))
}

impl Decoder for YuNet {
    fn outputs(&self) -> Vec<&str> {
        [&self.class, &self.object, &self.boxes, &self.points].into_iter().flatten().map(String::as_str).collect()
    }

    fn decode(&self, outputs: &[Output<'_>], width: usize, _: usize, least: f32) -> Vec<Detection> {
        let of = self.strides.len();
        let mut found = Vec::new();
        for (n, &stride) in self.strides.iter().enumerate() {
            let numbers = |kind: usize| outputs.get(kind * of + n).map_or(&[][..], |output| output.1);
            let (class, object, boxes, points) = (numbers(0), numbers(1), numbers(2), numbers(3));
            let columns = (width / stride as usize).max(1);
            let stride = stride as f32;
            for (at, (class, object)) in class.iter().zip(object).enumerate() {
                let score = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
                let (Some(rect), Some(five)) =
                    (boxes.get(at * 4..at * 4 + 4), points.get(at * 10..at * 10 + 10))
                else {
                    break;
                };
                if score < least {
                    continue;
                }
                let (column, row) = ((at % columns) as f32, (at / columns) as f32);
                let (w, h) = (rect[2].exp() * stride, rect[3].exp() * stride);
                let (x, y) =
                    ((column + rect[0]) * stride - w / 2.0, (row + rect[1]) * stride - h / 2.0);
                let point = |n: usize| {
                    Point::new((five[2 * n] + column) * stride, (five[2 * n + 1] + row) * stride)
                };
                found.push(Detection {
                    rect: Rect { x, y, w, h },
                    landmarks: Landmarks([0, 1, 2, 3, 4].map(point)),
                    score,
                    turn: QuarterTurns::default(),
                });
            }
        }
        found
    }
}
