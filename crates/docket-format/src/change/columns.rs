//! Columns: their numbers, the run-length encoding as Automerge writes it, and readers that sum runs without
//! expanding them.
//!
//! A column's number is `id << 4 | deflated << 3 | type`. A run is a signed count followed by values: `n > 0`
//! repeats one value, `n < 0` lists `-n` values, `0` and an unsigned count stands for that many absent values.

use super::Refused;
use super::leb::{Cursor, put_signed, put_unsigned};

pub(crate) const OBJ_ACTOR: u64 = 1;
pub(crate) const OBJ_COUNTER: u64 = 2;
pub(crate) const KEY_ACTOR: u64 = 17;
pub(crate) const KEY_COUNTER: u64 = 19;
pub(crate) const KEY_STRING: u64 = 21;
pub(crate) const INSERT: u64 = 52;
pub(crate) const ACTION: u64 = 66;
pub(crate) const VALUE_META: u64 = 86;
pub(crate) const VALUE: u64 = 87;
pub(crate) const PRED_COUNT: u64 = 112;
pub(crate) const PRED_ACTOR: u64 = 113;
pub(crate) const PRED_COUNTER: u64 = 115;
pub(crate) const EXPAND: u64 = 148;
pub(crate) const MARK_NAME: u64 = 165;

/// The bit of a column's number that says its bytes are deflated.
pub(crate) const DEFLATED_BIT: u64 = 8;

/// Most columns that one chunk section may list: Automerge itself knows 16.
const MOST_COLUMNS: u64 = 32;

/// The type of a value that is a UTF-8 string, in the low 4 bits of its metadata.
pub(crate) const STRING_TYPE: u64 = 6;

/// Column numbers with their bytes, ascending, none empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns<'a> {
    list: Vec<(u64, &'a [u8])>,
}

/// What a list of columns says before its bytes are cut out: number and length.
pub(crate) struct ColumnList {
    pub(crate) specs: Vec<(u64, usize)>,
}

impl ColumnList {
    /// Reads count and (number, length) pairs; numbers ascend, ignoring the deflate bit.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Refused> {
        let count = cursor.unsigned()?;
        if count > MOST_COLUMNS {
            return Err(Refused::ColumnOrder);
        }
        let mut specs = Vec::with_capacity(count as usize);
        let mut previous = None;
        for _ in 0..count {
            let spec = cursor.unsigned()?;
            let plain = spec & !DEFLATED_BIT;
            if u32::try_from(spec).is_err() {
                return Err(Refused::Column { spec });
            }
            if previous.is_some_and(|p| p >= plain) {
                return Err(Refused::ColumnOrder);
            }
            previous = Some(plain);
            specs.push((spec, cursor.len()?));
        }
        Ok(Self { specs })
    }

    /// Cuts the columns' bytes out of what follows, as they are.
    pub(crate) fn cut<'a>(self, cursor: &mut Cursor<'a>) -> Result<Columns<'a>, Refused> {
        let mut list = Vec::with_capacity(self.specs.len());
        for (spec, len) in self.specs {
            list.push((spec, cursor.take(len)?));
        }
        Ok(Columns { list })
    }
}

impl<'a> Columns<'a> {
    pub(crate) const fn new(list: Vec<(u64, &'a [u8])>) -> Self {
        Self { list }
    }

    /// The column's bytes; empty when it is absent.
    pub(crate) fn get(&self, spec: u64) -> &'a [u8] {
        self.list.iter().find(|&&(s, _)| s == spec).map_or(&[], |&(_, bytes)| bytes)
    }
}

/// One run of a run-length encoded column.
pub(crate) enum Run {
    /// The value that follows, this many times.
    Repeat(u64),
    /// This many values follow.
    List(u64),
    /// This many absent values.
    Absent(u64),
}

/// Reads the head of a run. Counts of 0 are refused: they would let a short column take long to read.
pub(crate) fn read_run(cursor: &mut Cursor<'_>) -> Result<Run, Refused> {
    let count = cursor.signed()?;
    match count {
        0 => match cursor.unsigned()? {
            0 => Err(Refused::NotCanonical),
            absent => Ok(Run::Absent(absent)),
        },
        1.. => Ok(Run::Repeat(count.unsigned_abs())),
        _ => Ok(Run::List(count.unsigned_abs())),
    }
}

/// How many rows a column of unsigned numbers stands for, each checked by `each` (a repeated one once). `Err` of
/// [`Refused::TooManyOps`] as soon as the sum passes `limit`; nothing is expanded.
pub(crate) fn sum_unsigned(
    bytes: &[u8],
    limit: u64,
    mut each: impl FnMut(Option<u64>) -> Result<(), Refused>,
) -> Result<u64, Refused> {
    let mut cursor = Cursor::new(bytes);
    let mut rows = 0u64;
    while !cursor.is_empty() {
        let (count, values) = match read_run(&mut cursor)? {
            Run::Repeat(count) => (count, 1),
            Run::List(count) => (count, count),
            Run::Absent(count) => (count, 0),
        };
        rows = rows.saturating_add(count);
        if rows > limit {
            return Err(Refused::TooManyOps { ops: rows });
        }
        if values == 0 {
            each(None)?;
        }
        for _ in 0..values {
            each(Some(cursor.unsigned()?))?;
        }
    }
    Ok(rows)
}

/// How many rows a column of booleans stands for; `each` sees every value that occurs.
pub(crate) fn sum_booleans(
    bytes: &[u8],
    limit: u64,
    mut each: impl FnMut(bool) -> Result<(), Refused>,
) -> Result<u64, Refused> {
    let mut cursor = Cursor::new(bytes);
    let (mut rows, mut value) = (0u64, false);
    while !cursor.is_empty() {
        let count = cursor.unsigned()?;
        rows = rows.saturating_add(count);
        if rows > limit {
            return Err(Refused::TooManyOps { ops: rows });
        }
        if count > 0 {
            each(value)?;
        }
        value = !value;
    }
    Ok(rows)
}

/// Hands out a column's values one by one. The caller decides how many it wants; nothing is expanded.
pub(crate) struct Values<'a, T> {
    cursor: Cursor<'a>,
    left: u64,
    /// `None` while a list is read.
    repeated: Option<T>,
    read: fn(&mut Cursor<'a>) -> Result<T, Refused>,
    column: &'static str,
}

impl<'a, T: Copy> Values<'a, T> {
    pub(crate) const fn new(
        bytes: &'a [u8],
        column: &'static str,
        read: fn(&mut Cursor<'a>) -> Result<T, Refused>,
    ) -> Self {
        Self { cursor: Cursor::new(bytes), left: 0, repeated: None, read, column }
    }

    /// The next value; an error at the end and for an absent one.
    pub(crate) fn next(&mut self) -> Result<T, Refused> {
        if self.left == 0 {
            if self.cursor.is_empty() {
                return Err(Refused::ColumnLength { column: self.column });
            }
            (self.left, self.repeated) = match read_run(&mut self.cursor)? {
                Run::Repeat(count) => (count, Some((self.read)(&mut self.cursor)?)),
                Run::List(count) => (count, None),
                Run::Absent(_) => return Err(Refused::ColumnLength { column: self.column }),
            };
        }
        self.left = self.left.saturating_sub(1);
        match self.repeated {
            Some(value) => Ok(value),
            None => (self.read)(&mut self.cursor),
        }
    }

    /// Checks that no value is left.
    pub(crate) const fn end(&self) -> Result<(), Refused> {
        if self.left == 0 && self.cursor.is_empty() {
            Ok(())
        } else {
            Err(Refused::ColumnLength { column: self.column })
        }
    }
}

/// A column of unsigned numbers.
pub(crate) const fn unsigned<'a>(bytes: &'a [u8], column: &'static str) -> Values<'a, u64> {
    Values::new(bytes, column, Cursor::unsigned)
}

/// A column of differences: [`Deltas::next`] adds them up.
pub(crate) struct Deltas<'a> {
    differences: Values<'a, i64>,
    value: i64,
}

impl<'a> Deltas<'a> {
    pub(crate) const fn new(bytes: &'a [u8], column: &'static str) -> Self {
        Self { differences: Values::new(bytes, column, Cursor::signed), value: 0 }
    }

    /// The next value; never negative.
    pub(crate) fn next(&mut self) -> Result<u64, Refused> {
        let difference = self.differences.next()?;
        let column = self.differences.column;
        self.value = self.value.checked_add(difference).filter(|&v| v >= 0).ok_or(Refused::Row { column })?;
        Ok(self.value.unsigned_abs())
    }

    pub(crate) const fn end(&self) -> Result<(), Refused> {
        self.differences.end()
    }
}

/// Columns being written: their bytes in one buffer, their numbers and lengths beside it.
#[derive(Default)]
pub(crate) struct Sheet {
    data: Vec<u8>,
    lengths: Vec<(u64, usize)>,
}

impl Sheet {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { data: Vec::with_capacity(bytes), lengths: Vec::with_capacity(12) }
    }

    /// Adds a column; columns come in ascending order. An empty one is left out, as Automerge does.
    pub(crate) fn column(&mut self, spec: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.data.len();
        write(&mut self.data);
        let len = self.data.len() - start;
        if len > 0 {
            self.lengths.push((spec, len));
        }
    }

    pub(crate) fn put_list(&self, out: &mut Vec<u8>) {
        put_unsigned(out, self.lengths.len() as u64);
        for &(spec, len) in &self.lengths {
            put_unsigned(out, spec);
            put_unsigned(out, len as u64);
        }
    }

    pub(crate) fn put_data(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.data);
    }

    /// Whether these are exactly the columns that were read.
    pub(crate) fn matches(&self, columns: &Columns<'_>) -> bool {
        let read = columns.list.iter();
        self.lengths.iter().copied().eq(read.clone().map(|&(spec, bytes)| (spec, bytes.len())))
            && self.data.iter().eq(read.flat_map(|&(_, bytes)| bytes))
    }
}

/// Writes values as Automerge does: equal neighbours as one run, the others between them as one list.
pub(crate) fn put_runs_of<T: PartialEq>(out: &mut Vec<u8>, values: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    let mut rest = values;
    while let Some((first, _)) = rest.split_first() {
        let run = rest.iter().take_while(|&value| value == first).count();
        if run > 1 {
            put_signed(out, run as i64);
            put(out, first);
            rest = rest.split_at_checked(run).map_or(&[], |(_, after)| after);
            continue;
        }
        let listed = rest.windows(2).position(|pair| matches!(pair, [a, b] if a == b)).unwrap_or(rest.len());
        let (list, after) = rest.split_at_checked(listed).unwrap_or((rest, &[]));
        put_signed(out, -(listed as i64));
        for value in list {
            put(out, value);
        }
        rest = after;
    }
}

/// [`put_runs_of`] unsigned numbers.
pub(crate) fn put_runs(out: &mut Vec<u8>, values: &[u64]) {
    put_runs_of(out, values, |out, &value| put_unsigned(out, value));
}

/// Writes each number as its difference from the one before, the first from 0.
pub(crate) fn put_deltas(out: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    let mut previous = 0i64;
    let differences: Vec<i64> = values
        .map(|value| {
            let difference = (value as i64).wrapping_sub(previous);
            previous = value as i64;
            difference
        })
        .collect();
    put_runs_of(out, &differences, |out, &difference| put_signed(out, difference));
}

/// `rows` times one number.
pub(crate) fn put_same(out: &mut Vec<u8>, rows: usize, value: u64) {
    put_signed(out, if rows == 1 { -1 } else { rows as i64 });
    put_unsigned(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        put_runs(&mut out, values);
        out
    }

    #[test]
    fn runs_are_written_as_automerge_writes_them() {
        assert_eq!(runs(&[]), [0u8; 0]);
        assert_eq!(runs(&[7]), [0x7f, 7]);
        assert_eq!(runs(&[7, 7]), [2, 7]);
        assert_eq!(runs(&[1, 2, 3]), [0x7d, 1, 2, 3]);
        assert_eq!(runs(&[1, 2, 2]), [0x7f, 1, 2, 2]);
        assert_eq!(runs(&[2, 2, 1]), [2, 2, 0x7f, 1]);
        assert_eq!(runs(&[1, 2, 3, 3, 3, 4, 5, 5]), [0x7e, 1, 2, 3, 3, 0x7f, 4, 2, 5]);
        assert_eq!(runs(&[1, 1, 2, 2]), [2, 1, 2, 2]);
    }

    #[test]
    fn what_was_written_reads_back() {
        let values = [1, 2, 3, 3, 3, 4, 5, 5, 0, 0, 9];
        let bytes = runs(&values);
        let mut reader = unsigned(&bytes, "test");
        for value in values {
            assert_eq!(reader.next(), Ok(value));
        }
        assert!(reader.end().is_ok() && reader.next().is_err());
        assert_eq!(sum_unsigned(&bytes, 11, |_| Ok(())), Ok(11));
        assert!(sum_unsigned(&bytes, 10, |_| Ok(())).is_err());
    }

    #[test]
    fn a_claim_of_millions_is_summed_not_expanded() {
        let mut bytes = Vec::new();
        put_signed(&mut bytes, i64::MAX);
        put_unsigned(&mut bytes, 1);
        let mut seen = 0;
        let sum = sum_unsigned(&bytes, 10_000, |_| {
            seen += 1;
            Ok(())
        });
        assert!(matches!(sum, Err(Refused::TooManyOps { .. })) && seen == 0);
        assert!(sum_unsigned(&[0, 0], 10, |_| Ok(())).is_err(), "an empty run");
    }
}
