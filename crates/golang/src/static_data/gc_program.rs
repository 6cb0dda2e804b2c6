//! Which words of the data are pointers, as the garbage collector is told.
//!
//! A small program makes a bit for each word: bits that stand in it, or a
//! repetition of the last bits (golang/go `cmd/internal/gcprog/gcprog.go`,
//! `runtime/mbitmap.go` `runGCProg`, 1.18 to 1.27).

/// Runs a program for so many words; `None` if it makes more of them or does not end.
pub(crate) fn run(program: &[u8], words: usize) -> Option<Vec<bool>> {
    let mut bits: Vec<bool> = Vec::with_capacity(words);
    let mut at = 0;
    let mut next = || {
        at += 1;
        program.get(at - 1).copied()
    };
    loop {
        let instruction = next()?;
        let count = usize::from(instruction & 0x7f);
        if instruction & 0x80 == 0 {
            if count == 0 {
                return Some(bits);
            }
            for first in (0..count).step_by(8) {
                let byte = next()?;
                bits.extend((0..(count - first).min(8)).map(|bit| byte >> bit & 1 == 1));
            }
        } else {
            let length = if count == 0 { varint(&mut next)? } else { count };
            let times = varint(&mut next)?;
            let start = bits.len().checked_sub(length)?;
            let more = length.checked_mul(times).filter(|it| *it <= words)?;
            for place in start..start + more {
                bits.push(*bits.get(place)?);
            }
        }
        if bits.len() > words.next_multiple_of(8) {
            return None;
        }
    }
}

fn varint(next: &mut impl FnMut() -> Option<u8>) -> Option<usize> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let byte = next()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_written_and_repeated() {
        // 3 bits 101; the last 2 of them (01) twice more; the last 1 three times; end.
        let bits = run(&[3, 0b101, 0x82, 2, 0x80, 1, 3, 0], 16).unwrap();
        let text: String = bits.iter().map(|it| if *it { '1' } else { '0' }).collect();
        assert_eq!(text, "1010101111");
    }

    #[test]
    fn what_does_not_end_or_makes_too_much_is_refused() {
        assert_eq!(run(&[], 8), None);
        assert_eq!(run(&[8, 1], 8), None);
        assert_eq!(run(&[1, 1, 0x81, 0xff, 0xff, 0xff, 0x7f, 0], 64), None);
        assert_eq!(run(&[0x85, 1, 0], 64), None);
        assert_eq!(run(&[8, 1].repeat(9), 16), None);
    }
}
