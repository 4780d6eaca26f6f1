//! A manifest's file as it is written, and what it must hold. What only the set-up script needs (`source`,
//! `prepare`) is left out.

use serde::Deserialize;

use super::{
    Alignment, DetectorModel, DetectorSearch, EmbedderModel, Input, JoinedModel, LandmarkModel, Matching,
    Model, Network, Norms, ProposalModel,
};
use crate::vision::geometry::Point;

#[derive(Deserialize)]
pub(super) struct Manifest {
    name: String,
    kind: Kind,
    file: Option<String>,
    sha256: Option<String>,
    input: Option<Input>,
    #[serde(default)]
    output: toml::Table,
    #[serde(default)]
    threshold: Threshold,
    alignment: Option<RawAlignment>,
    five_points: Option<FivePoints>,
    #[serde(default)]
    search: DetectorSearch,
    /// Name of the proposals model that a detector asks.
    proposals: Option<String>,
    /// Names of the embedders that this one joins.
    parts: Option<Vec<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Detector,
    Proposals,
    Landmarks,
    Embedder,
}

#[derive(Deserialize, Default)]
struct Threshold {
    score: Option<f32>,
    nms_iou: Option<f32>,
    r#match: Option<f32>,
    least_norm: Option<f32>,
    clear_norm: Option<f32>,
}

#[derive(Deserialize)]
struct RawAlignment {
    template: [[f32; 2]; 5],
    #[serde(default = "yes")]
    refine: bool,
    #[serde(default = "yes")]
    mirror: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct FivePoints {
    left_eye: Vec<usize>,
    right_eye: Vec<usize>,
    nose: Vec<usize>,
    left_mouth: Vec<usize>,
    right_mouth: Vec<usize>,
    #[serde(default = "one_box")]
    box_factor: f32,
}

fn one_box() -> f32 {
    1.0
}

#[derive(Deserialize)]
struct DetectorOutput {
    decoder: String,
    stride: u32,
    heatmap: String,
    size: String,
    offset: String,
    landmarks: String,
}

#[derive(Deserialize)]
struct SsdOutput {
    decoder: String,
    scores: String,
    boxes: String,
}

#[derive(Deserialize)]
struct PointsOutput {
    decoder: String,
    points: String,
    count: usize,
}

#[derive(Deserialize)]
struct EmbedderOutput {
    embedding: String,
    dimension: usize,
}

#[derive(Deserialize)]
struct JoinedOutput {
    dimension: usize,
}

impl Manifest {
    pub(super) fn check(mut self) -> Result<super::Manifest, String> {
        let network = if self.parts.is_some() { None } else { Some(self.network()?) };
        let name = std::mem::take(&mut self.name);
        let model = match (self.kind, network.as_ref()) {
            (Kind::Detector, Some(_)) => Model::Detector(self.detector()?),
            (Kind::Proposals, Some(network)) => Model::Proposals(self.proposer(&network.input)?),
            (Kind::Landmarks, Some(network)) => Model::Landmarks(self.landmarks(&network.input)?),
            (Kind::Embedder, Some(network)) => Model::Embedder(self.embedder(&network.input)?),
            (Kind::Embedder, None) => Model::Joined(self.joined()?),
            (_, None) => return Err("only an embedder can be made of parts".into()),
        };
        Ok(super::Manifest { name, network, model })
    }

    fn network(&mut self) -> Result<Network, String> {
        let input = self.input.take().ok_or("[input] is missing")?;
        let channels = input.color.channels();
        if input.mean.len() != channels || input.std.len() != channels {
            return Err(format!("input.mean and input.std need {channels} numbers"));
        }
        if input.std.contains(&0.0) || input.multiple_of == 0 {
            return Err("input.std and input.multiple_of must not be zero".into());
        }
        let file = self.file.take().ok_or("file is missing")?;
        Ok(Network { file, sha256: self.sha256.take().filter(|hash| !hash.is_empty()), input })
    }

    fn detector(self) -> Result<DetectorModel, String> {
        let output: DetectorOutput = self.output.try_into().map_err(|error| format!("output: {error}"))?;
        known(&output.decoder, "centerface")?;
        Ok(DetectorModel {
            stride: output.stride,
            heatmap: output.heatmap,
            size: output.size,
            offset: output.offset,
            landmarks: output.landmarks,
            score: self.threshold.score.ok_or("threshold.score is missing")?,
            nms_iou: self.threshold.nms_iou.ok_or("threshold.nms_iou is missing")?,
            search: self.search,
            proposals: self.proposals,
        })
    }

    fn proposer(self, input: &Input) -> Result<ProposalModel, String> {
        let output: SsdOutput = self.output.try_into().map_err(|error| format!("output: {error}"))?;
        known(&output.decoder, "ssd")?;
        let (Some(width), Some(height)) = (input.width, input.height) else {
            return Err("input.width and input.height are missing".into());
        };
        let score = self.threshold.score.ok_or("threshold.score is missing")?;
        Ok(ProposalModel { scores: output.scores, boxes: output.boxes, width, height, score })
    }

    fn landmarks(self, input: &Input) -> Result<LandmarkModel, String> {
        let output: PointsOutput = self.output.try_into().map_err(|error| format!("output: {error}"))?;
        known(&output.decoder, "points")?;
        let five = self.five_points.ok_or("[five_points] is missing")?;
        let box_factor = five.box_factor;
        let five = [five.left_eye, five.right_eye, five.nose, five.left_mouth, five.right_mouth];
        if five.iter().any(|of| of.is_empty() || of.iter().any(|&n| n >= output.count)) {
            return Err(format!("five_points must name points 0..{}", output.count));
        }
        square(input)?;
        Ok(LandmarkModel { output: output.points, count: output.count, five, box_factor })
    }

    fn embedder(self, input: &Input) -> Result<EmbedderModel, String> {
        let matching = self.matching()?;
        let norms = match (self.threshold.least_norm, self.threshold.clear_norm) {
            (None, None) => None,
            (Some(least), Some(clear)) if least < clear => Some(Norms { least, clear }),
            _ => {
                return Err(
                    "threshold.least_norm and threshold.clear_norm belong together, the first below".into()
                );
            }
        };
        let output: EmbedderOutput = self.output.try_into().map_err(|error| format!("output: {error}"))?;
        let alignment = self.alignment.ok_or("[alignment] is missing")?;
        let alignment = Alignment {
            size: square(input)?,
            template: alignment.template.map(|[x, y]| Point::new(x, y)),
            refine: alignment.refine,
            mirror: alignment.mirror,
        };
        Ok(EmbedderModel {
            output: output.embedding,
            dimension: output.dimension,
            alignment,
            matching,
            norms,
        })
    }

    fn joined(self) -> Result<JoinedModel, String> {
        let matching = self.matching()?;
        let JoinedOutput { dimension } =
            self.output.try_into().map_err(|error| format!("output: {error}"))?;
        let parts = self.parts.unwrap_or_default();
        if parts.len() < 2 {
            return Err("parts must name at least two embedders".into());
        }
        Ok(JoinedModel { parts, dimension, matching })
    }

    fn matching(&self) -> Result<Matching, String> {
        let threshold = self.threshold.r#match.ok_or("threshold.match is missing")?;
        Ok(Matching { threshold })
    }
}

fn known(decoder: &str, expected: &str) -> Result<(), String> {
    if decoder == expected { Ok(()) } else { Err(format!("output.decoder {decoder:?} is not {expected:?}")) }
}

fn square(input: &Input) -> Result<u32, String> {
    match (input.width, input.height) {
        (Some(w), Some(h)) if w == h && w > 0 => Ok(w),
        _ => Err("input.width and input.height must be equal and above zero".into()),
    }
}
