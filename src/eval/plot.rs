//! The measurement as a picture: ROC on the left, score histograms on the right. Plain SVG.

use std::fmt::Write;

use super::Verification;
use crate::imaging::escape;

const SIDE: f64 = 360.0;
const MARGIN: f64 = 56.0;
const BINS: usize = 80;

/// An SVG document for a title and the rates of a set.
#[must_use]
pub fn draw(title: &str, rates: &Verification) -> String {
    let width = 4.0_f64.mul_add(MARGIN, 2.0 * SIDE);
    let height = 2.0_f64.mul_add(MARGIN, SIDE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui,sans-serif\" \
         font-size=\"12\" fill=\"#333\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"15\">{}</text>\n",
        escape(title)
    );
    roc(&mut svg, rates);
    histograms(&mut svg, rates);
    svg.push_str("</svg>\n");
    svg
}

/// True accept rate over false accept rate, the latter from 1e-5 to 1 by powers of ten.
fn roc(svg: &mut String, rates: &Verification) {
    let x = |far: f64| MARGIN + SIDE * (far.log10() + 5.0) / 5.0;
    let y = |tar: f64| MARGIN + SIDE * (1.0 - tar);
    frame(svg, MARGIN, "false accept rate", "true accept rate");
    for power in -5..=0 {
        let at = x(10_f64.powi(power));
        line(svg, at, "#eee");
        label(svg, at, &format!("1e{power}"));
    }
    for tenth in 0..=5 {
        let tar = f64::from(tenth) / 5.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{tar:.1}</text>",
            MARGIN - 6.0,
            y(tar) + 4.0
        );
    }
    let points: Vec<String> = (0..=200)
        .map(|step| 10_f64.powf(f64::from(step) / 40.0 - 5.0))
        .map(|far| format!("{:.1},{:.1}", x(far), y(rates.tar_at(far).0)))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#0a6\" stroke-width=\"2\"/>",
        points.join(" ")
    );
}

/// Cosines of pairs of one person and of two, each scaled to its own height.
fn histograms(svg: &mut String, rates: &Verification) {
    let left = 3.0 * MARGIN + SIDE;
    frame(svg, left, "cosine", "share of pairs");
    for tick in -2..=5 {
        let cosine = f64::from(tick) / 5.0;
        label(svg, left + SIDE * (cosine + 0.4) / 1.4, &format!("{cosine:.1}"));
    }
    for (cosines, colour, name, row) in
        [(&rates.impostor, "#c33", "two people", 0.0), (&rates.genuine, "#0a6", "one person", 16.0)]
    {
        let mut bins = [0_usize; BINS];
        for cosine in cosines {
            let at = ((f64::from(*cosine) + 0.4) / 1.4 * BINS as f64).clamp(0.0, BINS as f64 - 1.0);
            bins[at as usize] += 1;
        }
        let highest = bins.iter().copied().max().unwrap_or(0).max(1) as f64;
        let mut points = format!("{left},{}", MARGIN + SIDE);
        for (at, count) in bins.iter().enumerate() {
            let x = left + SIDE * (at as f64 + 0.5) / BINS as f64;
            let _ = write!(points, " {x:.1},{:.1}", MARGIN + SIDE * (1.0 - 0.95 * *count as f64 / highest));
        }
        let _ = write!(points, " {},{}", left + SIDE, MARGIN + SIDE);
        let _ = writeln!(
            svg,
            "<polygon points=\"{points}\" fill=\"{colour}\" fill-opacity=\".25\" stroke=\"{colour}\"/>\n\
             <text x=\"{}\" y=\"{}\" fill=\"{colour}\">{name} ({})</text>",
            left + 8.0,
            MARGIN + 18.0 + row,
            cosines.len()
        );
    }
}

fn frame(svg: &mut String, left: f64, x_name: &str, y_name: &str) {
    let (middle, bottom) = (left + SIDE / 2.0, MARGIN + SIDE);
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{MARGIN}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"#999\"/>\n\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{x_name}</text>\n\
         <text x=\"{left}\" y=\"{}\">{y_name}</text>",
        bottom + 38.0,
        MARGIN - 8.0
    );
}

fn line(svg: &mut String, x: f64, colour: &str) {
    let _ = writeln!(
        svg,
        "<line x1=\"{x}\" y1=\"{MARGIN}\" x2=\"{x}\" y2=\"{}\" stroke=\"{colour}\"/>",
        MARGIN + SIDE
    );
}

fn label(svg: &mut String, x: f64, text: &str) {
    let _ =
        writeln!(svg, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{text}</text>", MARGIN + SIDE + 18.0);
}
