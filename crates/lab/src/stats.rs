//! Medians, bootstrap intervals and paired ratios.
//!
//! Start-up times are skewed and have outliers, so the median leads, and its
//! interval is bootstrapped instead of assumed normal. Two recipes are
//! compared round by round, because whatever disturbs a round disturbs both.

use elfin_schema::{Interval, Ratio, Series};

const RESAMPLES: usize = 2000;
/// Five pairs lie all on one side of 1 by chance in one case of sixteen, six in one of thirty-two.
const ENOUGH: usize = 6;
/// The same samples always give the same interval.
const SEED: u64 = 0x00E1_F100;

/// The median of samples; 0 for none.
pub fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    median_in_place(&mut sorted)
}

fn median_in_place(samples: &mut [f64]) -> f64 {
    let count = samples.len();
    if count == 0 {
        return 0.0;
    }
    let (below, middle, _) = samples.select_nth_unstable_by(count / 2, f64::total_cmp);
    let middle = *middle;
    if count % 2 == 1 {
        return middle;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, middle)
}

/// The bootstrap 95 % interval of the median (percentile method).
fn interval(samples: &[f64]) -> Interval {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut resample = vec![0.0; samples.len()];
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            for place in &mut resample {
                *place = samples[random.usize(..samples.len())];
            }
            median_in_place(&mut resample)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    Interval { low: medians[RESAMPLES * 25 / 1000], high: medians[RESAMPLES * 975 / 1000 - 1] }
}

/// Describes a series; `None` where there are no samples.
pub fn describe(samples: &[f64]) -> Option<Series> {
    if samples.is_empty() {
        return None;
    }
    let count = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / count;
    let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
    let deviation = if samples.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 };
    Some(Series {
        samples: samples.len(),
        median: median(samples),
        interval: interval(samples),
        mean,
        deviation,
        min: samples.iter().copied().fold(f64::INFINITY, f64::min),
        max: samples.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

/// Compares pairs of (this, baseline), one pair a round; `None` where there are none.
pub fn compare(pairs: &[(f64, f64)]) -> Option<Ratio> {
    let ratios: Vec<f64> =
        pairs.iter().filter(|(_, base)| *base > 0.0).map(|(this, base)| this / base).collect();
    if ratios.is_empty() {
        return None;
    }
    let interval = interval(&ratios);
    // The interval alone would not know that three pairs prove nothing.
    let differs = ratios.len() >= ENOUGH && (interval.low > 1.0 || interval.high < 1.0);
    Some(Ratio { median: median(&ratios), interval, differs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_lies_between_the_middle_two() {
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&[9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn an_outlier_moves_the_mean_and_not_the_median() {
        let series = describe(&[1.0, 1.0, 1.0, 1.0, 100.0]).unwrap();
        assert_eq!(series.median, 1.0);
        assert_eq!(series.mean, 20.8);
        assert!(series.interval.low <= series.median && series.median <= series.interval.high);
    }

    #[test]
    fn noise_around_one_shows_no_difference_and_a_doubling_does() {
        let noise: Vec<_> = (0..20).map(|i| (10.0 + f64::from(i % 5) - 2.0, 10.0)).collect();
        assert!(!compare(&noise).unwrap().differs);
        let double: Vec<_> = (0..20).map(|i| (20.0 + f64::from(i % 5), 10.0)).collect();
        let ratio = compare(&double).unwrap();
        assert!(ratio.differs && ratio.interval.low > 1.9);
    }

    #[test]
    fn three_pairs_show_no_difference_whatever_they_are() {
        assert!(!compare(&[(9.0, 1.0); 3]).unwrap().differs);
        assert!(compare(&[(9.0, 1.0); 6]).unwrap().differs);
    }

    #[test]
    fn the_interval_is_the_same_each_time() {
        let samples: Vec<f64> = (0..30).map(|i| f64::from(i * 7 % 30)).collect();
        assert_eq!(interval(&samples), interval(&samples));
    }
}
