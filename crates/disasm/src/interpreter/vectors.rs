//! Moves of whole vector registers, by which Go and C copy and clear memory.

use super::{Cpu, Memory};
use iced_x86::{Instruction, Mnemonic, OpKind, Register};

impl Cpu {
    /// Does a move of SSE, or the clearing of a register; `None` for everything else.
    pub(super) fn vector(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        match one.mnemonic() {
            Mnemonic::Movups | Mnemonic::Movdqu => self.whole(one, memory),
            Mnemonic::Movaps | Mnemonic::Movdqa => {
                if one.op_kind(0) == OpKind::Memory || one.op_kind(1) == OpKind::Memory {
                    // One that is not aligned is a fault, which the processor is to raise.
                    self.effective(one)?.is_multiple_of(16).then_some(())?;
                }
                self.whole(one, memory)
            }
            Mnemonic::Xorps | Mnemonic::Pxor if one.op0_register() == one.op1_register() => {
                self.set_vector(one.op0_register(), 0)
            }
            Mnemonic::Movq | Mnemonic::Movd => self.low(one, memory),
            _ => None,
        }
    }

    fn whole(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let value = match one.op1_kind() {
            OpKind::Register => self.vector_register(one.op1_register())?,
            OpKind::Memory => {
                let mut bytes = [0; 16];
                memory.read(self.effective(one)?, &mut bytes)?;
                u128::from_le_bytes(bytes)
            }
            _ => return None,
        };
        match one.op0_kind() {
            OpKind::Register => self.set_vector(one.op0_register(), value),
            OpKind::Memory => memory.write(self.effective(one)?, &value.to_le_bytes()),
            _ => None,
        }
    }

    /// Moves the lower half or quarter; a register that receives it is cleared above.
    fn low(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let is_vector =
            |index| one.op_kind(index) == OpKind::Register && one.op_register(index).is_xmm();
        match (is_vector(0), is_vector(1)) {
            (true, true) => {
                let value = self.vector_register(one.op1_register())? & u128::from(u64::MAX);
                self.set_vector(one.op0_register(), value)
            }
            (true, false) => {
                let value = self.operand(one, 1, memory)?;
                self.set_vector(one.op0_register(), value.into())
            }
            (false, true) => {
                let value = self.vector_register(one.op1_register())? & u128::from(u64::MAX);
                self.store(one, 0, u64::try_from(value).ok()?, memory)
            }
            _ => None,
        }
    }

    fn vector_register(&self, register: Register) -> Option<u128> {
        self.vectors.get(number(register)?).copied()
    }

    fn set_vector(&mut self, register: Register, value: u128) -> Option<()> {
        *self.vectors.get_mut(number(register)?)? = value;
        self.vectors_changed = true;
        Some(())
    }
}

fn number(register: Register) -> Option<usize> {
    register.is_xmm().then(|| register as usize - Register::XMM0 as usize)
}
