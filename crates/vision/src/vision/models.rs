//! The manifests and where their files lie: which models are used, and whether their files are what they say.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use ort::environment::Environment;

use super::{
    VisionError,
    detect::Detector,
    embed::{Embedder, Part},
    manifest::{Alignment, Kind, Manifest, Matching, Model, Network},
    onnx::{self, Net},
    propose::Proposer,
    refine::Refiner,
    weights::{self, Unfit},
};

/// The models to use, by the names in their manifests. Where one model of a kind is there, or one that the
/// others are parts of, nothing has to be chosen.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    pub detector: Option<String>,
    pub landmarks: Option<String>,
    pub embedder: Option<String>,
}

/// The properties of an embedder, of one network or of several.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbedderInfo {
    pub name: String,
    pub dimension: usize,
    pub alignment: Alignment,
    pub matching: Matching,
}

/// The networks of one worker.
pub(super) struct Sessions {
    pub detector: Detector,
    pub refiner: Option<Refiner>,
    pub embedder: Embedder,
    pub info: EmbedderInfo,
}

/// The manifests and where their files lie, checked once and shared by all workers.
#[derive(Debug)]
pub struct Models {
    environment: Environment,
    model_dir: PathBuf,
    manifests: Vec<Manifest>,
    choice: Choice,
    embedders: Vec<EmbedderInfo>,
}

impl Models {
    /// Reads the manifests, checks the files' hashes and weights, loads ONNX Runtime, and opens every
    /// embedder once to see that it fits its manifest.
    ///
    /// # Errors
    /// [`VisionError`] naming the file at fault, or the setting that has to choose.
    pub fn load(
        model_dir: &Path,
        manifest_dir: &Path,
        dylib: &Path,
        choice: Choice,
    ) -> Result<Arc<Self>, VisionError> {
        let manifests = Manifest::load_dir(manifest_dir)?;
        for manifest in &manifests {
            if let Some(network) = &manifest.network {
                check_file(&manifest.name, network, model_dir)?;
            }
        }
        let embedders = manifests
            .iter()
            .filter_map(|manifest| embedder_info(manifest, &manifests, manifest_dir).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let environment = onnx::environment(dylib)?;
        let model_dir = model_dir.to_owned();
        let models = Arc::new(Self { environment, model_dir, manifests, choice, embedders });
        models.chosen_embedder()?;
        let alone = models.embedders.iter().filter(|info| !models.is_part(&info.name));
        for info in alone {
            models.sessions(&info.name)?;
        }
        Ok(models)
    }

    /// The registered embedders, parts of others included.
    pub fn embedders(&self) -> impl Iterator<Item = &EmbedderInfo> {
        self.embedders.iter()
    }

    /// Name of the embedder that is used.
    ///
    /// # Errors
    /// [`VisionError::Ambiguous`] when several are there and none was chosen.
    pub fn chosen_embedder(&self) -> Result<&str, VisionError> {
        Ok(&self.chosen(Kind::Embedder, self.choice.embedder.as_deref())?.name)
    }

    fn is_part(&self, name: &str) -> bool {
        self.manifests.iter().any(|manifest| manifest.model.refers_to().contains(&name))
    }

    /// The model of a kind that is used: the one of that name, or the only one that is no part of another.
    fn chosen(&self, kind: Kind, name: Option<&str>) -> Result<&Manifest, VisionError> {
        let mut of_kind = self.manifests.iter().filter(|manifest| manifest.model.kind() == Some(kind));
        if let Some(name) = name {
            return of_kind.find(|manifest| manifest.name == name).ok_or_else(|| match kind {
                Kind::Embedder => VisionError::UnknownEmbedder(name.to_owned()),
                _ => VisionError::UnknownModel { kind: kind.name(), name: name.to_owned() },
            });
        }
        let whole: Vec<&Manifest> = of_kind.filter(|manifest| !self.is_part(&manifest.name)).collect();
        match whole.as_slice() {
            [one] => Ok(one),
            [] => Err(VisionError::NoModel(kind.name())),
            several => Err(VisionError::Ambiguous {
                kind: kind.name(),
                names: several.iter().map(|manifest| manifest.name.as_str()).collect::<Vec<_>>().join(", "),
                setting: kind.setting(),
            }),
        }
    }

    /// The sessions of one worker.
    pub(super) fn sessions(&self, embedder: &str) -> Result<Sessions, VisionError> {
        let refiner = match self.chosen(Kind::Landmarks, self.choice.landmarks.as_deref()) {
            Ok(manifest) => self.refiner(manifest)?,
            Err(VisionError::NoModel(_)) => None,
            Err(error) => return Err(error),
        };
        let (info, embedder) = self.embedder(embedder)?;
        Ok(Sessions { detector: self.detector()?, refiner, embedder, info })
    }

    /// The network that turns aligned faces into vectors.
    pub(super) fn embedder(&self, name: &str) -> Result<(EmbedderInfo, Embedder), VisionError> {
        let info = self.embedders.iter().find(|info| info.name == name);
        let info = info.ok_or_else(|| VisionError::UnknownEmbedder(name.to_owned()))?.clone();
        let manifest = self.manifests.iter().find(|manifest| manifest.name == name);
        let parts = match manifest.map(|manifest| &manifest.model) {
            Some(Model::Joined(joined)) => joined.parts.iter().map(|part| self.part(part)).collect(),
            _ => self.part(name).map(|part| vec![part]),
        }?;
        Ok((info, Embedder::new(parts)))
    }

    fn detector(&self) -> Result<Detector, VisionError> {
        let manifest = self.chosen(Kind::Detector, self.choice.detector.as_deref())?;
        let Model::Detector(model) = &manifest.model else {
            return Err(VisionError::NoModel(Kind::Detector.name()));
        };
        let net = self.net(manifest, &[&model.heatmap, &model.size, &model.offset, &model.landmarks])?;
        let helper = self.manifests.iter().find(|other| Some(&other.name) == model.proposals.as_ref());
        let proposer = match helper.map(|helper| (helper, &helper.model)) {
            Some((helper, Model::Proposals(proposals))) => {
                let net = self.net(helper, &[&proposals.scores, &proposals.boxes])?;
                Some(Proposer::new(net, proposals.clone()))
            }
            _ => None,
        };
        Ok(Detector::new(net, model.clone(), proposer))
    }

    fn refiner(&self, manifest: &Manifest) -> Result<Option<Refiner>, VisionError> {
        let (Model::Landmarks(model), Some(network)) = (&manifest.model, &manifest.network) else {
            return Ok(None);
        };
        let net = self.net(manifest, &[&model.output])?;
        Ok(Some(Refiner::new(net, model.clone(), &network.input)))
    }

    fn part(&self, name: &str) -> Result<Part, VisionError> {
        let found = self.manifests.iter().find_map(|manifest| match &manifest.model {
            Model::Embedder(model) if manifest.name == name => Some((manifest, model)),
            _ => None,
        });
        let (manifest, model) = found.ok_or_else(|| VisionError::UnknownEmbedder(name.to_owned()))?;
        let net = self.net(manifest, &[&model.output])?;
        Ok(Part::new(name.to_owned(), model.clone(), net))
    }

    fn net(&self, manifest: &Manifest, outputs: &[&str]) -> Result<Net, VisionError> {
        let network = manifest.network.as_ref().ok_or(VisionError::NoModel("network"))?;
        let path = self.model_dir.join(&network.file);
        let unusable =
            |reason: String| VisionError::Model { name: manifest.name.clone(), path: path.clone(), reason };
        let net = Net::open(&self.environment, &manifest.name, &network.input, &path, unusable)?;
        match outputs.iter().find(|output| !net.has_output(output)) {
            None => Ok(net),
            Some(output) => Err(unusable(format!("it has no output {output:?}"))),
        }
    }
}

/// Sees that a model's file is the one that its manifest pins and that it makes no processor slow.
fn check_file(name: &str, network: &Network, model_dir: &Path) -> Result<(), VisionError> {
    let path = model_dir.join(&network.file);
    let unusable = |reason: String| VisionError::Model { name: name.to_owned(), path: path.clone(), reason };
    let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => unusable("there is no such file; run `make setup`".into()),
        _ => unusable(error.to_string()),
    })?;
    weights::check(&bytes, network.sha256.as_deref()).map_err(|unfit| match unfit {
        Unfit::Hash => VisionError::Weights { name: name.to_owned(), path: path.clone() },
        Unfit::Denormal(count) => VisionError::Denormal { name: name.to_owned(), path: path.clone(), count },
        Unfit::NotOnnx(reason) => unusable(format!("it is no ONNX model: {reason}")),
    })
}

/// The properties in an embedder's manifest, together with those of its parts. `None` for other kinds.
fn embedder_info(
    manifest: &Manifest,
    all: &[Manifest],
    manifest_dir: &Path,
) -> Result<Option<EmbedderInfo>, VisionError> {
    let name = manifest.name.clone();
    let joined = match &manifest.model {
        Model::Joined(joined) => joined,
        Model::Embedder(model) => {
            let (dimension, alignment) = (model.dimension, model.alignment.clone());
            return Ok(Some(EmbedderInfo { name, dimension, alignment, matching: model.matching }));
        }
        _ => return Ok(None),
    };
    let wrong = |reason: &str| VisionError::Manifest {
        path: manifest_dir.to_owned(),
        reason: format!("{}: {reason}", manifest.name),
    };
    let parts: Vec<_> = all
        .iter()
        .filter(|other| joined.parts.contains(&other.name))
        .filter_map(|other| match &other.model {
            Model::Embedder(model) => Some(model),
            _ => None,
        })
        .collect();
    let distinct: BTreeSet<&String> = joined.parts.iter().collect();
    let [first, rest @ ..] = parts.as_slice() else { return Err(wrong("its parts are missing")) };
    if distinct.len() != joined.parts.len() {
        return Err(wrong("a part is named twice"));
    }
    let same = |other: &&super::manifest::EmbedderModel| {
        (other.alignment.size, &other.alignment.template, other.alignment.refine)
            == (first.alignment.size, &first.alignment.template, first.alignment.refine)
    };
    if !rest.iter().all(same) {
        return Err(wrong("its parts are aligned differently"));
    }
    if parts.iter().map(|part| part.dimension).sum::<usize>() != joined.dimension {
        return Err(wrong("its dimension is not the sum of its parts'"));
    }
    let alignment = first.alignment.clone();
    Ok(Some(EmbedderInfo { name, dimension: joined.dimension, alignment, matching: joined.matching }))
}
