//! What is executed, in the form that the kernel takes.
//!
//! `Command` is where arguments and environment are put together, but it does not get to execute
//! them: it would give a file that is no program to the shell, so that a ruined binary would run as
//! a script and count as started.
#![allow(unsafe_code, reason = "execve takes pointers, which are to be made before the fork")]

use std::collections::BTreeMap;
use std::env;
use std::ffi::{CString, OsStr, OsString, c_char};
use std::io;
use std::iter::once;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;
use std::ptr;

use nix::errno::Errno;

/// A program with its arguments and its environment.
#[derive(Debug)]
pub(crate) struct Image {
    path: CString,
    arguments: Texts,
    environment: Texts,
}

impl Image {
    /// Takes from a command, which must name its program by a path, all that exec needs.
    ///
    /// Fails where a text holds a zero byte.
    pub(crate) fn of(command: &Command) -> io::Result<Self> {
        let mut variables: BTreeMap<OsString, OsString> = env::vars_os().collect();
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => variables.insert(key.to_owned(), value.to_owned()),
                None => variables.remove(key),
            };
        }
        let assignments = variables.into_iter().map(|(mut key, value)| {
            key.push("=");
            key.push(value);
            key
        });
        let program = command.get_program();
        let words = once(program).chain(command.get_args()).map(OsStr::to_owned);
        Ok(Self {
            path: CString::new(program.as_bytes())?,
            arguments: Texts::new(words)?,
            environment: Texts::new(assignments)?,
        })
    }

    /// Becomes the program; between fork and exec too. Returns only why it cannot.
    pub(crate) fn execute(&self) -> Errno {
        let (arguments, environment) = (&self.arguments.pointers, &self.environment.pointers);
        // SAFETY: a path and two lists of pointers to texts, all ended by a zero.
        unsafe { libc::execve(self.path.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
        Errno::last()
    }
}

/// A list of texts as C has it.
#[derive(Debug)]
struct Texts {
    /// To the texts, and a null pointer.
    pointers: Vec<*const c_char>,
    _texts: Vec<CString>,
}

// SAFETY: the pointers are to texts that are owned, never changed, and freed with the list.
unsafe impl Send for Texts {}
// SAFETY: as above.
unsafe impl Sync for Texts {}

impl Texts {
    fn new(texts: impl Iterator<Item = OsString>) -> io::Result<Self> {
        let texts = texts.map(|text| CString::new(text.into_vec()));
        let texts: Vec<CString> = texts.collect::<Result<_, _>>()?;
        let pointers = texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        Ok(Self { pointers, _texts: texts })
    }
}
