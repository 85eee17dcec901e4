//! What is sold and repaired, and to whom.

use docket_faultvfs::Rng;

/// Products by the default policy's ids, with models.
pub(super) const PRODUCTS: [(&str, &str); 8] = [
    ("air_conditioner", "KFR-35GW"),
    ("air_conditioner", "KFR-72LW"),
    ("washing_machine", "XQG100"),
    ("washing_machine", "XQB80"),
    ("refrigerator", "BCD-470"),
    ("refrigerator", "BCD-216"),
    ("water_heater", "ES60H"),
    ("water_heater", "ES80V"),
];

const FAMILY: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林",
    "罗",
];
const GIVEN: [&str; 16] =
    ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明"];
const STREETS: [&str; 12] = [
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "新华街",
    "长江路",
    "黄河路",
    "青年路",
    "胜利街",
    "东风路",
    "文化路",
];

/// A customer of their own for each job: no two share a phone or an address.
pub(super) struct Customer {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) address: String,
}

pub(super) fn customer(rng: &mut Rng, number: u32) -> Customer {
    let pick = |rng: &mut Rng, words: &[&'static str]| rng.pick(words).copied().unwrap_or_default();
    let (family, first, second) = (pick(rng, &FAMILY), pick(rng, &GIVEN), pick(rng, &GIVEN));
    let street = pick(rng, &STREETS);
    Customer {
        name: format!("{family}{first}{second}"),
        phone: format!("+8613{:09}", 100_000_000_u64 + u64::from(number)),
        address: format!("{street}{}号{}室", 1 + number / 50, 101 + number % 50),
    }
}
