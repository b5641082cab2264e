//! What a server does with connections that no proper client makes.

use crate::binary::Installation;
use std::{
    io::{Read, Write},
    net::TcpStream,
};

fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.trim_start_matches("http://")).expect("a connection")
}

#[test]
fn a_caller_who_never_ends_the_headers_is_cut_off() {
    let here = Installation::new().with("OMBUD_HTTP__TIMEOUT_SECONDS", "1");
    let server = here.serve(&[]);
    let mut slow = connect(&server.url);
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .expect("write");
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer)
        .expect("the server ends the connection");
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}

#[test]
fn a_header_of_a_megabyte_is_refused_and_the_server_lives_on() {
    let here = Installation::new();
    let server = here.serve(&[]);
    let mut long = connect(&server.url);
    let request = format!(
        "GET /ready HTTP/1.1\r\nhost: x\r\nauth: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    // the server may close while the rest is still on its way
    let _ = long.write_all(request.as_bytes());
    let mut answer = [0; 12];
    if long.read_exact(&mut answer).is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
    let mut next = connect(&server.url);
    next.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .expect("write");
    let mut answer = String::new();
    next.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
