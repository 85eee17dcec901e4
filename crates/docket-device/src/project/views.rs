//! The documented views. `views.sql` spells what every view needs shortly: `@uuid(id)` is an id's text, `@instant(ms)` a
//! time as RFC 3339. Both are written out, not registered as functions: the views work in any SQLite shell.

/// Shorthands and what they stand for; `?` is the argument.
const SHORT: [(&str, &str); 2] = [
    (
        "@uuid(",
        "lower(printf('%s-%s-%s-%s-%s', substr(hex(?),1,8), substr(hex(?),9,4), substr(hex(?),13,4), \
         substr(hex(?),17,4), substr(hex(?),21)))",
    ),
    ("@instant(", "strftime('%Y-%m-%dT%H:%M:%SZ', ? / 1000, 'unixepoch')"),
];

/// The statements that make the views.
pub(super) fn sql() -> String {
    SHORT
        .iter()
        .fold(include_str!("../store/views.sql").to_owned(), |text, (short, long)| written_out(&text, short, long))
}

fn written_out(text: &str, short: &str, long: &str) -> String {
    let mut pieces = text.split(short);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (argument, rest) = argument(piece);
        out.push_str(&long.replace('?', argument));
        out.push_str(rest);
    }
    out
}

/// What stands before the bracket that closes, and what comes after it.
fn argument(text: &str) -> (&str, &str) {
    let mut depth = 0_u32;
    let end = text.find(|c| {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return true,
            ')' => depth -= 1,
            _ => {}
        }
        false
    });
    end.and_then(|end| Some((text.get(..end)?, text.get(end + 1..)?))).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorthands_are_written_out_around_their_whole_argument() {
        assert_eq!(written_out("a @f(g(x, y)) b @f(z), c", "@f(", "[?|?]"), "a [g(x, y)|g(x, y)] b [z|z], c");
        assert!(!sql().contains('@'));
    }
}
