//! LEB128 numbers, and a cursor that can't run past its end. Only the shortest spelling of a number is read.

use super::Refused;

/// Reads from the front of a slice. Every read is bounded; none panics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Refused> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Refused::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Refused::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Refused> {
        let (&byte, rest) = self.rest.split_first().ok_or(Refused::Truncated)?;
        self.rest = rest;
        Ok(byte)
    }

    /// A length that must fit in memory; the caller bounds it by what is left.
    pub(crate) fn len(&mut self) -> Result<usize, Refused> {
        usize::try_from(self.unsigned()?).map_err(|_| Refused::Truncated)
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, Refused> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && byte > 1 {
                return Err(Refused::Number);
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return if shift > 0 && byte == 0 { Err(Refused::Number) } else { Ok(value) };
            }
        }
        Err(Refused::Number)
    }

    pub(crate) fn signed(&mut self) -> Result<i64, Refused> {
        let mut value = 0i64;
        let mut previous = 0u8;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(Refused::Number);
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let repeats_sign = (byte == 0 && previous & 0x40 == 0) || (byte == 0x7f && previous & 0x40 != 0);
                if shift > 0 && repeats_sign {
                    return Err(Refused::Number);
                }
                if shift < 57 && byte & 0x40 != 0 {
                    value |= -1i64 << (shift + 7);
                }
                return Ok(value);
            }
            previous = byte;
        }
        Err(Refused::Number)
    }
}

pub(crate) fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_signed(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let low = value as u8 & 0x7f;
        value >>= 7;
        let done = (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0);
        out.push(if done { low } else { low | 0x80 });
        if done {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_at_every_width() {
        for bits in 0..64 {
            for value in [1u64 << bits, (1u64 << bits) - 1, u64::MAX >> bits] {
                let mut out = Vec::new();
                put_unsigned(&mut out, value);
                assert_eq!(Cursor::new(&out).unsigned(), Ok(value));
                for signed in [value as i64, (value as i64).wrapping_neg(), !(value as i64)] {
                    let mut out = Vec::new();
                    put_signed(&mut out, signed);
                    let mut cursor = Cursor::new(&out);
                    assert_eq!(cursor.signed(), Ok(signed));
                    assert!(cursor.is_empty());
                }
            }
        }
    }

    #[test]
    fn only_the_shortest_spelling_is_read() {
        for long in [&[0x80, 0x00][..], &[0x81, 0x80, 0x00], &[0xff; 10], &[0x80; 11]] {
            assert_eq!(Cursor::new(long).unsigned(), Err(Refused::Number), "{long:x?}");
        }
        for long in [&[0x80, 0x00][..], &[0xff, 0x7f], &[0xff, 0x00], &[0xff; 10]] {
            let result = Cursor::new(long).signed();
            assert_eq!(result.is_err(), long != [0xff, 0x00], "{long:x?}");
        }
        assert_eq!(Cursor::new(&[0x80]).unsigned(), Err(Refused::Truncated));
    }
}
