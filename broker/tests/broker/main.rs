//! The broker from outside: real sockets, real TLS, real processes.

mod auditing;
mod harness;
mod hostile;
mod pairing;
mod people;
mod process;
mod relaying;
mod signing_in;
mod stores;
