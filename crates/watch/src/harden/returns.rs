//! What position independence costs in a year, what it returns, and how that moves.
//!
//! The cost grows with the starts, and the return does not: so it pays *below* a
//! number of starts, and every program that starts seldom is below it. Nothing
//! here knows the probability of an exploit; whoever wants an answer has to say
//! one, and sees what another one would give.

use elfin_schema::{ExtraFrom, ReturnInputs, ReturnModel, Sensitivity};

/// What the order says of the inputs; what it does not say is assumed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReturnOrder {
    /// Starts a day.
    pub starts_a_day: f64,
    /// Milliseconds that a start takes longer; measured where it is not given.
    pub extra_ms: Option<f64>,
    /// What a millisecond costs.
    pub cost_of_ms: f64,
    /// Probability in a year of an exploit that the protection is meant for.
    pub exploits_a_year: f64,
    /// What such an exploit costs.
    pub cost_of_exploit: f64,
    /// Which part of them is stopped.
    pub stopped: f64,
}

impl Default for ReturnOrder {
    fn default() -> ReturnOrder {
        ReturnOrder {
            starts_a_day: 1000.0,
            extra_ms: None,
            // A processor at 0.05 an hour.
            cost_of_ms: 0.05 / 3_600_000.0,
            exploits_a_year: 0.003,
            cost_of_exploit: 100_000.0,
            stopped: 0.5,
        }
    }
}

const DAYS: f64 = 365.25;
const MULTIPLES: [f64; 4] = [0.1, 0.5, 2.0, 10.0];

/// Runs the model.
pub fn returns(order: &ReturnOrder, extra_ms: f64, from: ExtraFrom) -> ReturnModel {
    let inputs = ReturnInputs {
        starts_a_day: order.starts_a_day,
        extra_ms,
        cost_of_ms: order.cost_of_ms,
        exploits_a_year: order.exploits_a_year,
        cost_of_exploit: order.cost_of_exploit,
        stopped: order.stopped,
    };
    let moved = |name: &str, change: fn(&mut ReturnInputs, f64)| Sensitivity {
        input: name.to_owned(),
        break_even: MULTIPLES.map(|multiple| {
            let mut other = inputs;
            change(&mut other, multiple);
            break_even(&other)
        }),
    };
    ReturnModel {
        inputs,
        extra_ms_from: from,
        cost_a_year: cost_of_a_start(&inputs) * inputs.starts_a_day * DAYS,
        return_a_year: return_a_year(&inputs),
        break_even_starts: break_even(&inputs),
        sensitivity: vec![
            moved("extra_ms", |it, by| it.extra_ms *= by),
            moved("cost_of_ms", |it, by| it.cost_of_ms *= by),
            moved("exploits_a_year", |it, by| {
                it.exploits_a_year = (it.exploits_a_year * by).min(1.0);
            }),
            moved("cost_of_exploit", |it, by| it.cost_of_exploit *= by),
            moved("stopped", |it, by| it.stopped = (it.stopped * by).min(1.0)),
        ],
    }
}

fn cost_of_a_start(inputs: &ReturnInputs) -> f64 {
    inputs.extra_ms.max(0.0) * inputs.cost_of_ms
}

fn return_a_year(inputs: &ReturnInputs) -> f64 {
    inputs.exploits_a_year * inputs.stopped * inputs.cost_of_exploit
}

fn break_even(inputs: &ReturnInputs) -> Option<f64> {
    let cost = cost_of_a_start(inputs) * DAYS;
    (cost > 0.0).then(|| return_a_year(inputs) / cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_pays_below_the_break_even_and_not_above() {
        let order = ReturnOrder::default();
        let model = returns(&order, 1.0, ExtraFrom::Given);
        let even = model.break_even_starts.unwrap();
        for (starts, pays) in [(even * 0.9, true), (even * 1.1, false)] {
            let at = returns(&ReturnOrder { starts_a_day: starts, ..order }, 1.0, ExtraFrom::Given);
            assert_eq!(at.return_a_year > at.cost_a_year, pays, "{starts}");
        }
        let slower = model.sensitivity.iter().find(|it| it.input == "extra_ms").unwrap();
        assert!((slower.break_even[2].unwrap() - even / 2.0).abs() < even * 1e-9);
        assert!(returns(&order, 0.0, ExtraFrom::Nothing).break_even_starts.is_none());
        assert!(returns(&order, -1.0, ExtraFrom::Compared).break_even_starts.is_none());
    }
}
