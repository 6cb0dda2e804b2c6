//! The lines of an INI file, as WSL reads them.

/// A line that sets something, or that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// One-based.
    pub number: usize,
    /// As it stands.
    pub text: String,
    pub section: String,
    /// Empty where the line is none.
    pub key: String,
    pub value: String,
}

impl Line {
    pub(crate) fn is(&self, section: &str, key: &str) -> bool {
        self.section.eq_ignore_ascii_case(section) && self.key.eq_ignore_ascii_case(key)
    }
}

/// Reads a text; comments begin with `#`, or in .wslconfig with `;`.
pub(crate) fn parse(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut section = String::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = name.trim().to_owned();
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or_default();
        lines.push(Line {
            number: index + 1,
            text: line.to_owned(),
            section: section.clone(),
            key: key.trim().to_owned(),
            value: value.trim().trim_matches('"').to_owned(),
        });
    }
    lines
}

/// Gives the text with a key of a section set, and all else as it is.
pub(crate) fn with(text: &str, section: &str, key: &str, value: &str) -> String {
    let assignment = format!("{key}={value}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let held = parse(text);
    let header = format!("[{section}]");
    if let Some(line) = held.iter().rfind(|line| line.is(section, key)) {
        lines[line.number - 1] = assignment;
    } else if let Some(at) = lines.iter().position(|it| it.trim().eq_ignore_ascii_case(&header)) {
        lines.insert(at + 1, assignment);
    } else {
        lines.extend([header, assignment]);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_know_their_section_and_line() {
        let lines = parse(
            "# c\n[automount]\r\nOptions = \"metadata,umask=22\"\n\n[ boot ]\nsystemd=true\nwhat\n",
        );
        assert_eq!(lines.len(), 3);
        assert!(lines[0].is("automount", "options") && lines[0].number == 3);
        assert_eq!(lines[0].value, "metadata,umask=22");
        assert!(lines[1].is("boot", "systemd"));
        assert!(lines[2].key.is_empty() && lines[2].number == 7);
    }

    #[test]
    fn a_key_is_set_where_it_belongs() {
        assert_eq!(with("", "a", "k", "1"), "[a]\nk=1\n");
        assert_eq!(with("[a]\nx=2\n[b]\n", "a", "k", "1"), "[a]\nk=1\nx=2\n[b]\n");
        assert_eq!(with("[A]\nK = 0\n", "a", "k", "1"), "[A]\nk=1\n");
    }
}
