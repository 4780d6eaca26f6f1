//! Checks a model file before it is used: it has the bytes that its manifest pins, without weights that make
//! a processor slow.

use prost::Message;
use sha2::{Digest, Sha256};

/// The parts of ONNX's `ModelProto` that hold weights; the numbers are those of `onnx.proto`.
#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeProto {
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct AttributeProto {
    #[prost(message, optional, tag = "5")]
    t: Option<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(float, repeated, tag = "4")]
    float_data: Vec<f32>,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

/// `TensorProto.DataType.FLOAT`
const FLOAT: i32 = 1;

impl TensorProto {
    fn denormals(&self) -> usize {
        if self.data_type != FLOAT {
            return 0;
        }
        let (raw, _) = self.raw_data.as_chunks::<4>();
        let raw = raw.iter().filter(|bytes| f32::from_le_bytes(**bytes).is_subnormal()).count();
        raw + self.float_data.iter().filter(|weight| weight.is_subnormal()).count()
    }
}

/// Why a file is not the model that its manifest describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// The file has another SHA-256.
    Hash,
    /// How many weights are denormal.
    Denormal(usize),
    NotOnnx(String),
}

/// Compares the file's bytes with the hash of its manifest, where there is one, and looks for denormal weights (below 1.2e-38):
/// some processors take many times longer for a multiplication with one.
pub(super) fn check(bytes: &[u8], sha256: Option<&str>) -> Result<(), Unfit> {
    let actual = hex::encode(Sha256::digest(bytes));
    if sha256.is_some_and(|expected| !expected.eq_ignore_ascii_case(&actual)) {
        return Err(Unfit::Hash);
    }
    match denormals(bytes)? {
        0 => Ok(()),
        count => Err(Unfit::Denormal(count)),
    }
}

fn denormals(bytes: &[u8]) -> Result<usize, Unfit> {
    let model = ModelProto::decode(bytes).map_err(|error| Unfit::NotOnnx(error.to_string()))?;
    let graph = model.graph.unwrap_or_default();
    let constants = graph.node.iter().flat_map(|node| &node.attribute).filter_map(|of| of.t.as_ref());
    Ok(graph.initializer.iter().chain(constants).map(TensorProto::denormals).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(weights: &[f32]) -> Vec<u8> {
        let raw_data = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let tensor = TensorProto { data_type: FLOAT, float_data: Vec::new(), raw_data };
        let graph = GraphProto { node: Vec::new(), initializer: vec![tensor] };
        ModelProto { graph: Some(graph) }.encode_to_vec()
    }

    fn hash(bytes: &[u8]) -> String {
        hex::encode(Sha256::digest(bytes))
    }

    #[test]
    fn normal_weights_and_zeros_pass() {
        let bytes = model(&[0.0, -0.0, 1.0, -1e-30, f32::MIN_POSITIVE]);
        assert_eq!(check(&bytes, Some(&hash(&bytes))), Ok(()));
        assert_eq!(check(&bytes, Some(&hash(&bytes).to_uppercase())), Ok(()));
    }

    #[test]
    fn denormal_weights_are_counted_wherever_a_tensor_stands() {
        let bytes = model(&[1.0, 1e-39, -1e-45]);
        assert_eq!(check(&bytes, Some(&hash(&bytes))), Err(Unfit::Denormal(2)));
        assert_eq!(check(&bytes, None), Err(Unfit::Denormal(2)));
        let tensor = TensorProto { data_type: FLOAT, float_data: vec![1e-40, 2.0], raw_data: Vec::new() };
        let node = NodeProto { attribute: vec![AttributeProto { t: Some(tensor) }] };
        let graph = GraphProto { node: vec![node], initializer: Vec::new() };
        let bytes = ModelProto { graph: Some(graph) }.encode_to_vec();
        assert_eq!(check(&bytes, Some(&hash(&bytes))), Err(Unfit::Denormal(1)));
    }

    #[test]
    fn other_bytes_than_pinned_are_refused() {
        let bytes = model(&[1.0]);
        assert_eq!(check(&bytes, Some(&"0".repeat(64))), Err(Unfit::Hash));
        let no_model = b"\xff\xff\xff";
        assert!(matches!(check(no_model, Some(&hash(no_model))), Err(Unfit::NotOnnx(_))));
    }
}
