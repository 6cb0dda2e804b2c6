//! A weighing as CSV, a line for each row and one for each unknown range.

use crate::csv::line;
use elfin_schema::Weighing;

const NAMES: [&str; 16] = [
    "module",
    "package",
    "library",
    "kind",
    "section",
    "symbol",
    "bytes",
    "exact",
    "shared_by",
    "offset",
    "gzip",
    "zstd",
    "lzma",
    "entropy",
    "segment",
    "file",
];

/// Renders every row under a line of column names; packages that share one are apart by `;`.
///
/// Unknown ranges have the kind `unknown` and their file offset.
pub fn weigh_csv(w: &Weighing) -> String {
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    let mut out = line(NAMES.into_iter().map(str::to_owned));
    for row in &w.rows {
        let kind = serde_json::to_value(row.kind).unwrap_or_default();
        let [gzip, zstd, lzma, entropy] =
            row.download.as_ref().map_or_else(Default::default, |d| {
                [d.gzip.to_string(), d.zstd.to_string(), d.lzma.to_string(), entropy(d.entropy)]
            });
        let fields = [
            text(row.module.as_deref()),
            text(row.package.as_deref()),
            text(row.library.as_deref()),
            kind.as_str().unwrap_or_default().to_owned(),
            text(row.section.as_deref()),
            text(row.symbol.as_deref()),
            row.bytes.to_string(),
            row.exact.to_string(),
            row.shared_by.join(";"),
            String::new(),
            gzip,
            zstd,
            lzma,
            entropy,
            text(row.segment.as_deref()),
            text(row.file.as_deref()),
        ];
        out.push_str(&line(fields.into_iter()));
    }
    for range in &w.unknown {
        let mut fields = NAMES.map(|_| String::new());
        fields[3] = "unknown".to_owned();
        fields[4] = text(range.section.as_deref());
        fields[6] = range.bytes.to_string();
        fields[7] = "true".to_owned();
        fields[9] = range.offset.to_string();
        out.push_str(&line(fields.into_iter()));
    }
    out
}

/// Bits in a byte; what is not finite has no place in a table.
fn entropy(bits: f64) -> String {
    if bits.is_finite() { format!("{bits:.3}") } else { String::new() }
}
