//! Clocks tick the same on every device, whatever the zone does to its days, and never wrap.

use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::place::at_time;
use super::*;
use crate::time::MINUTE_MS;

const HOUR_MS: i64 = 60 * MINUTE_MS;

fn at(text: &str) -> UnixMs {
    UnixMs::parse(text).unwrap()
}

fn place(name: &str) -> Place {
    Place::in_zone(zone(name).unwrap())
}

fn located(name: &str, latitude: f64, longitude: f64) -> Place {
    Place { coordinates: Some((latitude, longitude)), ..place(name) }
}

const SUNDOWN: Sundown = Sundown { fallback: time(18, 0, 0, 0), never_after: None, without_place: false, next: true };

#[test]
fn the_sun_sets_as_almanacs_have_it() {
    // From the almanac of the United States Naval Observatory, local times to the minute.
    for (name, latitude, longitude, day, expect) in [
        ("Asia/Shanghai", 31.23, 121.47, date(2026, 6, 21), "2026-06-21T19:01:00+08:00"),
        ("Asia/Shanghai", 39.90, 116.40, date(2026, 12, 22), "2026-12-22T16:53:00+08:00"),
        ("America/New_York", 40.71, -74.01, date(2026, 3, 20), "2026-03-20T19:09:00-04:00"),
        ("Australia/Sydney", -33.87, 151.21, date(2026, 12, 22), "2026-12-22T20:06:00+11:00"),
    ] {
        let set = sunset(&located(name, latitude, longitude), day).unwrap();
        let off = set.0 - at(expect).0;
        assert!(off.abs() <= 90_000, "{name} {day}: off by {off} ms");
        assert_eq!(set.0 % 1000, 0);
    }
}

#[test]
fn sundown_is_that_of_the_local_day_even_where_the_zone_is_far_from_the_sun() {
    // Kiritimati is a day ahead of its meridian, Kashgar keeps Beijing's time.
    for (name, latitude, longitude) in [("Pacific/Kiritimati", 1.87, -157.4), ("Asia/Shanghai", 39.47, 75.99)] {
        let place = located(name, latitude, longitude);
        for day in 1..=28 {
            let day = date(2026, 2, day);
            assert_eq!(place.day(sunset(&place, day).unwrap()), Some(day), "{name}");
        }
    }
}

#[test]
fn what_comes_after_sunset_is_due_by_the_next() {
    let shanghai = located("Asia/Shanghai", 31.23, 121.47);
    let set = sunset(&shanghai, date(2026, 3, 2)).unwrap();
    assert_eq!(sundown(&SUNDOWN, &shanghai, UnixMs(set.0 - 1)), Some(set));
    assert_eq!(sundown(&SUNDOWN, &shanghai, set), Some(set));
    assert_eq!(sundown(&SUNDOWN, &shanghai, UnixMs(set.0 + 1)), sunset(&shanghai, date(2026, 3, 3)));
    let same_day = Sundown { next: false, ..SUNDOWN };
    assert_eq!(sundown(&same_day, &shanghai, UnixMs(set.0 + 1)), Some(at("2026-03-03T00:00:00+08:00")));
}

#[test]
fn polar_day_and_polar_night_take_the_fallback() {
    let tromso = located("Europe/Oslo", 69.65, 18.96);
    for (day, expect) in [("2026-06-21", "2026-06-21T18:00:00+02:00"), ("2026-12-21", "2026-12-21T18:00:00+01:00")] {
        assert_eq!(sunset(&tromso, day.parse().unwrap()), None);
        assert_eq!(sundown(&SUNDOWN, &tromso, at(&format!("{day}T09:00:00Z"))), Some(at(expect)));
    }
    let capped = Sundown { never_after: Some(time(20, 0, 0, 0)), ..SUNDOWN };
    let late = sundown(&capped, &located("Europe/Oslo", 59.9, 10.75), at("2026-06-21T09:00:00Z"));
    assert_eq!(late, Some(at("2026-06-21T20:00:00+02:00")), "the sun sets at 22:43");
}

#[test]
fn an_unknown_place_is_undecidable_unless_policy_says_otherwise() {
    let somewhere = place("Asia/Shanghai");
    let received = at("2026-03-02T09:00:00+08:00");
    assert_eq!(sundown(&SUNDOWN, &somewhere, received), None);
    let lenient = Sundown { without_place: true, ..SUNDOWN };
    assert_eq!(sundown(&lenient, &somewhere, received), Some(at("2026-03-02T18:00:00+08:00")));
    assert_eq!(sunset(&located("UTC", 91.0, 0.0), date(2026, 3, 2)), None);
}

#[test]
fn days_are_as_long_as_the_zone_makes_them() {
    for (name, day, hours) in [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/New_York", date(2028, 2, 29), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24), // and a half
        ("Africa/Cairo", date(2026, 4, 24), 23),       // midnight itself is jumped over
    ] {
        let zone = zone(name).unwrap();
        let length = start_of_day(day.tomorrow().unwrap(), &zone).unwrap().0 - start_of_day(day, &zone).unwrap().0;
        assert_eq!(length / HOUR_MS, hours, "{name} {day}");
    }
}

fn hours(text: &str) -> Hours {
    Hours::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn opening_hours_are_read_strictly() {
    for good in ["24/7", "mo-fr 08:00-18:00, sa 09:00-13:00", "mo-su 00:00-24:00", "mo 08:00-12:00; mo 13:00-17:00"] {
        hours(good);
    }
    for bad in [
        "",
        "always",
        "mo",
        "mo 8-18",
        "mo 08:00",
        "fr-mo 08:00-18:00",
        "mo 18:00-08:00",
        "mo 08:00-24:01",
        "mo 08:00-12:00, mo 11:00-13:00",
        "xx 08:00-18:00",
        "mo 08:00-08:00",
        "mo 08:60-09:00",
        "mo +8:00-09:00",
    ] {
        assert_eq!(Hours::parse(bad), None, "{bad}");
    }
}

#[test]
fn d_c7_a_calendar_stops_the_clock_when_the_place_is_closed() {
    let outlet = Place { hours: hours("mo-fr 08:00-18:00"), ..place("Asia/Shanghai") };
    let due = |from: &str, minutes: i64| span(at(from), minutes * MINUTE_MS, &[], None, &outlet).unwrap().due;
    assert_eq!(due("2026-03-02T09:00:00+08:00", 60), at("2026-03-02T10:00:00+08:00"));
    assert_eq!(due("2026-03-06T17:30:00+08:00", 60), at("2026-03-09T08:30:00+08:00"), "over a weekend");
    assert_eq!(due("2026-03-06T20:00:00+08:00", 60), at("2026-03-09T09:00:00+08:00"));
    assert_eq!(due("2026-03-02T08:00:00+08:00", 600), at("2026-03-02T18:00:00+08:00"), "to the very end of the day");
    assert!(span(at("2026-03-02T09:00:00Z"), i64::MAX, &[], None, &outlet).is_none(), "beyond ten years");
}

fn pause(from: i64, to: Option<i64>) -> Pause {
    Pause { from: UnixMs(from), to: to.map(UnixMs) }
}

#[test]
fn pauses_move_the_due_time() {
    let utc = place("UTC");
    let spent = |pauses: &[Pause], stop: Option<i64>| {
        let spent = span(UnixMs(0), 100, pauses, stop.map(UnixMs), &utc).unwrap();
        (spent.due.0, spent.paused.map(|paused| paused.0))
    };
    assert_eq!(spent(&[], None), (100, None));
    assert_eq!(spent(&[pause(20, Some(30))], None), (110, None));
    assert_eq!(spent(&[pause(20, Some(30)), pause(25, Some(40))], None), (120, None), "overlapping ones count once");
    assert_eq!(spent(&[pause(-50, Some(10))], None), (110, None), "only from the start on");
    assert_eq!(spent(&[pause(100, Some(500))], None), (100, None), "one that began when it was due");
    assert_eq!(spent(&[pause(105, Some(500))], None), (100, None), "one after it was due");
    assert_eq!(spent(&[pause(50, None)], None), (100, Some(50)));
    assert_eq!(spent(&[pause(10, Some(20)), pause(50, None)], None), (110, Some(50)));
    assert_eq!(spent(&[pause(50, None)], Some(500)), (550, None), "stopped while it was paused");
    assert_eq!(spent(&[pause(150, None)], None), (100, None), "overdue before the pause");
    assert_eq!(spent(&[pause(30, Some(10))], None), (100, None), "clocks that disagree make no pause");
}

#[test]
fn a_pause_over_midnight_and_a_change_of_the_clocks_is_as_long_as_it_was() {
    let outlet = place("Europe/Berlin");
    let (from, to) = (at("2026-03-28T22:00:00+01:00"), at("2026-03-29T08:00:00+02:00"));
    let start = at("2026-03-28T20:00:00+01:00");
    let spent = span(start, 24 * HOUR_MS, &[Pause { from, to: Some(to) }], None, &outlet).unwrap();
    assert_eq!(spent.due.0 - start.0, 24 * HOUR_MS + 9 * HOUR_MS, "nine hours passed, whatever the wall says");
}

#[test]
fn a_daily_duty_lapses_at_the_end_of_the_first_local_day_without_contact() {
    let outlet = place("Asia/Shanghai");
    let start = at("2026-03-02T23:50:00+08:00");
    let missing = |contacts: &[&str], each_day| {
        let contacts: Vec<UnixMs> = contacts.iter().map(|text| at(text)).collect();
        first_missing_day(start, &contacts, each_day, &outlet).unwrap()
    };
    let end = |text: &str| at(&format!("{text}T00:00:00+08:00"));
    assert_eq!(missing(&[], 1), Duty { due: end("2026-03-04"), went_on: false });
    assert_eq!(missing(&["2026-03-03T00:00:00+08:00"], 1), Duty { due: end("2026-03-05"), went_on: false });
    assert_eq!(missing(&["2026-03-03T09:00:00+08:00"], 2), Duty { due: end("2026-03-04"), went_on: false });
    let late = ["2026-03-03T09:00:00+08:00", "2026-03-05T09:00:00+08:00"];
    assert_eq!(missing(&late, 1), Duty { due: end("2026-03-05"), went_on: true });
}

#[test]
fn a_gap_is_measured_from_contact_to_contact() {
    let gap = |contacts: &[i64]| {
        let contacts: Vec<UnixMs> = contacts.iter().map(|minute| UnixMs(minute * MINUTE_MS)).collect();
        let duty = first_gap(UnixMs(0), &contacts, 60);
        (duty.due.0 / MINUTE_MS, duty.went_on)
    };
    assert_eq!(gap(&[]), (60, false));
    assert_eq!(gap(&[60, 120]), (180, false));
    assert_eq!(gap(&[61]), (60, true));
    assert_eq!(gap(&[30, 91, 92]), (90, true));
}

#[test]
fn d_k5_what_is_due_next_is_the_earliest_that_still_runs() {
    let running = |due: i64| Times { start_ms: Some(UnixMs(0)), due_ms: Some(UnixMs(due)), ..Times::default() };
    let overdue = running(50);
    let paused = Times { paused_ms: Some(UnixMs(10)), ..running(110) };
    let met = Times { stop_ms: Some(UnixMs(5)), ..running(101) }.settle();
    let quiet = Times::quiet(UnixMs(0), UnixMs(102), None);
    let all = [running(300), overdue, paused, met, quiet, running(200), running(400)];
    assert_eq!(next_due(&all, UnixMs(100)).unwrap().due_ms, Some(UnixMs(200)));
    assert_eq!(next_due(&all, UnixMs(1000)), None);
}

fn zones() -> impl Strategy<Value = Place> {
    static NAMES: [&str; 10] = [
        "UTC",
        "Asia/Shanghai",
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Antarctica/Troll",
    ];
    static HOURS: [&str; 4] = ["24/7", "mo-fr 08:00-18:00", "mo-su 00:00-24:00", "sa 01:30-02:30, su 00:00-03:00"];
    (prop::sample::select(&NAMES[..]), -90.0..=90.0f64, -180.0..=180.0f64, prop::sample::select(&HOURS[..])).prop_map(
        |(name, latitude, longitude, hours)| {
            let coordinates = Some((latitude, longitude));
            Place { coordinates, hours: Hours::parse(hours).unwrap(), zone: zone(name).unwrap() }
        },
    )
}

/// Instants from 1990 to 2100: every rule of the zones, leap days too.
fn instants() -> impl Strategy<Value = UnixMs> {
    (631_152_000_000..4_102_444_800_000i64).prop_map(UnixMs)
}

fn any_ms() -> impl Strategy<Value = Option<UnixMs>> {
    let ends = prop::sample::select(&[i64::MIN, -1, 0, 1, i64::MAX][..]);
    prop::option::of(prop_oneof![ends, any::<i64>(), 0..1000i64].prop_map(UnixMs))
}

fn any_times() -> impl Strategy<Value = Times> {
    let settled = prop::option::of(prop::sample::select(
        &[Settled::Met, Settled::Breached, Settled::Undecidable, Settled::NotApplicable, Settled::Quiet][..],
    ));
    (any_ms(), any_ms(), any_ms(), any_ms(), settled).prop_map(|(start_ms, due_ms, stop_ms, paused_ms, settled)| {
        Times { start_ms, due_ms, stop_ms, paused_ms, settled }
    })
}

fn is_final(state: ClockVerdict) -> bool {
    !matches!(state, ClockVerdict::Running | ClockVerdict::Paused)
}

proptest! {
    #[test]
    fn what_is_met_or_breached_stays_so(times in any_times(), first in any::<i64>(), later in any::<i64>()) {
        let times = times.settle();
        let (first, later) = (UnixMs(first.min(later)), UnixMs(first.max(later)));
        let (before, after) = (judge(&times, first), judge(&times, later));
        prop_assert!(!is_final(before.state) || before.state == after.state, "{before:?} {after:?}");
        prop_assert!(before.due_ms == after.due_ms, "a due time does not depend on who asks when");
    }

    #[test]
    fn slack_is_what_is_left_and_never_wraps(times in any_times(), now in any::<i64>()) {
        let judged = judge(&times.settle(), UnixMs(now));
        if let Some(slack) = judged.slack_ms {
            prop_assert!(judged.state != ClockVerdict::Running || slack >= 0);
            prop_assert!(judged.state != ClockVerdict::Paused || slack >= 0);
        }
    }

    #[test]
    fn sundown_comes_within_two_local_days(place in zones(), start in instants(), next in any::<bool>()) {
        let due = sundown(&Sundown { next, ..SUNDOWN }, &place, start).unwrap();
        prop_assert!(due >= start);
        let (from, to) = (place.day(start).unwrap(), place.day(due).unwrap());
        prop_assert!(to == from || to == from.tomorrow().unwrap());
    }

    #[test]
    fn a_span_is_no_shorter_than_its_minutes(place in zones(), start in instants(), minutes in 0..6000i64) {
        let spent = span(start, minutes * MINUTE_MS, &[], None, &place).unwrap();
        prop_assert!(spent.due.0 - start.0 >= minutes * MINUTE_MS);
        prop_assert!(!place.hours.is_always() || spent.due.0 - start.0 == minutes * MINUTE_MS);
        let more = span(start, (minutes + 1) * MINUTE_MS, &[], None, &place).unwrap();
        prop_assert!(more.due > spent.due);
    }

    #[test]
    fn pauses_only_ever_give_time(
        place in zones(),
        start in instants(),
        minutes in 1..3000i64,
        pauses in prop::collection::vec((-5000..20_000i64, prop::option::of(0..3000i64)), 0..6),
        stop in prop::option::of(0..20_000i64),
    ) {
        let minute = |minute: i64| UnixMs(start.0 + minute * MINUTE_MS);
        let pauses: Vec<Pause> = pauses
            .iter()
            .map(|(from, length)| Pause { from: minute(*from), to: length.map(|length| minute(from + length)) })
            .collect();
        let plain = span(start, minutes * MINUTE_MS, &[], None, &place).unwrap();
        let paused = span(start, minutes * MINUTE_MS, &pauses, stop.map(minute), &place).unwrap();
        prop_assert!(paused.due >= plain.due);
        prop_assert!(paused.paused.is_none_or(|from| from >= start && from <= paused.due && stop.is_none()));
        let mut turned = pauses.clone();
        turned.reverse();
        prop_assert_eq!(span(start, minutes * MINUTE_MS, &turned, stop.map(minute), &place), Some(paused));
        // Against a slow count, minute by minute.
        if stop.is_none() && pauses.iter().all(|pause| pause.to.is_some()) {
            prop_assert_eq!(paused.due, slowly(start, minutes, &pauses, &place));
        }
    }

    #[test]
    fn extremes_neither_wrap_nor_panic(place in zones(), start in any::<i64>(), need in any::<i64>(), other in any::<i64>()) {
        let pauses = [pause(other, None), pause(need, Some(other)), pause(i64::MIN, Some(i64::MAX))];
        let _ = span(UnixMs(start), need, &pauses, Some(UnixMs(other)), &place);
        let _ = span(UnixMs(start), need, &pauses[..1], None, &place);
        let _ = sundown(&SUNDOWN, &place, UnixMs(start));
        let _ = first_missing_day(UnixMs(start), &[UnixMs(other)], 1, &place);
        let _ = first_gap(UnixMs(start), &[UnixMs(other), UnixMs(need)], need);
    }

    #[test]
    fn a_daily_duty_asks_for_every_local_day_once(place in zones(), start in instants(), days in 1..30u32) {
        let mut day = place.day(start).unwrap();
        let mut contacts = Vec::new();
        for _ in 0..days {
            day = day.tomorrow().unwrap();
            // The very last moment of that day; Apia had no 30 December 2011 at all.
            let (begin, end) = (start_of_day(day, &place.zone), start_of_day(day.tomorrow().unwrap(), &place.zone));
            if end > begin {
                contacts.push(UnixMs(end.unwrap().0 - 1));
            }
        }
        let duty = first_missing_day(start, &contacts, 1, &place).unwrap();
        let last = place.day(*contacts.last().unwrap()).unwrap();
        prop_assert!(place.day(UnixMs(duty.due.0 - 1)).unwrap() > last, "every day had its contact");
        prop_assert!(!duty.went_on);
        contacts.reverse();
        prop_assert_eq!(first_missing_day(start, &contacts, 1, &place).unwrap(), duty);
        let missed = contacts.remove(contacts.len() / 2);
        let lapse = first_missing_day(start, &contacts, 1, &place).unwrap();
        prop_assert_eq!(place.day(UnixMs(lapse.due.0 - 1)), place.day(missed));
    }
}

/// The same as [`span`], counted one minute at a time.
fn slowly(start: UnixMs, minutes: i64, pauses: &[Pause], place: &Place) -> UnixMs {
    let mut left = minutes * MINUTE_MS;
    let mut now = start.0;
    let zone: &TimeZone = &place.zone;
    let mut day: Date = place.day(start).unwrap();
    let mut open = place.hours.of_day(day, place);
    loop {
        let step = MINUTE_MS - now.rem_euclid(MINUTE_MS);
        // Pauses begin and end at whole minutes from the start, opening hours at whole minutes of the clock.
        let next = [now + step, start.0 + ((now - start.0) / MINUTE_MS + 1) * MINUTE_MS].into_iter().min().unwrap();
        let is_paused = pauses.iter().any(|pause| pause.from.0 <= now && pause.to.unwrap().0 > now);
        let is_open = open.iter().any(|(from, to)| from.0 <= now && to.0 > now);
        if is_open && !is_paused {
            let worked = (next - now).min(left);
            left -= worked;
            if left == 0 {
                return UnixMs(now + worked);
            }
        }
        now = next;
        if now >= at_time(day, 24 * 60, zone).unwrap().0 {
            day = day.tomorrow().unwrap();
            open = place.hours.of_day(day, place);
        }
    }
}
