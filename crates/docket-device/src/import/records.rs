//! Reads CSV records (RFC 4180) one at a time, bounded, keeping each record's own bytes for the rejects file.
//!
//! Two things a general CSV reader doesn't do matter here. A quote that never closes must not swallow the rest of the
//! file: its line alone is rejected and reading goes on with the next line. And a rejected row is handed back
//! byte for byte. What may stand in a field is otherwise what the `csv` crate accepts (a test compares the two).

use std::collections::VecDeque;
use std::io::{self, BufRead};

/// One record's bytes, line ends included.
pub const RECORD_BYTES: usize = 64 * 1024;
/// Lines that one record with quoted line breaks may span.
pub const RECORD_LINES: usize = 64;
/// Columns of one record.
pub const RECORD_COLUMNS: usize = 1024;

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRecord {
    /// A quoted field has text behind its closing quote: mostly a quote that was never closed further up.
    #[error("text after a closing quote, or a quote inside a quoted field that is not doubled")]
    Quote,
    /// A quoted field is still open at the end of the file or of the bound.
    #[error("a quote opens here and does not close within {RECORD_LINES} lines or {RECORD_BYTES} bytes")]
    Unclosed,
    /// Over [`RECORD_BYTES`].
    #[error("longer than {RECORD_BYTES} bytes")]
    TooLong,
    /// Over [`RECORD_COLUMNS`].
    #[error("more than {RECORD_COLUMNS} columns")]
    TooManyColumns,
}

/// One record: its fields, its line and its bytes as they were in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Line it starts on, from 1.
    pub line: u64,
    /// Its bytes, line end included. Cut at [`RECORD_BYTES`] if it is longer.
    pub raw: Vec<u8>,
    data: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no field at all (it never does, once read).
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A field's bytes, unquoted.
    pub fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.data.get(start..end)
    }

    /// All fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.field(index))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    QuoteSeen,
}

/// What one more line made of a record.
enum Fed {
    Done,
    Open,
}

/// Reads records from a byte stream.
#[derive(Debug)]
pub struct Records<R> {
    input: R,
    delimiter: u8,
    /// Lines read so far, also those put back.
    next_line: u64,
    put_back: VecDeque<Vec<u8>>,
    bytes: u64,
    at_start: bool,
}

impl<R: BufRead> Records<R> {
    /// A reader; `delimiter` is one ASCII byte. A UTF-8 byte order mark at the start is dropped.
    pub fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, next_line: 1, put_back: VecDeque::new(), bytes: 0, at_start: true }
    }

    /// Bytes taken from the input so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// The next record; blank lines are skipped. `Err` in the inner result: these bytes are no record, and reading
    /// goes on behind them.
    pub fn next_record(&mut self) -> io::Result<Option<Result<Record, (NotRecord, Record)>>> {
        loop {
            let line = self.next_line;
            let Some(first) = self.line()? else { return Ok(None) };
            if first.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                continue;
            }
            return self.record(line, first).map(Some);
        }
    }

    fn record(&mut self, line: u64, first: Vec<u8>) -> io::Result<Result<Record, (NotRecord, Record)>> {
        let mut record = Record { line, ..Record::default() };
        if first.len() > RECORD_BYTES {
            record.raw = first;
            record.raw.truncate(RECORD_BYTES);
            return Ok(Err((NotRecord::TooLong, record)));
        }
        let first_len = first.len();
        let mut state = State::FieldStart;
        let mut lines = vec![first];
        let problem = loop {
            let Some(latest) = lines.last() else { break NotRecord::Unclosed };
            match feed(&mut record, &mut state, latest, self.delimiter) {
                Ok(Fed::Done) => {
                    record.raw = lines.concat();
                    return Ok(Ok(record));
                }
                Ok(Fed::Open) => {}
                Err(problem) => break problem,
            }
            let size: usize = lines.iter().map(Vec::len).sum();
            if lines.len() == RECORD_LINES || size >= RECORD_BYTES {
                break NotRecord::Unclosed;
            }
            match self.line()? {
                Some(next) if size + next.len() <= RECORD_BYTES => lines.push(next),
                Some(next) => {
                    lines.push(next);
                    break NotRecord::Unclosed;
                }
                None => break NotRecord::Unclosed,
            }
        };
        // Only the first line is given up: what a stray quote pulled in may be good rows.
        let mut lines = lines.into_iter();
        let raw = lines.next().unwrap_or_default();
        for line in lines.rev() {
            self.next_line -= 1;
            self.put_back.push_front(line);
        }
        debug_assert_eq!(raw.len(), first_len);
        Ok(Err((problem, Record { line, raw, ..Record::default() })))
    }

    /// The next physical line with its line end; cut at one byte over the bound if it is longer.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(line) = self.put_back.pop_front() {
            self.next_line += 1;
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let limit = RECORD_BYTES as u64 + 1;
        let read = io::Read::take(&mut self.input, limit).read_until(b'\n', &mut line)?;
        self.bytes += read as u64;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == limit && line.last() != Some(&b'\n') {
            self.skip_line()?;
        }
        if core::mem::take(&mut self.at_start) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        self.next_line += 1;
        Ok(Some(line))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                return Ok(());
            }
            let end = available.iter().position(|&byte| byte == b'\n');
            let used = end.map_or(available.len(), |at| at + 1);
            self.input.consume(used);
            self.bytes += used as u64;
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

fn feed(record: &mut Record, state: &mut State, line: &[u8], delimiter: u8) -> Result<Fed, NotRecord> {
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let body = content.strip_suffix(b"\r").unwrap_or(content);
    for &byte in body {
        *state = match (*state, byte) {
            (State::FieldStart, b'"') => State::Quoted,
            (State::FieldStart | State::Plain | State::QuoteSeen, byte) if byte == delimiter => {
                record.ends.push(record.data.len());
                if record.ends.len() >= RECORD_COLUMNS {
                    return Err(NotRecord::TooManyColumns);
                }
                State::FieldStart
            }
            (State::FieldStart | State::Plain, byte) => {
                record.data.push(byte);
                State::Plain
            }
            (State::Quoted, b'"') => State::QuoteSeen,
            (State::QuoteSeen, b'"') | (State::Quoted, _) => {
                record.data.push(byte);
                State::Quoted
            }
            (State::QuoteSeen, _) => return Err(NotRecord::Quote),
        };
    }
    if *state == State::Quoted {
        // The line break belongs to the field, as it is in the file.
        record.data.extend_from_slice(line.get(body.len()..).unwrap_or_default());
        return Ok(Fed::Open);
    }
    record.ends.push(record.data.len());
    Ok(Fed::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Row = Vec<Vec<u8>>;
    type Good = Vec<(u64, Row)>;
    type Bad = Vec<(u64, NotRecord)>;

    fn rows(bytes: &[u8]) -> (Good, Bad) {
        let mut reader = Records::new(bytes, b',');
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        while let Some(outcome) = reader.next_record().unwrap() {
            match outcome {
                Ok(record) => good.push((record.line, record.fields().map(<[u8]>::to_vec).collect())),
                Err((problem, record)) => bad.push((record.line, problem)),
            }
        }
        assert_eq!(reader.bytes_read(), bytes.len() as u64);
        (good, bad)
    }

    #[test]
    fn a_quote_that_never_closes_costs_one_line() {
        let (good, bad) = rows(b"h,i\n1,\"open\n2,b\n3,\"c, d\"\n4,\"e\nf\"\n5,g\n");
        let lines: Vec<u64> = good.iter().map(|(line, _)| *line).collect();
        assert_eq!(bad, [(2, NotRecord::Quote)]);
        assert_eq!(lines, [1, 3, 4, 5, 7], "the two-line record keeps its first line's number");
        let (good, bad) = rows(b"1,\"open\n2,b\n3,c\n");
        assert_eq!((good.len(), bad), (2, vec![(1, NotRecord::Unclosed)]));
    }

    #[test]
    fn bounds_hold_at_the_limit() {
        for (extra, expect) in [(-1i64, 1), (0, 1), (1, 0)] {
            let mut bytes = vec![b'x'; (RECORD_BYTES as i64 + extra) as usize - 1];
            bytes.extend_from_slice(b"\nnext\n");
            let (good, bad) = rows(&bytes);
            assert_eq!(good.len(), expect + 1, "{extra}");
            assert_eq!(bad.len(), 1 - expect, "{extra}");
        }
        for (lines, ok) in [(RECORD_LINES - 1, true), (RECORD_LINES, true), (RECORD_LINES + 1, false)] {
            let text = format!("\"{}\"\n", "\n".repeat(lines - 1));
            assert_eq!(rows(text.as_bytes()).1.is_empty(), ok, "{lines}");
        }
        for (columns, ok) in [(RECORD_COLUMNS - 1, true), (RECORD_COLUMNS, true), (RECORD_COLUMNS + 1, false)] {
            assert_eq!(rows(",".repeat(columns - 1).as_bytes()).1.is_empty(), ok, "{columns}");
        }
    }

    proptest! {
        /// On every file that the `csv` crate writes, both readers see the same fields.
        #[test]
        fn agrees_with_the_csv_crate(table in proptest::collection::vec(
            proptest::collection::vec("[a\",\r\né ]{0,6}", 3), 1..8), crlf: bool)
        {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let (good, bad) = rows(&bytes);
            prop_assert!(bad.is_empty(), "{bad:?}");
            let read: Vec<Row> = good.into_iter().map(|(_, row)| row).collect();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            let expect: Vec<Row> = reader
                .byte_records()
                .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            prop_assert_eq!(read, expect);
        }

        /// No bytes at all make it lose its place: every byte is read, lines only go up.
        #[test]
        fn survives_any_bytes(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..400))
        {
            let (good, bad) = rows(&bytes);
            let mut lines: Vec<u64> = good.iter().map(|(line, _)| *line).chain(bad.iter().map(|(line, _)| *line)).collect();
            let count = lines.len();
            lines.sort_unstable();
            lines.dedup();
            prop_assert_eq!(lines.len(), count);
        }
    }
}
