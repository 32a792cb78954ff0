//! A server process and clients of it.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// What isn't there after this long never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the binary to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mini-redis")).args(args).output().expect("the binary runs")
}

const SERVE: &[&str] = &["serve", "--addr", "127.0.0.1:0"];

/// A server on a free port, killed when it's dropped.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    addr: SocketAddr,
}

impl Server {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_mini-redis")).args(SERVE).args(args))
    }

    /// A server that may have `n` descriptors at most.
    pub(crate) fn start_with_descriptors(n: u32) -> Self {
        let script = format!("ulimit -n {n} && exec \"$@\"");
        let command = [&["-c", &script, "sh", env!("CARGO_BIN_EXE_mini-redis")], SERVE].concat();
        Self::spawn(Command::new("sh").args(command).stderr(Stdio::null()))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the server says something");
        let addr = line.split([' ', ';']).find_map(|word| word.parse().ok());
        Server { child, stdout, addr: addr.unwrap_or_else(|| panic!("no address in {line:?}")) }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.addr)
    }

    /// A client that the server has answered, and so has accepted.
    pub(crate) fn accepted_client(&self) -> Client {
        let mut client = self.client();
        client.ask("PING", "+PONG\r\n");
        client
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits for the server's end. Gives what it printed since it started.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        while self.child.try_wait().expect("it's our child").is_none() {
            assert!(start.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut text = String::new();
        self.stdout.read_to_string(&mut text).expect("it prints UTF-8");
        (self.child.wait().expect("it has ended"), text)
    }

    /// The most memory the server has ever had, in bytes, where the system tells.
    pub(crate) fn peak_memory(&self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib << 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended: then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    pub(crate) fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).expect("the server listens");
        stream.set_nodelay(true).expect("it's a TCP socket");
        stream.set_read_timeout(Some(PATIENCE)).expect("it isn't zero");
        stream.set_write_timeout(Some(PATIENCE)).expect("it isn't zero");
        Client { stream }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("the server takes it");
    }

    /// A request in one line, and its reply.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: &str, reply: &str) {
        self.send(format!("{request}\r\n"));
        self.expect(reply);
    }

    /// These bytes have to come.
    #[track_caller]
    pub(crate) fn expect(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let mut received = vec![0; bytes.len()];
        let mut len = 0;
        while len < bytes.len() && received[..len] == bytes[..len] {
            match self.stream.read(&mut received[len..]) {
                Ok(0) => break,
                Ok(n) => len += n,
                Err(error) => panic!("{error} after {}", received[..len].escape_ascii()),
            }
        }
        assert!(
            received[..len] == *bytes,
            "expected {}\nreceived {}",
            bytes.escape_ascii(),
            received[..len].escape_ascii()
        );
    }

    /// The server has to close the connection in an orderly way without sending anything more.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("an orderly end");
        assert!(rest.is_empty(), "expected the end, received {}", rest.escape_ascii());
    }

    /// Asks again and again until the reply is this.
    #[track_caller]
    pub(crate) fn ask_until(&mut self, request: &str, wanted: &str) {
        let start = Instant::now();
        loop {
            self.send(format!("{request}\r\n"));
            let line = self.line().expect("the server answers");
            if line == wanted {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{request} still gives {line:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// One line, with its end.
    pub(crate) fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            match self.stream.read(&mut byte)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                _ => line.push(byte[0]),
            }
        }
        String::from_utf8(line).map_err(|_| ErrorKind::InvalidData.into())
    }
}

/// The request as clients send it.
pub(crate) fn frame(args: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        bytes.extend_from_slice(&bulk(arg));
    }
    bytes
}

pub(crate) fn bulk(bytes: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
