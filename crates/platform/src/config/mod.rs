//! Settings: flags win over environment, environment over `pixora.toml`, that over defaults.
//!
//! Everything is read once, at start, into [`Settings`]; nothing else in the program reads the
//! environment. A value that cannot be used stops the start with a [`ConfigError`] that names the
//! setting, says what shape the value has and what was expected. A value is never printed: it may be
//! a secret put under the wrong name.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

mod ftp;
mod library;
mod otlp;
mod search;
mod storage;
mod tls;
mod values;

pub use ftp::FtpSettings;
pub use library::{LibrarySettings, LibraryTemplate};
pub use otlp::{Otlp, Sampler};
use pixora_domain::TimeZone;
pub use search::SearchSettings;
pub use storage::{Bucket, S3Keys, S3Settings, bucket};
pub use tls::Tls;
pub use values::qdrant_url;
use values::{
    DATABASE_SHAPE, DATABASES_SHAPE, Found, QDRANT_URL, default_public_url, first_existing, folder,
    parse_api_url, parse_databases, parse_public_url, parse_qdrant_url, provider_secret, telegram_token,
    whole_number,
};

/// Flags shared by every command. Each has a namesake in the environment and in `pixora.toml`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConfigArgs {
    /// Settings file [default: pixora.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8000]
    #[arg(long, global = true, value_name = "IP:PORT")]
    pub bind: Option<String>,
    /// Address that guests use, as it stands in links and QR codes
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where phones get their encrypted connection from: off, self-signed, acme or files [default: off]
    #[arg(long, global = true, value_name = "MODE")]
    pub tls: Option<String>,
    /// Where rows, vectors and pictures are kept [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// Folder of the model files
    #[arg(long, global = true, value_name = "DIR")]
    pub model_dir: Option<String>,
    /// Photos worked on at the same time [default: one for each core]
    #[arg(long, global = true, value_name = "N")]
    pub workers: Option<String>,
    /// What to log, e.g. `info` or `info,pixora=debug`
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// A value that must not appear in logs, errors or debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: coloured on a terminal.
    Pretty,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub bind: SocketAddr,
    /// Without a trailing slash: `http://127.0.0.1:8000`.
    pub public_url: String,
    pub tls: Tls,
    pub data_dir: PathBuf,
    pub model_dir: PathBuf,
    /// The ONNX Runtime shared library.
    pub ort_dylib: PathBuf,
    pub search: SearchSettings,
    /// A `tracing_subscriber::EnvFilter` directive list.
    pub log: String,
    pub log_format: LogFormat,
    /// Photos worked on at the same time, at least 1.
    pub workers: usize,
    /// How long the answer "this session is valid" (or not) is believed before the source is asked again.
    pub session_cache: Duration,
    /// A MaxMind-format file that tells places by address.
    pub places: Option<PathBuf>,
    /// The name server that is asked whether a name is a studio's, if not the system's.
    pub dns_server: Option<SocketAddr>,
    /// Where receipts of erasures are kept, if not in the data directory.
    pub receipts: Option<PathBuf>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Of links that open the studio's own app: `{scheme}://qr-login?code=…`.
    pub app_scheme: String,
    /// Of sessions that name none.
    pub time_zone: Option<TimeZone>,
    /// The studio's own database and its replicas, `postgres://…`, in the order to try; none if empty.
    pub external_databases: Vec<Secret>,
    /// Between looks for changes in the studio's own database.
    pub session_sync: Duration,
    /// For how many days a deleted photo can be taken back; 0 where it is erased at once.
    pub bin_days: u32,
    /// Webhooks may go to plain http and to addresses inside the network.
    pub webhook_allow_private: bool,
    /// Our own rows on PostgreSQL; without one they lie in SQLite in the data directory.
    pub database: Option<Secret>,
    /// The secret from which nodes derive their keys, so that each accepts the signatures of the others.
    pub secret_key: Option<Secret>,
    /// The studio's mail server; without one no mail is sent.
    pub smtp: Option<Smtp>,
    pub qdrant: QdrantSettings,
    /// Where pictures are kept; without one they lie in the data directory.
    pub storage: Option<Bucket>,
    /// How buckets are reached. What is wrong with it matters only to who uses one: others' tools have these
    /// settings too.
    pub s3: Result<S3Settings, ConfigError>,
    /// Where originals lie that are not ours.
    pub library: LibrarySettings,
    /// Where cameras send photos by FTP, if they may.
    pub ftp: Option<FtpSettings>,
    /// Where orders can be paid online.
    pub stripe: Option<StripeAccount>,
    pub yookassa: Option<YooKassaSettings>,
    /// The Telegram bot, if there is one.
    pub telegram: Option<Telegram>,
    /// Where traces go, if anywhere.
    pub otlp: Option<Otlp>,
    /// The server that commands work through, if they are told of one.
    pub elsewhere: Elsewhere,
}

/// A running server that a command works through (`PIXORA_URL`, `PIXORA_API_KEY`), as it was named: what is wrong
/// with it matters only to commands that use it.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    pub url: Option<String>,
    pub api_key: Option<Secret>,
}

/// The Qdrant server, if one holds the face index, and how the index is laid out there.
#[derive(Debug, Clone)]
pub struct QdrantSettings {
    /// `http://host:6334`; none: the index is embedded.
    pub url: Option<String>,
    pub api_key: Option<Secret>,
    /// The prefix of the collection's name.
    pub prefix: String,
    /// Copies of each vector on a cluster.
    pub replication: u32,
    /// Parts of a new collection; the server chooses if none.
    pub shards: Option<u32>,
}

/// The bot that guests write to.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// From BotFather.
    pub token: Secret,
    /// The Bot API's; its own, or that of a server of one's own.
    pub api_url: reqwest::Url,
    /// Updates come to the public URL rather than being asked for.
    pub webhook: bool,
}

/// Where mail goes out, and whose name it bears.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// `smtps://user:password@host`, `smtp://user:password@host?tls=required`, or without TLS on this machine.
    pub url: Secret,
    /// `Name <address>`
    pub from: String,
}

/// An account at Stripe.
#[derive(Debug, Clone)]
pub struct StripeAccount {
    pub secret_key: Secret,
    /// Of the endpoint that is told what became of payments.
    pub webhook_secret: Secret,
    /// Without a slash at its end.
    pub api_url: String,
}

/// An account at YooKassa.
#[derive(Debug, Clone)]
pub struct YooKassaSettings {
    pub shop_id: String,
    pub secret_key: Secret,
    /// Without its version and without a slash at its end.
    pub api_url: String,
    /// The rate of tax in receipts, 1 to 12 by YooKassa's numbering; without it there are none.
    pub vat_code: Option<u8>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum ConfigError {
    #[error("{name} ({origin}) is {shape}; expected {expected}")]
    Invalid { name: &'static str, origin: Origin, shape: String, expected: &'static str },
    #[error("{name} is set, and {needed} is not: set both or neither")]
    Incomplete { name: &'static str, needed: &'static str },
    #[error("{name} is {value}, and {needed}")]
    Unmet { name: &'static str, value: &'static str, needed: &'static str },
    #[error("{path} cannot be read: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{path} has a setting {key:?} that Pixora does not know; it knows {known}")]
    UnknownKey { path: PathBuf, key: String, known: String },
}

impl ConfigError {
    /// Stable name of the failure, for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_setting",
            Self::Incomplete { .. } => "incomplete_setting",
            Self::Unmet { .. } => "unmet_setting",
            Self::File { .. } => "settings_file_unreadable",
            Self::UnknownKey { .. } => "unknown_setting",
        }
    }
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Flag,
    Environment,
    File,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "from a flag",
            Self::Environment => "from the environment",
            Self::File => "from the settings file",
        })
    }
}

const NAMES: &[&str] = &[
    "PIXORA_BIND",
    "PIXORA_PUBLIC_URL",
    "PIXORA_DATA_DIR",
    "DATABASE_URL",
    "MAIN_APP_DATABASE_URL",
    "QDRANT_URL",
    "QDRANT_API_KEY",
    "PIXORA_STORAGE_URL",
    "PIXORA_MODEL_DIR",
    "PIXORA_DETECTOR",
    "PIXORA_LANDMARKS",
    "PIXORA_EMBEDDER",
    "PIXORA_STRANGER_PERCENT",
    "ORT_DYLIB_PATH",
    "PIXORA_LOG",
    "PIXORA_LOG_FORMAT",
    "PIXORA_WORKERS",
    "PIXORA_SESSION_CACHE_SECONDS",
    "PIXORA_PLACES_FILE",
    "PIXORA_DNS_SERVER",
    "PIXORA_RECEIPTS_DIR",
    "PIXORA_TRUSTED_PROXIES",
    "PIXORA_APP_SCHEME",
    "PIXORA_TIME_ZONE",
    "PIXORA_SESSION_SYNC_SECONDS",
    "PIXORA_BIN_DAYS",
    "PIXORA_WEBHOOK_ALLOW_PRIVATE",
    "PIXORA_SMTP_URL",
    "PIXORA_MAIL_FROM",
    "PIXORA_SECRET_KEY",
    "PIXORA_QDRANT_COLLECTION",
    "PIXORA_QDRANT_REPLICATION",
    "PIXORA_QDRANT_SHARDS",
    "PIXORA_TELEGRAM_TOKEN",
    "PIXORA_TELEGRAM_API_URL",
    "PIXORA_TELEGRAM_WEBHOOK",
    "PIXORA_STRIPE_SECRET_KEY",
    "PIXORA_STRIPE_WEBHOOK_SECRET",
    "PIXORA_STRIPE_API_URL",
    "PIXORA_YOOKASSA_SHOP_ID",
    "PIXORA_YOOKASSA_SECRET_KEY",
    "PIXORA_YOOKASSA_VAT_CODE",
    "PIXORA_YOOKASSA_API_URL",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "PIXORA_S3_PATH_STYLE",
    "PIXORA_LIBRARY_URL",
    "PIXORA_LIBRARY_ROOTS",
    "PIXORA_LIBRARY_SYNC_SECONDS",
    "PIXORA_LIBRARY_MAX_FILES",
    "PIXORA_LIBRARY_S3_ENDPOINT",
    "PIXORA_LIBRARY_S3_REGION",
    "PIXORA_LIBRARY_S3_ACCESS_KEY_ID",
    "PIXORA_LIBRARY_S3_SECRET_ACCESS_KEY",
    "PIXORA_LIBRARY_S3_SESSION_TOKEN",
    "PIXORA_LIBRARY_S3_PATH_STYLE",
    "PIXORA_FTP_BIND",
    "PIXORA_FTP_PASSIVE_PORTS",
    "PIXORA_FTP_PASSIVE_ADDRESS",
    "PIXORA_FTP_REQUIRE_TLS",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "PIXORA_TLS",
    "PIXORA_TLS_CERT",
    "PIXORA_TLS_KEY",
    "PIXORA_ACME_CONTACT",
    "PIXORA_ACME_DIRECTORY",
    "PIXORA_ACME_CA",
];

const TELEGRAM_API: &str = "https://api.telegram.org";

/// The embedded index warns about flags that only its server has, and the FTP library writes down each command.
const DEFAULT_LOG: &str = "info,qdrant_edge=error,Wal=error,wal=error,libunftp=error";

impl Settings {
    /// Reads flags, the process's environment and the settings file.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn load(args: &ConfigArgs) -> Result<Self, ConfigError> {
        let file = match &args.config {
            Some(path) => read_file(path)?,
            None if Path::new("pixora.toml").exists() => read_file(Path::new("pixora.toml"))?,
            None => BTreeMap::new(),
        };
        let beside =
            std::env::current_exe().ok().and_then(|exe| exe.parent().map(|dir| dir.join("pixora-assets")));
        Self::resolve(
            args,
            |name| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned()),
            &file,
            beside,
        )
    }

    /// The same, from given sources; `beside` is the folder of assets next to the executable.
    fn resolve(
        args: &ConfigArgs,
        environment: impl Fn(&str) -> Option<String>,
        file: &BTreeMap<String, String>,
        beside: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let find = |name: &'static str| -> Option<Found> {
            let flag = match name {
                "PIXORA_BIND" => args.bind.clone(),
                "PIXORA_PUBLIC_URL" => args.public_url.clone(),
                "PIXORA_TLS" => args.tls.clone(),
                "PIXORA_DATA_DIR" => args.data_dir.clone(),
                "PIXORA_MODEL_DIR" => args.model_dir.clone(),
                "PIXORA_WORKERS" => args.workers.clone(),
                "PIXORA_LOG" => args.log.clone(),
                _ => None,
            };
            let found = |origin| move |value| Found { name, origin, value: Secret::new(value) };
            flag.map(found(Origin::Flag))
                // `NAME= pixora serve` is the usual way to say "not set".
                .or_else(|| environment(name).filter(|v| !v.is_empty()).map(found(Origin::Environment)))
                .or_else(|| file.get(name).cloned().map(found(Origin::File)))
        };

        let bind = match find("PIXORA_BIND") {
            Some(found) => found.parse("an address and a port, such as 0.0.0.0:8000", |v| v.parse().ok())?,
            None => SocketAddr::from(([127, 0, 0, 1], 8000)),
        };
        let public_url = match find("PIXORA_PUBLIC_URL") {
            Some(found) => found.parse("an http:// or https:// URL without query", parse_public_url)?,
            None => {
                default_public_url(bind, crate::tls::reachable, find("PIXORA_TLS").is_some_and(tls::is_on))
            }
        };
        let tls = Tls::resolve(find, &public_url)?;
        let data_dir = match find("PIXORA_DATA_DIR") {
            Some(found) => found.parse("the path of a folder (a file has that name)", folder)?,
            None => PathBuf::from("./data"),
        };
        let model_dir = match find("PIXORA_MODEL_DIR") {
            Some(found) => found
                .parse("the path of an existing folder", |v| Some(PathBuf::from(v)).filter(|p| p.is_dir()))?,
            None => first_existing(beside.as_ref().map(|dir| dir.join("models")), ".build/nets"),
        };
        let ort_dylib = match find("ORT_DYLIB_PATH") {
            Some(found) => found
                .parse("the path of an existing file", |v| Some(PathBuf::from(v)).filter(|p| p.is_file()))?,
            None => first_existing(
                beside.map(|dir| dir.join("libonnxruntime.so")),
                ".build/onnxruntime/libonnxruntime.so",
            ),
        };
        let log = match find("PIXORA_LOG") {
            Some(found) => found.parse("a log filter such as info or info,pixora=debug", |v| {
                tracing_subscriber::EnvFilter::try_new(v).ok().map(|_| v.to_owned())
            })?,
            None => DEFAULT_LOG.to_owned(),
        };
        let log_format = match find("PIXORA_LOG_FORMAT") {
            Some(found) => found.parse("pretty or json", |v| match v {
                "pretty" => Some(LogFormat::Pretty),
                "json" => Some(LogFormat::Json),
                _ => None,
            })?,
            None => LogFormat::Pretty,
        };
        let workers = match find("PIXORA_WORKERS") {
            Some(found) => found.parse("a whole number from 1 to 512", whole_number(1, 512))?,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let session_cache = match find("PIXORA_SESSION_CACHE_SECONDS") {
            // Longer than the grace period for an unreachable source would make that rule meaningless.
            Some(found) => found.parse("a whole number of seconds from 0 to 300", whole_number(0, 300))?,
            None => 30,
        };
        let external_databases = match find("MAIN_APP_DATABASE_URL") {
            Some(found) => found.parse(DATABASES_SHAPE, parse_databases)?,
            None => Vec::new(),
        };
        let session_sync = match find("PIXORA_SESSION_SYNC_SECONDS") {
            Some(found) => {
                found.parse("a whole number of seconds from 1 to 86400", whole_number(1, 86_400))?
            }
            None => 60,
        };
        let bin_days = match find("PIXORA_BIN_DAYS") {
            Some(found) => found.parse("a whole number of days from 0 to 365", whole_number(0, 365))?,
            None => 30,
        };
        let webhook_allow_private = match find("PIXORA_WEBHOOK_ALLOW_PRIVATE") {
            Some(found) => found.parse("1 or 0", |v| match v {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            })?,
            None => false,
        };

        let places = find("PIXORA_PLACES_FILE")
            .map(|found| {
                found
                    .parse("the path of an existing file", |v| Some(PathBuf::from(v)).filter(|p| p.is_file()))
            })
            .transpose()?;
        let dns_server = find("PIXORA_DNS_SERVER")
            .map(|found| found.parse("an IP address and a port", |v| v.parse().ok()))
            .transpose()?;
        let receipts = find("PIXORA_RECEIPTS_DIR")
            .map(|found| found.parse("the path of a folder", |v| Some(PathBuf::from(v))))
            .transpose()?;
        let trusted_proxies = match find("PIXORA_TRUSTED_PROXIES") {
            Some(found) => found.parse("IP addresses separated by commas", |v| {
                v.split(',').map(|ip| ip.trim().parse().ok()).collect()
            })?,
            None => Vec::new(),
        };
        let time_zone = find("PIXORA_TIME_ZONE")
            .map(|found| found.parse("an IANA name such as Europe/Berlin", |v| v.parse().ok()))
            .transpose()?;
        let app_scheme = match find("PIXORA_APP_SCHEME") {
            Some(found) => found.parse("a URL scheme such as pixora", |v| {
                let sound = v.starts_with(|c: char| c.is_ascii_lowercase())
                    && v.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
                sound.then(|| v.to_owned())
            })?,
            None => "pixora".to_owned(),
        };

        let database = find("DATABASE_URL")
            .map(|found| found.parse(DATABASE_SHAPE, |v| parse_databases(v)?.try_into().ok()))
            .transpose()?
            .map(|[database]: [Secret; 1]| database);
        let secret_key = find("PIXORA_SECRET_KEY")
            .map(|found| {
                found.parse("at least 32 random characters, such as `openssl rand -base64 48` prints", |v| {
                    (v.chars().count() >= 32).then(|| Secret::new(v.to_owned()))
                })
            })
            .transpose()?;
        let both = |one: &'static str, other: &'static str| match (find(one), find(other)) {
            (None, None) => Ok(None),
            (Some(one), Some(other)) => Ok(Some((one, other))),
            (Some(_), None) => Err(ConfigError::Incomplete { name: one, needed: other }),
            (None, Some(_)) => Err(ConfigError::Incomplete { name: other, needed: one }),
        };
        let smtp = both("PIXORA_SMTP_URL", "PIXORA_MAIL_FROM")?
            .map(|(url, from)| Smtp { url: url.value, from: from.value.expose().trim().to_owned() });

        let qdrant = QdrantSettings {
            url: find("QDRANT_URL").map(|found| found.parse(QDRANT_URL, parse_qdrant_url)).transpose()?,
            api_key: find("QDRANT_API_KEY")
                .map(|found| {
                    found.parse("a key of visible ASCII characters", |key| {
                        let sound = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
                        sound.then(|| Secret::new(key.to_owned()))
                    })
                })
                .transpose()?,
            prefix: match find("PIXORA_QDRANT_COLLECTION") {
                Some(found) => found.parse("a name of at most 64 letters, digits, - and _", |name| {
                    let sound = (1..=64).contains(&name.len())
                        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
                    sound.then(|| name.to_owned())
                })?,
                None => "pixora".to_owned(),
            },
            replication: match find("PIXORA_QDRANT_REPLICATION") {
                Some(found) => found.parse("a whole number from 1 to 16", whole_number(1, 16))? as u32,
                None => 1,
            },
            shards: find("PIXORA_QDRANT_SHARDS")
                .map(|found| found.parse("a whole number from 1 to 1024", whole_number(1, 1024)))
                .transpose()?
                .map(|shards| shards as u32),
        };
        let s3 = storage::resolve(&find, &storage::NAMES);
        let library = library::resolve(&find)?;
        let ftp = ftp::resolve(&find, &tls)?;
        let storage = find("PIXORA_STORAGE_URL")
            .map(|found| found.parse(storage::BUCKET, storage::parse_bucket))
            .transpose()?;
        if storage.is_some() {
            s3.clone()?;
        }
        let telegram_token = find("PIXORA_TELEGRAM_TOKEN")
            .map(|found| found.parse("a token from BotFather, such as 123456789:AAF7-g0gYn…", telegram_token))
            .transpose()?;
        let api_url = match find("PIXORA_TELEGRAM_API_URL") {
            Some(found) => found
                .parse("an http:// or https:// URL without query", |v| parse_public_url(v)?.parse().ok())?,
            None => TELEGRAM_API.parse().expect("a constant that is an address"),
        };
        let webhook = match find("PIXORA_TELEGRAM_WEBHOOK") {
            Some(found) => found.parse("on or off", |v| match v {
                "on" => Some(true),
                "off" => Some(false),
                _ => None,
            })?,
            None => false,
        };
        let telegram = telegram_token.map(|token| Telegram { token, api_url, webhook });
        let stripe_url = match find("PIXORA_STRIPE_API_URL") {
            Some(found) => {
                found.parse("an https:// URL without a path (http:// only on this machine)", parse_api_url)?
            }
            None => "https://api.stripe.com".to_owned(),
        };
        let stripe = match both("PIXORA_STRIPE_SECRET_KEY", "PIXORA_STRIPE_WEBHOOK_SECRET")? {
            None => None,
            Some((key, secret)) => Some(StripeAccount {
                secret_key: key.parse("a secret or restricted key, sk_… or rk_…", |v| {
                    provider_secret(v, &["sk_", "rk_"])
                })?,
                webhook_secret: secret.parse("the signing secret of the endpoint, whsec_…", |v| {
                    provider_secret(v, &["whsec_"])
                })?,
                api_url: stripe_url,
            }),
        };

        let yookassa_url = match find("PIXORA_YOOKASSA_API_URL") {
            Some(found) => {
                found.parse("an https:// URL without a path (http:// only on this machine)", parse_api_url)?
            }
            None => "https://api.yookassa.ru".to_owned(),
        };
        let vat_code = find("PIXORA_YOOKASSA_VAT_CODE")
            .map(|found| {
                found.parse("a number from 1 to 12", |v| v.parse().ok().filter(|n| (1..=12).contains(n)))
            })
            .transpose()?;
        let yookassa = match both("PIXORA_YOOKASSA_SHOP_ID", "PIXORA_YOOKASSA_SECRET_KEY")? {
            None => None,
            Some((shop, key)) => Some(YooKassaSettings {
                shop_id: shop.parse("the number of the shop", |v| {
                    (!v.is_empty() && v.bytes().all(|b| b.is_ascii_digit())).then(|| v.to_owned())
                })?,
                secret_key: key.parse("a secret key, live_… or test_…", |v| {
                    provider_secret(v, &["live_", "test_"])
                })?,
                api_url: yookassa_url,
                vat_code,
            }),
        };

        let otlp = otlp::resolve(find)?;
        let search = SearchSettings::resolve(find)?;

        Ok(Self {
            bind,
            public_url,
            tls,
            data_dir,
            model_dir,
            ort_dylib,
            search,
            log,
            log_format,
            workers,
            session_cache: Duration::from_secs(session_cache as u64),
            places,
            dns_server,
            receipts,
            trusted_proxies,
            app_scheme,
            time_zone,
            external_databases,
            session_sync: Duration::from_secs(session_sync as u64),
            bin_days: u32::try_from(bin_days).unwrap_or(0),
            webhook_allow_private,
            database,
            secret_key,
            smtp,
            qdrant,
            storage,
            s3,
            library,
            ftp,
            stripe,
            yookassa,
            telegram,
            otlp,
            elsewhere: Elsewhere {
                url: find("PIXORA_URL").map(|found| found.value.expose().to_owned()),
                api_key: find("PIXORA_API_KEY").map(|found| found.value),
            },
        })
    }

    /// Where receipts of erasures are kept.
    #[must_use]
    pub fn receipts_folder(&self) -> PathBuf {
        self.receipts.clone().unwrap_or_else(|| self.data_dir.join("receipts"))
    }

    /// The file with the rows, if they are not in PostgreSQL.
    #[must_use]
    pub fn database_file(&self) -> Option<PathBuf> {
        self.database.is_none().then(|| self.data_dir.join("pixora.db"))
    }

    /// Where certificates and keys of our own are kept.
    #[must_use]
    pub fn tls_folder(&self) -> PathBuf {
        self.data_dir.join("tls")
    }

    /// The link to a session at this machine's address in its network, where the public URL leads nobody but this machine
    /// there. It answers once the service is bound to that address.
    #[must_use]
    pub fn network_url(&self, id: crate::domain::PhotoSessionId) -> Option<String> {
        let mut url: reqwest::Url = format!("{}/session/{id}", self.public_url).parse().ok()?;
        let is_only_here = match url.host_str()? {
            "localhost" | "[::1]" => true,
            host => host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        };
        let address = is_only_here.then(crate::tls::reachable)??;
        url.set_ip_host(address).ok()?;
        Some(url.into())
    }

    /// The zone in which a session's times are shown: its own, else the installation's.
    #[must_use]
    pub fn zone(&self, own: Option<TimeZone>) -> Option<TimeZone> {
        own.or(self.time_zone)
    }
}

/// How failures are said before the settings are known to be sound; for people where that is unclear.
#[must_use]
pub fn log_format(args: &ConfigArgs) -> LogFormat {
    let named =
        args.config.as_deref().or_else(|| Some(Path::new("pixora.toml")).filter(|path| path.exists()));
    let file = || read_file(named?).ok()?.remove("PIXORA_LOG_FORMAT");
    match std::env::var("PIXORA_LOG_FORMAT").ok().filter(|value| !value.is_empty()).or_else(file).as_deref() {
        Some("json") => LogFormat::Json,
        _ => LogFormat::Pretty,
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let unreadable = |reason: String| ConfigError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.kind().to_string()))?;
    // The parser's own message quotes the line, which may hold a secret.
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        unreadable(format!("line {line} is not TOML"))
    })?;
    table
        .into_iter()
        .map(|(key, value)| {
            if !NAMES.contains(&key.as_str()) {
                return Err(ConfigError::UnknownKey { path: path.to_owned(), key, known: NAMES.join(", ") });
            }
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                _ => return Err(unreadable(format!("{key} must be a text or a whole number"))),
            };
            Ok((key, value))
        })
        .collect()
}

#[cfg(test)]
mod tests;
