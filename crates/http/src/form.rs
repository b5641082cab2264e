//! Forms with files, read without doing the same work twice.
//!
//! The parser of forms looks through all that it holds whenever something new comes. So a body that says that it is too long is refused
//! before it is read, one that does not begin with a part is given up after its first piece, and the pieces are handed on in
//! large lumps.

use axum::{
    body::Body,
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use std::{collections::VecDeque, convert::Infallible, io};

/// Bytes within which the first part has to begin.
const FIRST: usize = 64 * 1024;
/// Bytes that are handed on at a time.
const LUMP: usize = 1024 * 1024;

/// A form in a body of at most `MAX` bytes. Whether it can be read is the handler's to say, in the words of its family.
pub struct Form<const MAX: usize>(pub Result<Multipart, Refused>);

/// Why a form is not read.
#[derive(Debug)]
pub enum Refused {
    /// The body is longer than allowed.
    TooLarge,
    /// It is no form; what is wrong with it.
    NoForm(String),
}

impl<S: Send + Sync, const MAX: usize> FromRequest<S> for Form<MAX> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        if length(request.headers()).is_some_and(|length| length > MAX as u64) {
            return Ok(Self(Err(Refused::TooLarge)));
        }
        let start = start(request.headers());
        let (parts, body) = request.into_parts();
        let lumps = lumps(body.into_data_stream(), start);
        let mut request = Request::from_parts(parts, Body::from_stream(lumps));
        DefaultBodyLimit::max(MAX).apply(&mut request);
        let form = Multipart::from_request(request, state).await;
        Ok(Self(form.map_err(|e| Refused::NoForm(e.body_text()))))
    }
}

/// The content of a field; none when it is longer than `cap` bytes, of which no more is read then.
///
/// # Errors
/// The form is cut off, broken or too long.
pub async fn bytes(mut field: Field<'_>, cap: usize) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut all = Vec::new();
    while let Some(piece) = field.chunk().await? {
        if all.len() + piece.len() > cap {
            return Ok(None);
        }
        all.extend_from_slice(&piece);
    }
    Ok(Some(all))
}

/// The body turned out to be longer than allowed.
pub fn is_too_large(error: &MultipartError) -> bool {
    error.status() == StatusCode::PAYLOAD_TOO_LARGE
}

fn length(headers: &HeaderMap) -> Option<u64> {
    let written = headers.get(header::CONTENT_LENGTH)?;
    written.to_str().ok()?.trim().parse().ok()
}

/// What stands before each part: two dashes and the boundary that the head names. Nothing when it names none.
fn start(headers: &HeaderMap) -> Option<Vec<u8>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let named = kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then_some(value)
    })?;
    (!named.is_empty()).then(|| format!("--{named}").into_bytes())
}

struct Gather<S> {
    body: S,
    start: Option<Vec<u8>>,
    ready: VecDeque<Result<Bytes, axum::BoxError>>,
    over: bool,
}

/// The body in lumps; it fails when its first one does not hold what a part starts with.
fn lumps<S>(body: S, start: Option<Vec<u8>>) -> impl Stream<Item = Result<Bytes, axum::BoxError>>
where
    S: Stream<Item = Result<Bytes, axum::Error>> + Unpin,
{
    let gather = Gather {
        body,
        start,
        ready: VecDeque::new(),
        over: false,
    };
    stream::unfold(gather, |mut gather| async move {
        if gather.ready.is_empty() && !gather.over {
            gather.fill().await;
        }
        let next = gather.ready.pop_front()?;
        Some((next, gather))
    })
}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Gather<S> {
    async fn fill(&mut self) {
        let wanted = match self.start {
            Some(_) => FIRST,
            None => LUMP,
        };
        let mut lump = BytesMut::new();
        let mut failure = None;
        while lump.len() < wanted {
            match self.body.next().await {
                Some(Ok(piece)) => lump.extend_from_slice(&piece),
                Some(Err(error)) => {
                    failure = Some(error.into());
                    break;
                }
                None => {
                    self.over = true;
                    break;
                }
            }
        }
        if let Some(start) = self.start.take()
            && failure.is_none()
            && !lump.windows(start.len()).any(|here| here == start)
        {
            failure = Some(io::Error::other("no part begins where the body begins").into());
        }
        if failure.is_none() && !lump.is_empty() {
            self.ready.push_back(Ok(lump.freeze()));
        }
        if let Some(failure) = failure {
            self.over = true;
            self.ready.push_back(Err(failure));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(size: usize, count: usize) -> impl Stream<Item = Result<Bytes, axum::Error>> + Unpin {
        stream::iter((0..count).map(move |_| Ok(Bytes::from(vec![b'x'; size]))))
    }

    async fn sizes<S>(body: S, start: Option<Vec<u8>>) -> Vec<Option<usize>>
    where
        S: Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    {
        let all = lumps(body, start);
        all.map(|lump| lump.ok().map(|l| l.len())).collect().await
    }

    #[tokio::test]
    async fn many_small_pieces_are_handed_on_as_few_large_ones() {
        assert_eq!(
            sizes(pieces(1_000, 3_000), None).await,
            [Some(1_049_000), Some(1_049_000), Some(902_000)]
        );
        assert_eq!(sizes(pieces(1, 0), None).await, []);
    }

    #[tokio::test]
    async fn a_body_that_begins_with_no_part_is_given_up_after_its_first_piece() {
        let start = || Some(b"--edge".to_vec());
        assert_eq!(sizes(pieces(1_000, 3_000), start()).await, [None]);
        assert_eq!(
            sizes(pieces(3, 1), start()).await,
            [None],
            "a short one too"
        );
        let form = stream::iter([Ok(Bytes::from_static(b"--edge\r\n"))]);
        let all = form.chain(pieces(1_000, 66));
        assert_eq!(
            sizes(all, start()).await,
            [Some(66_008)],
            "what is asked for first is little"
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_fails() {
        let broken = stream::iter([Err(axum::Error::new(io::Error::other("gone")))]);
        assert_eq!(sizes(pieces(10, 1).chain(broken), None).await, [None]);
    }

    #[test]
    fn the_boundary_is_read_plain_and_in_quotes() {
        for (kind, want) in [
            ("multipart/form-data; boundary=x", Some("--x")),
            (
                "multipart/form-data; charset=utf-8; Boundary=\"a b\"",
                Some("--a b"),
            ),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().expect("value"));
            let found = start(&headers).map(|start| String::from_utf8(start).expect("text"));
            assert_eq!(found.as_deref(), want, "{kind}");
        }
    }
}
