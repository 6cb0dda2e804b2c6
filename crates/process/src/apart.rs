//! elfin itself apart from the machine: with mounts and a network of its own.
//!
//! It is what a look into other root file systems takes: what is mounted is seen by elfin and its
//! children alone and is gone when they are, and a server of names may have port 53. All of it
//! happens inside of a user namespace, for which no privilege is needed; elfin is root in there, and
//! nobody else outside.
#![allow(unsafe_code, reason = "bringing an interface up is an ioctl, which has no safe wrapper")]

use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::Uid;

use crate::guise::UserMap;

/// Says why elfin could not set itself apart.
#[derive(Debug, thiserror::Error)]
pub enum ApartError {
    /// The system lets this user have no namespaces.
    #[error("no user namespace to mount other roots in: {source}; allow them, or run as root")]
    NoUserNamespace {
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something that should work.
    #[error("{doing}: {source}")]
    Os {
        /// What was being done, and to which file.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
}

impl ApartError {
    /// Makes an error of what the system said while `doing` something to a file.
    pub(crate) fn at(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Os { doing, source }
    }
}

/// Gives this process mounts of its own, as root of a user namespace. There is no way back.
///
/// Fails where the system allows no user namespaces, or elfin has more than one thread.
pub fn own_mounts() -> Result<(), ApartError> {
    let map = UserMap::new(0, 0);
    let refused = |errno: nix::errno::Errno| ApartError::NoUserNamespace { source: errno.into() };
    match unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS) {
        Ok(()) => map.map().map_err(refused)?,
        // Who is root already can do without, where there are no user namespaces.
        Err(_) if Uid::effective().is_root() => {
            unshare(CloneFlags::CLONE_NEWNS).map_err(refused)?;
        }
        Err(errno) => return Err(refused(errno)),
    }
    // What is mounted from here on must not be seen outside.
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(|errno| ApartError::at("parting the mounts of", Path::new("/"))(errno.into()))
}

/// Gives this thread, and what it starts from here on, a network of nothing but a loopback.
///
/// Fails where [`own_mounts`] was not called before.
pub fn own_network() -> Result<(), ApartError> {
    let os = |doing: &str| {
        let doing = doing.to_owned();
        move |errno: nix::errno::Errno| ApartError::Os { doing, source: errno.into() }
    };
    unshare(CloneFlags::CLONE_NEWNET).map_err(os("making a network"))?;
    let any = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None);
    let any = any.map_err(os("opening a socket"))?;
    // SAFETY: all zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = from.cast_signed();
    }
    #[expect(clippy::cast_possible_truncation, reason = "two low bits of a field of 16")]
    {
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    }
    // SAFETY: the request is an ifreq with a name that ends in a zero, and outlives the call.
    let done = unsafe { libc::ioctl(any.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    nix::errno::Errno::result(done).map(drop).map_err(os("bringing the loopback up"))
}
