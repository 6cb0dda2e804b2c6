//! Makes outside text harmless for a terminal and for Markdown.
//!
//! Records carry what tools and programs printed. A terminal must not obey an
//! escape sequence in it, and Markdown must not take it for markup. HTML needs
//! nothing from here for its markup: `maud` escapes what it is given.

/// Replaces control and direction-changing characters, line ends included.
pub(crate) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().map(harmless).collect()
}

/// Replaces control and direction-changing characters, line by line.
pub(crate) fn block(text: &str) -> String {
    text.trim_end().lines().map(untabbed).collect::<Vec<_>>().join("\n")
}

fn untabbed(line: &str) -> String {
    line.replace('\t', "    ").chars().map(harmless).collect()
}

fn harmless(character: char) -> char {
    let turns_text = matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turns_text { '\u{fffd}' } else { character }
}

/// Escapes a line of text for Markdown.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in line(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                escaped.extend(['\\', character]);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Makes a line a Markdown code span, fit for a table's cell too.
pub(crate) fn markdown_code(text: &str) -> String {
    let text = line(text);
    if text.contains(['`', '|']) || text.trim().is_empty() {
        // No fence holds these in every renderer's tables.
        return markdown(&text);
    }
    format!("`{text}`")
}

/// Makes a Markdown code block that the text cannot end.
pub(crate) fn markdown_block(text: &str, language: &str) -> String {
    let text = block(text);
    let ticks = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(ticks.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_escape_sequence() {
        assert_eq!(line("a\u{1b}[31mred\r\n b\u{202e}"), "a\u{fffd}[31mred b\u{fffd}");
        assert_eq!(block("a\n\tb\u{7}\n"), "a\n    b\u{fffd}");
    }

    #[test]
    fn markdown_gets_no_markup() {
        assert_eq!(markdown("<b>|*x*"), "&lt;b&gt;\\|\\*x\\*");
        assert_eq!(markdown_code("pie > strip:s"), "`pie > strip:s`");
        assert_eq!(markdown_code("a`b"), "a\\`b");
        assert!(markdown_block("```\nout", "").starts_with("````\n"));
    }
}
