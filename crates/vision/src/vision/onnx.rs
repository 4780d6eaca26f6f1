//! ONNX Runtime, loaded from a shared library, with one thread per session: throughput comes from workers.

use std::{path::Path, sync::Mutex};

use ort::{
    environment::Environment,
    ep,
    session::{Session, builder::GraphOptimizationLevel},
    value::TensorRef,
};

use super::{
    VisionError,
    manifest::{Color, Input},
};

/// ONNX Runtime allows one environment per process, whoever asks first.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

pub(super) fn environment(dylib: &Path) -> Result<Environment, VisionError> {
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(environment) = environment.as_ref() {
        return Ok(environment.clone());
    }
    let unusable = |reason: String| VisionError::Runtime { path: dylib.to_owned(), reason };
    if !dylib.is_file() {
        return Err(unusable("there is no such file".into()));
    }
    let built = ort::init_from(dylib)
        .map_err(|error| unusable(error.to_string()))?
        .with_name("pixora")
        .with_telemetry(false)
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(environment.insert(built).clone())
}

/// One network on one thread.
pub(super) struct Net {
    session: Session,
    name: String,
    input: Input,
    /// Reused between calls.
    numbers: Vec<f32>,
}

impl Net {
    /// `path`: the model's file, already checked.
    pub fn open(
        environment: &Environment,
        name: &str,
        input: &Input,
        path: &Path,
        unusable: impl Fn(String) -> VisionError,
    ) -> Result<Self, VisionError> {
        let build = || -> ort::Result<Session> {
            Session::builder(environment)?
                .with_intra_threads(1)?
                .with_inter_threads(1)?
                .with_optimization_level(GraphOptimizationLevel::Level3)?
                // A detector's inputs vary in size, so that a plan of one run's memory does not fit the next.
                .with_memory_pattern(false)?
                // The arena keeps a run's tensors for the next run. Without it each look maps and unmaps them
                // anew: 12,000 page faults and half as much time again for CenterFace at 800 × 544.
                .with_execution_providers([ep::CPU::default().with_arena_allocator(true).build()])?
                .commit_from_file(path)
        };
        let session = build().map_err(|error| unusable(error.to_string()))?;
        if !session.inputs().iter().any(|declared| declared.name() == input.name) {
            return Err(unusable(format!("it has no input {:?}", input.name)));
        }
        Ok(Self { session, name: name.to_owned(), input: input.clone(), numbers: Vec::new() })
    }

    pub fn has_output(&self, name: &str) -> bool {
        self.session.outputs().iter().any(|output| output.name() == name)
    }

    /// Runs one picture of `width` × `height` (RGB8), padded with black to the input's multiple, and hands
    /// the named outputs to `read`: shape and numbers each.
    pub fn run<const N: usize, T>(
        &mut self,
        rgb: &[u8],
        width: usize,
        height: usize,
        outputs: [&str; N],
        read: impl FnOnce([(&[i64], &[f32]); N]) -> T,
    ) -> Result<T, VisionError> {
        let multiple = self.input.multiple_of as usize;
        let (w, h) = (width.next_multiple_of(multiple), height.next_multiple_of(multiple));
        self.fill(rgb, width, height, w, h);
        let failed = |name: &str, reason: String| VisionError::Inference { name: name.to_owned(), reason };
        let shape = [1_usize, self.input.color.channels(), h, w];
        let name = self.name.as_str();
        let tensor = TensorRef::from_array_view((shape, self.numbers.as_slice()))
            .map_err(|error| failed(name, error.to_string()))?;
        let results = self
            .session
            .run(ort::inputs![self.input.name.as_str() => tensor])
            .map_err(|error| failed(name, error.to_string()))?;
        let mut views: [(&[i64], &[f32]); N] = [(&[], &[]); N];
        for (view, output) in views.iter_mut().zip(outputs) {
            let value = results.get(output).ok_or_else(|| failed(name, format!("no output {output:?}")))?;
            let (shape, numbers) =
                value.try_extract_tensor::<f32>().map_err(|error| failed(name, error.to_string()))?;
            *view = (shape, numbers);
        }
        Ok(read(views))
    }

    /// RGB8 rows to normalised planes of `w` × `h`; what the picture does not cover is black.
    fn fill(&mut self, rgb: &[u8], width: usize, height: usize, w: usize, h: usize) {
        let Input { mean, std, color, .. } = &self.input;
        let plane = w * h;
        self.numbers.clear();
        for c in 0..color.channels() {
            let black = (0.0 - mean[c]) / std[c];
            self.numbers.resize((c + 1) * plane, black);
        }
        for y in 0..height {
            let row = &rgb[y * width * 3..(y + 1) * width * 3];
            for c in 0..color.channels() {
                let (scale, shift) = (1.0 / std[c], -mean[c] / std[c]);
                let out = &mut self.numbers[c * plane + y * w..c * plane + y * w + width];
                let from = match color {
                    Color::Rgb => c,
                    Color::Bgr => 2 - c,
                    Color::Grey => {
                        for (number, p) in out.iter_mut().zip(row.chunks_exact(3)) {
                            *number = luma(p).round() * scale + shift;
                        }
                        continue;
                    }
                };
                for (number, p) in out.iter_mut().zip(row.chunks_exact(3)) {
                    *number = f32::from(p[from]) * scale + shift;
                }
            }
        }
    }
}

/// ITU-R BT.601 luma of an RGB pixel, 0..=255.
pub(super) fn luma(p: &[u8]) -> f32 {
    0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])
}
