//! The broker from outside: real sockets, real TLS, real processes.

mod admin_flows;
mod admin_pages;
mod audit_retention;
mod audit_syslog;
mod auditing;
mod backups;
mod browser;
mod company;
mod crowding;
mod deceiving;
mod harness;
mod hostile;
mod operating;
mod pairing;
mod people;
mod process;
mod relaying;
mod rules;
mod second_factor;
mod service;
mod signing_in;
mod slow_peers;
mod stopping;
mod stores;
mod webdriver;
mod workplaces;

mod acme;
