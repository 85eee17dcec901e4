//! Where somebody or something is, and how far that is from elsewhere.

use crate::decimal::Decimal;

/// Mean radius of the earth, metres (IUGG).
const EARTH_M: f64 = 6_371_008.8;

/// Degrees from the equator to a pole.
pub const LATITUDE: f64 = 90.0;
/// Degrees from Greenwich to the other side of the earth.
pub const LONGITUDE: f64 = 180.0;

/// Reads degrees from a decimal as records carry it, from `-most` to `most`; `None` for anything else.
pub fn degrees(text: &str, most: f64) -> Option<f64> {
    text.parse::<Decimal>().ok()?;
    text.parse::<f64>().ok().filter(|degrees| degrees.abs() <= most)
}

/// A point on the earth, degrees north and east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    lat: f64,
    lon: f64,
}

impl Place {
    /// Of decimals as records carry them; `None` where either is missing, no decimal, or on no globe.
    pub fn of(lat: Option<&str>, lon: Option<&str>) -> Option<Self> {
        Some(Self { lat: degrees(lat?, LATITUDE)?, lon: degrees(lon?, LONGITUDE)? })
    }

    /// Latitude and longitude in degrees.
    pub fn coordinates(self) -> (f64, f64) {
        (self.lat, self.lon)
    }

    /// The great-circle distance in hundreds of metres (haversine). Rounded: the last bits of a sine differ between
    /// machines, and the same records must rank alike on all of them.
    pub fn hundred_m(self, other: Self) -> u32 {
        let (from, to) = (self.lat.to_radians(), other.lat.to_radians());
        let (north, east) = ((to - from) / 2.0, (other.lon - self.lon).to_radians() / 2.0);
        let square = north.sin().powi(2) + from.cos() * to.cos() * east.sin().powi(2);
        let metres = 2.0 * EARTH_M * square.clamp(0.0, 1.0).sqrt().asin();
        (metres / 100.0).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: &str, lon: &str) -> Place {
        Place::of(Some(lat), Some(lon)).unwrap()
    }

    #[test]
    fn known_distances() {
        let check = |from: Place, to: Place, expect: u32| {
            assert_eq!(from.hundred_m(to), expect);
            assert_eq!(to.hundred_m(from), expect, "the way back is as long");
        };
        let qingdao = at("36.0671", "120.3826");
        check(qingdao, qingdao, 0);
        // A degree of latitude: a 360th of the meridian.
        check(at("0", "0"), at("1", "0"), 1112);
        check(at("0", "179.5"), at("0", "-179.5"), 1112);
        check(at("90", "0"), at("-90", "77"), 200_151);
        check(qingdao, at("39.9042", "116.4074"), 5507);
    }

    #[test]
    fn what_is_on_no_globe_is_no_place() {
        for (lat, lon) in [("91", "0"), ("0", "-180.5"), ("1e1", "0"), ("NaN", "0"), ("", "0"), ("north", "0")] {
            assert_eq!(Place::of(Some(lat), Some(lon)), None, "{lat} {lon}");
        }
        assert_eq!(Place::of(Some("1"), None), None);
    }
}
