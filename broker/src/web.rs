//! What is answered over HTTP/1.1 in TLS 1.3, on a listener of its own.
//!
//! Every answer carries the headers of [`headers`].

pub(crate) mod admin;
mod headers;
mod http;
mod operation;

use crate::{certificate::Certificates, hall::Hall};
use std::{sync::Arc, time::Instant};

/// ALPN name of what browsers speak.
pub(crate) const ALPN: &[u8] = b"http/1.1";

/// What pages are made of.
pub(crate) struct Site {
    pub(crate) hall: Arc<Hall>,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) started: Instant,
}

impl Site {
    pub(crate) fn new(hall: Arc<Hall>, certificates: Arc<Certificates>) -> Self {
        Self { hall, certificates, started: Instant::now() }
    }
}
