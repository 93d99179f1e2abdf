//! The answer to CONNECT. Nothing else is needed here, so that the fuzzer takes
//! this file by itself.

/// Longest answer's head, in bytes.
pub(crate) const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most headers in it.
const MAX_HEADERS: usize = 100;
/// Most kinds of authentication that people are told.
const MAX_KINDS: usize = 4;
/// Longest name of one, in bytes.
const MAX_KIND_BYTES: usize = 16;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Not all of it is there.
    Incomplete,
    /// The way is open, and nothing has come over it yet.
    Open,
    /// It wants to know who asks, by one of these kinds.
    WhoAsks(Vec<String>),
    /// No.
    Refused(u16),
    /// It is no answer of an HTTP proxy, or the other side of the way speaks
    /// before it is spoken to.
    Nonsense,
}

/// Reads the answer to CONNECT, as far as it has come.
pub fn read_answer(bytes: &[u8]) -> Answer {
    let mut bytes = bytes;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let head_bytes = match response.parse(bytes) {
            Ok(httparse::Status::Complete(count)) => count,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => return Answer::Incomplete,
            Ok(httparse::Status::Partial) | Err(_) => return Answer::Nonsense,
        };
        let rest = bytes.get(head_bytes..).unwrap_or_default();
        return match response.code {
            // Something in advance of the answer.
            Some(100..=199) => {
                bytes = rest;
                continue;
            }
            Some(200..=299) if rest.is_empty() => Answer::Open,
            Some(407) => Answer::WhoAsks(kinds(response.headers)),
            Some(code @ 300..) => Answer::Refused(code),
            Some(_) | None => Answer::Nonsense,
        };
    }
}

/// The kinds of authentication that an answer offers, fit to be told.
fn kinds(headers: &[httparse::Header<'_>]) -> Vec<String> {
    let offers = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("proxy-authenticate"));
    let names = offers.filter_map(|header| {
        let name = header.value.split(|byte| *byte == b' ').next()?;
        let name = std::str::from_utf8(name).ok()?;
        let plain = (1..=MAX_KIND_BYTES).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain.then(|| name.to_owned())
    });
    names.take(MAX_KINDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_way_is_one_over_which_nothing_has_come_yet() {
        for open in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n"] {
            assert_eq!(read_answer(open.as_bytes()), Answer::Open);
            for end in 0..open.len() {
                assert_eq!(read_answer(&open.as_bytes()[..end]), Answer::Incomplete, "{end}");
            }
            assert_eq!(read_answer(format!("{open}\x16").as_bytes()), Answer::Nonsense, "it speaks before it is asked");
            let in_advance = format!("HTTP/1.1 103 Early\r\nLink: a\r\n\r\n{open}");
            assert_eq!(read_answer(in_advance.as_bytes()), Answer::Open);
        }
    }

    #[test]
    fn what_a_proxy_refuses_and_asks_is_told() {
        let kinds = |answer: &str| match read_answer(answer.as_bytes()) {
            Answer::WhoAsks(kinds) => kinds,
            other => panic!("{other:?}"),
        };
        let who =
            "HTTP/1.1 407 Who\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: Basic realm=\"x\"\r\n\r\n<html>";
        assert_eq!(kinds(who), ["Negotiate", "Basic"]);
        assert_eq!(kinds("HTTP/1.1 407 Who\r\nProxy-Authenticate: <b>,\r\n\r\n"), Vec::<String>::new());
        let many = "Proxy-Authenticate: NTLM\r\n".repeat(50);
        assert_eq!(kinds(&format!("HTTP/1.1 407 Who\r\n{many}\r\n")).len(), MAX_KINDS);
        for (status, line) in [(403, "HTTP/1.1 403 Forbidden"), (503, "HTTP/1.0 503 "), (302, "HTTP/1.1 302 Found")] {
            assert_eq!(read_answer(format!("{line}\r\n\r\nbody").as_bytes()), Answer::Refused(status));
        }
    }

    #[test]
    fn what_is_no_answer_or_has_no_end_is_nonsense() {
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(MAX_HEAD_BYTES));
        let headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: a\r\n".repeat(MAX_HEADERS + 1));
        let advance = "HTTP/1.1 100 Go on\r\n\r\n".repeat(1_000);
        for nonsense in [
            "SSH-2.0-OpenSSH\r\n",
            "220 mail.example ESMTP\r\n",
            "\u{16}\u{3}\u{3}",
            "HTTP/2 200\r\n\r\n",
            "HTTP/1.1 OK\r\n\r\n",
            endless.as_str(),
            headers.as_str(),
        ] {
            assert_eq!(read_answer(nonsense.as_bytes()), Answer::Nonsense, "{nonsense:.30}");
        }
        assert_eq!(read_answer(advance.as_bytes()), Answer::Incomplete, "bounded by whoever reads on");
    }
}
