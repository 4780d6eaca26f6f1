//! Rows of a large picture merged as they come, so that it is never in memory at its full size.

/// Averages squares of `divisor` × `divisor` pixels; those at the right and lower edge may be smaller.
pub(super) struct Shrink {
    width: usize,
    height: usize,
    divisor: usize,
    samples: usize,
    sums: Vec<u32>,
    /// Rows of the source that came, and those that are not written out yet.
    rows: usize,
    merged: usize,
    pixels: Vec<u8>,
}

impl Shrink {
    /// For rows of `width` pixels of `samples` bytes each.
    pub fn new(width: u32, height: u32, divisor: u32, samples: usize) -> Self {
        let (width, height, divisor) = (width as usize, height as usize, divisor.max(1) as usize);
        let sums = vec![0; width.div_ceil(divisor) * samples];
        let pixels = Vec::with_capacity(sums.len() * height.div_ceil(divisor));
        Self { width, height, divisor, samples, sums, rows: 0, merged: 0, pixels }
    }

    /// The largest whole number that leaves a long side of at least `serve`.
    pub fn divisor(long_side: u32, serve: u32) -> u32 {
        (long_side / serve.max(1)).max(1)
    }

    pub fn size(&self) -> (u32, u32) {
        (self.width.div_ceil(self.divisor) as u32, self.height.div_ceil(self.divisor) as u32)
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Takes the next row; what is behind the picture's width is left out.
    pub fn push(&mut self, row: &[u8]) {
        if self.rows >= self.height {
            return;
        }
        self.rows += 1;
        let row = &row[..row.len().min(self.width * self.samples)];
        if self.divisor == 1 {
            self.pixels.extend_from_slice(row);
            self.pixels.resize(self.rows * self.width * self.samples, 255);
            return;
        }
        for (part, sums) in row.chunks(self.divisor * self.samples).zip(self.sums.chunks_mut(self.samples)) {
            for pixel in part.chunks_exact(self.samples) {
                sums.iter_mut().zip(pixel).for_each(|(sum, &value)| *sum += u32::from(value));
            }
        }
        self.merged += 1;
        if self.merged == self.divisor || self.rows == self.height {
            self.write();
        }
    }

    fn write(&mut self) {
        for (column, sums) in self.sums.chunks_mut(self.samples).enumerate() {
            let columns = self.divisor.min(self.width - column * self.divisor);
            let count = (columns * self.merged) as u32;
            self.pixels.extend(sums.iter().map(|sum| ((sum + count / 2) / count) as u8));
            sums.fill(0);
        }
        self.merged = 0;
    }

    /// The small picture; rows that never came are white.
    pub fn finish(mut self) -> Vec<u8> {
        if self.merged > 0 {
            self.write();
        }
        let (width, height) = self.size();
        self.pixels.resize(width as usize * height as usize * self.samples, 255);
        self.pixels
    }
}
