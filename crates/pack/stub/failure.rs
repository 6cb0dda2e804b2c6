//! What the loader says when it cannot start the program, and how it ends.

use crate::system;
use core::panic::PanicInfo;
use elfin_pack_format::Damaged;

/// The status of a shell that could not start a command.
const STATUS: usize = 127;

/// Why the program is not started.
#[derive(Clone, Copy)]
pub enum Failure {
    /// Its bytes are wrong.
    Damaged(&'static str),
    /// The kernel refused something: what, and the error's number.
    System(&'static str, i32),
}

impl From<Damaged> for Failure {
    fn from(damaged: Damaged) -> Failure {
        Failure::Damaged(damaged.0)
    }
}

/// Says why, and ends the process.
pub fn fail(failure: Failure) -> ! {
    system::complain(b"elfin: cannot start this packed program: ");
    match failure {
        Failure::Damaged(what) => system::complain(what.as_bytes()),
        Failure::System(what, errno) => {
            system::complain(what.as_bytes());
            let errno = errno.unsigned_abs() % 1000;
            let digit = |it: u32| b'0' + (it % 10) as u8;
            let text = *b" (error number ";
            system::complain(&text);
            system::complain(&[digit(errno / 100), digit(errno / 10), digit(errno)]);
            system::complain(b")");
        }
    }
    system::complain(b"\n");
    system::exit(STATUS)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    fail(Failure::Damaged("it is damaged"))
}
