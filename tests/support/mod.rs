//! The program as an operator runs it: the binary, the real models, a data directory of its own.

use std::{
    fs::File,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// Longest that a start may take, on a machine that does other things too.
pub const START: Duration = Duration::from_secs(120);

pub struct Pixora {
    /// Holds `data/`, and is where commands run: no `pixora.toml` lies here.
    pub folder: TempDir,
}

/// A photograph of the demo set.
pub fn sample(name: &str) -> PathBuf {
    prepared("PIXORA_SAMPLES_DIR", ".build/samples").join(name)
}

/// Where nobody listens yet.
pub fn free_address() -> String {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    port.expect("a port is free").to_string()
}

fn prepared(variable: &str, otherwise: &str) -> PathBuf {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(otherwise))
}

fn models() -> PathBuf {
    prepared("PIXORA_MODEL_DIR", ".build/nets")
}

fn onnx_runtime() -> PathBuf {
    prepared("ORT_DYLIB_PATH", ".build/onnxruntime/libonnxruntime.so")
}

impl Pixora {
    /// `None`, and a word about it, where set-up has not fetched what is needed.
    pub fn new() -> Option<Self> {
        // Each test may be a process of its own, and its HTTP client needs it.
        pixora::tls::install_provider();
        let needed = [models(), onnx_runtime(), sample("officials")];
        if let Some(missing) = needed.iter().find(|path| !path.exists()) {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing on CI", missing.display());
            println!("SKIPPED: {} is missing; `make setup` and `make demo` fetch it", missing.display());
            return None;
        }
        Some(Self { folder: TempDir::new().expect("a temporary folder can be made") })
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pixora"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("PIXORA_") {
                command.env_remove(variable);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PIXORA_DATA_DIR", self.data())
            .env("PIXORA_MODEL_DIR", models())
            .env("ORT_DYLIB_PATH", onnx_runtime())
            .stdin(Stdio::null());
        command
    }

    /// The document that a command prints: all of stdout, and nothing but it.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().expect("the program starts");
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} ended with {}:\n{log}", output.status);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{arguments:?} printed no single JSON document ({error}):\n{:?}", output.stdout)
        })
    }

    /// A new session that guests may search; its id.
    pub fn session(&self, name: &str) -> String {
        let session = self.json(&["session", "create", "--name", name, "--facepass", "--json"]);
        session["id"].as_str().expect("a session has an id").to_owned()
    }

    /// Starts a server on a free port; returns when it is ready to search.
    pub fn serve(&self) -> Server {
        let server = self.serve_soon();
        let started = Instant::now();
        while !server.is_ready() {
            assert!(started.elapsed() < START, "the server is not ready: {}", self.server_log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Starts a server and does not wait for it.
    pub fn serve_soon(&self) -> Server {
        self.serve_soon_with(&[])
    }

    /// The same with more arguments.
    pub fn serve_soon_with(&self, more: &[&str]) -> Server {
        let address = free_address();
        let log = File::create(self.folder.path().join("serve.log")).expect("the log can be written");
        let child = self
            .command(&["serve", "--bind", &address])
            .args(more)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        Server { child, address }
    }

    pub fn server_log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("serve.log")).unwrap_or_default()
    }
}

pub struct Server {
    pub child: Child,
    pub address: String,
}

impl Server {
    pub fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut connection = TcpStream::connect(&self.address)?;
            connection.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(
                connection,
                "GET /readyz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
                self.address
            )?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }
}

impl Drop for Server {
    /// `kill -9`; a test that wants a gentle stop has seen to it.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
