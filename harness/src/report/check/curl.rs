//! A request as a line for a shell, so that whoever owns the service can see for themselves.

use std::fmt::Write;

use unbroken_adapters::Address;

use crate::check::Check;
use crate::check::exchange::{Exchange, Header};

/// Where the line tells the service to call, if nobody said where a probe is to be.
pub(super) const LISTENER: &str = "127.0.0.1:9999";
/// So much of one character in a row is made by the shell: nobody reads 4000 of them.
const LONGEST_RUN: usize = 40;

/// Where a service that is called from a shell is to call: what listens there shows what goes on.
/// None where either end is another boundary, which no shell speaks, or where it is not told.
pub(super) fn listener(check: &Check) -> Option<String> {
    let probe = check.probe.as_ref();
    let probe = probe.map(|probe| probe.called.as_ref().unwrap_or(&probe.at));
    let mut ends = [Some(&check.target), probe].into_iter().flatten();
    let said = probe.filter(|probe| probe.port() != Some(0));
    let listener = said.map_or_else(|| LISTENER.to_owned(), Address::endpoint);
    let is_told = check.trigger.is_none();
    (is_told && ends.all(|end| end.scheme() == "http")).then_some(listener)
}

/// The request of a case as a line, if it is one that can be made from a shell. The user's own
/// headers stand in it without their values.
pub(super) fn line(check: &Check, exchange: &Exchange) -> Option<String> {
    let mut line = match &check.trigger {
        None => curl(&check.target, &listener(check)?, exchange),
        Some(_) if check.target.scheme() != "http" => return None,
        Some(trigger) => {
            let method = &trigger.method;
            let begun = begun(trigger.url().as_bytes(), exchange);
            let body = quoted(&trigger.body);
            match trigger.body.is_empty() {
                true => format!("{begun} -X {method}"),
                false => format!("{begun} -X {method} --data-binary {body}"),
            }
        }
    };
    for (name, _) in &check.headers {
        line.push_str(&format!(" -H '{name}: …'"));
    }
    Some(line)
}

/// The request of a case, byte by byte, with `listener` as what the service is to call.
pub fn curl(target: &Address, listener: &str, exchange: &Exchange) -> String {
    let mut line = begun(target.as_str().as_bytes(), exchange);
    let call = |call| match exchange.calls {
        1 => format!(r#"{{"url":"http://{listener}/","arguments":[]}}"#),
        _ => format!(r#"{{"url":"http://{listener}/{call}","arguments":[]}}"#),
    };
    let calls: Vec<_> = (0..exchange.calls).map(call).collect();
    line.push_str(&format!(" -d '[{}]'", calls.join(",")));
    line
}

fn begun(url: &[u8], exchange: &Exchange) -> String {
    let mut line = format!(
        "curl -s {} -H 'Content-Type: application/json'",
        quoted(url)
    );
    // What curl would take for a pattern.
    if url.iter().any(|byte| b"[]{}".contains(byte)) {
        line.push_str(" -g");
    }
    for header in &exchange.headers {
        line.push_str(" -H ");
        line.push_str(&quoted(&as_argument(header)));
    }
    line
}

/// curl leaves out a header that ends with its colon, and sends one that ends with a semicolon
/// without a value.
fn as_argument((name, value): &Header) -> Vec<u8> {
    if value.is_empty() {
        return format!("{name};").into_bytes();
    }
    [name.as_bytes(), b": ", value].concat()
}

/// One word of a shell. What no quotation marks can hold stands in `$'…'`, in octal: that is what
/// bash, zsh and ksh read alike.
fn quoted(text: &[u8]) -> String {
    let mut word = String::new();
    let mut plain = Vec::new();
    for run in text.chunk_by(|one, other| one == other) {
        if run.len() < LONGEST_RUN || !run[0].is_ascii_alphanumeric() {
            plain.extend_from_slice(run);
            continue;
        }
        word.push_str(&in_quotes(&plain));
        plain.clear();
        let (letter, times) = (char::from(run[0]), run.len());
        // Writing to a String succeeds.
        let _ = write!(word, r#""$(printf '{letter}%.0s' $(seq {times}))""#);
    }
    word.push_str(&in_quotes(&plain));
    word
}

fn in_quotes(text: &[u8]) -> String {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    if text.is_empty() {
        return String::new();
    }
    if text.iter().all(is_plain) && !text.contains(&b'\'') {
        return format!("'{}'", String::from_utf8_lossy(text));
    }
    let escaped = text.iter().map(|byte| match byte {
        b'\\' | b'\'' => format!("\\{}", char::from(*byte)),
        byte if is_plain(byte) => char::from(*byte).to_string(),
        byte => format!("\\{byte:03o}"),
    });
    format!("$'{}'", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(headers: &[(&str, &[u8])], calls: usize) -> String {
        let target = Address::parse("http://localhost:1/a?b=c").expect("an address");
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let exchange = Exchange {
            name: "x".to_owned(),
            trace: None,
            headers: headers.collect(),
            calls,
            mark: None,
        };
        curl(&target, LISTENER, &exchange)
    }

    #[test]
    fn names_values_and_their_number_are_as_they_are() {
        let line = line(&[("TraceParent", b" 1"), ("traceparent", b"2 ")], 2);
        assert_eq!(
            line,
            "curl -s 'http://localhost:1/a?b=c' -H 'Content-Type: application/json' -H 'TraceParent:  1' \
             -H 'traceparent: 2 ' -d '[{\"url\":\"http://127.0.0.1:9999/0\",\"arguments\":[]},\
             {\"url\":\"http://127.0.0.1:9999/1\",\"arguments\":[]}]'"
        );
    }

    #[test]
    fn what_a_shell_or_curl_would_take_for_something_else_is_written_out() {
        for (value, argument) in [
            (&b""[..], "'x;'"),
            (b"\xa00\t\x01", r"$'x: \2400\011\001'"),
            (b"a'b\\c", r"$'x: a\'b\\c'"),
            (b"$HOME `id` \"!", "'x: $HOME `id` \"!'"),
        ] {
            let line = line(&[("x", value)], 1);
            assert!(line.contains(&format!(" -H {argument} ")), "{line}");
        }
    }

    #[test]
    fn what_is_long_is_made_by_the_shell() {
        let value = [&b"a="[..], &[b'z'; 256], b"1"].concat();
        let line = line(&[("x", &value)], 1);
        let argument = r#"'x: a='"$(printf 'z%.0s' $(seq 256))"'1'"#;
        assert!(line.contains(argument), "{line}");
    }
}
