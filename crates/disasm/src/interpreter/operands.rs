//! What an instruction works on: registers of any width, places in memory, numbers in the code.

use super::{Cpu, Memory};
use iced_x86::{Instruction, OpKind, Register};

/// How many bytes an operand has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    Byte,
    Word,
    Double,
    Quad,
}

impl Width {
    pub(crate) fn of(bytes: usize) -> Option<Width> {
        match bytes {
            1 => Some(Width::Byte),
            2 => Some(Width::Word),
            4 => Some(Width::Double),
            8 => Some(Width::Quad),
            _ => None,
        }
    }

    pub(crate) fn bytes(self) -> usize {
        match self {
            Width::Byte => 1,
            Width::Word => 2,
            Width::Double => 4,
            Width::Quad => 8,
        }
    }

    pub(crate) fn bits(self) -> u32 {
        match self {
            Width::Byte => 8,
            Width::Word => 16,
            Width::Double => 32,
            Width::Quad => 64,
        }
    }

    /// The bits that an operand of this width has.
    pub(crate) fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }

    pub(crate) fn sign(self) -> u64 {
        1 << (self.bits() - 1)
    }

    /// The value as a number with a sign.
    pub(crate) fn signed(self, value: u64) -> i64 {
        let shift = 64 - self.bits();
        (value << shift).cast_signed() >> shift
    }
}

impl Cpu {
    /// How wide an operand is; `None` for what is no general register, memory or number.
    pub(crate) fn width(&self, one: &Instruction, index: u32) -> Option<Width> {
        match one.op_kind(index) {
            OpKind::Register => {
                let register = one.op_register(index);
                register.is_gpr().then_some(())?;
                Width::of(register.size())
            }
            OpKind::Memory => Width::of(one.memory_size().size()),
            OpKind::Immediate8 => Some(Width::Byte),
            OpKind::Immediate16 | OpKind::Immediate8to16 => Some(Width::Word),
            OpKind::Immediate32 | OpKind::Immediate8to32 => Some(Width::Double),
            OpKind::Immediate64 | OpKind::Immediate8to64 | OpKind::Immediate32to64 => {
                Some(Width::Quad)
            }
            _ => None,
        }
    }

    /// The value of an operand, its upper bits zero.
    pub(crate) fn operand(
        &self,
        one: &Instruction,
        index: u32,
        memory: &mut impl Memory,
    ) -> Option<u64> {
        let width = self.width(one, index)?;
        match one.op_kind(index) {
            OpKind::Register => self.register(one.op_register(index)),
            OpKind::Memory => {
                let mut bytes = [0; 8];
                memory.read(self.effective(one)?, bytes.get_mut(..width.bytes())?)?;
                Some(u64::from_le_bytes(bytes))
            }
            _ => Some(one.immediate(index) & width.mask()),
        }
    }

    /// Gives an operand a value, of which it takes as many bits as it has.
    pub(crate) fn store(
        &mut self,
        one: &Instruction,
        index: u32,
        value: u64,
        memory: &mut impl Memory,
    ) -> Option<()> {
        let width = self.width(one, index)?;
        match one.op_kind(index) {
            OpKind::Register => self.set_register(one.op_register(index), value),
            OpKind::Memory => {
                memory.write(self.effective(one)?, value.to_le_bytes().get(..width.bytes())?)
            }
            _ => None,
        }
    }

    /// The address that the operand in memory is at; `None` where it is not of a plain form.
    pub(crate) fn effective(&self, one: &Instruction) -> Option<u64> {
        let base = match one.memory_base() {
            Register::None => 0,
            Register::RIP => return self.segment(one, one.ip_rel_memory_address()),
            base if base.is_gpr64() => self.register(base)?,
            _ => return None,
        };
        let index = match one.memory_index() {
            Register::None => 0,
            index if index.is_gpr64() => self.register(index)?,
            _ => return None,
        };
        let scaled = index.wrapping_mul(one.memory_index_scale().into());
        let address = base.wrapping_add(scaled).wrapping_add(one.memory_displacement64());
        self.segment(one, address)
    }

    fn segment(&self, one: &Instruction, address: u64) -> Option<u64> {
        match one.segment_prefix() {
            Register::None | Register::DS | Register::ES | Register::CS | Register::SS => {
                Some(address)
            }
            Register::FS => Some(address.wrapping_add(self.fs_base)),
            _ => None,
        }
    }

    pub(crate) fn register(&self, register: Register) -> Option<u64> {
        let (place, shift, width) = place(register)?;
        Some(*self.general.get(place)? >> shift & width.mask())
    }

    pub(crate) fn set_register(&mut self, register: Register, value: u64) -> Option<()> {
        let (place, shift, width) = place(register)?;
        let whole = self.general.get_mut(place)?;
        *whole = match width {
            Width::Quad => value,
            Width::Double => value & width.mask(),
            _ => *whole & !(width.mask() << shift) | (value & width.mask()) << shift,
        };
        Some(())
    }
}

/// Which register it is a part of, how many bits above its lowest, and how wide.
fn place(register: Register) -> Option<(usize, u32, Width)> {
    register.is_gpr().then_some(())?;
    let high = [Register::AH, Register::CH, Register::DH, Register::BH];
    if let Some(place) = high.iter().position(|it| *it == register) {
        return Some((place, 8, Width::Byte));
    }
    let place = register.full_register() as usize - Register::RAX as usize;
    Some((place, 0, Width::of(register.size())?))
}
