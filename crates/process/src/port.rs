//! Knocks at a port of the loopback interface until somebody opens.
//!
//! The knocking must not disturb what it waits for. So the source port is bound beforehand: a
//! connection from a port that the kernel picks would sooner or later be one from the awaited port
//! to itself, a false answer that also takes the port away. And a connection that came about is
//! reset, not closed: no port is left in TIME_WAIT for the next start to stumble over. A knock waits
//! for its answer, which comes within microseconds; unless nobody sends one, for a millisecond.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::socket::sockopt::{Linger, SendTimeout};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrStorage, bind, connect,
    getsockname, setsockopt, socket,
};
use nix::sys::time::{TimeVal, TimeValLike};

/// The sockets that knock at one port, and the short sleeps of the thread that does.
#[derive(Debug)]
pub(crate) struct Knock {
    doors: Vec<(OwnedFd, SockaddrStorage)>,
    slack: i32,
}

impl Knock {
    /// Prepares to knock at `port` of 127.0.0.1 and, where there is one, of `::1`.
    ///
    /// Fails where there is no socket to be had.
    pub(crate) fn new(port: u16) -> io::Result<Self> {
        let mut doors = vec![door(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?];
        doors.extend(door(SocketAddr::from((Ipv6Addr::LOCALHOST, port))));
        let slack = prctl::get_timerslack()?;
        // The kernel may end a sleep 50 µs late: as long as the whole sleep is to be.
        prctl::set_timerslack(1)?;
        Ok(Self { doors, slack })
    }

    /// Tells whether somebody listens.
    pub(crate) fn is_answered(&self) -> bool {
        self.doors.iter().any(|(from, to)| {
            // An attempt without an answer (EINPROGRESS, EALREADY) goes on at the next knock.
            matches!(connect(from.as_raw_fd(), to), Ok(()) | Err(Errno::EISCONN))
        })
    }
}

impl Drop for Knock {
    fn drop(&mut self) {
        let _ = prctl::set_timerslack(u64::try_from(self.slack).unwrap_or(0)); // 0: the default
    }
}

/// A socket whose own port is fixed, and is not the one it knocks at.
fn door(to: SocketAddr) -> io::Result<(OwnedFd, SockaddrStorage)> {
    let family = if to.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let patience = TimeVal::milliseconds(1);
    let from = SockaddrStorage::from(SocketAddr::new(to.ip(), 0));
    let open = || -> io::Result<OwnedFd> {
        let open = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
        setsockopt(&open, Linger, &libc::linger { l_onoff: 1, l_linger: 0 })?;
        setsockopt(&open, SendTimeout, &patience)?;
        bind(open.as_raw_fd(), &from)?;
        Ok(open)
    };
    let mut chosen = open()?;
    let name: SockaddrStorage = getsockname(chosen.as_raw_fd())?;
    let own = name.as_sockaddr_in().map(SockaddrIn::port);
    if own.or(name.as_sockaddr_in6().map(SockaddrIn6::port)) == Some(to.port()) {
        chosen = open()?; // while the first still holds the port that it must not be
    }
    Ok((chosen, SockaddrStorage::from(to)))
}

/// Waits, at most a second, until nobody listens at `port` any more.
///
/// Helpers of a killed program may take a moment longer to die than itself. Fails like
/// [`Knock::new`].
pub(crate) fn wait_until_free(port: u16) -> io::Result<()> {
    for _ in 0..1000 {
        if !Knock::new(port)?.is_answered() {
            break;
        }
        sleep(Duration::from_millis(1));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Knock, wait_until_free};
    use std::net::TcpListener;

    /// A port that was free a moment ago.
    fn free_port() -> u16 {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[test]
    fn a_closed_port_never_answers_and_stays_free() {
        let port = free_port();
        let knock = Knock::new(port).unwrap();
        // More knocks than there are ephemeral ports: none must connect to itself.
        assert!((0..40_000).all(|_| !knock.is_answered()));
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }

    #[test]
    fn an_opened_port_answers_on_the_same_socket() {
        let port = free_port();
        let knock = Knock::new(port).unwrap();
        assert!(!knock.is_answered());
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        assert!(knock.is_answered());
        drop((knock, listener));
        wait_until_free(port).unwrap();
        assert!(!Knock::new(port).unwrap().is_answered());
    }

    #[test]
    fn the_newer_protocol_answers_too() {
        let Ok(listener) = TcpListener::bind("[::1]:0") else {
            eprintln!("skipped: no IPv6 on this machine");
            return;
        };
        let knock = Knock::new(listener.local_addr().unwrap().port()).unwrap();
        assert!(knock.is_answered());
    }
}
