//! CenterFace (Xu et al. 2019, <https://arxiv.org/abs/1911.03599>): a heat map, sizes, offsets and landmarks,
//! one cell for `stride` × `stride` pixels.

use std::sync::Arc;

use serde::Deserialize;

use super::{Decoder, Output};
use crate::vision::{
    detect::Detection,
    geometry::{Landmarks, Point, QuarterTurns, Rect},
};

#[derive(Debug, Deserialize)]
struct CenterFace {
    stride: u32,
    heatmap: String,
    size: String,
    offset: String,
    landmarks: String,
}

pub(super) fn parse(output: toml::Table) -> Result<Arc<dyn Decoder>, String> {
    let decoder: CenterFace = output.try_into().map_err(|error| error.to_string())?;
    Ok(Arc::new(decoder))
}

impl Decoder for CenterFace {
    fn outputs(&self) -> Vec<&str> {
        vec![&self.heatmap, &self.size, &self.offset, &self.landmarks]
    }

    fn decode(&self, outputs: &[Output<'_>], _: usize, _: usize, least: f32) -> Vec<Detection> {
        let [heat, size, offset, points] = outputs else { return Vec::new() };
        let stride = self.stride as f32;
        let columns = *heat.0.last().unwrap_or(&0) as usize;
        let plane = heat.1.len();
        let face = |(row, column): (usize, usize)| {
            let at = row * columns + column;
            let channel = |of: &[f32], n: usize| of[n * plane + at];
            let (h, w) = (channel(size.1, 0).exp() * stride, channel(size.1, 1).exp() * stride);
            let x = (column as f32 + channel(offset.1, 1) + 0.5) * stride - w / 2.0;
            let y = (row as f32 + channel(offset.1, 0) + 0.5) * stride - h / 2.0;
            let point =
                |n: usize| Point::new(channel(points.1, 2 * n + 1) * w + x, channel(points.1, 2 * n) * h + y);
            Detection {
                rect: Rect { x, y, w, h },
                landmarks: Landmarks([0, 1, 2, 3, 4].map(point)),
                score: heat.1[at],
                turn: QuarterTurns::default(),
            }
        };
        peaks(heat.1, columns, least).map(face).collect()
    }
}

/// Cells of at least `least` that no neighbour exceeds.
fn peaks(heat: &[f32], columns: usize, least: f32) -> impl Iterator<Item = (usize, usize)> + '_ {
    let rows = heat.len().checked_div(columns).unwrap_or(0);
    heat.iter().enumerate().filter(move |(_, score)| **score >= least).filter_map(move |(at, &score)| {
        let (row, column) = (at / columns, at % columns);
        let highest = (row.saturating_sub(1)..(row + 2).min(rows)).all(|r| {
            (column.saturating_sub(1)..(column + 2).min(columns)).all(|c| heat[r * columns + c] <= score)
        });
        highest.then_some((row, column))
    })
}
