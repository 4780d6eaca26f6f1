//! A camera that speaks FTP word by word, so that a test can stop it anywhere.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

pub struct Camera {
    control: BufReader<TcpStream>,
    at: SocketAddr,
}

impl Camera {
    /// Connects; the greeting is read.
    pub async fn connect(at: SocketAddr) -> Self {
        let control = BufReader::new(TcpStream::connect(at).await.expect("the door is open"));
        let mut camera = Self { control, at };
        let greeting = camera.reply().await;
        assert!(greeting.starts_with("220 "), "{greeting}");
        camera
    }

    /// The same, and signs in.
    pub async fn signed_in(at: SocketAddr, login: &str, password: &str) -> Self {
        let mut camera = Self::connect(at).await;
        let answer = camera.sign_in(login, password).await;
        assert!(answer.starts_with("230 "), "{answer}");
        camera.say("TYPE I").await;
        camera
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> String {
        self.say(&format!("USER {login}")).await;
        self.say(&format!("PASS {password}")).await
    }

    /// Sends a command; the last line of its reply.
    pub async fn say(&mut self, command: &str) -> String {
        self.command(command).await;
        self.reply().await
    }

    async fn command(&mut self, command: &str) {
        let line = format!("{command}\r\n");
        self.control.get_mut().write_all(line.as_bytes()).await.expect("the connection stands");
    }

    /// The last line of the next reply; empty when the connection is closed.
    pub async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.control.read_line(&mut line).await.expect("the connection stands");
            let is_last = line.as_bytes().get(3) == Some(&b' ') && line.as_bytes()[0].is_ascii_digit();
            if line.is_empty() || is_last {
                return line.trim_end().to_owned();
            }
        }
    }

    /// A connection for one file.
    pub async fn passive(&mut self) -> TcpStream {
        let answer = self.say("EPSV").await;
        let port = answer.split('|').nth(3).and_then(|port| port.parse().ok());
        let port: u16 = port.unwrap_or_else(|| panic!("no port: {answer}"));
        TcpStream::connect((self.at.ip(), port)).await.expect("the port is open")
    }

    /// Begins to send a file.
    pub async fn begin(&mut self, name: &str) -> TcpStream {
        let data = self.passive().await;
        let answer = self.say(&format!("STOR {name}")).await;
        assert!(answer.starts_with("150 "), "{answer}");
        data
    }

    /// Sends a file; the reply at its end.
    pub async fn send(&mut self, name: &str, bytes: &[u8]) -> String {
        let mut data = self.begin(name).await;
        // A door that refuses the file closes it early.
        let _ = data.write_all(bytes).await;
        let _ = data.shutdown().await;
        self.reply().await
    }
}
