//! A network that breaks: passes bytes on to a server, slowly, and cuts some connections wherever they are.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Bytes that pass before a cut, at most.
const REACH: usize = 400_000;
const PIECE: usize = 16 << 10;
/// Between two pieces: 8 MB/s a connection at most.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(2);

pub struct Proxy {
    pub address: String,
    server: Arc<Mutex<String>>,
    cuts: Arc<AtomicUsize>,
}

impl Proxy {
    pub async fn start(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("is bound").to_string();
        let (server, cuts) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicUsize::new(0)));
        let (to, count) = (Arc::clone(&server), Arc::clone(&cuts));
        tokio::spawn(async move {
            let mut random = SmallRng::seed_from_u64(seed);
            while let Ok((client, _)) = listener.accept().await {
                // Of ten connections four break on the way there and one on the way back, where the server
                // has done what it was asked and nobody hears of it.
                let reach = random.random_range(1..REACH);
                let (there, back) = match random.random_range(0..10) {
                    0..4 => (reach, usize::MAX),
                    4 => (usize::MAX, reach % 400),
                    _ => (usize::MAX, usize::MAX),
                };
                let server = to.lock().expect("no holder panics").clone();
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    let (mut from_client, mut to_client) = client.into_split();
                    let (mut from_server, mut to_server) = server.into_split();
                    let cut = tokio::select! {
                        cut = pass(&mut from_client, &mut to_server, there) => cut,
                        cut = pass(&mut from_server, &mut to_client, back) => cut,
                    };
                    count.fetch_add(usize::from(cut), Ordering::Relaxed);
                });
            }
        });
        Self { address, server, cuts }
    }

    /// Where connections lead from now on.
    pub fn leads_to(&self, server: &str) {
        server.clone_into(&mut self.server.lock().expect("no holder panics"));
    }

    /// How many connections were cut while bytes were on their way.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// Passes at most `reach` bytes on; whether it was that which ended it.
async fn pass(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
    mut reach: usize,
) -> bool {
    let mut piece = vec![0; PIECE];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let passed = read.min(reach);
        if to.write_all(&piece[..passed]).await.is_err() {
            return false;
        }
        reach -= passed;
        if reach == 0 {
            return true;
        }
        tokio::time::sleep(PAUSE).await;
    }
    false
}
