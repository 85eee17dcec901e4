//! `[[price]]` and `[free]`: what may be charged, from when to when, and what never is (D-E9, D-H5).

use jiff::civil::Date;

use super::error::PolicyError;
use super::read::{At, Table};
use crate::money::{Currency, MOST_MINOR};
use crate::time;

/// One line of the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The item, as `charged` facts name it.
    pub item: String,
    /// What one costs, in minor units.
    pub minor: i64,
    /// The most that one may cost where the price is not fixed; the price itself if left out.
    pub max: i64,
    /// The currency.
    pub currency: Currency,
    /// The first day.
    pub from: Date,
    /// The last day; `None` = until further notice.
    pub until: Option<Date>,
    /// What pays for it where the customer is covered: then nothing may be charged (D-E9).
    pub covered_by: Option<String>,
}

impl Price {
    fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// What may be charged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceList {
    /// The lines.
    pub prices: Vec<Price>,
    /// Items that are free for some.
    pub free: Vec<Free>,
}

/// Items that nobody of a group or mode pays for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Free {
    /// The customer group or the service mode; `None` = for everybody.
    pub of: Option<String>,
    /// The items.
    pub items: Vec<String>,
}

impl PriceList {
    /// The price of an item on a day.
    pub fn price(&self, item: &str, currency: &str, on: Date) -> Option<&Price> {
        let mut prices = self.prices.iter().filter(|price| price.item == item && price.currency.as_str() == currency);
        prices.find(|price| price.holds_on(on))
    }

    /// The prices of an item on a day, one for each currency.
    pub fn prices_of<'l>(&'l self, item: &'l str, on: Date) -> impl Iterator<Item = &'l Price> {
        self.prices.iter().filter(move |price| price.item == item && price.holds_on(on))
    }

    /// Whether an item is free for a customer of a group or a job of a mode.
    pub fn is_free(&self, item: &str, group: Option<&str>, mode: Option<&str>) -> bool {
        let lists = self.free.iter().filter(|free| match free.of.as_deref() {
            None => true,
            of => of == group || of == mode,
        });
        lists.flat_map(|free| &free.items).any(|free| free == item)
    }

    /// Whether anything is said about prices.
    pub fn is_empty(&self) -> bool {
        self.prices.is_empty()
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<PriceList, PolicyError> {
    let mut prices: Vec<Price> = Vec::new();
    for table in root.tables("price")? {
        let price = read_price(&table)?;
        let clash = prices.iter().find(|other| {
            let apart = |a: &Price, b: &Price| a.until.is_some_and(|until| until < b.from);
            let same = other.item == price.item && other.currency == price.currency;
            same && !apart(other, &price) && !apart(&price, other)
        });
        if let Some(clash) = clash {
            let what = format!("two prices for `{}` in {} on one day", price.item, price.currency);
            return Err(table.error(what, format!("end the one from {} with `until`", clash.from)));
        }
        prices.push(price);
    }
    Ok(PriceList { prices, free: free(root)? })
}

fn read_price(table: &Table<'_>) -> Result<Price, PolicyError> {
    table.only(&["item", "minor", "max", "currency", "from", "until", "covered_by"])?;
    let minor = table.need("minor")?.int(0..=MOST_MINOR)?;
    let currency = table.text("currency")?;
    let from = date(table, &table.text("from")?)?;
    let until = table.opt_text("until")?;
    let last = until.as_ref().map(|until| date(table, until)).transpose()?;
    if let (Some(until), Some(last)) = (&until, last)
        && last < from
    {
        return Err(table.source.error(&until.span, "the price ends before it begins", ""));
    }
    Ok(Price {
        item: table.text("item")?.value.to_owned(),
        minor,
        max: table.opt_int("max", minor..=MOST_MINOR)?.unwrap_or(minor),
        currency: currency
            .value
            .parse()
            .map_err(|bad: crate::money::BadCurrency| table.source.error(&currency.span, bad.to_string(), ""))?,
        from,
        until: last,
        covered_by: table.opt_text("covered_by")?.map(|text| text.value.to_owned()),
    })
}

fn date(table: &Table<'_>, text: &At<&str>) -> Result<Date, PolicyError> {
    let bad = || table.source.error(&text.span, format!("`{}` is not a day", text.value), "write it as YYYY-MM-DD");
    time::date(text.value).ok_or_else(bad)
}

/// `[free]`: `items` for everybody, every other key a customer group or service mode with its own.
fn free(root: &Table<'_>) -> Result<Vec<Free>, PolicyError> {
    let Some(table) = root.opt_table("free")? else { return Ok(Vec::new()) };
    let read = table.entries().map(|(key, value)| {
        let items = value.texts()?.into_iter().map(|text| text.value.to_owned()).collect();
        Ok(Free { of: (key.value != "items").then(|| key.value.to_owned()), items })
    });
    read.collect()
}
