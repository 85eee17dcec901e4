//! Everything that people read can be read in Chinese, and what programs read is the same in every language.

use crate::company::Company;
use crate::env::{Env, Ran, finish};

fn zh(company: &Company, args: &[&str]) -> Ran {
    let mut all = vec!["--lang", "zh"];
    all.extend(args);
    company.office(&all)
}

/// How many columns a text takes on a terminal.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if ('\u{1100}'..='\u{ffdc}').contains(&c) { 2 } else { 1 }).sum()
}

#[test]
fn help_is_in_the_language_asked_for_and_fits_a_narrow_terminal() {
    let env = Env::new();
    for args in [&["--help"][..], &["check", "--help"], &["job", "-h"], &["relay", "serve", "--help"]] {
        let mut command = env.command("store", args);
        let help = finish(command.args(["--lang", "zh"]).env("COLUMNS", "60").output().unwrap()).ok();
        assert!(help.contains("用法：") && help.contains("显示帮助"), "{help}");
        for english in ["Usage:", "Options:", "Arguments:", "Commands:", "Print help", "[default:", "Examples:"] {
            assert!(!help.contains(english), "{args:?}: {english}\n{help}");
        }
        // What can be broken is: only words without a place to break may stand out.
        let wide: Vec<_> = help
            .lines()
            .filter(|line| columns(line) > 60 && line.chars().any(|c| c > '\u{2fff}') && !line.contains("docket "))
            .collect();
        assert!(wide.is_empty(), "{args:?}: {wide:#?}");
    }
    let mut command = env.command("store", &["job", "--help"]);
    let help = finish(command.env("DOCKET_LANG", "zh_CN.UTF-8").output().unwrap()).ok();
    assert!(help.contains("受理新工单"), "{help}");
}

#[test]
fn errors_hints_and_warnings_are_in_the_language_asked_for() {
    let company = Company::new();
    let job = company.installation(&[]);
    let err = zh(&company, &["frob"]).fails(2);
    assert!(err.contains("错误：没有子命令 'frob'") && err.contains("更多信息请用"), "{err}");
    let err = zh(&company, &["check", "K7"]).fails(2);
    assert!(err.contains("缺少下列必需的参数"), "{err}");
    // The library's errors too, with names and numbers in them.
    let err = zh(&company, &["job", "reopen", &job, "--reason", "x"]).fails(2);
    assert!(err.contains("错误：此工单未完：新建"), "{err}");
    let err = zh(&company, &["read", &job, "A1", "0.3", "volt"]).fails(2);
    assert!(err.contains("步骤 A1 以 ohm（Ω）测量，不用 `volt`"), "{err}");
    assert!(err.contains("建议：请换算数值：docket read"), "{err}");
    let err = zh(&company, &["job", "show", "zzzz"]).fails(2);
    assert!(err.contains("没有叫 `zzzz` 的对象") && err.contains("请用工单码"), "{err}");
}

#[test]
fn columns_stay_aligned_where_characters_are_two_columns_wide() {
    let company = Company::new();
    for (product, name) in [("洗衣机", "张敏"), ("fridge", "Li"), ("空调 KFR-35", "欧阳建国")] {
        company
            .office(&[
                "job",
                "new",
                "--kind",
                "repair",
                "--product",
                product,
                "--customer-name",
                name,
                "--address",
                "青岛",
            ])
            .ok();
    }
    let listed = zh(&company, &["job", "list"]).ok();
    let mut lines = listed.lines();
    let header = lines.next().unwrap();
    assert!(header.starts_with("工单") && header.contains("状态") && header.contains("地点"), "{listed}");
    let place = columns(&header[..header.find("地点").unwrap()]);
    for line in lines {
        assert!(line.contains("维修"), "{listed}");
        assert_eq!(columns(&line[..line.find("青岛").unwrap()]), place, "{listed}");
    }
    // Nor does a narrow terminal tear them apart.
    let mut command = company.env.command(crate::company::OFFICE, &["--lang", "zh", "job", "list"]);
    let narrow = finish(command.env("COLUMNS", "50").output().unwrap()).ok();
    assert!(narrow.lines().all(|line| columns(line) <= 50), "{narrow}");
}

#[test]
fn what_programs_read_is_the_same_in_every_language() {
    let company = Company::new();
    let job = company.installation(&[]);
    for args in [&["job", "show", &job][..], &["status"], &["roster", "show"], &["job", "list"]] {
        let mut args = args.to_vec();
        args.push("--json");
        assert_eq!(zh(&company, &args).ok(), company.office(&args).ok());
    }
    let mut args = vec!["job", "show", "zzzz", "--json"];
    let (chinese, english) = (zh(&company, &args).fails(2), company.office(&args).fails(2));
    assert_eq!(chinese, english);
    args.pop();
    assert_ne!(zh(&company, &args).fails(2), company.office(&args).fails(2));
}

/// What stands between a tag of one of these names and its end.
fn within<'p>(page: &'p str, tags: &[&str]) -> Vec<&'p str> {
    let mut found = Vec::new();
    for tag in tags {
        for piece in page.split(&format!("<{tag}")).skip(1).filter(|piece| piece.starts_with(['>', ' '])) {
            let inside = piece.split_once('>').and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")));
            found.extend(inside.map(|(inside, _)| inside));
        }
    }
    found
}

#[test]
fn every_page_for_paper_is_in_the_language_asked_for() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(crate::company::OFFICE, "T-042");
    company.install("T-042", &job);
    company.hand_over("T-042", crate::company::OFFICE);
    company.office(&["person", "rate", "T-042", "peer", "80", "--publish"]).ok();
    let card = zh(&company, &["card", &job]).ok();
    zh(&company, &["report", "visit", &job, "--html", "visit.html"]).ok();
    let visit = std::fs::read_to_string(company.env.path("visit.html")).unwrap();
    let years = ["--from", "2000-01-01", "--until", "2100-12-31"];
    let report = |more: &[&str]| zh(&company, &[&["report"][..], more, &["--format", "html"], &years].concat()).ok();
    let (all, published) = (report(&["all"]), report(&["technicians", "--publishable"]));
    for (name, page) in [("card", &card), ("visit", &visit), ("all", &all), ("published", &published)] {
        assert!(page.contains("lang=\"zh-Hans\""), "{name}");
        let heads = within(page, &["h1", "h2", "th", "dt"]);
        let chinese = |text: &&str| text.is_empty() || text.chars().any(|c| c > '\u{2fff}');
        let english: Vec<_> = heads.iter().filter(|text| !chinese(text)).collect();
        assert!(!heads.is_empty() && english.is_empty(), "{name}: {english:?}");
        // `DOCKET_LANG` asks for the same.
        assert!(!page.contains("lang=\"en\""), "{name}");
    }
    assert!(visit.contains("此签字涵盖以上全部检查结果") && card.contains("安全测电") && card.contains("一次就好"));
    let plain = company.office(&["card", &job]).ok();
    assert!(plain.contains("lang=\"en\"") && !plain.contains("一次就好"));
}
