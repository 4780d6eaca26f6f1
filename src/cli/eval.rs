//! `pixora eval`

use std::path::PathBuf;

use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::{CliError, print_json};
use crate::{
    app::load_models,
    config::Settings,
    eval::{
        CONDITIONS, Dataset, Outcomes, People, Plan, draw, group_people, read_groups, search_hard,
        search_selfies, search_sessions, take_clean_selfies, verify,
    },
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
    /// Sizes of the sessions that are put together, in photos
    #[arg(long, value_delimiter = ',', default_value = "100,500,2000")]
    sessions: Vec<usize>,
    /// Only the people of one half by their name, 0 or 1; the search's numbers were chosen on half 0
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=1))]
    half: Option<u8>,
    /// Also measure with faces shrunk to these heights, in pixels
    #[arg(long, value_delimiter = ',', num_args = 0.., default_missing_value = "24,32,40,64")]
    sizes: Vec<u32>,
    /// A table of person and group, separated by a tab: also measure each group alone
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// Also search with selfies that are blurred, dark, turned, covered, …
    #[arg(long)]
    hard: bool,
    /// Only put the faces to people, and count how many pairs of faces are right
    #[arg(long)]
    people: bool,
    #[arg(long)]
    json: bool,
}

/// Sessions that are drawn of each size.
const DRAWS: u64 = 10;
/// Selfies that are spoilt for `--hard`.
const HARD_SELFIES: usize = 40;

pub(super) async fn run(args: Args, settings: &Settings) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::failed("eval_failed", error);
    let models = load_models(settings).map_err(|error| CliError::failed(error.code(), error))?;
    let engine = || match &args.model {
        Some(name) => FaceEngine::with_embedder(&models, name),
        None => FaceEngine::new(&models),
    };
    let mut engines: Vec<FaceEngine> = (0..settings.workers)
        .map(|_| engine())
        .collect::<Result<_, _>>()
        .map_err(|error| CliError::failed(error.code(), error))?;
    let model = engines[0].embedder_name().to_owned();
    let options = MatchOptions::new(engines[0].embedder(), settings.search.stranger_percent);
    let mut spare = if args.hard { Some(engine().map_err(|error| failed(&error))?) } else { None };

    let bar = ProgressBar::new(0);
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let directory = args.dataset.clone();
    let engines = std::mem::take(&mut engines);
    #[expect(
        clippy::disallowed_methods,
        reason = "the command's only task: nothing else waits for this thread"
    )]
    let dataset = tokio::task::block_in_place(|| Dataset::embed(&directory, engines, &args.sizes, progress));
    let mut dataset = dataset.map_err(CliError::Usage)?;
    bar.finish_and_clear();
    if let Some(half) = args.half {
        dataset.keep_half(half);
    }

    if args.people {
        return print_people(&group_people(&dataset, &options), &model, args.json);
    }

    let rates = verify(&dataset.samples);
    let selfie = search_selfies(&dataset, &options).await.map_err(|error| failed(&error))?;
    let at_precision = |precision: f64| {
        let (recall, margin) = selfie.recall_at(precision);
        json!({ "recall": recall, "margin": margin })
    };
    let tar = |far: f64| rates.tar_at(far).0;
    let no_face: usize = dataset.no_face.iter().sum();
    let people = dataset.with_photos().len();
    let mut document = json!({
        "model": model,
        "people": people,
        "photos": dataset.photos,
        "no_face": no_face,
        "accuracy": rates.accuracy,
        "tar": { "1e-2": tar(1e-2), "1e-3": tar(1e-3), "1e-4": tar(1e-4) },
        "far_threshold": { "1e-2": rates.tar_at(1e-2).1, "1e-3": rates.tar_at(1e-3).1, "1e-4": rates.tar_at(1e-4).1 },
        "rank1": rates.rank1,
        "selfie": { "0.99": at_precision(0.99), "0.999": at_precision(0.999) },
    });
    let title = format!("{model}: {people} people, {} photos", dataset.photos);
    std::fs::write(&args.svg, draw(&title, &rates))
        .map_err(|error| CliError::failed("io", format!("{}: {error}", args.svg.display())))?;
    eprintln!("ROC and histograms: {}", args.svg.display());

    document["sessions"] = sessions(&args, &dataset, &options).await.map_err(|error| failed(&error))?;
    document["face_heights"] = heights(&args, &dataset, &options).await.map_err(|error| failed(&error))?;
    if let Some(file) = &args.groups {
        document["groups"] = groups(file, &dataset, &options).await?;
    }
    if let Some(engine) = &mut spare {
        document["hard"] = hard(engine, &mut dataset, &options).await?;
    }
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
        outln!("selfie search: recall {:.4} at precision {precision}", selfie.recall_at(precision).0);
    }
    print_tables(&document, settings.search.stranger_percent);
    Ok(())
}

fn print_people(people: &People, model: &str, json: bool) -> Result<(), CliError> {
    let (precision, recall) = (people.precision(), people.recall());
    if json {
        return print_json(&json!({
            "model": model,
            "faces": people.faces,
            "people": people.people,
            "found": people.found,
            "found_in_several_photos": people.found_twice,
            "pair_precision": precision,
            "pair_recall": recall,
        }));
    }
    outln!("{model}: {} faces of {:.0} people", people.faces, people.people);
    outln!("put to {:.1} people, {:.1} of them with several photos", people.found, people.found_twice);
    outln!("pairs of faces: precision {precision:.4}, recall {recall:.4}");
    Ok(())
}

fn outcome_json(outcomes: &Outcomes) -> Value {
    let outcome = &outcomes.total;
    let (absent_people, absent_people_shown) = outcomes.absent_people();
    json!({
        "recall": outcome.recall(),
        "recall_uncertainty": outcomes.recall_uncertainty(),
        "absent_people": absent_people,
        "absent_people_shown": absent_people_shown,
        "precision": outcome.precision(),
        "absent_searches": outcome.absent,
        "absent_shown": outcome.strangers(),
        "offered": outcome.offered as f64 / outcome.wanted.max(1) as f64,
        "absent_offered": outcome.absent_offered as f64 / outcome.absent.max(1) as f64,
    })
}

type Searched<T> = Result<T, crate::search::MatchError>;

async fn sessions(args: &Args, dataset: &Dataset, options: &MatchOptions) -> Searched<Value> {
    let people = dataset.with_photos();
    let mut rows = Vec::new();
    for &photos in &args.sessions {
        let plan = Plan { people: &people, photos, draws: DRAWS, face_height: None };
        let mut row = outcome_json(&search_sessions(dataset, &plan, options).await?);
        row["photos"] = photos.into();
        rows.push(row);
    }
    Ok(rows.into())
}

async fn heights(args: &Args, dataset: &Dataset, options: &MatchOptions) -> Searched<Value> {
    let people = dataset.with_photos();
    let mut rows = Vec::new();
    for &height in &args.sizes {
        let plan = Plan { people: &people, photos: 500, draws: DRAWS, face_height: Some(height) };
        let mut row = outcome_json(&search_sessions(dataset, &plan, options).await?);
        row["height"] = height.into();
        rows.push(row);
    }
    Ok(rows.into())
}

async fn groups(
    file: &std::path::Path,
    dataset: &Dataset,
    options: &MatchOptions,
) -> Result<Value, CliError> {
    let mut rows = Vec::new();
    for group in read_groups(file, dataset).map_err(CliError::Usage)? {
        let rates = group.measure(dataset, options).await;
        let rates = rates.map_err(|error| CliError::failed("eval_failed", error))?;
        let mut row = outcome_json(&rates.outcomes);
        row["group"] = group.name.into();
        row["people"] = rates.people.into();
        row["photos"] = rates.photos.into();
        row["recall_at_precision_0.99"] = rates.recall_at_99.into();
        row["tar_1e-3"] = rates.tar_1e3.into();
        rows.push(row);
    }
    Ok(rows.into())
}

async fn hard(
    engine: &mut FaceEngine,
    dataset: &mut Dataset,
    options: &MatchOptions,
) -> Result<Value, CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::failed("eval_failed", error);
    let selfies = take_clean_selfies(engine, dataset, HARD_SELFIES).map_err(|error| failed(&error))?;
    let mut rows = Vec::new();
    for (name, condition) in CONDITIONS {
        let outcome = search_hard(engine, dataset, &selfies, *condition, options).await;
        let outcome = outcome.map_err(|error| failed(&error))?;
        rows.push(json!({
            "condition": name,
            "tried": outcome.tried,
            "refused": outcome.refused,
            "recall": outcome.right as f64 / outcome.wanted.max(1) as f64,
            "strangers": outcome.wrong,
        }));
    }
    Ok(rows.into())
}

fn print_tables(document: &Value, percent: f32) {
    let number = |row: &Value, key: &str| row[key].as_f64().unwrap_or(f64::NAN);
    let rows = |key: &str| document[key].as_array().cloned().unwrap_or_default();
    let outcome = |row: &Value| {
        format!(
            "recall {:.3} ± {:.3}, precision {:.4}, absent people shown somebody in {:.4} of {} searches ({} of {} people; budget {percent} %), offered {:.3} more, to {:.3} of the absent",
            number(row, "recall"),
            number(row, "recall_uncertainty"),
            number(row, "precision"),
            number(row, "absent_shown"),
            row["absent_searches"],
            row["absent_people_shown"],
            row["absent_people"],
            number(row, "offered"),
            number(row, "absent_offered"),
        )
    };
    for row in rows("sessions") {
        outln!("sessions of {} photos: {}", row["photos"], outcome(&row));
    }
    for row in rows("face_heights") {
        outln!("faces of {} px: {}", row["height"], outcome(&row));
    }
    for row in rows("groups") {
        outln!(
            "{} ({} people, {} photos): recall at precision .99 {:.3}, TAR at FAR 1e-3 {:.3}; {}",
            row["group"].as_str().unwrap_or_default(),
            row["people"],
            row["photos"],
            number(&row, "recall_at_precision_0.99"),
            number(&row, "tar_1e-3"),
            outcome(&row)
        );
    }
    let spread = |key: &str| {
        let numbers: Vec<f64> = rows("groups").iter().map(|row| number(row, key)).collect();
        let best = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        best - numbers.iter().copied().fold(f64::INFINITY, f64::min)
    };
    if !rows("groups").is_empty() {
        outln!(
            "between the best and the worst group: recall at precision .99 {:.3}, recall {:.3}, absent shown {:.3}",
            spread("recall_at_precision_0.99"),
            spread("recall"),
            spread("absent_shown")
        );
    }
    for row in rows("hard") {
        outln!(
            "{:<16} refused {} of {}, recall of the others {:.3}, photos of strangers {}",
            row["condition"].as_str().unwrap_or_default(),
            row["refused"],
            row["tried"],
            number(&row, "recall"),
            row["strangers"]
        );
    }
}
