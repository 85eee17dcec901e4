//! A file of service requests like the real one, for machines that don't have it.

use core::fmt::Write as _;

use docket_faultvfs::Rng;

const HEADER: &str = "srnumber,createddate,updateddate,servicedate,closeddate,requesttype,requestsource,status,owner,\
                      assignto,mobileos,anonymous,address,zipcode,latitude,longitude,apc,cd,policeprecinct";
const TYPES: [&str; 6] = [
    "Bulky Items",
    "Graffiti Removal",
    "Illegal Dumping Pickup",
    "Metal/Household Appliances",
    "Electronic Waste",
    "Dead Animal Removal",
];
const STREETS: [&str; 8] =
    ["VANOWEN ST", "WESTMORELAND AVE", "MAIN ST", "SUNSET BLVD", "PICO BLVD", "VINE ST", "6TH ST", "OAK DR"];
const AREAS: [(&str, &str); 4] = [
    ("South Valley APC", "WEST VALLEY"),
    ("Central APC", "OLYMPIC"),
    ("East Los Angeles APC", "HOLLENBECK"),
    ("Harbor APC", "HARBOR"),
];

/// So many requests of January 2020, in the column layout of the City of Los Angeles. One in 200 has no closing date,
/// one in 18 no service date. Same seed, same file.
pub fn requests_csv(rows: usize, seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut out = String::with_capacity(rows * 240);
    out.push_str(HEADER);
    out.push('\n');
    for i in 0..rows {
        let minute = i * 30 * 24 * 60 / rows.max(1);
        let (day, hour, min) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
        let done = 1 + day.min(28) + rng.below(2);
        let created = format!("2020-01-{day:02} {hour:02}:{min:02}:00");
        let updated = format!("2020-01-{done:02} {:02}:{:02}:00", 8 + rng.below(9), rng.below(60));
        let closed = if rng.chance(1, 200) { String::new() } else { updated.clone() };
        let serviced = if rng.chance(1, 18) { String::new() } else { format!("2020-01-{done:02} 00:00:00") };
        let (kind, street) = (one(&mut rng, &TYPES, ""), one(&mut rng, &STREETS, ""));
        let (area, precinct) = one(&mut rng, &AREAS, ("", ""));
        let (house, zip) = (1 + rng.below(19_999), 90_001 + rng.below(899));
        let source = one(&mut rng, &["Call", "Mobile App", "Self Service", "Driver Self Report"], "");
        let status = if closed.is_empty() { "Open" } else { "Closed" };
        // Writing into a String can't fail.
        let _ = writeln!(
            out,
            "1-{},{created},{updated},{serviced},{closed},{kind},{source},{status},BOS,{},,N,\"{house} W {street}, \
             {zip}\",{zip},34.{:08},-118.{:07},{area},{},{precinct}",
            1_523_590_121 + i * 37,
            one(&mut rng, &["WV", "NC", "SLA", "EV"], ""),
            rng.below(99_999_999),
            rng.below(9_999_999),
            1 + rng.below(15),
        );
    }
    out
}

fn one<T: Copy>(rng: &mut Rng, items: &[T], none: T) -> T {
    rng.pick(items).copied().unwrap_or(none)
}

#[cfg(test)]
mod tests {
    use super::requests_csv;

    #[test]
    fn the_file_has_its_shape_and_repeats() {
        let text = requests_csv(2_000, 1);
        assert_eq!(text, requests_csv(2_000, 1));
        assert_eq!(text.lines().count(), 2_001);
        let fields = |line: &str| line.split(',').count() - line.matches(", ").count();
        assert!(text.lines().all(|line| fields(line) == 19), "19 columns; the address holds a quoted comma");
        assert!(text.contains(",,Bulky Items,") && text.contains(",Open,"), "some are not closed");
    }
}
