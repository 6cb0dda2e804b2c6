//! The parts of the image, unpacked into the program's memory, by two threads where there are two processors.
//!
//! Parts do not overlap, so whoever is free takes the dearest that is left.

use crate::failure::Failure;
use crate::fresh::Fresh;
use crate::system;
use crate::thread::Helper;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use elfin_pack_format::Damaged;
use elfin_pack_format::container::Header;
use elfin_pack_format::image::{Parts, finish, unpack_part};

/// What costs less than that is unpacked sooner than a thread is made.
const WORTH_A_THREAD: u64 = 256 << 10;

/// What the threads share.
struct Work<'a> {
    parts: Parts<'a>,
    image: *mut u8,
    image_len: usize,
    /// How many parts are taken.
    taken: AtomicUsize,
    damaged: AtomicBool,
}

/// Unpacks all parts and puts what the file keeps readable among them.
pub fn unpack(header: &Header, file: &[u8], image: &mut [u8]) -> Result<(), Failure> {
    let parts = Parts::parse(header.image_bytes(file)?)?;
    let (mut scratch_len, mut cost) = (0, 0_u64);
    for i in 0..parts.len() {
        let part = parts.part(i);
        image.get(part.output).ok_or(Damaged("a part is outside of the program"))?;
        scratch_len = scratch_len.max(parts.scratch(i));
        cost += part.cost; // Each has 32 bits, and there are fewer than 2^32.
    }
    system::ask_for_huge_pages(image.as_ptr() as usize, image.len());
    let work = Work {
        parts,
        image: image.as_mut_ptr(),
        image_len: image.len(),
        taken: AtomicUsize::new(0),
        damaged: AtomicBool::new(false),
    };
    let scratch = Fresh::new(scratch_len)?;
    let two = parts.len() > 1 && cost > WORTH_A_THREAD && system::processors() > 1;
    let helper = if two { Helper::start(&work, help, scratch_len) } else { None };
    // SAFETY: the helper has scratch memory of its own.
    let done = work.do_all(unsafe { scratch.bytes() });
    if let Some(helper) = helper {
        helper.wait();
    }
    done?;
    if work.damaged.load(Ordering::Acquire) {
        return Err(Damaged("a part is damaged").into());
    }
    finish(&work.parts, image, header.base)?;
    header.put_kept(file, image)?;
    Ok(())
}

/// What the second thread does.
fn help(work: &Work<'_>, scratch: &mut [u8]) {
    if work.do_all(scratch).is_err() {
        work.damaged.store(true, Ordering::Release);
    }
}

impl Work<'_> {
    /// Unpacks parts until none is left.
    fn do_all(&self, scratch: &mut [u8]) -> Result<(), Damaged> {
        loop {
            let turn = self.taken.fetch_add(1, Ordering::AcqRel);
            let Some(i) = self.dearest(turn) else { return Ok(()) };
            let output = self.parts.part(i).output;
            let len = self.parts.scratch(i);
            let scratch = scratch.get_mut(..len).ok_or(Damaged("a part needs too much"))?;
            debug_assert!(output.end <= self.image_len);
            // SAFETY: `unpack` checked that it is inside of the image, parts do not overlap, and
            // nobody else has this turn.
            let output = unsafe {
                core::slice::from_raw_parts_mut(self.image.add(output.start), output.len())
            };
            system::populate(output.as_ptr() as usize, output.len());
            unpack_part(&self.parts, i, output, scratch)?;
        }
    }

    /// The part that is dearer than all but `turn` of them.
    fn dearest(&self, turn: usize) -> Option<usize> {
        let cost = |i: usize| self.parts.part(i).cost;
        let count = self.parts.len();
        let before = |i: usize| {
            (0..count).filter(|j| cost(*j) > cost(i) || (cost(*j) == cost(i) && *j < i)).count()
        };
        (0..count).find(|i| before(*i) == turn)
    }
}
