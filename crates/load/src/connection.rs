//! One keep-alive HTTP/1.1 connection, with the subset of the protocol that hubnet uses.
//!
//! Always true: one request at a time. A response without a content length is an error, not a guess.

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects to `host:port`.
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), address: address.to_owned() })
    }

    /// Sends `GET path`.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.exchange(&request).await
    }

    /// Sends `POST path` with a JSON body, with a token or anonymously.
    pub(crate) async fn post(&mut self, path: &str, token: Option<&str>, body: &str) -> Result<Answer> {
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{bearer}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.exchange(&request).await
    }

    async fn exchange(&mut self, request: &str) -> Result<Answer> {
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.context("the answer has no status")?;
        let mut body = vec![0; self.content_length().await?];
        self.stream.read_exact(&mut body).await?;
        Ok(Answer { status, body })
    }

    /// Reads the headers to their end; returns the content length.
    async fn content_length(&mut self) -> Result<usize> {
        let mut length = None;
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return length.context("the answer does not say how long it is");
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse().context("the answer's length is no number")?);
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}
