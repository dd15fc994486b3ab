//! A private S3 server on the loopback address: moto, in memory, with one bucket.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::error::{Doing as _, Result};
use crate::folder::PrivateFolder;
use crate::packages;
use crate::ports::{free_port, retry};
use crate::probe;
use crate::program::{Output, Program, Recipe};
use crate::signal::Signal;

const READY_LIMIT: Duration = Duration::from_mins(1);
const REQUIREMENTS: &str = "moto[server]==5.2.5\n";
const BUCKET: &str = "hubnet";

/// An S3 server.
pub struct S3 {
    port: u16,
    _program: Program,
    _home: PrivateFolder,
}

impl S3 {
    /// Starts a private server with an empty bucket.
    pub fn start() -> Result<Self> {
        let environment = packages::ensure_pip("s3", REQUIREMENTS)?;
        retry(|| Self::start_once(&environment))
    }

    fn start_once(environment: &std::path::Path) -> Result<Self> {
        let home = PrivateFolder::new("s3")?;
        let port = free_port()?;
        let server = environment.join("bin/moto_server");
        let program = Program::start(Recipe {
            name: "the S3 server".to_owned(),
            folder: home.path().to_owned(),
            command: Box::new(move || {
                let mut command = Command::new(&server);
                command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
                command
            }),
            is_ready: Box::new(move || {
                probe::answers(port, b"GET /moto-api/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", b"HTTP/1.")
            }),
            ready_limit: READY_LIMIT,
            stop: Signal::Terminate,
            output: Output::Logged(home.path().join("log")),
        })?;
        let s3 = Self { port, _program: program, _home: home };
        s3.make_bucket()?;
        Ok(s3)
    }

    fn make_bucket(&self) -> Result<()> {
        let doing = || "make a bucket".to_owned();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).doing(doing)?;
        let request =
            format!("PUT /{BUCKET} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\n\r\n", self.port);
        stream.write_all(request.as_bytes()).doing(doing)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).doing(doing)?;
        if answer.contains(" 200 ") {
            return Ok(());
        }
        Err(std::io::Error::other(answer)).doing(doing)
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the name of the bucket.
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("S3").field("port", &self.port).finish_non_exhaustive()
    }
}
