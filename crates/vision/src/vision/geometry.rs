//! Boxes, points and the one transform that faces need.

use serde::{Deserialize, Serialize};

/// Pixels; the centre of the top left pixel is (0, 0).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    #[must_use]
    pub fn scaled(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }

    #[must_use]
    pub fn midpoint(self, other: Self) -> Self {
        Self::new((self.x + other.x) / 2.0, (self.y + other.y) / 2.0)
    }

    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// May reach outside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Rect {
    #[must_use]
    pub fn center(&self) -> Point {
        Point::new(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    #[must_use]
    pub fn area(&self) -> f32 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self { x: self.x * factor, y: self.y * factor, w: self.w * factor, h: self.h * factor }
    }

    #[must_use]
    pub fn moved(&self, dx: f32, dy: f32) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..*self }
    }

    /// The part inside a picture of `width` × `height`.
    #[must_use]
    pub fn clipped(&self, width: f32, height: f32) -> Self {
        let (x, y) = (self.x.clamp(0.0, width), self.y.clamp(0.0, height));
        let (right, bottom) = ((self.x + self.w).clamp(0.0, width), (self.y + self.h).clamp(0.0, height));
        Self { x, y, w: right - x, h: bottom - y }
    }

    #[must_use]
    pub fn intersection(&self, other: &Self) -> f32 {
        let w = (self.x + self.w).min(other.x + other.w) - self.x.max(other.x);
        let h = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        w.max(0.0) * h.max(0.0)
    }

    /// Intersection over union, 0..=1.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        let both = self.intersection(other);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

/// Left eye, right eye, nose, left and right mouth corner, left and right as seen in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Landmarks(pub [Point; 5]);

impl Landmarks {
    #[must_use]
    pub fn map(&self, change: impl Fn(Point) -> Point) -> Self {
        Self(self.0.map(change))
    }
}

/// Quarter turns clockwise, 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuarterTurns(u8);

impl QuarterTurns {
    pub const ALL: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];

    /// 0 to 3.
    #[must_use]
    pub fn count(self) -> u8 {
        self.0 % 4
    }

    /// Cosine and sine of the turn, with y downwards.
    fn direction(self) -> (f32, f32) {
        match self.0 % 4 {
            0 => (1.0, 0.0),
            1 => (0.0, 1.0),
            2 => (-1.0, 0.0),
            _ => (0.0, -1.0),
        }
    }
}

/// `(x, y) → (a·x − b·y + tx, b·x + a·y + ty)`: rotation, uniform scale, shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    pub a: f32,
    pub b: f32,
    pub tx: f32,
    pub ty: f32,
}

impl Similarity {
    /// Least squares over the point pairs (Umeyama 1991, in the plane and without reflection, where it
    /// has this closed form). `None` when all `from` coincide or a number is not finite.
    #[must_use]
    pub fn between(from: &[Point], to: &[Point]) -> Option<Self> {
        let n = from.len().min(to.len()) as f32;
        let mean = |points: &[Point]| {
            let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.x, y + p.y));
            Point::new(x / n, y / n)
        };
        let (mf, mt) = (mean(from), mean(to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (f, t) in from.iter().zip(to) {
            let (fx, fy, tx, ty) = (f.x - mf.x, f.y - mf.y, t.x - mt.x, t.y - mt.y);
            dot += fx * tx + fy * ty;
            cross += fx * ty - fy * tx;
            spread += fx * fx + fy * fy;
        }
        let (a, b) = (dot / spread, cross / spread);
        let found = Self { a, b, tx: mt.x - (a * mf.x - b * mf.y), ty: mt.y - (b * mf.x + a * mf.y) };
        (found.scale().is_normal() && found.tx.is_finite() && found.ty.is_finite()).then_some(found)
    }

    /// Scales by `scale` and turns by `turn`, so that `center` comes to lie at `target`.
    #[must_use]
    pub fn about(center: Point, scale: f32, turn: QuarterTurns, target: Point) -> Self {
        let (cos, sin) = turn.direction();
        let (a, b) = (scale * cos, scale * sin);
        Self {
            a,
            b,
            tx: target.x - (a * center.x - b * center.y),
            ty: target.y - (b * center.x + a * center.y),
        }
    }

    #[must_use]
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    #[must_use]
    pub fn apply(&self, p: Point) -> Point {
        Point::new(self.a * p.x - self.b * p.y + self.tx, self.b * p.x + self.a * p.y + self.ty)
    }

    /// The way back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let n = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / n, -self.b / n);
        Self { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) }
    }
}
