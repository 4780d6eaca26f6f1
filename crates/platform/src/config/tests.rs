use super::*;

fn resolve(
    args: &ConfigArgs,
    environment: &[(&str, &str)],
    file: &[(&str, &str)],
) -> Result<Settings, ConfigError> {
    let environment: BTreeMap<_, _> = environment.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
    let file = file.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Settings::resolve(args, |name| environment.get(name).cloned(), &file, None)
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let flag = ConfigArgs { bind: Some("127.0.0.1:1".into()), ..Default::default() };
    let environment = [("PIXORA_BIND", "127.0.0.1:2")];
    let file = [("PIXORA_BIND", "127.0.0.1:3")];
    let port = |s: Result<Settings, _>| s.map(|s: Settings| s.bind.port()).map_err(|e: ConfigError| e.code());
    assert_eq!(port(resolve(&flag, &environment, &file)), Ok(1));
    assert_eq!(port(resolve(&ConfigArgs::default(), &environment, &file)), Ok(2));
    assert_eq!(port(resolve(&ConfigArgs::default(), &[], &file)), Ok(3));
    assert_eq!(port(resolve(&ConfigArgs::default(), &[("PIXORA_BIND", "")], &[])), Ok(8000));
}

#[test]
fn a_wrong_value_is_named_and_described_but_not_shown() {
    let wrong = [
        ("PIXORA_BIND", "hunter2"),
        ("PIXORA_PUBLIC_URL", "https://me:hunter2@example.org"),
        ("PIXORA_PUBLIC_URL", "ftp://hunter2"),
        ("PIXORA_WORKERS", "0"),
        ("PIXORA_TIME_ZONE", "+03:00"),
        ("PIXORA_SESSION_CACHE_SECONDS", "301"),
        ("PIXORA_LOG_FORMAT", "hunter2"),
        ("PIXORA_LOG", "pixora=hunter2"),
        ("PIXORA_MODEL_DIR", "/nowhere/hunter2"),
        ("ORT_DYLIB_PATH", "/nowhere/hunter2"),
        ("PIXORA_DATA_DIR", "Cargo.toml"),
        ("MAIN_APP_DATABASE_URL", "mysql://me:hunter2@db.example/main"),
        ("MAIN_APP_DATABASE_URL", "postgres://me:hunter2@db.example/main,hunter2"),
        ("MAIN_APP_DATABASE_URL", "postgres:///hunter2"),
        ("MAIN_APP_DATABASE_URL", "postgres://me@db.example/main?pasword=hunter2"),
        ("PIXORA_SESSION_SYNC_SECONDS", "0"),
        ("PIXORA_BIN_DAYS", "366"),
        ("PIXORA_WEBHOOK_ALLOW_PRIVATE", "hunter2"),
        ("DATABASE_URL", "sqlite:hunter2"),
        ("DATABASE_URL", "postgres://me:hunter2@a.example/pixora,postgres://me:hunter2@b.example/pixora"),
        ("PIXORA_SECRET_KEY", "hunter2"),
        ("QDRANT_URL", "hunter2:6334"),
        ("QDRANT_URL", "grpc://hunter2:6334"),
        ("QDRANT_URL", "https://me:hunter2@vectors.example:6334"),
        ("QDRANT_URL", "https://vectors.example:6334/?api-key=hunter2"),
        ("QDRANT_API_KEY", "hunter2 hunter2"),
        ("PIXORA_QDRANT_COLLECTION", "hunter2/faces"),
        ("PIXORA_QDRANT_REPLICATION", "0"),
        ("PIXORA_QDRANT_SHARDS", "hunter2"),
        ("PIXORA_TELEGRAM_TOKEN", "123456:hunter2"),
        ("PIXORA_TELEGRAM_API_URL", "ftp://hunter2"),
        ("PIXORA_TELEGRAM_WEBHOOK", "hunter2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:hunter2@collector.example:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "hunter2:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization hunter2"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "hunter2"),
        ("OTEL_SERVICE_NAME", "hunter2 hunter2"),
        ("OTEL_TRACES_SAMPLER", "parentbased_hunter2"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("PIXORA_TLS", "hunter2"),
        ("PIXORA_EMBEDDER", "../hunter2"),
        ("PIXORA_DETECTOR", "hunter2/"),
        ("PIXORA_STRANGER_PERCENT", "hunter2"),
        ("PIXORA_STRANGER_PERCENT", "0"),
        ("PIXORA_STRANGER_PERCENT", "NaN"),
    ];
    for (name, value) in wrong {
        let message = resolve(&ConfigArgs::default(), &[(name, value)], &[]).unwrap_err().to_string();
        assert!(message.starts_with(name), "{message}");
        assert!(message.contains("from the environment") && message.contains("expected"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "an-id"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];

fn with_keys<'a>(more: &[(&'a str, &'a str)]) -> Result<Settings, ConfigError> {
    resolve(&ConfigArgs::default(), &[&KEYS, more].concat(), &[])
}

#[test]
fn a_bucket_is_named_by_a_url_and_reached_by_what_other_tools_read() {
    let url = ("PIXORA_STORAGE_URL", "s3://wedding-photos/pixora/eu/");
    let settings = with_keys(&[url, ("AWS_ENDPOINT_URL", "http://minio.example:9000/")]).expect("are valid");
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    let bucket = settings.storage.expect("there is one");
    assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("wedding-photos", "pixora/eu"));
    let s3 = settings.s3.expect("is complete");
    assert_eq!(s3.endpoint.as_deref(), Some("http://minio.example:9000"));
    assert!(s3.path_style && s3.region == "us-east-1");
    // A machine's role at AWS.
    let role = [("PIXORA_STORAGE_URL", "s3://photos"), ("AWS_REGION", "eu-central-1")];
    let settings = resolve(&ConfigArgs::default(), &role, &[]).expect("are valid");
    let s3 = settings.s3.expect("is complete");
    assert!(s3.keys.is_none() && !s3.path_style && s3.region == "eu-central-1");
}

#[test]
fn what_is_wrong_with_a_bucket_is_named_and_not_shown() {
    let url = ("PIXORA_STORAGE_URL", "s3://photos");
    for (name, value) in [
        ("PIXORA_STORAGE_URL", "s3://user:hunter2@host/db"),
        ("PIXORA_STORAGE_URL", "s3://photos/hunter2/../up"),
        ("PIXORA_STORAGE_URL", "s3://no"),
        ("PIXORA_STORAGE_URL", "https://hunter2.example/photos"),
        ("AWS_ENDPOINT_URL", "https://minio.example/hunter2"),
        ("AWS_ENDPOINT_URL", "https://user:hunter2@minio.example"),
        ("AWS_ENDPOINT_URL", "hunter2"),
        ("AWS_REGION", "hunter2/eu"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2 with a space"),
        ("PIXORA_S3_PATH_STYLE", "hunter2"),
    ] {
        let mut set = vec![KEYS[0], KEYS[1], url];
        set.retain(|(other, _)| *other != name);
        set.push((name, value));
        let message = resolve(&ConfigArgs::default(), &set, &[]).expect_err(value).to_string();
        assert!(message.starts_with(name) && !message.contains("hunter2"), "{message}");
    }
    let incomplete = |set: &[(&str, &str)]| {
        resolve(&ConfigArgs::default(), set, &[]).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(incomplete(&[url, KEYS[0]]), Err("incomplete_setting"));
    assert_eq!(incomplete(&[url, KEYS[1]]), Err("incomplete_setting"));
    assert_eq!(incomplete(&[url, ("AWS_ENDPOINT_URL", "https://minio.example")]), Err("incomplete_setting"));
    // Somebody else's tools may use them as they like.
    assert_eq!(incomplete(&[KEYS[0], ("AWS_ENDPOINT_URL", "a profile's")]), Ok(()));
}

#[test]
fn the_external_database_may_have_replicas_and_never_prints() {
    let urls = "postgres://me:hunter2@a.example/main?sslmode=verify-full, postgresql://b.example:6432/main,\
                postgres:///main?host=/run/postgresql";
    let environment = [("MAIN_APP_DATABASE_URL", urls)];
    let settings = resolve(&ConfigArgs::default(), &environment, &[]).expect("settings are valid");
    let hosts: Vec<_> = settings.external_databases.iter().map(|url| &url.expose()[..20]).collect();
    assert_eq!(hosts, ["postgres://me:hunter", "postgresql://b.examp", "postgres:///main?hos"]);
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
}

#[test]
fn mail_needs_a_server_and_a_sender() {
    let code = |environment: &[(&str, &str)]| {
        resolve(&ConfigArgs::default(), environment, &[]).map(|s| s.smtp.is_some()).map_err(|e| e.code())
    };
    let (url, from) = (("PIXORA_SMTP_URL", "smtp://127.0.0.1:25"), ("PIXORA_MAIL_FROM", "a@b.example"));
    assert_eq!(code(&[]), Ok(false));
    assert_eq!(code(&[url, from]), Ok(true));
    assert_eq!(code(&[url]), Err("incomplete_setting"));
    assert_eq!(code(&[from]), Err("incomplete_setting"));
}

#[test]
fn a_qdrant_server_has_a_port_and_a_secret_key() {
    let qdrant = |url: &str| {
        let environment = [("QDRANT_URL", url), ("QDRANT_API_KEY", "hunter2"), ("PIXORA_QDRANT_SHARDS", "6")];
        let settings = resolve(&ConfigArgs::default(), &environment, &[]).expect("settings are valid");
        assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
        settings.qdrant
    };
    let cluster = qdrant("https://vectors.example/");
    assert_eq!(cluster.url.as_deref(), Some("https://vectors.example:6334"));
    assert_eq!((cluster.replication, cluster.shards, &*cluster.prefix), (1, Some(6), "pixora"));
    assert_eq!(qdrant("https://vectors.example:443").url.as_deref(), Some("https://vectors.example:443"));
    assert_eq!(qdrant("http://[::1]:7").url.as_deref(), Some("http://[::1]:7"));
    assert!(resolve(&ConfigArgs::default(), &[], &[]).expect("defaults are valid").qdrant.url.is_none());
}

#[test]
fn stripe_needs_both_of_its_secrets_each_in_its_place() {
    let (key, secret) =
        (("PIXORA_STRIPE_SECRET_KEY", "sk_test_hunter2"), ("PIXORA_STRIPE_WEBHOOK_SECRET", "whsec_hunter2"));
    let load = |environment: &[(&str, &str)]| resolve(&ConfigArgs::default(), environment, &[]);
    let code =
        |environment: &[(&str, &str)]| load(environment).map(|s| s.stripe.is_some()).map_err(|e| e.code());
    assert_eq!(code(&[]), Ok(false));
    let settings = load(&[key, secret]).expect("settings are valid");
    assert_eq!(settings.stripe.as_ref().map(|stripe| &*stripe.api_url), Some("https://api.stripe.com"));
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    assert_eq!(code(&[key]), Err("incomplete_setting"));
    assert_eq!(code(&[secret]), Err("incomplete_setting"));
    let swapped = [(key.0, secret.1), (secret.0, key.1)];
    assert_eq!(code(&swapped), Err("invalid_setting"));
    for (url, expected) in [
        ("http://127.0.0.1:9", Ok(true)),
        ("https://stripe.example/", Ok(true)),
        ("http://stripe.example", Err("invalid_setting")),
        ("https://stripe.example/v1", Err("invalid_setting")),
        ("https://me:hunter2@stripe.example", Err("invalid_setting")),
    ] {
        assert_eq!(code(&[key, secret, ("PIXORA_STRIPE_API_URL", url)]), expected, "{url}");
    }
}

#[test]
fn yookassa_needs_its_shop_and_its_key() {
    let (shop, key) = (("PIXORA_YOOKASSA_SHOP_ID", "123456"), ("PIXORA_YOOKASSA_SECRET_KEY", "test_hunter2"));
    let load = |environment: &[(&str, &str)]| resolve(&ConfigArgs::default(), environment, &[]);
    let code =
        |environment: &[(&str, &str)]| load(environment).map(|s| s.yookassa.is_some()).map_err(|e| e.code());
    assert_eq!(code(&[]), Ok(false));
    let settings = load(&[shop, key]).expect("settings are valid");
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    assert_eq!(code(&[shop]), Err("incomplete_setting"));
    assert_eq!(code(&[key]), Err("incomplete_setting"));
    for (name, value, expected) in [
        ("PIXORA_YOOKASSA_VAT_CODE", "1", Ok(true)),
        ("PIXORA_YOOKASSA_VAT_CODE", "0", Err("invalid_setting")),
        ("PIXORA_YOOKASSA_VAT_CODE", "13", Err("invalid_setting")),
        ("PIXORA_YOOKASSA_API_URL", "http://yookassa.example", Err("invalid_setting")),
        ("PIXORA_YOOKASSA_SHOP_ID", "my shop", Err("invalid_setting")),
        ("PIXORA_YOOKASSA_SECRET_KEY", "sk_test_hunter2", Err("invalid_setting")),
    ] {
        let others = [shop, key].into_iter().filter(|(other, _)| *other != name);
        assert_eq!(code(&others.chain([(name, value)]).collect::<Vec<_>>()), expected, "{name}={value}");
    }
}

#[test]
fn a_session_without_a_time_zone_has_that_of_the_installation() {
    let zone = |environment: &[(&str, &str)], own: Option<&str>| {
        let settings = resolve(&ConfigArgs::default(), environment, &[]).expect("settings are valid");
        settings.zone(own.map(|own| own.parse().expect("a zone"))).map(|zone| zone.to_string())
    };
    let berlin = [("PIXORA_TIME_ZONE", "Europe/Berlin")];
    assert_eq!(zone(&berlin, None).as_deref(), Some("Europe/Berlin"));
    assert_eq!(zone(&berlin, Some("Asia/Tokyo")).as_deref(), Some("Asia/Tokyo"));
    assert_eq!(zone(&[], None), None);
}

#[test]
fn the_public_url_is_that_of_the_bound_address_or_the_one_that_is_set() {
    let url = |environment: &[(&str, &str)]| {
        resolve(&ConfigArgs::default(), environment, &[]).expect("settings are valid").public_url
    };
    assert_eq!(url(&[("PIXORA_BIND", "127.0.0.1:80")]), "http://127.0.0.1");
    let encrypted = [("PIXORA_BIND", "[::1]:8443"), ("PIXORA_TLS", "self-signed")];
    assert_eq!(url(&encrypted), "https://[::1]:8443");
    assert_eq!(url(&[("PIXORA_PUBLIC_URL", "https://a.example/")]), "https://a.example");
}

#[test]
fn a_link_that_leads_to_this_machine_alone_has_another_at_the_address_of_the_network() {
    let id = crate::domain::PhotoSessionId::generate();
    let url = |environment: &[(&str, &str)]| {
        resolve(&ConfigArgs::default(), environment, &[]).expect("settings are valid").network_url(id)
    };
    let here = crate::tls::reachable();
    for bind in ["127.0.0.1:8000", "[::1]:8000"] {
        let expected = here.map(|ip| format!("http://{}/session/{id}", std::net::SocketAddr::new(ip, 8000)));
        assert_eq!(url(&[("PIXORA_BIND", bind)]), expected, "{bind}");
    }
    assert_eq!(url(&[("PIXORA_PUBLIC_URL", "https://a.example/")]), None);
}

#[test]
fn a_wildcard_is_reached_by_an_address_of_this_machine() {
    let everywhere = "0.0.0.0:8443".parse().expect("an address");
    let lan = || Some([192, 168, 1, 7].into());
    assert_eq!(values::default_public_url(everywhere, lan, true), "https://192.168.1.7:8443");
    assert_eq!(values::default_public_url(everywhere, || None, false), "http://127.0.0.1:8443");
    let usual = "[::]:443".parse().expect("an address");
    assert_eq!(
        values::default_public_url(usual, || Some([0xfd00, 0, 0, 0, 0, 0, 0, 7].into()), true),
        "https://[fd00::7]"
    );
    let all =
        resolve(&ConfigArgs::default(), &[("PIXORA_BIND", "0.0.0.0:80")], &[]).expect("settings are valid");
    assert!(!all.public_url.contains("0.0.0.0"), "{}", all.public_url);
}

#[test]
fn each_way_to_a_certificate_has_what_it_needs() {
    let load = |environment: &[(&str, &str)]| resolve(&ConfigArgs::default(), environment, &[]);
    let code = |environment: &[(&str, &str)]| load(environment).map(|_| ()).map_err(|e| e.code());
    let file = |name| (name, "Cargo.toml");
    let (cert, key) = (file("PIXORA_TLS_CERT"), file("PIXORA_TLS_KEY"));
    let tls = |mode| ("PIXORA_TLS", mode);
    let url = |url| ("PIXORA_PUBLIC_URL", url);
    assert_eq!(code(&[tls("off"), cert]), Ok(()));
    assert_eq!(code(&[tls("self-signed"), url("http://192.168.1.7:8443")]), Err("unmet_setting"));
    assert_eq!(code(&[tls("files"), cert, key]), Ok(()));
    assert_eq!(code(&[tls("files"), cert]), Err("unmet_setting"));
    assert_eq!(code(&[tls("files"), key]), Err("unmet_setting"));
    assert_eq!(code(&[tls("files"), cert, ("PIXORA_TLS_KEY", "/nowhere/hunter2")]), Err("invalid_setting"));
    assert_eq!(code(&[tls("acme")]), Err("unmet_setting"), "the default is an address");
    let public = url("https://photos.example");
    assert_eq!(code(&[tls("acme"), url("https://photos.example:8443")]), Err("unmet_setting"));
    assert_eq!(
        code(&[tls("acme"), public, ("PIXORA_ACME_CONTACT", "mailto:a@b.example")]),
        Err("invalid_setting")
    );
    assert_eq!(
        code(&[tls("acme"), public, ("PIXORA_ACME_DIRECTORY", "http://acme.example")]),
        Err("invalid_setting")
    );
    let directory = |environment: &[(&str, &str)]| match load(environment).expect("settings are valid").tls {
        Tls::Acme(account) => account.directory,
        other => panic!("{other:?}"),
    };
    assert_eq!(directory(&[tls("acme"), public]), "https://acme-v02.api.letsencrypt.org/directory");
    let staging = [tls("acme"), public, ("PIXORA_ACME_DIRECTORY", "staging")];
    assert_eq!(directory(&staging), "https://acme-staging-v02.api.letsencrypt.org/directory");
}

#[test]
fn a_file_with_a_misspelled_setting_or_a_syntax_error_stops_the_start() {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    let path = dir.path().join("pixora.toml");
    let load = |text: &str| {
        std::fs::write(&path, text).expect("the folder is writable");
        read_file(&path)
    };
    assert_eq!(load("PIXORA_BIN = '1'").unwrap_err().code(), "unknown_setting");
    let broken = load("PIXORA_BIND = '127.0.0.1:1'\nQDRANT_API_KEY = hunter2").unwrap_err();
    assert!(broken.to_string().contains("line 2") && !broken.to_string().contains("hunter2"), "{broken}");
    assert_eq!(load("PIXORA_WORKERS = 3").unwrap()["PIXORA_WORKERS"], "3");
}

#[test]
fn a_bot_needs_its_token_only_and_never_prints_it() {
    let token = ("PIXORA_TELEGRAM_TOKEN", "123456:an-invented-token_hunter2");
    let settings = resolve(&ConfigArgs::default(), &[token], &[]).expect("settings are valid");
    let bot = settings.telegram.as_ref().expect("is set");
    assert_eq!((bot.api_url.as_str(), bot.webhook), ("https://api.telegram.org/", false));
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    let alone = [("PIXORA_TELEGRAM_WEBHOOK", "on")];
    assert!(resolve(&ConfigArgs::default(), &alone, &[]).expect("settings are valid").telegram.is_none());
}

#[test]
fn a_secret_does_not_print() {
    assert!(!format!("{:?}", Secret::new("hunter2".into())).contains("hunter2"));
}

#[test]
fn traces_go_where_the_standard_variables_say() {
    let otlp = |environment: &[(&str, &str)]| {
        resolve(&ConfigArgs::default(), environment, &[]).expect("the settings are sound").otlp
    };
    assert!(otlp(&[("OTEL_SERVICE_NAME", "photos")]).is_none(), "nowhere unless told");
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318/");
    let plain = otlp(&[base]).expect("there is a collector");
    assert_eq!(plain.endpoint, "http://collector.example:4318/v1/traces");
    assert_eq!(
        (plain.service.as_str(), plain.sampler),
        ("pixora", Sampler { ratio: 1.0, follows_parent: true })
    );
    let all = otlp(&[
        base,
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces.example/in"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20hunter2, x-tenant=photos"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
    ])
    .expect("there is a collector");
    assert_eq!(all.endpoint, "https://traces.example/in");
    let headers: Vec<_> = all.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(headers, [("authorization", "Bearer hunter2"), ("x-tenant", "photos")]);
    assert_eq!(all.sampler, Sampler { ratio: 0.25, follows_parent: false });
    assert!(!format!("{all:?}").contains("hunter2"));
}
