//! A bounded load of HTTP requests over loopback: so many a second, for so long, over connections
//! that are kept alive.
//!
//! Each connection has a thread and a timetable; one that is late goes on at once, and what was
//! reached is told beside what was asked for. It is small on purpose: it shares the processors with
//! the program that it loads, and says how a program bears a load here, not how much it could.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A line of a head, and a head in all, are no longer than this.
const HEAD: u64 = 64 << 10;
/// A body of more is no answer to be loaded with.
const BODY: u64 = 64 << 20;

/// What is asked of a program.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Requests a second, of all connections.
    pub(crate) rate: f64,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// What came of it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Borne {
    /// Milliseconds from each request to the end of its answer.
    pub(crate) latencies: Vec<f64>,
    /// The status of each answer.
    pub(crate) statuses: Vec<u16>,
    pub(crate) failed: u64,
}

/// Asks once; tells whether an HTTP server answers at a port.
pub(crate) fn is_http(port: u16, path: &str) -> bool {
    let once = || Connection::open(port)?.get(path);
    once().is_ok()
}

/// Loads the server at a port.
pub(crate) fn load(port: u16, asked: &Asked) -> Borne {
    let step = Duration::from_secs_f64(asked.connections as f64 / asked.rate);
    let began = Instant::now();
    let mut all = Borne::default();
    scope(|threads| {
        let handles: Vec<_> = (0..asked.connections)
            .map(|index| {
                // Not all at once.
                let first = step.mul_f64(index as f64 / asked.connections as f64);
                threads.spawn(move || one(port, asked, began, first, step))
            })
            .collect();
        for handle in handles {
            let Ok(part) = handle.join() else { continue };
            all.latencies.extend(part.latencies);
            all.statuses.extend(part.statuses);
            all.failed += part.failed;
        }
    });
    all
}

/// One connection, until the time is up.
fn one(port: u16, asked: &Asked, began: Instant, first: Duration, step: Duration) -> Borne {
    let mut borne = Borne::default();
    let mut connection = None;
    let mut due = first;
    while due < asked.time && began.elapsed() < asked.time {
        sleep(due.saturating_sub(began.elapsed()));
        due += step;
        let sent = Instant::now();
        let mut ask = || -> io::Result<u16> {
            let mut open = match connection.take() {
                Some(open) => open,
                None => Connection::open(port)?,
            };
            let (status, stays) = open.get(&asked.path)?;
            if stays {
                connection = Some(open);
            }
            Ok(status)
        };
        match ask() {
            Ok(status) => {
                borne.latencies.push(sent.elapsed().as_secs_f64() * 1e3);
                borne.statuses.push(status);
            }
            Err(_) => {
                borne.failed += 1;
                sleep(Duration::from_millis(1)); // a server that is gone is not knocked at in a storm
            }
        }
    }
    borne
}

/// A connection that is kept alive.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(port: u16) -> io::Result<Connection> {
        let places = [
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        ];
        let stream = TcpStream::connect(&places[..])?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Connection(BufReader::new(stream)))
    }

    /// Asks for a path and reads the whole answer: its status, and whether the connection stays.
    fn get(&mut self, path: &str) -> io::Result<(u16, bool)> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: elfin\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes())?;
        read_answer(&mut self.0)
    }
}

fn wrong(says: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, says)
}

/// A line without its end.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.by_ref().take(HEAD).read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(wrong("the head ends within a line"));
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\r').to_owned())
}

/// Reads a body and lets it go.
fn skip(from: &mut impl BufRead, length: u64) -> io::Result<()> {
    if length > BODY {
        return Err(wrong("a body of more than 64 MiB"));
    }
    let read = io::copy(&mut from.by_ref().take(length), &mut io::sink())?;
    if read == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn read_answer(from: &mut impl BufRead) -> io::Result<(u16, bool)> {
    let first = line(from)?;
    let mut words = first.split(' ');
    let version = words.next().filter(|it| it.starts_with("HTTP/1."));
    let version = version.ok_or_else(|| wrong("not HTTP"))?;
    let status = words.next().and_then(|it| it.parse().ok()).ok_or_else(|| wrong("no status"))?;
    let (mut length, mut chunked, mut stays, mut head) = (None, false, version == "HTTP/1.1", 0);
    loop {
        let field = line(from)?;
        head += field.len() as u64 + 2;
        if head > HEAD {
            return Err(wrong("a head of more than 64 KiB"));
        }
        if field.is_empty() {
            break;
        }
        let (name, value) =
            field.split_once(':').ok_or_else(|| wrong("a field without a colon"))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse().map_err(|_| wrong("no length"))?),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => stays = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    match (chunked, length) {
        (true, _) => skip_chunks(from)?,
        (false, Some(length)) => skip(from, length)?,
        (false, None) if status == 204 || status == 304 => {}
        (false, None) => {
            io::copy(&mut from.by_ref().take(BODY), &mut io::sink())?;
            stays = false;
        }
    }
    Ok((status, stays))
}

fn skip_chunks(from: &mut impl BufRead) -> io::Result<()> {
    let mut all = 0u64;
    loop {
        let size = line(from)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| wrong("a chunk without a size"))?;
        all = all.saturating_add(size);
        if all > BODY {
            return Err(wrong("a body of more than 64 MiB"));
        }
        if size == 0 {
            while !line(from)?.is_empty() {} // fields behind the body, which has an end
            return Ok(());
        }
        skip(from, size)?;
        line(from)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn asked(rate: f64, connections: usize, ms: u64) -> Asked {
        Asked { path: "/".into(), rate, connections, time: Duration::from_millis(ms) }
    }

    fn answer(text: &str) -> io::Result<(u16, bool)> {
        let mut from = text.as_bytes();
        let answer = read_answer(&mut from)?;
        assert!(from.is_empty() || from == b"HTTP/1.1 200", "{from:?}");
        Ok(answer)
    }

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let next = "HTTP/1.1 200";
        for (text, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", (200, true)),
            (
                "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                (404, false),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                (200, true),
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", (204, true)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", (200, false)),
        ] {
            assert_eq!(answer(text).unwrap(), expected, "{text}");
            assert_eq!(answer(&format!("{text}{next}")).unwrap(), expected, "{text}");
        }
        for text in [
            "",
            "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        ] {
            assert!(answer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_gets_the_requests_that_were_asked_for_and_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || {
                    let mut lines = BufReader::new(stream);
                    while let Ok(text) = line(&mut lines) {
                        if text.is_empty() {
                            let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                            lines.get_mut().write_all(ok).unwrap();
                        }
                    }
                });
            }
        });
        assert!(is_http(port, "/"));
        let borne = load(port, &asked(100.0, 4, 400));
        assert_eq!(borne.failed, 0);
        assert!((1..=40).contains(&borne.latencies.len()), "{}", borne.latencies.len());
        assert!(borne.statuses.iter().all(|it| *it == 200));
    }

    #[test]
    fn where_nobody_listens_all_fail() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(!is_http(port, "/"));
        let borne = load(port, &asked(50.0, 2, 100));
        assert!(borne.failed > 0 && borne.latencies.is_empty());
    }
}
