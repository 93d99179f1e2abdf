//! One connection of a browser: HTTP/1.1 with deadlines.

use crate::{connection::Timing, server::Phase};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
    time::{Instant, sleep},
};

/// Longest head of a request in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// After so long a connection answers what it was asked and ends.
const LIFE: Duration = Duration::from_secs(15 * 60);

/// The last answer may take so long; one who sends a byte now and then must
/// not stay for ever.
const LAST_ANSWER: Duration = Duration::from_secs(60);

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WebEnd {
    /// As it should, or because the browser left.
    Done,
    /// Nothing moved for too long, or a request came to no end.
    Stalled,
}

/// Serves until the browser leaves, nothing moves any more, or the phase
/// changes.
pub(crate) async fn serve<S>(socket: S, router: Router, timing: Timing, mut phase: watch::Receiver<Phase>) -> WebEnd
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let moved = Arc::new(AtomicU64::new(0));
    let unanswered = Arc::new(AtomicBool::new(false));
    let watched = Watched { socket, moved: Arc::clone(&moved), unanswered: Arc::clone(&unanswered) };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timing.introduction)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(watched), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let began = Instant::now();
    let mut seen = 0;
    loop {
        let alarm = sleep(timing.stall);
        tokio::select! {
            ended = connection.as_mut() => {
                // A browser that breaks the rules or leaves is no news, and
                // neither is one that asks nothing more: only one that began
                // to ask and came to no end.
                let late = ended.is_err_and(|error| error.is_timeout());
                return if late && unanswered.load(Ordering::Relaxed) { WebEnd::Stalled } else { WebEnd::Done };
            }
            changed = phase.changed() => {
                if changed.is_err() {
                    return WebEnd::Done;
                }
                connection.as_mut().graceful_shutdown();
            }
            () = alarm => {
                let now = moved.load(Ordering::Relaxed);
                if now == seen {
                    return WebEnd::Stalled;
                }
                seen = now;
                let age = began.elapsed();
                if age > LIFE + LAST_ANSWER {
                    return WebEnd::Stalled;
                }
                if age > LIFE {
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// A socket that counts when bytes move.
struct Watched<S> {
    socket: S,
    moved: Arc<AtomicU64>,
    /// The last bytes came from the browser.
    unanswered: Arc<AtomicBool>,
}

impl<S> Watched<S> {
    fn note<T>(&self, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if matches!(done, Poll::Ready(Ok(_))) {
            self.moved.fetch_add(1, Ordering::Relaxed);
        }
        done
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.socket).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.unanswered.store(true, Ordering::Relaxed);
        }
        self.note(done)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.socket).poll_write(cx, bytes);
        if done.is_ready() {
            self.unanswered.store(false, Ordering::Relaxed);
        }
        self.note(done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
