//! Counts the instructions of a program's first thread, one after the other.
//!
//! Most are done by elfin itself on a copy of the registers, which takes a
//! microsecond; what it does not know the processor does, one at a time. Either
//! way an instruction counts once, so the count is that of the processor.

use crate::WatchError;
use crate::marks::Subject;
use elfin_disasm::{Cpu, Decoder, DecoderOptions, Instruction, Memory};
use elfin_process::{Cancel, Course, Event, Registers, Stepper};
use std::collections::HashMap;
use std::io;
use std::time::Duration;

/// Bytes of the longest instruction.
const LONGEST: usize = 15;

const RSP: usize = 4;

/// The memory of a program that is led.
struct Led<'s>(&'s mut Stepper);

impl Memory for Led<'_> {
    fn read(&mut self, address: u64, bytes: &mut [u8]) -> Option<()> {
        self.0.read(address, bytes).ok()
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        // One that crosses pages could be done in part.
        let last = address.checked_add(bytes.len() as u64 - 1)?;
        (address >> 12 == last >> 12).then(|| self.0.write(address, bytes).ok())?
    }
}

/// A program whose instructions are counted.
pub(crate) struct Counter {
    stepper: Stepper,
    cpu: Cpu,
    known: HashMap<u64, Instruction>,
    /// Registers were changed here and not told to the processor.
    changed: bool,
    /// Instructions so far.
    pub(crate) count: u64,
    /// Those that the processor did.
    pub(crate) by_processor: u64,
    /// Never do one here.
    only_processor: bool,
}

impl Counter {
    /// Starts a program and stops it before its first instruction.
    pub(crate) fn start(
        subject: &Subject<'_>,
        only_processor: bool,
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Counter, WatchError> {
        let entry = subject.marks.entry;
        let stepper = Stepper::start(subject.program, entry, Course::Repeatable, timeout, cancel);
        let mut counter = Counter {
            stepper: stepper.map_err(|error| subject.failed(error))?,
            cpu: Cpu::default(),
            known: HashMap::new(),
            changed: false,
            count: 0,
            by_processor: 0,
            only_processor,
        };
        counter.look().map_err(subject.os("reading registers"))?;
        Ok(counter)
    }

    /// How far the program was moved from where it is linked.
    pub(crate) fn moved(&self) -> u64 {
        self.stepper.moved()
    }

    /// Why the program ended before its time.
    pub(crate) fn ended(&self, cancel: &Cancel) -> elfin_process::StartError {
        self.stepper.ended(cancel)
    }

    /// Where the next instruction stands.
    pub(crate) fn rip(&self) -> u64 {
        self.cpu.rip
    }

    /// The word on top of the stack: where a function that has just been called returns to.
    pub(crate) fn return_address(&self) -> io::Result<u64> {
        let mut word = [0; 8];
        self.stepper.read(self.cpu.general[RSP], &mut word)?;
        Ok(u64::from_le_bytes(word))
    }

    /// Does one instruction; false where the program has ended.
    ///
    /// Fails where the system does not let it be traced.
    pub(crate) fn step(&mut self) -> io::Result<bool> {
        if !self.only_processor
            && let Some(one) = self.instruction()
            && self.cpu.execute(&one, &mut Led(&mut self.stepper)).is_some()
        {
            self.changed = true;
            self.count += 1;
            return Ok(true);
        }
        if self.changed {
            let (general, rip) = (self.cpu.general, self.cpu.rip);
            let registers =
                Registers { general, rip, flags: self.cpu.flags, fs_base: self.cpu.fs_base };
            self.stepper.set_registers(&registers)?;
            if self.cpu.vectors_changed {
                self.stepper.set_vectors(&self.cpu.vectors)?;
            }
        }
        if self.stepper.step()? == Event::Ended {
            return Ok(false);
        }
        self.count += 1;
        self.by_processor += 1;
        self.look()?;
        Ok(true)
    }

    /// Reads the registers anew.
    fn look(&mut self) -> io::Result<()> {
        let Registers { general, rip, flags, fs_base } = self.stepper.registers()?;
        let vectors = if self.only_processor { [0; 16] } else { self.stepper.vectors()? };
        self.cpu = Cpu { general, rip, flags, fs_base, vectors, vectors_changed: false };
        self.changed = false;
        Ok(())
    }

    /// The instruction that is next; code does not change while it is counted.
    fn instruction(&mut self) -> Option<Instruction> {
        let rip = self.cpu.rip;
        if let Some(one) = self.known.get(&rip) {
            return Some(*one);
        }
        let mut bytes = [0; LONGEST];
        let page = usize::try_from(0x1000 - (rip & 0xfff)).ok()?;
        let whole = self.stepper.read(rip, &mut bytes).is_ok();
        let have = if whole { LONGEST } else { page.min(LONGEST) };
        if !whole {
            self.stepper.read(rip, bytes.get_mut(..have)?).ok()?;
        }
        let one = Decoder::with_ip(64, bytes.get(..have)?, rip, DecoderOptions::NONE).decode();
        (!one.is_invalid()).then_some(())?;
        self.known.insert(rip, one);
        Some(one)
    }
}
