//! How long amd64 instructions are, and which of their bytes say what.
//!
//! An instruction is a head (prefixes, opcode, ModRM and SIB), a displacement and an immediate. The
//! head alone tells the rest, so that heads can stand in one stream and the others in theirs. Any bytes
//! are instructions here: what no processor knows is as long as what it looks like.

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the head.
    pub length: usize,
    /// The displacement.
    pub displacement: Displacement,
    /// The immediate.
    pub immediate: Immediate,
}

/// The displacement of an operand in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Displacement {
    /// None.
    None,
    /// One byte.
    Byte,
    /// Four bytes.
    Word,
    /// Four bytes that count from the end of the instruction.
    Relative,
}

impl Displacement {
    /// Returns its bytes.
    #[inline(always)]
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::None => 0,
            Self::Byte => 1,
            Self::Word | Self::Relative => 4,
        }
    }
}

/// The immediate, or the target of a jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Immediate {
    /// None.
    None,
    /// One byte.
    Byte,
    /// Two bytes.
    Half,
    /// Three bytes.
    Three,
    /// Four bytes.
    Word,
    /// Eight bytes.
    Long,
    /// A jump of one byte.
    Near,
    /// A jump of four bytes.
    Jump,
    /// A call.
    Call,
}

impl Immediate {
    /// Returns its bytes.
    #[inline(always)]
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::None => 0,
            Self::Byte | Self::Near => 1,
            Self::Half => 2,
            Self::Three => 3,
            Self::Word | Self::Jump | Self::Call => 4,
            Self::Long => 8,
        }
    }
}

/// What follows an opcode, as a letter: a small one without ModRM, a capital with it.
///
/// `.` and `M` nothing, `b` and `B` a byte, `h` two bytes, `t` three, `w` and `W` four or two, `l`
/// four or eight, `o` eight, `n` a near jump, `j` a jump, `c` a call, `T` a byte and `U` four or two if it
/// is TEST. Not opcodes are `p`, a prefix, `r`, REX, `x`, the step to the table behind `0F`, and
/// `2`, `3` and `e`, VEX and EVEX.
const ONE: &[u8; 256] = b"\
MMMMbw..MMMMbw.xMMMMbw..MMMMbw..MMMMbwp.MMMMbwp.MMMMbwp.MMMMbwp.\
rrrrrrrrrrrrrrrr..................eMppppwWbB....nnnnnnnnnnnnnnnn\
BWBBMMMMMMMMMMMM................oooo....bw......bbbbbbbbllllllll\
BBh.32BWt.h..b..MMMM....MMMMMMMMnnnnbbbbcj.n....p.pp..TU......MM";

/// The same of the table behind `0F`, which VEX and EVEX have too.
const TWO: &[u8; 256] = b"\
MMMM.........M..MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM........M.B.....\
MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMBBBBMMM.MMMMMMMM\
jjjjjjjjjjjjjjjjMMMMMMMMMMMMMMMM...MBMMM...MBMMMMMMMMMMMMMBMMMMM\
MMBMBBBM........MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM";

/// Prefixes before an opcode, as far as is looked.
const MOST_PREFIXES: usize = 14;

/// Reads a head; `None` if the bytes end within it.
#[inline(always)]
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Head> {
    let mut at = 0;
    let (mut short, mut long) = (false, false);
    let mut byte = *bytes.first()?;
    let mut kind = ONE[usize::from(byte)];
    while kind == b'p' && at < MOST_PREFIXES {
        short |= byte == 0x66;
        at += 1;
        byte = *bytes.get(at)?;
        kind = ONE[usize::from(byte)];
    }
    if kind == b'r' {
        long = byte & 8 != 0;
        at += 1;
        byte = *bytes.get(at)?;
        kind = ONE[usize::from(byte)];
    }
    at += 1;
    match kind {
        b'x' => {
            let opcode = *bytes.get(at)?;
            kind = TWO[usize::from(opcode)];
            at += 1 + usize::from(opcode & 0xfd == 0x38);
        }
        b'2' => {
            kind = TWO[usize::from(*bytes.get(at + 1)?)];
            at += 2;
        }
        b'3' | b'e' => {
            let map = bytes.get(at)? & 7;
            at += if kind == b'3' { 2 } else { 3 };
            kind = behind_map(map, *bytes.get(at)?);
            at += 1;
        }
        _ => {}
    }
    let mut displacement = Displacement::None;
    let mut test = false;
    if kind.is_ascii_uppercase() {
        let modrm = *bytes.get(at)?;
        test = modrm & 0x30 == 0;
        at += 1;
        let mut base = modrm & 7;
        let mode = modrm >> 6;
        if mode != 3 && base == 4 {
            // With SIB, base 5 is none at all, and nothing counts from the instruction.
            base = if bytes.get(at)? & 7 == 5 { 8 } else { 4 };
            at += 1;
        }
        displacement = match (mode, base) {
            (0, 5) => Displacement::Relative,
            (0, 8) | (2, _) => Displacement::Word,
            (1, _) => Displacement::Byte,
            _ => Displacement::None,
        };
    }
    if at > bytes.len() {
        return None;
    }
    Some(Head { length: at, displacement, immediate: immediate(kind, short, long, test) })
}

fn behind_map(map: u8, opcode: u8) -> u8 {
    match map {
        1 => TWO[usize::from(opcode)],
        3 => b'B',
        _ => b'M',
    }
}

#[inline(always)]
fn immediate(kind: u8, short: bool, long: bool, test: bool) -> Immediate {
    let word = if short { Immediate::Half } else { Immediate::Word };
    match kind {
        b'b' | b'B' => Immediate::Byte,
        b'w' | b'W' => word,
        b'n' => Immediate::Near,
        b'c' => Immediate::Call,
        b'j' => Immediate::Jump,
        b'l' if long => Immediate::Long,
        b'l' => word,
        b'T' if test => Immediate::Byte,
        b'U' if test => word,
        b'h' => Immediate::Half,
        b't' => Immediate::Three,
        b'o' => Immediate::Long,
        _ => Immediate::None,
    }
}
