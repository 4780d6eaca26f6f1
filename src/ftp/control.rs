//! A second handle of a camera's control connection, which the library has taken: it tells when the camera is gone,
//! and ends the connection.

use std::{
    io,
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long a camera is watched behind a file whose end proves nothing: one that dies closes both connections, in
/// whatever order.
const WATCHED: Duration = Duration::from_millis(300);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Control {
    stream: TcpStream,
    transfers: AtomicUsize,
}

/// A transfer in hand, until dropped.
pub(super) struct Transfer<'a>(&'a Control);

impl Drop for Transfer<'_> {
    fn drop(&mut self) {
        self.0.transfers.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Control {
    pub(super) fn of(stream: &tokio::net::TcpStream) -> io::Result<Self> {
        let stream = TcpStream::from(stream.as_fd().try_clone_to_owned()?);
        Ok(Self { stream, transfers: AtomicUsize::new(0) })
    }

    pub(super) fn transfer(&self) -> Transfer<'_> {
        self.transfers.fetch_add(1, Ordering::AcqRel);
        Transfer(self)
    }

    /// Whether the camera still waits for the answer a moment after its file ended.
    pub(super) async fn is_waiting(&self) -> bool {
        let until = tokio::time::Instant::now() + WATCHED;
        while tokio::time::Instant::now() < until {
            if self.has_hung_up() {
                return false;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        true
    }

    fn has_hung_up(&self) -> bool {
        let gone = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
        let mut looked = [PollFd::new(&self.stream, PollFlags::RDHUP)];
        match poll(&mut looked, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
            Ok(_) => looked[0].revents().intersects(gone),
            Err(_) => false,
        }
    }

    /// Until no transfer is in hand.
    pub(super) async fn idle(&self) {
        while self.transfers.load(Ordering::Acquire) > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(super) fn close(&self) {
        // It may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
