//! Amounts of money as whole numbers of a currency's smallest unit (D-E9): no binary fraction ever touches a price.

use core::fmt;
use core::str::FromStr;

/// The largest amount that a fact may name, in minor units: what is beyond is a slip of the finger.
pub const MOST_MINOR: i64 = 1_000_000_000_000;

/// Codes of ISO 4217 that are money in somebody's purse: no precious metals, no test codes.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD \
HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON \
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";
/// Codes without a minor unit.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Codes with thousandths.
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Codes with ten-thousandths.
const TEN_THOUSANDTHS: &str = "CLF UYW";

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// A text is no currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no currency of ISO 4217: expected three capitals, as in CNY")]
pub struct BadCurrency(String);

/// A text is no amount of a currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAmount {
    /// Not digits with at most one point.
    #[error("`{0}` is not an amount: expected digits with at most one point, as in 120.50")]
    NotANumber(String),
    /// Below nothing.
    #[error("`{0}` is negative: what was taken is recorded; a mistake is put right with a correction")]
    Negative(String),
    /// More digits after the point than the currency has.
    #[error("`{amount}` is too fine: {currency} has {digits} digits after the point")]
    TooFine {
        /// As typed.
        amount: String,
        /// The currency.
        currency: Currency,
        /// The digits it has.
        digits: u32,
    },
    /// Beyond [`MOST_MINOR`].
    #[error("`{amount}` is absurd: the most that a record takes is {}", show(MOST_MINOR, *.currency))]
    Absurd {
        /// As typed.
        amount: String,
        /// The currency.
        currency: Currency,
    },
}

impl Currency {
    /// The code.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the point: 2 for most, 0 for the yen, 3 for some dinars.
    pub fn digits(self) -> u32 {
        let among = |codes: &str| codes.split(' ').any(|code| code == self.as_str());
        if among(WHOLE) {
            0
        } else if among(THOUSANDTHS) {
            3
        } else if among(TEN_THOUSANDTHS) {
            4
        } else {
            2
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;

    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        let bytes: Option<[u8; 3]> = text.as_bytes().try_into().ok();
        match bytes {
            Some(bytes) if CODES.split_ascii_whitespace().any(|code| code == text) => Ok(Self(bytes)),
            _ => Err(BadCurrency(text.chars().take(20).collect())),
        }
    }
}

/// Reads an amount as people type it into minor units, exactly: `120.5` CNY is 12050.
pub fn parse(text: &str, currency: Currency) -> Result<i64, BadAmount> {
    let typed = || text.chars().take(40).collect::<String>();
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    if let Some(rest) = text.strip_prefix('-') {
        let number = rest.split_once('.').map_or(plain(rest), |(whole, part)| plain(whole) && plain(part));
        return Err(if number { BadAmount::Negative(typed()) } else { BadAmount::NotANumber(typed()) });
    }
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    if !plain(whole) || part.is_some_and(|part| !plain(part)) {
        return Err(BadAmount::NotANumber(typed()));
    }
    let digits = currency.digits();
    // Noughts at the end say nothing: 120.500 is as fine as 120.5.
    let part = part.unwrap_or_default().trim_end_matches('0');
    if part.len() > digits as usize {
        return Err(BadAmount::TooFine { amount: typed(), currency, digits });
    }
    let absurd = || BadAmount::Absurd { amount: typed(), currency };
    let padded = format!("{whole}{part}{}", "0".repeat(digits as usize - part.len()));
    let minor = padded.trim_start_matches('0');
    if minor.is_empty() {
        return Ok(0);
    }
    minor.parse::<i64>().ok().filter(|&minor| minor <= MOST_MINOR).ok_or_else(absurd)
}

/// An amount as people read it: `120.50 CNY`.
pub fn show(minor: i64, currency: Currency) -> String {
    let digits = currency.digits();
    let one = 10_u64.pow(digits);
    let (sign, size) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    if digits == 0 {
        return format!("{sign}{size} {currency}");
    }
    format!("{sign}{}.{:0width$} {currency}", size / one, size % one, width = digits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(text: &str) -> Currency {
        text.parse().unwrap()
    }

    #[test]
    fn d_e9_amounts_are_whole_numbers_of_the_currencys_smallest_unit() {
        for (text, code, minor, shown) in [
            ("120.50", "CNY", 12_050, "120.50 CNY"),
            ("120.5", "CNY", 12_050, "120.50 CNY"),
            ("0", "EUR", 0, "0.00 EUR"),
            ("007", "EUR", 700, "7.00 EUR"),
            ("1.500", "EUR", 150, "1.50 EUR"),
            ("980", "JPY", 980, "980 JPY"),
            ("980.00", "JPY", 980, "980 JPY"),
            ("1.234", "KWD", 1_234, "1.234 KWD"),
            ("10000000000", "CNY", MOST_MINOR, "10000000000.00 CNY"),
        ] {
            assert_eq!(parse(text, currency(code)), Ok(minor), "{text} {code}");
            assert_eq!(show(minor, currency(code)), shown);
        }
        assert_eq!(show(-5, currency("CNY")), "-0.05 CNY");
    }

    #[test]
    fn d_e9_what_is_negative_absurd_or_no_amount_is_refused_and_says_why() {
        for (text, code, says) in [
            ("-1", "CNY", "negative"),
            ("-0.01", "CNY", "negative"),
            ("1.234", "CNY", "too fine"),
            ("1.5", "JPY", "0 digits"),
            ("10000000000.01", "CNY", "absurd"),
            ("99999999999999999999999999", "CNY", "absurd"),
            ("", "CNY", "not an amount"),
            ("12,50", "CNY", "not an amount"),
            ("1e3", "CNY", "not an amount"),
            ("1.", "CNY", "not an amount"),
            (".5", "CNY", "not an amount"),
            ("--1", "CNY", "not an amount"),
            ("٣", "CNY", "not an amount"),
        ] {
            let bad = parse(text, currency(code)).unwrap_err().to_string();
            assert!(bad.contains(says), "{text}: {bad}");
        }
        for bad in ["cny", "CN", "CNYX", "XAU", "CNX", "元", ""] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }
}
