//! A name server on loopback, that knows one domain and remembers what it was asked.
//!
//! It answers over UDP and TCP, cuts what does not fit into a datagram, and says of every other name
//! that there is none. Questions come from resolvers of any make, so a message is read with care:
//! what is no question gets no answer.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

/// The domain that is known; `.test` is nobody's (RFC 6761).
pub(crate) const DOMAIN: &str = "elfin.test";
/// A name with this many addresses has more than a datagram holds, whatever its size.
pub(crate) const MANY: u8 = 100;

/// How long a thread may be deaf to the end.
const STEP: Duration = Duration::from_millis(20);
/// A client that is silent for longer is let go.
const PATIENCE: Duration = Duration::from_secs(2);
/// What a resolver takes that says nothing of its size.
const DATAGRAM: usize = 512;

const TYPE_A: u16 = 1;
const TYPE_OPT: u16 = 41;
const CLASS_IN: u16 = 1;
const HEADER: usize = 12;

/// A server of names; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct NameServer {
    #[cfg(test)]
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<String>>>,
    threads: Vec<JoinHandle<()>>,
}

impl NameServer {
    /// Listens at an address; port 0 takes a free one.
    ///
    /// Fails where somebody else does.
    pub(crate) fn listen(at: SocketAddr) -> io::Result<NameServer> {
        let udp = UdpSocket::bind(at)?;
        let address = udp.local_addr()?;
        let tcp = TcpListener::bind(address)?;
        udp.set_read_timeout(Some(STEP))?;
        tcp.set_nonblocking(true)?;
        let (stop, asked) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (stop_udp, asked_udp) = (Arc::clone(&stop), Arc::clone(&asked));
        let (stop_tcp, asked_tcp) = (Arc::clone(&stop), Arc::clone(&asked));
        let threads = vec![
            spawn(move || serve_udp(&udp, &stop_udp, &asked_udp)),
            spawn(move || serve_tcp(&tcp, &stop_tcp, &asked_tcp)),
        ];
        Ok(NameServer {
            #[cfg(test)]
            address,
            stop,
            asked,
            threads,
        })
    }

    /// Where it listens.
    #[cfg(test)]
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes the questions that came since this was last called: `name.elfin.test A`.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // it ends by itself, whatever became of it
        }
    }
}

fn serve_udp(socket: &UdpSocket, stop: &AtomicBool, asked: &Mutex<Vec<String>>) {
    let mut buffer = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
        if let Some(answer) = answer(&buffer[..length], false, asked) {
            let _ = socket.send_to(&answer, from); // a client that is gone asks again
        }
    }
}

fn serve_tcp(listener: &TcpListener, stop: &AtomicBool, asked: &Mutex<Vec<String>>) {
    while !stop.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => {
                let _ = converse(stream, stop, asked); // it ends when the client has enough
            }
            Err(_) => sleep(STEP),
        }
    }
}

/// Answers one client until it hangs up.
fn converse(
    mut stream: TcpStream,
    stop: &AtomicBool,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    while !stop.load(Ordering::Relaxed) {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut message)?;
        let Some(answer) = answer(&message, true, asked) else { break };
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat())?;
    }
    Ok(())
}

/// A question: the name in lower case, its type, and how long it is in the message.
struct Question {
    name: String,
    kind: u16,
    end: usize,
}

/// The addresses of a name; `None` where there is no such name.
fn addresses(name: &str) -> Option<Vec<Ipv4Addr>> {
    let host = name.strip_suffix(DOMAIN)?.strip_suffix('.')?;
    let last: &[u8] = match host {
        "name" => &[1],
        "short" => &[2],
        "pinned" => &[3],
        "many" => return Some((1..=MANY).map(|it| Ipv4Addr::new(192, 0, 2, it)).collect()),
        _ => return None,
    };
    Some(last.iter().map(|it| Ipv4Addr::new(192, 0, 2, *it)).collect())
}

/// Answers a message; `None` where it is no question.
fn answer(message: &[u8], whole: bool, asked: &Mutex<Vec<String>>) -> Option<Vec<u8>> {
    const NO_SUCH_NAME: u8 = 3;
    const CUT: u8 = 0x02;
    let question = question(message)?;
    let room = if whole { usize::from(u16::MAX) } else { datagram(message, question.end) };
    let kind = match question.kind {
        TYPE_A => "A".to_owned(),
        28 => "AAAA".to_owned(),
        other => format!("TYPE{other}"),
    };
    let mut list = asked.lock().unwrap_or_else(PoisonError::into_inner);
    list.push(format!("{} {kind}", question.name));
    let known = addresses(&question.name);
    let mut records = Vec::new();
    if question.kind == TYPE_A {
        for address in known.iter().flatten() {
            // The name is that of the question; an hour to live; four bytes.
            records.extend([0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0x0E, 0x10, 0, 4]);
            records.extend(address.octets());
        }
    }
    const RECORD: usize = 16;
    let cut = question.end + records.len() > room;
    if cut {
        records.clear();
    }
    let mut out = message[..question.end].to_vec();
    out[2] = 0x84 | (message[2] & 0x01) | if cut { CUT } else { 0 }; // an answer, by who must know
    out[3] = 0x80 | if known.is_none() { NO_SUCH_NAME } else { 0 };
    let count = u16::try_from(records.len() / RECORD).unwrap_or(0).to_be_bytes();
    out[6..8].copy_from_slice(&count);
    out[8..12].fill(0); // of what came after the question nothing is repeated
    out.extend(records);
    Some(out)
}

/// Reads the one question of a message.
fn question(message: &[u8]) -> Option<Question> {
    let word = |at: usize| Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]));
    let is_question = message.get(2)? & 0xF8 == 0; // neither an answer nor another kind of request
    if !is_question || word(4)? != 1 {
        return None;
    }
    let (mut at, mut labels) = (HEADER, Vec::new());
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        match length {
            0 => break,
            // A question has no name before it that it could point to.
            64.. => return None,
            _ => {
                labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_lowercase());
                at += length;
            }
        }
    }
    let (kind, class) = (word(at)?, word(at + 2)?);
    (class == CLASS_IN).then(|| Question { name: labels.join("."), kind, end: at + 4 })
}

/// How long a datagram the client takes: what it says in an OPT record behind the question.
fn datagram(message: &[u8], end: usize) -> usize {
    let size = || {
        // The root's name, the type, and the size in the place of a class.
        let rest = message.get(end..end + 5)?;
        let word = |at: usize| u16::from_be_bytes([rest[at], rest[at + 1]]);
        (rest[0] == 0 && word(1) == TYPE_OPT).then(|| usize::from(word(3)))
    };
    size().unwrap_or(DATAGRAM).max(DATAGRAM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &str, kind: u16) -> Vec<u8> {
        let mut message = vec![0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(u8::try_from(label.len()).unwrap());
            message.extend(label.bytes());
        }
        message.push(0);
        message.extend(kind.to_be_bytes());
        message.extend(CLASS_IN.to_be_bytes());
        message
    }

    fn told(answer: &[u8]) -> (u8, u16) {
        (answer[3] & 0x0F, u16::from_be_bytes([answer[6], answer[7]]))
    }

    #[test]
    fn it_knows_its_domain_and_says_of_the_rest_that_there_is_none() {
        let server = NameServer::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut buffer = [0; 4096];
        let mut said = |message: &[u8]| {
            client.send_to(message, server.address()).unwrap();
            let length = client.recv(&mut buffer).unwrap();
            buffer[..length].to_vec()
        };
        let found = said(&ask("NAME.elfin.test", TYPE_A));
        assert_eq!(found[..2], [0xAB, 0xCD]);
        assert_eq!((told(&found), &found[found.len() - 4..]), ((0, 1), &[192, 0, 2, 1][..]));
        assert_eq!(told(&said(&ask("name.elfin.test", 28))), (0, 0));
        assert_eq!(told(&said(&ask("name.elfin.test.elfin.test", TYPE_A))), (3, 0));
        let cut = said(&ask("many.elfin.test", TYPE_A));
        assert_eq!((cut[2] & 0x02, told(&cut)), (0x02, (0, 0)));
        assert_eq!(server.take_asked().len(), 4);
        assert!(server.take_asked().is_empty());
        // What was cut comes whole over TCP.
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let message = ask("many.elfin.test", TYPE_A);
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &message].concat()).unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut whole = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut whole).unwrap();
        assert_eq!(told(&whole), (0, u16::from(MANY)));
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        let asked = Mutex::default();
        let good = ask("name.elfin.test", TYPE_A);
        assert!(answer(&good, false, &asked).is_some());
        for length in 0..good.len() {
            assert!(answer(&good[..length], false, &asked).is_none(), "{length}");
        }
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bent = good.clone();
                bent[at] ^= 1 << bit;
                let _ = answer(&bent, false, &asked); // whatever it says, it does not panic
            }
        }
        let mut pointing = good.clone();
        pointing[HEADER] = 0xC0;
        assert!(answer(&pointing, false, &asked).is_none());
    }
}
