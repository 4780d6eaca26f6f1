//! The printed way to a session: its QR code as a picture, and the table card to print; and receipts of orders, which
//! are drawn with the same letters.
//!
//! Pure but for the one thread that it computes on. Must not know rows or requests: what stands on a card
//! comes in as [`CardContent`].
//!
//! # How a card is drawn
//!
//! `cards/` makes the code (black on white, whatever the studio's colour, because a scanner must read it)
//! and from one SVG template the A6 card, which `svg2pdf` turns into PDF with the bundled letters. What the
//! letters cannot show (emoji in a session's name) is left out. All of it runs on one thread of its own
//! behind `compute/`.

mod card;
mod logo;
mod qr;
mod receipt;
mod sheet;
mod text;

use std::time::Duration;

pub use card::CardContent;
pub use logo::{Logo, LogoError, MAX_LOGO_BYTES};
pub use qr::{QUIET, QrCard, QrError, QrMatrix, Resilience, coarse};
pub use receipt::ReceiptContent;
pub use sheet::{Design, MOST_CARDS};

use crate::compute::{Capacity, Compute, ComputeError, Lane};

/// A card takes some ten milliseconds; a request that waits longer than this has too many before it.
const DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum CardError {
    #[error(transparent)]
    Qr(#[from] QrError),
    #[error(transparent)]
    Logo(#[from] LogoError),
    #[error("too many cards are waiting")]
    QueueFull { retry_after: Duration },
    #[error("the card was not drawn in time")]
    TimedOut,
    /// The template does not make a PDF: a fault of ours.
    #[error("the card cannot be drawn: {0}")]
    Drawing(String),
}

impl From<ComputeError> for CardError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Full { retry_after } => Self::QueueFull { retry_after },
            ComputeError::TimedOut => Self::TimedOut,
            ComputeError::Panicked(text) => Self::Drawing(text),
        }
    }
}

/// Draws codes and cards on a thread of its own, so that neither requests nor photos wait for it.
#[derive(Clone)]
pub struct Cards {
    compute: Compute<()>,
    fonts: text::Fonts,
}

impl Cards {
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start() -> Result<Self, rayon::ThreadPoolBuildError> {
        let compute = Compute::start("cards", vec![()], Capacity { interactive: 32, batch: 1 })?;
        Ok(Self { compute, fonts: text::Fonts::bundled() })
    }

    /// The code as SVG.
    ///
    /// # Errors
    /// [`CardError`].
    pub async fn svg(&self, url: String, logo: Option<Vec<u8>>) -> Result<String, CardError> {
        self.run(move |_| Ok(QrCard::new(&url, logo.as_deref().map(Logo::read).transpose()?)?.svg())).await
    }

    /// The code as a square PNG of `side` pixels, see [`QrCard::png`].
    ///
    /// # Errors
    /// [`CardError`].
    pub async fn png(&self, url: String, logo: Option<Vec<u8>>, side: u32) -> Result<Vec<u8>, CardError> {
        self.run(move |_| Ok(QrCard::new(&url, logo.as_deref().map(Logo::read).transpose()?)?.png(side)?))
            .await
    }

    /// The table card: one A6 page, PDF.
    ///
    /// # Errors
    /// [`CardError`].
    pub async fn pdf(&self, content: CardContent) -> Result<Vec<u8>, CardError> {
        self.run(move |fonts| card::pdf(&content, fonts)).await
    }

    /// Many cards on A4 pages, PDF. `cover`: a JPEG, for the design that has one.
    ///
    /// # Errors
    /// [`CardError`].
    pub async fn sheet(
        &self,
        cards: Vec<CardContent>,
        design: Design,
        cover: Option<bytes::Bytes>,
    ) -> Result<Vec<u8>, CardError> {
        self.run(move |fonts| sheet::pdf(&cards, design, cover.as_deref(), fonts)).await
    }

    /// The receipt of an order, A4, PDF.
    ///
    /// # Errors
    /// [`CardError`].
    pub async fn receipt(&self, content: ReceiptContent) -> Result<Vec<u8>, CardError> {
        self.run(move |fonts| receipt::pdf(&content, fonts)).await
    }

    /// Checks a picture that is to become a logo, and draws it anew: for print, and for pages.
    ///
    /// # Errors
    /// [`CardError::Logo`] says what is wrong with it.
    pub async fn draw_logo(&self, png: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), CardError> {
        self.run(move |_| Ok(Logo::read(&png)?.drawn_anew()?)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&text::Fonts) -> Result<T, CardError> + Send + 'static,
    ) -> Result<T, CardError> {
        let fonts = self.fonts.clone();
        self.compute.run(Lane::Interactive, DEADLINE, move |_| work(&fonts)).await?
    }
}
