//! Better alignment points from a landmark network that looks at one face closely.

use super::{
    VisionError,
    align::warp,
    geometry::{Landmarks, Point, QuarterTurns, Rect, Similarity},
    manifest::{Input, LandmarkModel},
    onnx::Net,
};
use crate::imaging::Picture;

pub(super) struct Refiner {
    net: Net,
    model: LandmarkModel,
    side: u32,
}

impl Refiner {
    pub fn new(net: Net, model: LandmarkModel, input: &Input) -> Self {
        Self { net, model, side: input.width.unwrap_or(64) }
    }

    /// The five points of the face in `rect`, both in pixels of `picture`, which `turn` brings upright.
    pub fn refine(
        &mut self,
        picture: &Picture,
        rect: &Rect,
        turn: QuarterTurns,
    ) -> Result<Landmarks, VisionError> {
        let side = self.side as f32;
        let scale = side / (rect.h * self.model.box_factor).max(1.0);
        let to_crop = Similarity::about(rect.center(), scale, turn, Point::new(side / 2.0, side / 2.0));
        let crop = warp(picture, &to_crop, self.side);
        let five = &self.model.five;
        let inside = self.net.run(
            &crop,
            self.side as usize,
            self.side as usize,
            [&self.model.output],
            |[points]| five.each_ref().map(|of| mean(points.1, of).scaled(side)),
        )?;
        let back = to_crop.inverse();
        Ok(Landmarks(inside.map(|p| back.apply(p))))
    }
}

/// Mean of the points numbered `of` in a list of (x, y).
fn mean(points: &[f32], of: &[usize]) -> Point {
    let (x, y) = of.iter().fold((0.0, 0.0), |(x, y), &n| (x + points[n * 2], y + points[n * 2 + 1]));
    Point::new(x / of.len() as f32, y / of.len() as f32)
}
