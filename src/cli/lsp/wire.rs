//! Messages on the wire: headers and JSON, read within bounds, and written. What is malformed is told, and reading goes on.

use serde_json::{Value, json};
use std::io::{self, BufRead, Read, Write};

/// The most bytes of one message. A document of 1 MiB has at most six times as many in JSON.
const LARGEST_MESSAGE: u64 = 64 << 20;

/// The most bytes of one header line.
const LONGEST_HEADER: u64 = 4 << 10;

/// Errors of JSON-RPC and of the protocol, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// Not JSON.
    Parse,
    /// JSON, but no message, or none that is allowed now.
    InvalidRequest,
    /// A method that this server does not have.
    MethodNotFound,
    /// Parameters that the method does not take.
    InvalidParams,
    /// A defect of ours.
    Internal,
    /// Something was asked before `initialize`.
    NotInitialized,
    /// The client does not want the answer any more.
    Cancelled,
    /// What was asked can't be done, and the message says why.
    Failed,
}

impl ErrorCode {
    fn number(self) -> i32 {
        match self {
            Self::Parse => -32700,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::InvalidParams => -32602,
            Self::Internal => -32603,
            Self::NotInitialized => -32002,
            Self::Cancelled => -32800,
            Self::Failed => -32803,
        }
    }
}

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// Something that wants an answer. The id is a number or a text, and is given back as it came.
    Request {
        /// By which the client knows the answer.
        id: Value,
        /// What is asked.
        method: String,
        /// About what; null where there is nothing to say.
        params: Value,
    },
    /// Something that wants none.
    Notification {
        /// What happened.
        method: String,
        /// To what; null where there is nothing to say.
        params: Value,
    },
    /// An answer to a question of ours.
    Response,
    /// No message. The id is null unless there is one to answer to.
    Malformed {
        /// The id as it came.
        id: Value,
        /// Which error it is.
        code: ErrorCode,
        /// What is wrong with it. Nothing of the message is quoted: it may hold a secrets file.
        reason: String,
    },
}

/// The next message; none where the input ends.
///
/// # Errors
/// When the input can't be read.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let malformed = |reason: String| Incoming::Malformed { id: Value::Null, code: ErrorCode::Parse, reason };
    let length = match header(input)? {
        None => return Ok(None),
        Some(Header::Length(length)) => length,
        Some(Header::Malformed(reason)) => return Ok(Some(malformed(reason))),
    };
    if length > LARGEST_MESSAGE {
        let skipped = io::copy(&mut input.take(length), &mut io::sink())?;
        let reason = format!("a message of {length} bytes is not read; at most {LARGEST_MESSAGE} are");
        return Ok((skipped == length).then(|| malformed(reason)));
    }
    let mut body = Vec::new();
    if input.take(length).read_to_end(&mut body)? as u64 != length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(message) => of(message),
        Err(error) => malformed(format!("a message is not JSON, at its byte {}", error.column())),
    }))
}

enum Header {
    Length(u64),
    Malformed(String),
}

/// All header lines up to the empty one. After a line that is none, whatever comes is looked at in the same way: the next
/// `Content-Length` is where messages begin again.
fn header(input: &mut impl BufRead) -> io::Result<Option<Header>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        match (line.split_once(':'), length) {
            (None, Some(length)) if line.is_empty() => return Ok(Some(Header::Length(length))),
            (None, _) => {
                return Ok(Some(Header::Malformed("what should be a header with `Content-Length` is none".to_owned())));
            }
            (Some((name, value)), _) if name.trim().eq_ignore_ascii_case("content-length") => {
                match value.trim().parse() {
                    Ok(value) => length = Some(value),
                    Err(_) => return Ok(Some(Header::Malformed("`Content-Length` is no number".to_owned()))),
                }
            }
            (Some(_), _) => {}
        }
    }
}

fn of(message: Value) -> Incoming {
    let invalid = |id: Value, reason: &str| {
        let id = if is_id(&id) { id } else { Value::Null };
        Incoming::Malformed { id, code: ErrorCode::InvalidRequest, reason: reason.to_owned() }
    };
    let Value::Object(mut message) = message else {
        return invalid(Value::Null, "a message is an object; batches are not part of the protocol");
    };
    let (id, method) = (message.remove("id"), message.remove("method"));
    let params = message.remove("params").unwrap_or_default();
    match (id, method) {
        (Some(id), Some(Value::String(method))) if is_id(&id) => Incoming::Request { id, method, params },
        (Some(id), Some(Value::String(_))) => invalid(id, "the `id` of a request is neither a number nor a text"),
        (None, Some(Value::String(method))) => Incoming::Notification { method, params },
        (_, None) if message.contains_key("result") || message.contains_key("error") => Incoming::Response,
        (id, _) => invalid(id.unwrap_or_default(), "a message has no `method`"),
    }
}

fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_i64() || id.is_u64()
}

/// Writes one message.
///
/// # Errors
/// When the client has gone away.
pub fn write(output: &mut impl Write, message: &Value) -> io::Result<()> {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// An answer.
pub fn answer(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// The answer that there is none.
pub fn refusal(id: &Value, code: ErrorCode, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code.number(), "message": message } })
}

/// Something that the client is told without having asked.
pub fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

#[cfg(test)]
mod tests {
    use super::{ErrorCode, Incoming, LARGEST_MESSAGE, LONGEST_HEADER, read, write};
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    fn all(bytes: &[u8]) -> Vec<Incoming> {
        let mut input = bytes;
        std::iter::from_fn(|| read(&mut input).unwrap()).collect()
    }

    fn malformed(id: Value, code: ErrorCode, reason: &str) -> Incoming {
        Incoming::Malformed { id, code, reason: reason.to_owned() }
    }

    fn exit() -> Incoming {
        Incoming::Notification { method: "exit".to_owned(), params: Value::Null }
    }

    fn framed(body: &str) -> Vec<u8> {
        format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    const EXIT: &str = r#"{"jsonrpc":"2.0","method":"exit"}"#;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, &json!({"jsonrpc": "2.0", "id": "ä", "method": "x", "params": [1]})).unwrap();
        bytes
            .extend_from_slice(b"content-length:33\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n");
        bytes.extend_from_slice(EXIT.as_bytes());
        let request = Incoming::Request { id: json!("ä"), method: "x".to_owned(), params: json!([1]) };
        assert_eq!(all(&bytes), [request, exit()]);
    }

    #[test]
    fn what_is_no_message_is_told_and_reading_goes_on() {
        let with_exit = |bytes: Vec<u8>| all(&[bytes, framed(EXIT)].concat());
        let invalid = |id, reason| vec![malformed(id, ErrorCode::InvalidRequest, reason), exit()];
        assert_eq!(
            with_exit(framed("{\"a\": \"hunter2")),
            [malformed(Value::Null, ErrorCode::Parse, "a message is not JSON, at its byte 14"), exit()]
        );
        let batch = invalid(Value::Null, "a message is an object; batches are not part of the protocol");
        assert_eq!(with_exit(framed("[]")), batch);
        assert_eq!(with_exit(framed(r#"{"id": 7, "params": 1}"#)), invalid(json!(7), "a message has no `method`"));
        let id = "the `id` of a request is neither a number nor a text";
        assert_eq!(with_exit(framed(r#"{"id": 1.5, "method": "x"}"#)), invalid(Value::Null, id));
        assert_eq!(with_exit(framed(r#"{"id": null, "method": "x"}"#)), invalid(Value::Null, id));
        assert_eq!(with_exit(framed(r#"{"id": 1, "result": null}"#)), [Incoming::Response, exit()]);
        let deep = "[".repeat(100_000);
        let told = malformed(Value::Null, ErrorCode::Parse, "a message is not JSON, at its byte 128");
        assert_eq!(with_exit(framed(&deep)), [told, exit()]);
    }

    #[test]
    fn after_what_is_no_header_the_next_one_counts() {
        let none = || malformed(Value::Null, ErrorCode::Parse, "what should be a header with `Content-Length` is none");
        assert_eq!(all(&[b"garbage\r\n".to_vec(), framed(EXIT)].concat()), [none(), exit()]);
        assert_eq!(all(&[b"\r\n".to_vec(), framed(EXIT)].concat()), [none(), exit()]);
        let number = malformed(Value::Null, ErrorCode::Parse, "`Content-Length` is no number");
        assert_eq!(all(&[b"Content-Length: -1\n".to_vec(), framed(EXIT)].concat()), [number, exit()]);
        let long = [vec![b'x'; LONGEST_HEADER as usize + 1], b"\r\n".to_vec(), framed(EXIT)].concat();
        assert_eq!(all(&long), [none(), none(), exit()]);
    }

    #[test]
    fn an_input_that_ends_in_a_message_has_ended() {
        assert_eq!(all(b"Content-Length: 33\r\n\r\n{\"jsonrpc\""), []);
        assert_eq!(all(b"Content-Length: 33\r\n"), []);
        assert_eq!(all(format!("Content-Length: {}\r\n\r\nx", u64::MAX).as_bytes()), []);
    }

    #[test]
    fn a_message_that_is_too_large_is_passed_over() {
        let length = LARGEST_MESSAGE + 1;
        let head = format!("Content-Length: {length}\r\n\r\n").into_bytes();
        let reason = format!("a message of {length} bytes is not read; at most {LARGEST_MESSAGE} are");
        let bytes = [head, vec![b' '; length as usize], framed(EXIT)].concat();
        assert_eq!(all(&bytes), [malformed(Value::Null, ErrorCode::Parse, &reason), exit()]);
    }
}
