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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
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

/// Prefixes before an opcode, as far as is looked: with all else, a head has 14 bytes at most.
const MOST_PREFIXES: usize = 6;
/// Bytes that are looked at for a head.
pub const WINDOW: usize = 16;

/// That an opcode has ModRM.
const MODRM: u8 = 0x80;
/// What is no immediate: see [`kinds`].
const PREFIX: u8 = 0x10;
const REX: u8 = 0x11;
const ESCAPE: u8 = 0x12;
const VEX2: u8 = 0x13;
const VEX3: u8 = 0x14;
const EVEX: u8 = 0x15;
/// Immediates that depend on what stands before the opcode or on ModRM.
const SIZED: u8 = 9;
const SIZED_LONG: u8 = 10;
const TEST_BYTE: u8 = 11;
const TEST_SIZED: u8 = 12;

static FIRST: [u8; 256] = kinds(ONE);
static SECOND: [u8; 256] = kinds(TWO);

/// Returns the letters of a table as numbers: an [`Immediate`] or one of the above, with [`MODRM`] or not.
const fn kinds(letters: &[u8; 256]) -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut opcode = 0;
    while opcode < 256 {
        kinds[opcode] = match letters[opcode] {
            b'M' => MODRM,
            b'b' => Immediate::Byte as u8,
            b'B' => MODRM | Immediate::Byte as u8,
            b'h' => Immediate::Half as u8,
            b't' => Immediate::Three as u8,
            b'w' => SIZED,
            b'W' => MODRM | SIZED,
            b'l' => SIZED_LONG,
            b'o' => Immediate::Long as u8,
            b'n' => Immediate::Near as u8,
            b'j' => Immediate::Jump as u8,
            b'c' => Immediate::Call as u8,
            b'T' => MODRM | TEST_BYTE,
            b'U' => MODRM | TEST_SIZED,
            b'p' => PREFIX,
            b'r' => REX,
            b'x' => ESCAPE,
            b'2' => VEX2,
            b'3' => VEX3,
            b'e' => EVEX,
            _ => 0,
        };
        opcode += 1;
    }
    kinds
}

/// Reads a head; `None` if the bytes end within it.
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Head> {
    let head = match bytes.first_chunk() {
        Some(window) => head_in(window),
        None => head_in(&padded(bytes)),
    };
    (head.length <= bytes.len()).then_some(head)
}

/// Returns the first bytes, with zeros behind the end.
#[must_use]
pub fn padded(bytes: &[u8]) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    for (to, from) in window.iter_mut().zip(bytes) {
        *to = *from;
    }
    window
}

/// What a ModRM byte has behind it: a [`Displacement`] in the lowest two bits, SIB in the third.
static SHAPES: [u8; 256] = shapes();

const SIB: u8 = 4;

const fn shapes() -> [u8; 256] {
    let mut shapes = [0; 256];
    let mut modrm = 0;
    while modrm < 256 {
        let base = modrm & 7;
        let sib = if base == 4 { SIB } else { 0 };
        shapes[modrm] = match modrm >> 6 {
            0 if base == 5 => Displacement::Relative as u8,
            0 => sib,
            1 => sib | Displacement::Byte as u8,
            2 => sib | Displacement::Word as u8,
            _ => 0,
        };
        modrm += 1;
    }
    shapes
}

/// Immediates by kind, and by: prefix 66, REX.W, ModRM that makes a group's opcode TEST.
static IMMEDIATES: [[Immediate; 8]; 32] = immediates();

const fn immediates() -> [[Immediate; 8]; 32] {
    let mut all = [[Immediate::None; 8]; 32];
    let mut at = 0;
    while at < 256 {
        let (kind, how) = (at / 8, at % 8);
        all[kind][how] = immediate(kind as u8, how & 1 != 0, how & 2 != 0, how & 4 != 0);
        at += 1;
    }
    all
}

const fn immediate(kind: u8, short: bool, long: bool, test: bool) -> Immediate {
    let word = if short { Immediate::Half } else { Immediate::Word };
    match kind {
        1 => Immediate::Byte,
        2 => Immediate::Half,
        3 => Immediate::Three,
        5 => Immediate::Long,
        6 => Immediate::Near,
        7 => Immediate::Jump,
        8 => Immediate::Call,
        SIZED_LONG if long => Immediate::Long,
        SIZED | SIZED_LONG => word,
        TEST_BYTE if test => Immediate::Byte,
        TEST_SIZED if test => word,
        _ => Immediate::None,
    }
}

/// Reads the head that a window begins with.
///
/// What an instruction has can hardly be predicted, so it is counted and looked up rather than asked, and
/// both places where opcode and ModRM can be, behind REX or not, are looked up at once.
#[inline(always)]
#[must_use]
pub fn head_in(window: &[u8; WINDOW]) -> Head {
    let [first, second, third, ..] = *window;
    let kinds = [FIRST[usize::from(first)], FIRST[usize::from(second)]];
    let shapes = [SHAPES[usize::from(second)], SHAPES[usize::from(third)]];
    let rex = kinds[0] == REX;
    let kind = if rex { kinds[1] } else { kinds[0] };
    if (PREFIX..=EVEX).contains(&kind) {
        return rare_head(window);
    }
    let (modrm, shape) = if rex { (third, shapes[1]) } else { (second, shapes[0]) };
    let long = rex & (first & 8 != 0);
    finished(window, 1 + usize::from(rex), kind, (modrm, shape), (false, long))
}

/// Reads a head with prefixes, or with an opcode from another table.
#[inline(never)]
fn rare_head(window: &[u8; WINDOW]) -> Head {
    let byte = |at: usize| window[at & (WINDOW - 1)];
    let mut at = 0;
    let mut short = false;
    let mut kind = FIRST[usize::from(byte(0))];
    while kind == PREFIX && at < MOST_PREFIXES {
        short |= byte(at) == 0x66;
        at += 1;
        kind = FIRST[usize::from(byte(at))];
    }
    let rex = kind == REX;
    let long = rex & (byte(at) & 8 != 0);
    at += usize::from(rex);
    kind = FIRST[usize::from(byte(at))];
    at += 1;
    if (ESCAPE..=EVEX).contains(&kind) {
        (kind, at) = further(window, kind, at);
    }
    let modrm = byte(at);
    finished(window, at, kind, (modrm, SHAPES[usize::from(modrm)]), (short, long))
}

/// Returns a head whose opcode ends at `at`.
#[inline(always)]
fn finished(
    window: &[u8; WINDOW],
    at: usize,
    kind: u8,
    (modrm, shape): (u8, u8),
    (short, long): (bool, bool),
) -> Head {
    let has_modrm = kind >> 7;
    let shape = shape & has_modrm.wrapping_neg();
    // With SIB, base 5 is none at all, and four bytes follow.
    let base = window[(at + 1) & (WINDOW - 1)] & 7;
    let baseless = (shape == SIB) & (base == 5);
    let displacement = match shape & 3 | u8::from(baseless) << 1 {
        0 => Displacement::None,
        1 => Displacement::Byte,
        2 => Displacement::Word,
        _ => Displacement::Relative,
    };
    let test = modrm & 0x30 == 0;
    let how = usize::from(short) | usize::from(long) << 1 | usize::from(test) << 2;
    Head {
        length: at + usize::from(has_modrm) + usize::from(shape >> 2),
        displacement,
        immediate: IMMEDIATES[usize::from(kind & 0x1f)][how],
    }
}

/// Returns the kind of an opcode behind an escape, VEX or EVEX, and where the opcode ends.
#[inline(always)]
fn further(window: &[u8; WINDOW], kind: u8, at: usize) -> (u8, usize) {
    let byte = |at: usize| window[at & (WINDOW - 1)];
    if kind == ESCAPE {
        let opcode = byte(at);
        return (SECOND[usize::from(opcode)], at + 1 + usize::from(opcode & 0xfd == 0x38));
    }
    let map = if kind == VEX2 { 1 } else { byte(at) & 7 };
    let at = at + usize::from(kind - VEX2) + 1;
    let kind = match map {
        1 => SECOND[usize::from(byte(at))],
        3 => MODRM | Immediate::Byte as u8,
        _ => MODRM,
    };
    (kind, at + 1)
}
