//! Machine code of amd64 as it stands, but for operands that count from the instruction: those of calls and
//! of memory become offsets in the image, the same wherever they are used.
//!
//! Instructions are not told apart, which would take longer than all else. Five bytes that look like a call, or an
//! opcode with such an operand, are taken for one. Neither side looks into bytes
//! that it has changed or will change, so that both find the same.

/// Bytes of an operand.
const OPERAND: usize = 4;
/// A call.
const CALL: u8 = 0xe8;
/// ModRM of an operand in memory that counts from the instruction: the register in between may be any.
const RELATIVE: u8 = 0x05;
const REGISTER: u8 = 0x38;

/// Opcodes before such a ModRM that are instructions more often than not, a bit each.
static OPCODES: [u32; 8] = bits(&[
    0x8d, 0x8b, 0x89, 0x83, 0x3b, 0x39, 0x10, 0x11, 0xb6, 0xc7, 0x80, 0x63, 0xc6, 0x88, 0x8a, 0x28,
    0x6f, 0x7f, 0x03, 0x85,
]);

const fn bits(opcodes: &[u8]) -> [u32; 8] {
    let mut bits = [0; 8];
    let mut at = 0;
    while at < opcodes.len() {
        bits[opcodes[at] as usize >> 5] |= 1 << (opcodes[at] & 31);
        at += 1;
    }
    bits
}

#[inline(always)]
fn has_operand(opcode: u8) -> bool {
    OPCODES[usize::from(opcode >> 5)] >> (opcode & 31) & 1 == 1
}

/// Which way operands are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To offsets in the image, the highest byte first.
    ToOffsets,
    /// Back again.
    Back,
}

/// Changes operands of code that stands at `base` of the image.
#[inline(always)]
pub fn change(code: &mut [u8], base: u32, way: Way) {
    // The operand before ends here: what stands before may have been one.
    let mut after = 0;
    let mut at = 0;
    while let Some(found) = candidate(code, at) {
        at = found + 1;
        let byte = code[found];
        let is_operand = byte == CALL || found > after && has_operand(code[found - 1]);
        if !is_operand {
            continue;
        }
        let Some(operand) = code.get_mut(at..).and_then(|it| it.first_chunk_mut::<OPERAND>())
        else {
            return;
        };
        at += OPERAND;
        after = at;
        let next = base.wrapping_add(at as u32);
        *operand = match way {
            Way::ToOffsets => u32::from_le_bytes(*operand).wrapping_add(next).to_be_bytes(),
            Way::Back => u32::from_be_bytes(*operand).wrapping_sub(next).to_le_bytes(),
        };
    }
}

/// Returns where a byte stands, at `at` or behind, that may be a call or ModRM.
#[inline(always)]
fn candidate(code: &[u8], mut at: usize) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // A zero byte is found for certain where none is below it; what is found wrongly is seen through below.
    let zeros = |word: u64| word.wrapping_sub(EACH) & !word & (EACH << 7);
    while let Some(eight) = code.get(at..)?.first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let modrm = zeros(word & (EACH * (0xff ^ REGISTER) as u64) ^ (EACH * RELATIVE as u64));
        let found = modrm | zeros(word ^ (EACH * CALL as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = code.get(at..)?;
    let is_one = |byte: &u8| *byte == CALL || byte & !REGISTER == RELATIVE;
    rest.iter().position(is_one).map(|it| at + it)
}
