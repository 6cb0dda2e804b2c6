//! Gadgets: the ends of instruction sequences that an attacker who controls the stack can chain.
//!
//! From each return, indirect jump, indirect call and system call the bytes are
//! decoded backwards: every start within [`LONGEST`] bytes from which at most
//! [`MOST_INSTRUCTIONS`] instructions lead exactly there, without a branch
//! between, is one. Bytes that begin in the middle of an instruction of the
//! compiler's count too, as they do for an attacker.

use elfin_schema::{GadgetClass, GadgetsOf};
use iced_x86::{
    Code, Decoder, DecoderOptions, Formatter, Instruction, Mnemonic, NasmFormatter, OpKind,
    Register,
};
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// No gadget has more bytes, its end included.
const LONGEST: usize = 24;
/// No gadget has more instructions, its end included.
const MOST_INSTRUCTIONS: usize = 5;

/// Counts gadgets, over one stretch of code after the other.
#[derive(Debug, Default)]
pub struct Gadgets {
    seen: HashSet<u64>,
    by_class: BTreeMap<GadgetClass, GadgetsOf>,
    bytes: u64,
}

impl Gadgets {
    /// Looks through a stretch of code that is loaded at an address.
    pub fn add(&mut self, code: &[u8], address: u64) {
        self.bytes = self.bytes.saturating_add(code.len() as u64);
        for end in 0..code.len() {
            let Some(last) = ending(code, end, address) else { continue };
            let behind = end + last.len();
            for start in behind.saturating_sub(LONGEST)..=end {
                let bytes = &code[start..behind];
                if let Some(class) = self.judge(bytes, address + start as u64, last.len(), &last) {
                    self.count(class, bytes);
                }
            }
        }
    }

    /// The class of what begins here and reaches the end; `None` if it does not reach it.
    fn judge(
        &self,
        bytes: &[u8],
        address: u64,
        tail: usize,
        last: &Instruction,
    ) -> Option<GadgetClass> {
        let body = bytes.len() - tail;
        let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
        let mut first = None;
        for _ in 1..MOST_INSTRUCTIONS {
            if decoder.position() >= body {
                break;
            }
            let one = decoder.decode();
            if one.is_invalid() || is_branch(&one) {
                return None;
            }
            first = first.or(Some(one));
        }
        (decoder.position() == body).then(|| class(first.as_ref(), last))
    }

    fn count(&mut self, class: GadgetClass, bytes: &[u8]) {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let found = self.by_class.entry(class).or_default();
        found.total += 1;
        if self.seen.insert(hasher.finish()) {
            found.unique += 1;
            // Two instructions are the least that does something; longer ones read worse.
            if found.example.is_empty() && bytes.len() <= 8 {
                found.example = text(bytes);
            }
        }
    }

    /// Bytes looked through.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// At how many places there are gadgets.
    pub fn total(&self) -> u64 {
        self.by_class.values().map(|it| it.total).sum()
    }

    /// How many have different bytes.
    pub fn unique(&self) -> u64 {
        self.by_class.values().map(|it| it.unique).sum()
    }

    /// By what they are good for.
    pub fn by_class(&self) -> &BTreeMap<GadgetClass, GadgetsOf> {
        &self.by_class
    }
}

/// The instruction at a place, if a gadget can end with it.
fn ending(code: &[u8], at: usize, address: u64) -> Option<Instruction> {
    let [one, two] = [code.get(at)?, code.get(at + 1).unwrap_or(&0)];
    // Most bytes are none of these, so they are told before anything is decoded.
    let may = match one {
        0xc3 | 0xc2 => true,
        0xff => matches!(two >> 3 & 7, 2 | 4),
        0x0f => *two == 0x05,
        _ => false,
    };
    if !may {
        return None;
    }
    let window = code.get(at..(at + 15).min(code.len()))?;
    let one = Decoder::with_ip(64, window, address + at as u64, DecoderOptions::NONE).decode();
    (!one.is_invalid()).then_some(one)
}

fn is_branch(one: &Instruction) -> bool {
    use iced_x86::FlowControl;
    !matches!(one.flow_control(), FlowControl::Next)
}

fn class(first: Option<&Instruction>, last: &Instruction) -> GadgetClass {
    if last.code() == Code::Syscall {
        return GadgetClass::SystemCall;
    }
    let returns = matches!(last.mnemonic(), Mnemonic::Ret);
    let Some(first) = first else {
        return if returns { GadgetClass::Other } else { GadgetClass::Jump };
    };
    let to_stack_pointer = first.op_count() > 0 && first.op0_register() == Register::RSP;
    match first.mnemonic() {
        Mnemonic::Leave => GadgetClass::StackPivot,
        Mnemonic::Xchg if to_stack_pointer || first.op1_register() == Register::RSP => {
            GadgetClass::StackPivot
        }
        // A constant distance is how every function ends; only another register moves it away.
        Mnemonic::Add | Mnemonic::Sub | Mnemonic::Mov | Mnemonic::Pop | Mnemonic::Lea
            if to_stack_pointer
                && first.op1_kind() != OpKind::Immediate32to64
                && first.op1_kind() != OpKind::Immediate8to64
                && first.memory_base() != Register::RSP =>
        {
            GadgetClass::StackPivot
        }
        _ if !returns => GadgetClass::Jump,
        Mnemonic::Pop => GadgetClass::LoadRegister,
        Mnemonic::Nop | Mnemonic::Push | Mnemonic::Cmp | Mnemonic::Test => GadgetClass::Other,
        _ if first.op_count() == 0 => GadgetClass::Other,
        _ if first.op0_kind() == OpKind::Memory => GadgetClass::WriteMemory,
        _ if first.op_count() > 1
            && first.op1_kind() == OpKind::Memory
            && first.mnemonic() != Mnemonic::Lea =>
        {
            GadgetClass::ReadMemory
        }
        Mnemonic::Mov | Mnemonic::Movzx | Mnemonic::Movsxd | Mnemonic::Xchg
            if first.op1_kind() == OpKind::Register =>
        {
            GadgetClass::Move
        }
        Mnemonic::Add
        | Mnemonic::Sub
        | Mnemonic::Xor
        | Mnemonic::And
        | Mnemonic::Or
        | Mnemonic::Inc
        | Mnemonic::Dec
        | Mnemonic::Neg
        | Mnemonic::Not
        | Mnemonic::Lea
        | Mnemonic::Shl
        | Mnemonic::Shr
        | Mnemonic::Sar
        | Mnemonic::Imul
        | Mnemonic::Adc
        | Mnemonic::Sbb
        | Mnemonic::Mov => GadgetClass::Arithmetic,
        _ => GadgetClass::Other,
    }
}

/// The instructions in words, parted by semicolons.
fn text(bytes: &[u8]) -> String {
    let mut formatter = NasmFormatter::new();
    let mut all = String::new();
    for one in &mut Decoder::new(64, bytes, DecoderOptions::NONE) {
        if !all.is_empty() {
            all.push_str("; ");
        }
        formatter.format(&one, &mut all);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &[u8]) -> Gadgets {
        let mut gadgets = Gadgets::default();
        gadgets.add(code, 0x1000);
        gadgets
    }

    #[test]
    fn every_start_that_reaches_the_return_counts() {
        // pop r12; ret, of which the second byte begins `pop rsp; ret`.
        let gadgets = found(&[0x41, 0x5c, 0xc3]);
        assert_eq!((gadgets.total(), gadgets.unique(), gadgets.bytes()), (3, 3, 3));
        let class = |it| gadgets.by_class().get(&it).map(|it| (it.total, it.example.as_str()));
        assert_eq!(class(GadgetClass::LoadRegister), Some((1, "pop r12; ret")));
        assert_eq!(class(GadgetClass::StackPivot), Some((1, "pop rsp; ret")));
        assert_eq!(class(GadgetClass::Other), Some((1, "ret")));
    }

    #[test]
    fn the_same_bytes_twice_are_one_gadget_at_two_places() {
        let gadgets = found(&[0x5f, 0xc3, 0xcc, 0x5f, 0xc3]);
        let loads = &gadgets.by_class()[&GadgetClass::LoadRegister];
        assert_eq!((loads.total, loads.unique), (2, 1));
    }

    #[test]
    fn a_branch_between_is_the_end_of_it_and_ends_of_all_kinds_are_found() {
        // jmp short +0; ret: only the return itself, and `add [rax], al`-like starts do not reach it.
        assert_eq!(found(&[0xeb, 0x00, 0xc3]).total(), 1);
        let of = |code: &[u8], class| found(code).by_class().get(&class).map_or(0, |it| it.total);
        assert_eq!(of(&[0x0f, 0x05], GadgetClass::SystemCall), 1);
        assert_eq!(of(&[0xff, 0xe0], GadgetClass::Jump), 1);
        assert_eq!(of(&[0xff, 0xd0], GadgetClass::Jump), 1);
        assert_eq!(of(&[0x48, 0x89, 0x07, 0xc3], GadgetClass::WriteMemory), 2);
        assert_eq!(of(&[0x48, 0x8b, 0x07, 0xc3], GadgetClass::ReadMemory), 2);
        assert_eq!(of(&[0xc9, 0xc3], GadgetClass::StackPivot), 1);
        assert_eq!(of(&[0x48, 0x83, 0xc4, 0x08, 0xc3], GadgetClass::StackPivot), 0);
    }

    #[test]
    fn any_bytes_end() {
        for seed in 0..64u64 {
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            };
            let bytes: Vec<u8> = (0..512).map(|_| next()).collect();
            let gadgets = found(&bytes);
            assert!(gadgets.unique() <= gadgets.total());
        }
        assert_eq!(found(&[0xc3; 64]).unique(), 1);
    }
}
