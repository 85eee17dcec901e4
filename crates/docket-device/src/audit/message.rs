//! Message templates: `{column}` stands for a column of the rule's row, `{{` and `}}` for the braces themselves.

/// A message with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(String),
}

impl Message {
    /// Reads a template; the error says what is wrong with it.
    pub fn parse(template: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = template.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' | '}' if rest.peek() == Some(&c) => {
                    rest.next();
                    text.push(c);
                }
                '{' => {
                    let mut closed = false;
                    let name: String = rest
                        .by_ref()
                        .take_while(|&c| {
                            closed = c == '}';
                            !closed
                        })
                        .collect();
                    if !closed {
                        return Err(format!("`{{{name}` is not closed"));
                    }
                    if name.is_empty() || !name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
                        return Err(format!("`{{{name}}}` names no column"));
                    }
                    if !text.is_empty() {
                        parts.push(Part::Text(core::mem::take(&mut text)));
                    }
                    parts.push(Part::Column(name));
                }
                '}' => return Err("a `}` without its `{`; write `}}` for the brace itself".to_owned()),
                c => text.push(c),
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { parts })
    }

    /// The template as a pack has it.
    pub fn template(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.replace('{', "{{").replace('}', "}}"),
            Part::Column(name) => format!("{{{name}}}"),
        };
        self.parts.iter().map(part).collect()
    }

    /// The columns it needs.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Column(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Fills the holes.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Column(name) => value(name),
        };
        self.parts.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_doubled_braces_are_braces() {
        let message = Message::parse("{a}: {{x}} {b}.").unwrap();
        assert_eq!(message.columns().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(message.fill(str::to_uppercase), "A: {x} B.");
        assert_eq!(message.template(), "{a}: {{x}} {b}.");
        for bad in ["{", "{}", "{a b}", "}", "x {a"] {
            assert!(Message::parse(bad).is_err(), "{bad}");
        }
    }
}
