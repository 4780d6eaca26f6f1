//! A private PostgreSQL with the studio's table as it is given, on a free port, in a temporary folder.

use std::{
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

/// PostgreSQL does not run as root; nobody owns nothing else.
const NOBODY: u32 = 65_534;
const START: Duration = Duration::from_secs(60);

const TABLE: &str = "
CREATE TYPE session_status AS ENUM ('created', 'active', 'completed', 'archived');
CREATE TABLE photo_sessions (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    photographer_id UUID NOT NULL,
    studio_id UUID NOT NULL,
    status session_status NOT NULL,
    scheduled_at TIMESTAMPTZ,
    completed_at TIMESTAMPTZ,
    settings JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    service_package_id UUID,
    facepass_enabled BOOLEAN NOT NULL
);
CREATE ROLE reader LOGIN;
GRANT SELECT ON photo_sessions TO reader;
";

pub struct Postgres {
    /// Where the server's programs lie.
    pub programs: PathBuf,
    pub folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// `None`, and a word about it, where no PostgreSQL can be run.
    pub async fn start() -> Option<Self> {
        let mut why = "there is none; `tools/setup.py --tests` installs one".to_owned();
        for programs in installations() {
            let folder = TempDir::new().expect("a temporary folder can be made");
            let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
            let port = port.expect("a port is free").port();
            let mut postgres = Self { programs, folder, port, server: None };
            match postgres.init() {
                Ok(()) => {
                    postgres.resume().await;
                    postgres.run(TABLE).await;
                    return Some(postgres);
                }
                Err(error) => why = error,
            }
        }
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no PostgreSQL on CI: {why}");
        println!("SKIPPED: no PostgreSQL can be run here: {why}");
        None
    }

    /// Connects as a role: `reader`, who may only `SELECT`, or `postgres`, who may do everything.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs statements as the studio's main application would, which may do everything.
    pub async fn run(&self, sql: &str) {
        let mut connection = self.connect().await.expect("the server answers");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await
            .expect("the SQL is right");
        connection.close().await.expect("says goodbye");
    }

    /// A new session that guests may use; its id.
    pub async fn session(&self, name: &str) -> uuid::Uuid {
        let id = uuid::Uuid::now_v7();
        self.run(&format!(
            "INSERT INTO photo_sessions VALUES ('{id}', '{name}', NULL, '{}', '{}', 'active', NULL, NULL, NULL, \
             '2026-02-18 17:55:51.746Z', now(), NULL, true)",
            uuid::Uuid::now_v7(),
            uuid::Uuid::now_v7(),
        ))
        .await;
        id
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts the server, at first or after [`kill`](Self::kill), on the same port; returns when it answers.
    pub async fn resume(&mut self) {
        let started = Instant::now();
        while self.connect().await.is_err() {
            assert!(started.elapsed() < START, "PostgreSQL does not start:\n{}", self.log());
            // It refuses to start as long as a child of the killed one lives.
            let ended =
                self.server.as_mut().is_none_or(|server| server.try_wait().is_ok_and(|end| end.is_some()));
            if ended {
                self.server = Some(self.spawn());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.url("postgres").parse::<PgConnectOptions>()?.connect().await
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn init(&self) -> Result<(), String> {
        if self.is_root() {
            chown(self.folder.path(), Some(NOBODY), Some(NOBODY)).map_err(|error| error.to_string())?;
        }
        let output = self
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(self.data())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn spawn(&self) -> Child {
        let log = std::fs::File::create(self.folder.path().join("log")).expect("the log can be written");
        self.command("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c"])
            .arg(format!("unix_socket_directories={}", self.folder.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("initdb started, so this does")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir("/");
        if self.is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn is_root(&self) -> bool {
        // The folder was made by this process.
        Path::new(self.folder.path())
            .metadata()
            .is_ok_and(|folder| folder.uid() == 0 || folder.uid() == NOBODY)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Folders with both programs: the one named by the environment, the system's (Debian's is not in the
/// path), what set-up installed.
fn installations() -> Vec<PathBuf> {
    let named = std::env::var_os("PIXORA_POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    // Set-up installs below the repository, of which the compiled crate may be a part.
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let installed = crates.map(|folder| folder.join(".build/postgres/bin"));
    let folders = named.into_iter().chain(std::env::split_paths(&path)).chain(debian).chain(installed);
    let complete =
        folders.filter(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(name).exists()));
    let mut complete: Vec<PathBuf> = complete.collect();
    // Some installations have no clients, and the test of back-ups needs one.
    complete.sort_by_key(|folder| !folder.join("pg_dump").exists());
    complete
}
