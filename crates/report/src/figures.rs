//! Numbers as people read them: thousands, byte units, percent, milliseconds, times.
//!
//! The same in both languages. What is not a finite number is a dash, so that
//! no document can print `NaN` or three hundred digits.

use elfin_schema::Interval;

/// Stands where nothing was measured.
pub(crate) const NONE: &str = "–";

/// Groups an exact number by thousands: `11,041,339`.
pub(crate) fn exact(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Groups an exact change by thousands, with its sign: `−3,495,523`.
pub(crate) fn exact_change(change: i64) -> String {
    let sign = match change.signum() {
        -1 => "−",
        1 => "+",
        _ => "",
    };
    format!("{sign}{}", exact(change.unsigned_abs()))
}

/// Bytes in a unit that fits: `10.53 MiB`.
pub(crate) fn human(bytes: u64) -> String {
    const KIB: f64 = 1024.0;
    let bytes_f = bytes as f64;
    if bytes < 1024 {
        format!("{bytes} B")
    } else if bytes_f < KIB * KIB {
        format!("{:.1} KiB", bytes_f / KIB)
    } else if bytes_f < KIB * KIB * KIB {
        format!("{:.2} MiB", bytes_f / (KIB * KIB))
    } else {
        format!("{:.2} GiB", bytes_f / (KIB * KIB * KIB))
    }
}

/// A change in percent, with its sign: `−31.7%`.
pub(crate) fn percent(percent: f64) -> String {
    if !percent.is_finite() || percent.abs() > 1e6 {
        return NONE.to_owned();
    }
    match format!("{:.1}%", percent.abs()) {
        zero if zero == "0.0%" => zero,
        rest => format!("{}{rest}", if percent < 0.0 { '−' } else { '+' }),
    }
}

/// The change from one size to another, percent; `None` from nothing.
pub(crate) fn percent_between(from: u64, to: u64) -> Option<f64> {
    (from > 0).then(|| (to as f64 / from as f64 - 1.0) * 100.0)
}

/// A positive number to three figures: `2.51`, `49.3`, `173`, `1,234`.
fn three_figures(number: f64) -> String {
    match number.abs() {
        size if !size.is_finite() || size > 1e15 => NONE.to_owned(),
        size if size < 9.995 => format!("{number:.2}"),
        size if size < 99.95 => format!("{number:.1}"),
        // Checked above: it fits, and a duration is not negative.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        size => exact(size.round() as u64),
    }
}

/// A number of milliseconds, without the unit.
pub(crate) fn ms(ms: f64) -> String {
    three_figures(ms)
}

/// A number of any size to three figures, large ones in words of ten: `1.35e8`.
pub(crate) fn rough(number: f64) -> String {
    match number.abs() {
        size if !size.is_finite() => NONE.to_owned(),
        size if size >= 1e6 || (size > 0.0 && size < 1e-3) => format!("{number:.2e}"),
        size if size < 0.0995 && size > 0.0 => {
            format!("{number:.4}").trim_end_matches('0').to_owned()
        }
        _ => three_figures(number),
    }
}

/// Half the width of an interval, as `±0.06`.
pub(crate) fn half(interval: Interval) -> String {
    format!("±{}", three_figures((interval.high - interval.low).abs() / 2.0))
}

/// A factor: `×1.34`.
pub(crate) fn times(times: f64) -> String {
    format!("×{}", three_figures(times))
}

/// A plain number without trailing zeros: `0.5`, `30`.
pub(crate) fn plain(number: f64) -> String {
    match three_figures(number) {
        text if text.contains('.') => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_from_the_right() {
        assert_eq!(exact(0), "0");
        assert_eq!(exact(999), "999");
        assert_eq!(exact(1000), "1,000");
        assert_eq!(exact(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(exact_change(-3_495_523), "−3,495,523");
        assert_eq!(exact_change(i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn units_fit_the_size() {
        assert_eq!(human(1023), "1023 B");
        assert_eq!(human(1024), "1.0 KiB");
        assert_eq!(human(11_041_339), "10.53 MiB");
        assert_eq!(human(u64::MAX), "17179869184.00 GiB");
    }

    #[test]
    fn percent_has_a_sign_unless_it_is_nothing() {
        assert_eq!(percent(-31.66), "−31.7%");
        assert_eq!(percent(0.04), "0.0%");
        assert_eq!(percent(10.9), "+10.9%");
        assert_eq!(percent(f64::NAN), NONE);
        assert_eq!(percent_between(0, 5), None);
    }

    #[test]
    fn three_figures_whatever_the_size() {
        assert_eq!(ms(2.514), "2.51");
        assert_eq!(ms(49.32), "49.3");
        assert_eq!(ms(1234.4), "1,234");
        assert_eq!(ms(f64::INFINITY), NONE);
        assert_eq!(plain(0.5), "0.5");
        assert_eq!(plain(30.0), "30");
    }
}
