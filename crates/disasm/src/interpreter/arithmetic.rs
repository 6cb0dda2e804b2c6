//! Sums, logic, shifts and products, with the flags that they set.

use super::operands::Width;
use super::{ADJUST, CARRY, Cpu, Memory, OVERFLOW, PARITY, SIGN, ZERO};
use iced_x86::{Instruction, Mnemonic, OpKind, Register};

const RAX: usize = 0;
const RDX: usize = 2;

impl Cpu {
    /// Does an instruction that computes; `None` if it is none that is known.
    pub(super) fn compute(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        match one.mnemonic() {
            Mnemonic::Add | Mnemonic::Adc | Mnemonic::Sub | Mnemonic::Sbb | Mnemonic::Cmp => {
                self.sum(one, memory)
            }
            Mnemonic::And | Mnemonic::Or | Mnemonic::Xor | Mnemonic::Test => {
                self.logic(one, memory)
            }
            Mnemonic::Inc | Mnemonic::Dec | Mnemonic::Neg | Mnemonic::Not => {
                self.alone(one, memory)
            }
            Mnemonic::Shl | Mnemonic::Shr | Mnemonic::Sar | Mnemonic::Rol | Mnemonic::Ror => {
                self.shift(one, memory)
            }
            Mnemonic::Imul if one.op_count() > 1 => self.product(one, memory),
            Mnemonic::Mul if one.op_count() == 1 => self.wide_product(one, memory),
            Mnemonic::Bt if one.op0_kind() == OpKind::Register => {
                let width = self.width(one, 0)?;
                let value = self.operand(one, 0, memory)?;
                let bit = self.operand(one, 1, memory)? & u64::from(width.bits() - 1);
                self.set(CARRY, value >> bit & 1 == 1);
                Some(())
            }
            Mnemonic::Bsf | Mnemonic::Bsr | Mnemonic::Popcnt | Mnemonic::Bswap => {
                self.bits(one, memory)
            }
            Mnemonic::Cdqe | Mnemonic::Cwde | Mnemonic::Cqo | Mnemonic::Cdq => self.extend(one),
            _ => None,
        }
    }

    pub(super) fn set(&mut self, flag: u64, yes: bool) {
        self.flags = if yes { self.flags | flag } else { self.flags & !flag };
    }

    /// The flags that only the result tells.
    fn result(&mut self, value: u64, width: Width) {
        self.set(ZERO, value & width.mask() == 0);
        self.set(SIGN, value & width.sign() != 0);
        self.set(PARITY, (value & 0xff).count_ones().is_multiple_of(2));
    }

    fn add(&mut self, left: u64, right: u64, carry: u64, width: Width) -> u64 {
        let wide = u128::from(left) + u128::from(right) + u128::from(carry);
        let value = left.wrapping_add(right).wrapping_add(carry) & width.mask();
        self.set(CARRY, wide > u128::from(width.mask()));
        self.set(OVERFLOW, (left ^ value) & (right ^ value) & width.sign() != 0);
        self.set(ADJUST, (left ^ right ^ value) & 0x10 != 0);
        self.result(value, width);
        value
    }

    fn subtract(&mut self, left: u64, right: u64, borrow: u64, width: Width) -> u64 {
        let value = left.wrapping_sub(right).wrapping_sub(borrow) & width.mask();
        self.set(CARRY, u128::from(left) < u128::from(right) + u128::from(borrow));
        self.set(OVERFLOW, (left ^ right) & (left ^ value) & width.sign() != 0);
        self.set(ADJUST, (left ^ right ^ value) & 0x10 != 0);
        self.result(value, width);
        value
    }

    fn sum(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let width = self.width(one, 0)?;
        let left = self.operand(one, 0, memory)?;
        let right = self.operand(one, 1, memory)? & width.mask();
        let (flags, carry) = (self.flags, self.flags & CARRY);
        let value = match one.mnemonic() {
            Mnemonic::Add => self.add(left, right, 0, width),
            Mnemonic::Adc => self.add(left, right, carry, width),
            Mnemonic::Sbb => self.subtract(left, right, carry, width),
            _ => self.subtract(left, right, 0, width),
        };
        if one.mnemonic() == Mnemonic::Cmp {
            return Some(());
        }
        self.kept(one, value, flags, memory)
    }

    /// Stores a result, or undoes the flags where it cannot be stored.
    fn kept(
        &mut self,
        one: &Instruction,
        value: u64,
        flags: u64,
        memory: &mut impl Memory,
    ) -> Option<()> {
        let stored = self.store(one, 0, value, memory);
        if stored.is_none() {
            self.flags = flags;
        }
        stored
    }

    fn logic(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let width = self.width(one, 0)?;
        let left = self.operand(one, 0, memory)?;
        let right = self.operand(one, 1, memory)? & width.mask();
        let value = match one.mnemonic() {
            Mnemonic::Or => left | right,
            Mnemonic::Xor => left ^ right,
            _ => left & right,
        };
        let flags = self.flags;
        self.set(CARRY | OVERFLOW, false);
        self.result(value, width);
        if one.mnemonic() == Mnemonic::Test {
            return Some(());
        }
        self.kept(one, value, flags, memory)
    }

    fn alone(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let width = self.width(one, 0)?;
        let value = self.operand(one, 0, memory)?;
        let (flags, carry) = (self.flags, self.is(CARRY));
        let result = match one.mnemonic() {
            Mnemonic::Not => return self.store(one, 0, !value & width.mask(), memory),
            Mnemonic::Neg => self.subtract(0, value, 0, width),
            Mnemonic::Inc => self.add(value, 1, 0, width),
            _ => self.subtract(value, 1, 0, width),
        };
        if one.mnemonic() != Mnemonic::Neg {
            self.set(CARRY, carry);
        }
        self.kept(one, result, flags, memory)
    }

    fn shift(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let width = self.width(one, 0)?;
        let value = self.operand(one, 0, memory)?;
        let most = if width == Width::Quad { 63 } else { 31 };
        let count = u32::try_from(self.operand(one, 1, memory)? & most).ok()?;
        if count == 0 {
            return self.store(one, 0, value, memory);
        }
        // Narrow operands have counts beyond their width, which nobody writes.
        (count < width.bits()).then_some(())?;
        let flags = self.flags;
        let bits = width.bits();
        let (result, carry) = match one.mnemonic() {
            Mnemonic::Shl => (value << count, value >> (bits - count) & 1),
            Mnemonic::Shr => (value >> count, value >> (count - 1) & 1),
            Mnemonic::Sar => {
                let signed = width.signed(value);
                ((signed >> count).cast_unsigned(), (signed >> (count - 1)).cast_unsigned() & 1)
            }
            Mnemonic::Rol => {
                let turned = value << count | value >> (bits - count);
                (turned, turned & 1)
            }
            _ => {
                let turned = value >> count | value << (bits - count);
                (turned, turned >> (bits - 1) & 1)
            }
        };
        let result = result & width.mask();
        self.set(CARRY, carry == 1);
        if !matches!(one.mnemonic(), Mnemonic::Rol | Mnemonic::Ror) {
            self.result(result, width);
        }
        if count == 1 {
            let top = |it: u64| it & width.sign() != 0;
            let overflow = match one.mnemonic() {
                Mnemonic::Shl | Mnemonic::Rol => top(result) != (carry == 1),
                Mnemonic::Shr => top(value),
                Mnemonic::Sar => false,
                _ => top(result) != (result & width.sign() >> 1 != 0),
            };
            self.set(OVERFLOW, overflow);
        }
        self.kept(one, result, flags, memory)
    }

    fn product(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let width = self.width(one, 0)?;
        let (left, right) = if one.op_count() == 3 { (1, 2) } else { (0, 1) };
        let signed = |value: u64| i128::from(width.signed(value));
        let left = signed(self.operand(one, left, memory)?);
        let right = signed(self.operand(one, right, memory)?);
        let wide = left * right;
        let value = u64::try_from(wide.cast_unsigned() & u128::from(width.mask())).ok()?;
        self.set(CARRY | OVERFLOW, signed(value) != wide);
        self.store(one, 0, value, memory)
    }

    fn wide_product(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        (self.width(one, 0)? == Width::Quad).then_some(())?;
        let right = u128::from(self.operand(one, 0, memory)?);
        let wide = u128::from(self.general[RAX]) * right;
        self.general[RAX] = u64::try_from(wide & u128::from(u64::MAX)).ok()?;
        self.general[RDX] = u64::try_from(wide >> 64).ok()?;
        self.set(CARRY | OVERFLOW, self.general[RDX] != 0);
        Some(())
    }

    fn bits(&mut self, one: &Instruction, memory: &mut impl Memory) -> Option<()> {
        let width = self.width(one, 0)?;
        if one.mnemonic() == Mnemonic::Bswap {
            let value = self.operand(one, 0, memory)?.swap_bytes();
            return match width {
                Width::Quad => self.store(one, 0, value, memory),
                Width::Double => self.store(one, 0, value >> 32, memory),
                _ => None,
            };
        }
        let value = self.operand(one, 1, memory)?;
        if one.mnemonic() == Mnemonic::Popcnt {
            self.set(CARRY | OVERFLOW | SIGN | PARITY | ADJUST, false);
            self.set(ZERO, value == 0);
            return self.store(one, 0, value.count_ones().into(), memory);
        }
        self.set(ZERO, value == 0);
        if value == 0 {
            return Some(()); // the register stays, on every processor that there is
        }
        let place = match one.mnemonic() {
            Mnemonic::Bsf => value.trailing_zeros(),
            _ => 63 - value.leading_zeros(),
        };
        self.store(one, 0, place.into(), memory)
    }

    fn extend(&mut self, one: &Instruction) -> Option<()> {
        let value = self.general[RAX];
        match one.mnemonic() {
            Mnemonic::Cdqe => {
                self.set_register(Register::RAX, Width::Double.signed(value).cast_unsigned())
            }
            Mnemonic::Cwde => {
                self.set_register(Register::EAX, Width::Word.signed(value).cast_unsigned())
            }
            Mnemonic::Cqo => {
                self.set_register(Register::RDX, (value.cast_signed() >> 63).cast_unsigned())
            }
            _ => {
                let sign = Width::Double.signed(value) >> 63;
                self.set_register(Register::EDX, sign.cast_unsigned())
            }
        }
    }
}
