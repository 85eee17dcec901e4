//! How texts are compared that different people typed: names, addresses, telephone numbers.

use unicode_normalization::UnicodeNormalization as _;

/// A text without what people write in different ways: width and compatibility forms (NFKC), case, and runs of spaces
/// and punctuation, each of which becomes one space.
pub fn squash(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut put = |c: char| {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    };
    if text.is_ascii() {
        text.chars().for_each(&mut put);
    } else {
        text.nfkc().for_each(&mut put);
    }
    out.truncate(out.trim_end().len());
    out
}

/// A telephone number's digits without what is left out at times: spaces and signs, China's country code, the zero
/// before the area. `None` where there are fewer than 5 digits.
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text.nfkc().filter(char::is_ascii_digit).collect();
    let international = text.trim_start().starts_with(['+', '＋']) || digits.starts_with("00");
    let bare = digits.trim_start_matches('0');
    let national = match bare.strip_prefix("86") {
        Some(rest) if international || bare.len() == 13 => rest.trim_start_matches('0'),
        _ => bare,
    };
    (national.len() >= 5).then(|| national.to_owned())
}

/// Whether a text may be a telephone number: digits and what people write between them.
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 4 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_without_width_case_and_punctuation() {
        for (one, other) in [
            ("Zhang  Min", "zhang min"),
            ("青岛市 香港中路１２号", "青岛市，香港中路12号"),
            ("ＡＢＣ", "abc"),
            ("12, Main St.", "12 main st"),
            ("Straße", "straße"),
            ("  ", ""),
        ] {
            assert_eq!(squash(one), squash(other), "{one} {other}");
        }
        assert_ne!(squash("12 Main"), squash("1 2 Main"));
    }

    #[test]
    fn telephone_numbers_are_compared_by_what_is_always_written() {
        for same in [
            &[
                "13800001111",
                "138 0000 1111",
                "+86 138-0000-1111",
                "0086 13800001111",
                "8613800001111",
                "１３８００００１１１１",
            ][..],
            &["0532-8888 7777", "+86 532 8888 7777", "(0532) 88887777", "+86 0532 88887777"],
        ] {
            let first = phone(same[0]).unwrap();
            assert!(same.iter().all(|other| phone(other).as_deref() == Some(first.as_str())), "{same:?}");
        }
        assert_eq!(phone("1234"), None);
        assert_eq!(phone("n/a"), None);
        assert_ne!(phone("8612345678"), phone("12345678"), "a number that only begins like the country code");
        assert!(is_phone("+86 138-0000") && !is_phone("12 Main") && !is_phone("123"));
    }
}
