//! Text in lines of a width, counted in terminal columns.
//!
//! Breaks at spaces and after wide (Chinese) characters; only what is longer
//! than a line is broken elsewhere.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Wraps one line of text; a width under 8 columns is taken for 8.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        let used = line.width();
        if used > 0 && used + word.trim_end().width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if word.trim_end().width() <= width {
            line.push_str(word);
            continue;
        }
        for character in word.chars() {
            if line.width() + character.width().unwrap_or(0) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Cuts a text into pieces between which a line may end.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|character: char| {
        character == ' ' || (character.width() == Some(2) && !"（“".contains(character))
    })
}

/// Shortens a text to a width, with an ellipsis at its end.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// Wraps a recipe's name at its `>` signs; a step too long for a line loses its end.
pub(crate) fn name(name: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, step) in name.split(" > ").enumerate() {
        let step = if index == 0 { step.to_owned() } else { format!("> {step}") };
        match lines.last_mut() {
            Some(line) if line.width() + 1 + step.width() <= width => {
                line.push(' ');
                line.push_str(&step);
            }
            Some(_) => lines.push(shorten(&format!("  {step}"), width)),
            None => lines.push(shorten(&step, width)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters() {
        assert_eq!(wrap("strip first and pack last", 12), ["strip first", "and pack", "last"]);
        assert_eq!(wrap("请先压缩再说", 8), ["请先压缩", "再说"]);
        assert_eq!(wrap("aaaaaaaaaaaa", 0), ["aaaaaaaa", "aaaa"]);
        assert!(wrap("", 10).is_empty());
    }

    #[test]
    fn a_name_breaks_only_between_its_steps() {
        assert_eq!(name("pie > strip:s > upx:best", 16), ["pie > strip:s", "  > upx:best"]);
        assert_eq!(name("averyveryverylongvariant", 10), ["averyvery…"]);
        assert_eq!(name("", 0), [""]);
    }
}
