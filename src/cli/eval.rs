//! `pixora eval`

use std::path::PathBuf;

use indicatif::ProgressBar;
use serde_json::json;

use super::{CliError, print_json};
use crate::{
    app::load_models,
    config::Settings,
    eval::{Dataset, draw, search_selfies, verify},
    search::MatchOptions,
    vision::FaceEngine,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder with one folder of photos for each person
    dataset: PathBuf,
    /// Embedder to measure, by the name in its manifest
    #[arg(long)]
    model: Option<String>,
    /// Where to draw ROC and score histograms
    #[arg(long, value_name = "FILE", default_value = "pixora-eval.svg")]
    svg: PathBuf,
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, settings: &Settings) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::failed("eval_failed", error);
    let models = load_models(settings)
        .map_err(|error| CliError::failed(error.code(), error))?;
    let engine = || match &args.model {
        Some(name) => FaceEngine::with_embedder(&models, name),
        None => FaceEngine::new(&models),
    };
    let engines: Vec<FaceEngine> = (0..settings.workers)
        .map(|_| engine())
        .collect::<Result<_, _>>()
        .map_err(|error| CliError::failed(error.code(), error))?;
    let (model, options) =
        (engines[0].embedder_name().to_owned(), MatchOptions::for_model(engines[0].embedder()));

    let bar = ProgressBar::new(0);
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let directory = args.dataset.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "the command's only task: nothing else waits for this thread"
    )]
    let dataset = tokio::task::block_in_place(|| Dataset::embed(&directory, engines, progress));
    let dataset = dataset.map_err(CliError::Usage)?;
    bar.finish_and_clear();

    let rates = verify(&dataset.samples);
    let selfie = search_selfies(&dataset, &options).await.map_err(|error| failed(&error))?;
    let at_precision = |precision: f64| {
        let (recall, threshold) = selfie.recall_at(precision);
        json!({ "recall": recall, "threshold": threshold })
    };
    let tar = |far: f64| rates.tar_at(far).0;
    let no_face: usize = dataset.no_face.iter().sum();
    let document = json!({
        "model": model,
        "people": dataset.people.len(),
        "photos": dataset.photos,
        "no_face": no_face,
        "accuracy": rates.accuracy,
        "tar": { "1e-2": tar(1e-2), "1e-3": tar(1e-3), "1e-4": tar(1e-4) },
        "far_threshold": { "1e-2": rates.tar_at(1e-2).1, "1e-3": rates.tar_at(1e-3).1, "1e-4": rates.tar_at(1e-4).1 },
        "rank1": rates.rank1,
        "selfie": { "0.99": at_precision(0.99), "0.999": at_precision(0.999) },
    });
    let title = format!("{model}: {} people, {} photos", dataset.people.len(), dataset.photos);
    std::fs::write(&args.svg, draw(&title, &rates))
        .map_err(|error| CliError::failed("io", format!("{}: {error}", args.svg.display())))?;
    eprintln!("ROC and histograms: {}", args.svg.display());
    if args.json {
        return print_json(&document);
    }
    outln!("{title}, {no_face} without a face");
    outln!("verification accuracy {:.4}, rank-1 {:.4}", rates.accuracy, rates.rank1);
    for far in [1e-2, 1e-3, 1e-4] {
        let (tar, threshold) = rates.tar_at(far);
        outln!("TAR at FAR {far:.0e}: {tar:.4} (cosine {threshold:.3})");
    }
    for precision in [0.99, 0.999] {
        let (recall, threshold) = selfie.recall_at(precision);
        outln!("selfie search: recall {recall:.4} at precision {precision} (score {threshold:.3})");
    }
    Ok(())
}
