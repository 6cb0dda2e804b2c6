//! Does what the processor would do, for the instructions that programs mostly consist of.
//!
//! Counting instructions by letting the processor do one at a time costs a switch
//! between processes for each, which on a virtual machine is a tenth of a
//! millisecond. So whoever counts asks here first: an instruction that is known
//! is done on a copy of the registers, and any other is left to the processor.
//! An instruction is done whole or not at all. Flags that the manual leaves
//! undefined are as they were before.

mod arithmetic;
mod operands;
mod vectors;

use iced_x86::{Code, ConditionCode, Instruction, Mnemonic, OpKind, Register};
use operands::Width;

/// The registers of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cpu {
    /// RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15.
    pub general: [u64; 16],
    /// RIP.
    pub rip: u64,
    /// RFLAGS.
    pub flags: u64,
    /// Where the thread's own memory is.
    pub fs_base: u64,
    /// XMM0 to XMM15.
    pub vectors: [u128; 16],
    /// A vector register was changed here.
    pub vectors_changed: bool,
}

/// The memory of a program.
pub trait Memory {
    /// Reads bytes; `None` where the program could not.
    fn read(&mut self, address: u64, bytes: &mut [u8]) -> Option<()>;
    /// Writes bytes; `None` where the program could not, and then none are written.
    fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()>;
}

pub(crate) const CARRY: u64 = 1;
pub(crate) const PARITY: u64 = 1 << 2;
pub(crate) const ADJUST: u64 = 1 << 4;
pub(crate) const ZERO: u64 = 1 << 6;
pub(crate) const SIGN: u64 = 1 << 7;
pub(crate) const OVERFLOW: u64 = 1 << 11;

const RSP: usize = 4;
const RBP: usize = 5;

impl Cpu {
    /// Does an instruction, which stands at `rip`; `None` if it is left to the processor.
    pub fn execute(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        if one.has_lock_prefix() || one.has_rep_prefix() || one.has_repne_prefix() {
            // `rep ret` is a return, and `rep nop` a pause.
            if !matches!(one.mnemonic(), Mnemonic::Ret | Mnemonic::Pause) {
                return None;
            }
        }
        let next = one.next_ip();
        let rip = self.flow(one, memory, next)?;
        self.rip = rip;
        Some(())
    }

    /// Does an instruction and gives where it goes on.
    fn flow(&mut self, one: &Instruction, memory: &mut impl Memory, next: u64) -> Option<u64> {
        if one.is_jcc_short_or_near() {
            return Some(if self.holds(one.condition_code()) { one.near_branch64() } else { next });
        }
        match one.mnemonic() {
            Mnemonic::Jmp => self.target(one, memory),
            Mnemonic::Call => {
                let target = self.target(one, memory)?;
                self.push(next, memory)?;
                Some(target)
            }
            Mnemonic::Ret if one.op_count() == 0 && one.code() == Code::Retnq => self.pop(memory),
            Mnemonic::Nop | Mnemonic::Endbr64 => Some(next),
            _ => {
                self.plain(one, memory)?;
                Some(next)
            }
        }
    }

    fn plain(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        match one.mnemonic() {
            Mnemonic::Mov => {
                let value = self.operand(one, 1, memory)?;
                self.store(one, 0, value, memory)
            }
            Mnemonic::Movzx => {
                let value = self.operand(one, 1, memory)?;
                self.store(one, 0, value, memory)
            }
            Mnemonic::Movsx | Mnemonic::Movsxd => {
                let value = self.width(one, 1)?.signed(self.operand(one, 1, memory)?);
                self.store(one, 0, value.cast_unsigned(), memory)
            }
            Mnemonic::Lea => {
                let mut address = self.effective(one)?;
                if one.segment_prefix() == Register::FS {
                    address = address.wrapping_sub(self.fs_base);
                }
                self.store(one, 0, address, memory)
            }
            Mnemonic::Push if one.stack_pointer_increment() == -8 => {
                let value = self.operand(one, 0, memory)?;
                self.push(value, memory)
            }
            Mnemonic::Pop if one.op0_kind() == OpKind::Register => {
                if self.width(one, 0)? != Width::Quad {
                    return None;
                }
                let value = self.pop(memory)?;
                self.store(one, 0, value, memory)
            }
            Mnemonic::Leave if one.code() == Code::Leaveq => {
                let mut bytes = [0; 8];
                memory.read(self.general[RBP], &mut bytes)?;
                self.general[RSP] = self.general[RBP].wrapping_add(8);
                self.general[RBP] = u64::from_le_bytes(bytes);
                Some(())
            }
            Mnemonic::Xchg
                if one.op0_kind() == OpKind::Register && one.op1_kind() == OpKind::Register =>
            {
                let values = (self.operand(one, 0, memory)?, self.operand(one, 1, memory)?);
                self.store(one, 0, values.1, memory)?;
                self.store(one, 1, values.0, memory)
            }
            _ if one.op_count() == 2 && is_conditional_move(one) => {
                self.conditional_move(one, memory)
            }
            _ if one.op_count() == 1 && is_conditional_set(one) => {
                let value = u64::from(self.holds(one.condition_code()));
                self.store(one, 0, value, memory)
            }
            _ => self.compute(one, memory).or_else(|| self.vector(one, memory)),
        }
    }

    fn conditional_move(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let value = self.operand(one, 1, memory)?;
        // Without the move the upper half of a 32-bit register is cleared all the same.
        let kept = self.operand(one, 0, memory)?;
        let value = if self.holds(one.condition_code()) { value } else { kept };
        self.store(one, 0, value, memory)
    }

    fn target(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<u64> {
        match one.op0_kind() {
            OpKind::NearBranch64 => Some(one.near_branch64()),
            OpKind::Register | OpKind::Memory => {
                (self.width(one, 0)? == Width::Quad).then_some(())?;
                self.operand(one, 0, memory)
            }
            _ => None,
        }
    }

    fn push(&mut self, value: u64, memory: &mut impl Memory) -> Option<()> {
        let at = self.general[RSP].wrapping_sub(8);
        memory.write(at, &value.to_le_bytes())?;
        self.general[RSP] = at;
        Some(())
    }

    fn pop(&mut self, memory: &mut impl Memory) -> Option<u64> {
        let mut bytes = [0; 8];
        memory.read(self.general[RSP], &mut bytes)?;
        self.general[RSP] = self.general[RSP].wrapping_add(8);
        Some(u64::from_le_bytes(bytes))
    }

    fn is(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    fn holds(&self, condition: ConditionCode) -> bool {
        let less = self.is(SIGN) != self.is(OVERFLOW);
        match condition {
            ConditionCode::o => self.is(OVERFLOW),
            ConditionCode::no => !self.is(OVERFLOW),
            ConditionCode::b => self.is(CARRY),
            ConditionCode::ae => !self.is(CARRY),
            ConditionCode::e => self.is(ZERO),
            ConditionCode::ne => !self.is(ZERO),
            ConditionCode::be => self.is(CARRY) || self.is(ZERO),
            ConditionCode::a => !self.is(CARRY) && !self.is(ZERO),
            ConditionCode::s => self.is(SIGN),
            ConditionCode::ns => !self.is(SIGN),
            ConditionCode::p => self.is(PARITY),
            ConditionCode::np => !self.is(PARITY),
            ConditionCode::l => less,
            ConditionCode::ge => !less,
            ConditionCode::le => less || self.is(ZERO),
            ConditionCode::g => !less && !self.is(ZERO),
            ConditionCode::None => false,
        }
    }
}

fn is_conditional_move(one: &Instruction) -> bool {
    use Mnemonic::*;
    matches!(
        one.mnemonic(),
        Cmovo
            | Cmovno
            | Cmovb
            | Cmovae
            | Cmove
            | Cmovne
            | Cmovbe
            | Cmova
            | Cmovs
            | Cmovns
            | Cmovp
            | Cmovnp
            | Cmovl
            | Cmovge
            | Cmovle
            | Cmovg
    )
}

fn is_conditional_set(one: &Instruction) -> bool {
    use Mnemonic::*;
    matches!(
        one.mnemonic(),
        Seto | Setno
            | Setb
            | Setae
            | Sete
            | Setne
            | Setbe
            | Seta
            | Sets
            | Setns
            | Setp
            | Setnp
            | Setl
            | Setge
            | Setle
            | Setg
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions};

    struct Bytes(Vec<u8>);

    impl Memory for Bytes {
        fn read(&mut self, address: u64, bytes: &mut [u8]) -> Option<()> {
            let at = usize::try_from(address).ok()?;
            bytes.copy_from_slice(self.0.get(at..at.checked_add(bytes.len())?)?);
            Some(())
        }

        fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
            let at = usize::try_from(address).ok()?;
            self.0.get_mut(at..at.checked_add(bytes.len())?)?.copy_from_slice(bytes);
            Some(())
        }
    }

    fn run(code: &[u8], cpu: &mut Cpu, memory: &mut Bytes) -> Option<()> {
        let mut decoder = Decoder::with_ip(64, code, 0x1000, DecoderOptions::NONE);
        while decoder.can_decode() {
            let one = decoder.decode();
            cpu.execute(&one, memory)?;
        }
        Some(())
    }

    #[test]
    fn registers_of_32_bits_clear_the_rest_and_those_of_8_do_not() {
        let mut cpu = Cpu { general: [u64::MAX; 16], ..Cpu::default() };
        // mov eax, 5; mov cl, 7; movzx edx, cl; movsxd rbx, edx
        let code = [0xb8, 5, 0, 0, 0, 0xb1, 7, 0x0f, 0xb6, 0xd1, 0x48, 0x63, 0xda];
        run(&code, &mut cpu, &mut Bytes(vec![])).unwrap();
        assert_eq!(cpu.general[..4], [5, 0xffff_ffff_ffff_ff07, 7, 7]);
    }

    #[test]
    fn a_sum_sets_the_flags_that_a_jump_asks() {
        let mut cpu = Cpu::default();
        cpu.general[0] = u64::MAX;
        // add rax, 1; adc rcx, 0; sub rdx, 1; cmp rdx, 0
        let code =
            [0x48, 0x83, 0xc0, 1, 0x48, 0x83, 0xd1, 0, 0x48, 0x83, 0xea, 1, 0x48, 0x83, 0xfa, 0];
        run(&code, &mut cpu, &mut Bytes(vec![])).unwrap();
        assert_eq!(cpu.general[..3], [0, 1, u64::MAX]);
        assert!(cpu.is(SIGN) && !cpu.is(ZERO) && !cpu.is(CARRY) && !cpu.is(OVERFLOW));
        assert!(cpu.holds(ConditionCode::l) && cpu.holds(ConditionCode::a));
    }

    #[test]
    fn a_call_pushes_and_a_return_pops_and_what_cannot_be_written_changes_nothing() {
        let mut memory = Bytes(vec![0; 64]);
        let mut cpu = Cpu::default();
        cpu.general[RSP] = 64;
        let decode = |code: &[u8]| Decoder::with_ip(64, code, 0x1000, 0).decode();
        cpu.execute(&decode(&[0xe8, 0x10, 0, 0, 0]), &mut memory).unwrap();
        assert_eq!((cpu.rip, cpu.general[RSP]), (0x1015, 56));
        cpu.execute(&decode(&[0xc3]), &mut memory).unwrap();
        assert_eq!((cpu.rip, cpu.general[RSP]), (0x1005, 64));
        let before = cpu.clone();
        cpu.general[RSP] = 4;
        assert_eq!(cpu.execute(&decode(&[0x50]), &mut memory), None);
        assert_eq!(cpu.general[RSP], 4);
        assert_eq!((cpu.rip, cpu.flags), (before.rip, before.flags));
        // A system call, an atomic increment, a block copy are the processor's.
        for code in [&[0x0f, 0x05][..], &[0xf0, 0x48, 0xff, 0x00], &[0xf3, 0xa4]] {
            assert_eq!(cpu.execute(&decode(code), &mut memory), None);
        }
    }
}
