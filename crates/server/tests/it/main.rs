//! The binary as a person, a script and a crash meet it. Each test has a data folder of its own and a free port.

mod backup;
mod bad_input;
mod binary;
mod command_line;
mod connections;
mod crash;
mod encoder;
mod journey;
mod killed;
mod nodes;
mod payload_clients;
mod peer_tokens;
