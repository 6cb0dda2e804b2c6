//! What amd64 code refers to: operands relative to the instruction pointer.
//!
//! Such an operand is a ModRM byte of one form and the distance behind it.
//! Instructions are not decoded from their beginning, which would take longer
//! than all else: a distance counts that leads to data and stands behind an
//! opcode that has an operand in memory (Intel SDM, volume 2, chapter 2 and
//! appendix A).

use super::references::Use;

const LEA: u8 = 0x8d;

/// Tells where each operand relative to the instruction pointer stands in the code and its address;
/// `found` says whether it can be one.
pub(crate) fn scan(code: &[u8], address: u64, found: &mut dyn FnMut(usize, u64, Use) -> bool) {
    let mut at = 1;
    while let Some(rest) = code.get(at..) {
        // mod 0 and r/m 5: a distance of 32 bits and no register.
        let Some(next) = rest.iter().position(|byte| byte & 0xc7 == 5) else { return };
        at += next;
        let Some(distance) = code.get(at + 1..).and_then(<[u8]>::first_chunk) else { return };
        let distance = i64::from(i32::from_le_bytes(*distance));
        let is_operand = immediate(code, at).is_some_and(|immediate| {
            let end = (at + 5 + immediate) as u64;
            let how = if code.get(at - 1) == Some(&LEA) { Use::Takes } else { Use::Accesses };
            found(at, address.wrapping_add(end).wrapping_add_signed(distance), how)
        });
        at += if is_operand { 5 } else { 1 };
    }
}

/// Bytes behind the distance that belong to the instruction whose ModRM byte is at `at`; `None`
/// if no instruction that refers to data has it there.
fn immediate(code: &[u8], at: usize) -> Option<usize> {
    let before = |distance: usize| at.checked_sub(distance).and_then(|it| code.get(it)).copied();
    let (opcode, escape) = (before(1)?, before(2).unwrap_or(0));
    if escape == 0x0f {
        return match opcode {
            0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6 => Some(1),
            // Without operands in memory, or no instruction at all.
            0x05..=0x0b | 0x30..=0x3f | 0x80..=0x8f | 0xa0..=0xa2 | 0xa8..=0xaa | 0xc8..=0xcf => {
                None
            }
            _ => Some(0),
        };
    }
    let group = code.get(at)? >> 3 & 7;
    match opcode {
        0x80 | 0x83 | 0xc0 | 0xc1 | 0x6b | 0xc6 => Some(1),
        0x81 | 0xc7 | 0x69 => {
            let is_short = escape == 0x66 || escape & 0xf0 == 0x40 && before(3) == Some(0x66);
            Some(if is_short { 2 } else { 4 })
        }
        0xf6 => Some(usize::from(group < 2)),
        0xf7 => Some(if group < 2 { 4 } else { 0 }),
        LEA => (escape & 0xf8 == 0x48).then_some(0), // An address has 64 bits.
        0x63 | 0x84..=0x8b | 0xd1 | 0xd3 | 0xd8..=0xdf | 0xfe | 0xff => Some(0),
        // Arithmetic from ADD to CMP; of single bytes, which look like anything, only comparisons.
        0x00..=0x3b if matches!(opcode & 7, 1 | 3) => Some(0),
        0x38 | 0x3a => Some(0),
        _ => match (before(3), before(4), before(5)) {
            (Some(0x0f), ..) if escape == 0x38 => Some(0),
            (Some(0x0f), ..) if escape == 0x3a => Some(1),
            // VEX and EVEX; opcodes of the third map have a number behind them.
            (Some(0xc5), ..) => Some(0),
            (Some(map), Some(0xc4), _) => Some(usize::from(map & 0x1f == 3)),
            (_, Some(map), Some(0x62)) => Some(usize::from(map & 7 == 3)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(code: &[u8]) -> Vec<u64> {
        let mut all = Vec::new();
        scan(code, 0x1000, &mut |_, it, _| {
            all.push(it);
            true
        });
        all
    }

    #[test]
    fn operands_are_found_with_what_follows_them() {
        // LEAQ 0x20(IP), AX; MOVL $5, BX; MOVQ 0x10(IP), CX
        let code =
            [0x48, 0x8d, 0x05, 0x20, 0, 0, 0, 0xbb, 5, 0, 0, 0, 0x48, 0x8b, 0x0d, 0x10, 0, 0, 0];
        assert_eq!(targets(&code), [0x1027, 0x1023]);
        // CMPB 4(IP), $1; MOVW 4(IP), $0x102; MOVL 4(IP), $7; TESTB; MOVSD 4(IP), X0
        assert_eq!(targets(&[0x80, 0x3d, 4, 0, 0, 0, 1]), [0x100b]);
        assert_eq!(targets(&[0x66, 0xc7, 0x05, 4, 0, 0, 0, 2, 1]), [0x100d]);
        assert_eq!(targets(&[0xc7, 0x05, 4, 0, 0, 0, 7, 0, 0, 0]), [0x100e]);
        assert_eq!(targets(&[0xf6, 0x05, 4, 0, 0, 0, 1]), [0x100b]);
        assert_eq!(targets(&[0xf2, 0x0f, 0x10, 0x05, 4, 0, 0, 0]), [0x100c]);
        // VMOVDQU 4(IP), Y0
        assert_eq!(targets(&[0xc5, 0xfe, 0x6f, 0x05, 4, 0, 0, 0]), [0x100c]);
    }

    #[test]
    fn what_is_no_operand_is_passed_over() {
        // JGE over four bytes that look like an operand, and code that is cut off.
        assert!(targets(&[0x0f, 0x8d, 0x05, 0, 0, 0, 0]).is_empty());
        assert!(targets(&[0x48, 0x8d, 0x05, 0x20, 0, 0]).is_empty());
        assert!(targets(&[0xb8, 0x05, 0x05, 0x05, 0x05, 0x05, 0x05, 0x05]).is_empty());
        assert!(targets(&[5]).is_empty() && targets(&[]).is_empty());
    }
}
