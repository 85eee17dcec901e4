//! What a customer is worth, and what dissatisfied ones cost (D-V1 to D-V5): ranks complaints and lapsed customers.
//!
//! Sums are in a currency's major unit and are rounded once, at the end. Only additions, multiplications and divisions
//! take part, so that every device computes the same.

/// What is assumed about customers. Percentages are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assumptions {
    /// The first purchase.
    pub first_purchase: f64,
    /// What winning the customer cost.
    pub acquiring: f64,
    /// What the customer brings each year.
    pub yearly: f64,
    /// Interest a year, percent.
    pub rate_percent: f64,
    /// Years that the customer stays.
    pub years: u32,
    /// What a satisfied customer adds, now and each year.
    pub adds: f64,
    /// Harm to the good name when the customer is lost, percent of the customer's worth.
    pub goodwill_percent: f64,
    /// Of a hundred dissatisfied customers, so many complain.
    pub complain_percent: f64,
}

impl Assumptions {
    /// The example of the source.
    pub const EXAMPLE: Self = Self {
        first_purchase: 2_000.0,
        acquiring: 400.0,
        yearly: 500.0,
        rate_percent: 9.0,
        years: 5,
        adds: 300.0,
        goodwill_percent: 15.0,
        complain_percent: 10.0,
    };

    /// What one unit a year is worth today: (1 − (1+r)^−N) / r; without interest, the number of years.
    pub fn annuity(&self) -> f64 {
        let rate = self.rate_percent / 100.0;
        if rate == 0.0 {
            return f64::from(self.years);
        }
        let mut discount = 1.0;
        for _ in 0..self.years {
            discount /= 1.0 + rate;
        }
        (1.0 - discount) / rate
    }

    /// A customer's worth (D-V1).
    pub fn worth(&self) -> f64 {
        self.first_purchase - self.acquiring + self.yearly * self.annuity()
    }

    /// What a customer adds who buys more, now and each year (D-V2).
    pub fn added(&self) -> f64 {
        self.adds + self.adds * self.annuity()
    }

    /// What losing such a customer costs, harm to the good name included (D-V3).
    pub fn loss(&self) -> f64 {
        (self.worth() + self.added()) * (1.0 + self.goodwill_percent / 100.0)
    }

    /// What a year's complaints tell about the market (D-V4).
    pub fn market(&self, complaints: u32, settled: u32) -> Market {
        let complaints_f = f64::from(complaints);
        let share = self.complain_percent / 100.0;
        let dissatisfied = if share > 0.0 { (complaints_f / share).round() } else { complaints_f };
        let silent = (dissatisfied - complaints_f).max(0.0);
        let unsettled = f64::from(complaints.saturating_sub(settled));
        // The source multiplies the loss of one customer as it prints it, in whole units.
        let one = self.loss().round();
        Market { dissatisfied: dissatisfied as u64, loss: (one * silent + one * unsettled).round() }
    }
}

/// What complaints tell about all customers (D-V4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Market {
    /// Dissatisfied customers, silent ones included.
    pub dissatisfied: u64,
    /// What losing the silent ones and those whose complaint was not settled costs.
    pub loss: f64,
}

/// Years that a customer stays, of the share lost each year in percent (D-V5); `None` = nobody is ever lost.
pub fn staying_years(lost_percent: f64) -> Option<f64> {
    (lost_percent > 0.0).then(|| 100.0 / lost_percent)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "sums that are exact, or rounded before they are compared")]
mod tests {
    use super::*;

    const EXAMPLE: Assumptions = Assumptions::EXAMPLE;

    #[test]
    fn d_v1_a_customer_is_worth_3545() {
        assert_eq!(EXAMPLE.worth().round(), 3_545.0);
        let without_interest = Assumptions { rate_percent: 0.0, ..EXAMPLE };
        assert_eq!(without_interest.worth(), 2_000.0 - 400.0 + 5.0 * 500.0);
    }

    #[test]
    fn d_v2_one_who_adds_300_now_and_each_year_brings_1467_more() {
        assert_eq!(EXAMPLE.added().round(), 1_467.0);
        assert_eq!((EXAMPLE.worth() + EXAMPLE.added()).round(), 5_012.0);
    }

    #[test]
    fn d_v3_losing_them_costs_5763_rounded_only_at_the_end() {
        assert_eq!((EXAMPLE.loss() * 100.0).round(), 576_348.0);
        assert_eq!(EXAMPLE.loss().round(), 5_763.0);
    }

    #[test]
    fn d_v4_a_hundred_complaints_of_which_65_are_settled_cost_over_five_million() {
        let market = EXAMPLE.market(100, 65);
        assert_eq!(market, Market { dissatisfied: 1_000, loss: 5_388_405.0 });
        // The other figure of the chapter: 17 of 100 complain.
        let other = Assumptions { complain_percent: 17.0, ..EXAMPLE }.market(100, 65);
        assert_eq!(other.dissatisfied, 588);
        assert_eq!(EXAMPLE.market(0, 0).loss, 0.0);
        assert_eq!(EXAMPLE.market(10, 20).loss, 5_763.0 * 90.0, "more settled than complained is no gain");
    }

    #[test]
    fn d_v5_staying_time_is_the_inverse_of_the_yearly_loss() {
        let years = [20.0, 10.0, 5.0].map(|percent| staying_years(percent).unwrap());
        assert_eq!(years, [5.0, 10.0, 20.0]);
        assert_eq!(staying_years(0.0), None);
    }
}
