//! A file and what is said about it.

use kernia::{
    domain::options::{BaseUrl, CustomRule, IdStrategy, Mode},
    schema::Naming,
};

use super::*;

fn environment(source: Source<'_>) -> Option<String> {
    match source {
        Source::Variable("SECRET") => Some("from-the-environment-0123456789abcdef".to_owned()),
        Source::Variable("PORT") => Some("hunter2".to_owned()),
        Source::File("/run/secrets/forge") => Some("from a file".to_owned()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, String> {
    Config::parse("kernia.toml", text, &environment).map_err(|problems| problems.to_string())
}

fn refused(text: &str) -> String {
    parse(text).map(|_| ()).expect_err(text)
}

#[test]
fn rules_stay_in_the_order_of_the_file() {
    let of = |first: &str, second: &str| {
        let text = format!("[rate_limit.custom_rules]\n{first}\n{second}\n");
        parse(&text).unwrap().options.rate_limit.custom_rules.of("/sign-in/email")
    };
    let (exact, wide) = ("\"/sign-in/email\" = { window = 60, max = 5 }", "\"/sign-in/*\" = false");
    assert_eq!(of(exact, wide), Some(CustomRule::Limit { window: 60, max: 5 }));
    assert_eq!(of(wide, exact), Some(CustomRule::Switch(false)));
}

#[test]
fn a_full_file_is_read() {
    let config = parse(
        r#"
        mode = "development"
        secret = "env:SECRET"
        base_url = { allowed_hosts = ["*.example.com"] }
        trusted_origins = ["https://app.example.com"]
        [email_and_password]
        enabled = true
        [rate_limit.custom_rules]
        "/sign-in/*" = { window = 60, max = 5 }
        "/ok" = false
        [advanced.database]
        naming = "snake"
        use_plural = true
        default_find_many_limit = 50
        generate_id = "serial"
        names.twoFactor = { model_name = "factors", fields = { backupCodes = "codes" } }
        [server]
        listen = "0.0.0.0:8080"
        metrics_listen = "localhost:9100"
        request_timeout = 5
        hash_concurrency = 2
        [database]
        url = "sqlite:/tmp/x.db"
        auto_migrate = false
        [delivery]
        kind = "smtp"
        host = "smtp.example.com"
        from = "auth@example.com"
        username = "me"
        password = "env:SECRET"
        [log]
        format = "json"
        level = "warn,kernia::event=info"
        [janitor]
        interval = 5
        [plugins.username]
        min_username_length = 4
        [plugins.bearer]
        [plugins.captcha]
        provider = "hcaptcha"
        secret_key = "env:SECRET"
        site_key = "site"
        [plugins.have-i-been-pwned]
        paths = ["/sign-up/email"]
        [[plugins.generic-oauth.config]]
        provider_id = "forge"
        client_id = "id"
        client_secret = "env:SECRET"
        discovery_headers = { "X-Key" = "env:SECRET" }
        token_endpoint_auth = { method = "client_secret_basic" }
        [[plugins.generic-oauth.config]]
        provider_id = "mill"
        client_id = "id"
        private_key_jwt = { key = "file:/run/secrets/forge", key_id = "k", algorithm = "ES256", expires_in = 60 }
        [social_providers.google]
        client_secret = "file:/run/secrets/forge"
        redirect_uri = "file:///a/page"
        "#,
    )
    .unwrap();
    assert_eq!(config.options.mode, Mode::Development);
    assert!(config.options.email_and_password.enabled);
    let google = &config.options.social_providers["google"];
    assert_eq!(google.client_secret.as_ref().unwrap().0.expose(), "from a file");
    assert_eq!(google.redirect_uri.as_deref(), Some("file:///a/page"));
    assert!(matches!(config.options.base_url, Some(BaseUrl::PerHost(_))));
    assert_eq!(config.options.secret.as_ref().unwrap().0.expose(), "from-the-environment-0123456789abcdef");
    let database = &config.options.advanced.database;
    assert_eq!(
        (database.naming, database.use_plural, database.default_find_many_limit.get()),
        (Naming::Snake, true, 50)
    );
    assert_eq!(database.generate_id, IdStrategy::Serial);
    assert_eq!(database.names["twoFactor"].fields["backupCodes"], "codes");
    assert_eq!(config.server.listen, "0.0.0.0:8080".parse().unwrap());
    assert_eq!(config.server.request_timeout.get(), 5);
    assert_eq!(config.database.url, DatabaseUrl::Sql(kernia_sql::DatabaseUrl::Sqlite("/tmp/x.db".into())));
    assert!(matches!(config.delivery, Some(Delivery::Smtp(_))));
    assert_eq!(config.log.format, Some(LogFormat::Json));
    assert_eq!(config.janitor.settings().unwrap().interval.as_secs(), 5);
    let ids: Vec<_> = config.plugins.iter().map(|plugin| plugin.id()).collect();
    assert_eq!(ids, ["username", "bearer", "captcha", "have-i-been-pwned", "generic-oauth"]);
    assert!(!format!("{config:?}").contains("from-the-environment"));
}

#[test]
fn an_empty_file_is_the_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:3000".parse().unwrap());
    assert_eq!(config.database.url.to_string(), "sqlite:kernia.db");
    assert!(config.delivery.is_none() && config.plugins.is_empty() && config.database.auto_migrate);
    assert_eq!(config.janitor.settings().unwrap().limit, 1000);
}

/// The file, the place that is named, and what is said.
const WRONG: &[(&str, &str, &[&str])] = &[
    ("[sesion]\nexpires_in = 1", "1:2", &["unknown key `sesion`", "did you mean `session`?"]),
    ("app_name = \"x\"\n[sever]\nlisten = \"a\"", "2:2", &["unknown key `sever`", "did you mean `server`?"]),
    ("baseURL = \"https://a.test\"", "1:1", &["unknown key `baseURL`", "did you mean `base_url`?"]),
    (
        "[session.cookie_cache]\nenabled = true\nmaxAge = 3",
        "3:1",
        &["unknown key `session.cookie_cache.maxAge`", "did you mean `max_age`?"],
    ),
    ("advanced.database.generate_id = false", "1:33", &["ids that the database makes are \"serial\" ones"]),
    ("advanced.database.generate_id = \"seral\"", "1:33", &["serial"]),
    ("[server]\nlistn = \"127.0.0.1:1\"", "2:1", &["unknown key `server.listn`", "did you mean `listen`?"]),
    ("[janitor]\nx = 1", "2:1", &["unknown key `janitor.x`", "possible here: enabled, interval, limit"]),
    ("[plugins.user_name]", "1:10", &["unknown key `plugins.user_name`", "did you mean `username`?"]),
    (
        "[plugins.captcha]\nprovider = \"turnstile\"",
        "2:12",
        &["cloudflare-turnstile, google-recaptcha, hcaptcha, captchafox"],
    ),
    ("[plugins.bearer]\nrequire = 1", "2:1", &["unknown key `plugins.bearer.require`"]),
    (
        "[[plugins.generic-oauth.config]]\nprovider = 1",
        "2:1",
        &["unknown key `plugins.generic-oauth.config[0].provider`"],
    ),
    ("plugins.bearer = true", "1:9", &["`plugins.bearer` is not a table", "write [plugins.bearer]"]),
    ("server = 1", "1:1", &["`server` is not a table", "write [server]"]),
    (
        "[session]\nexpires_in = \"a week\"",
        "2:14",
        &["`session.expires_in` has the wrong type or value", "expected a whole number, found a text"],
    ),
    ("[email_and_password]\nenabled = 1", "2:11", &["expected true or false, found a whole number"]),
    ("trusted_origins = \"https://a.test\"", "1:19", &["expected a list, found a text"]),
    ("base_url = 3", "1:12", &["expected a URL, or a table with allowed_hosts, found a whole number"]),
    ("mode = \"prod\"", "1:8", &["`mode` is none of its possible values", "production, development"]),
    ("mode = \"developement\"", "1:8", &["did you mean `development`?"]),
    ("[server]\nrequest_timeout = 0", "2:19", &["expected a whole number, one or more"]),
    ("[server]\nlisten = \"3000\"", "2:10", &["`server.listen`: not an address such as 127.0.0.1:3000"]),
    ("[server]\nlisten = \"env:PORT\"", "2:10", &["`server.listen`: not an address"]),
    ("[server]\nhash_queue = \"env:PORT\"", "2:14", &["expected a whole number, zero or more, found a text"]),
    ("[database]\nurl = \"oracle://a:b@c/d\"", "2:7", &["not a SQL database"]),
    ("[secondary_storage]\nkey_prefix = \"x\"", "1:2", &["`secondary_storage.url` is missing"]),
    ("[secondary_storage]\nurl = \"http://a:hunter2@b\"", "2:7", &["no secondary storage; write redis://"]),
    ("[secondary_storage]\nurl = \"memory:\"\nprefix = 1", "3:1", &["unknown key `secondary_storage.prefix`"]),
    (
        "[verification]\nstore_identifier = \"salted\"",
        "2:20",
        &["plain, hashed, or a table with default and overrides"],
    ),
    ("[log]\nlevel = \"loud\"", "2:9", &["not a level"]),
    ("[delivery]\npath = \"x\"", "1:2", &["`delivery.kind` is missing"]),
    ("[delivery]\nkind = \"pigeon\"", "2:8", &["`delivery.kind` is none of its possible values"]),
    ("[delivery]\nkind = \"file\"", "1:2", &["`delivery.path` is missing"]),
    ("[delivery]\nkind = \"log\"\npath = \"x\"", "3:1", &["unknown key `delivery.path`"]),
    (
        "a = 1\nsecret = \"env:NOPE\"",
        "2:10",
        &["`secret` asks for the environment variable `NOPE`, which is not set", "set NOPE before"],
    ),
    ("a = 1\nsecret = \"file:nope\"", "2:10", &["`secret` asks for the file `nope`, which cannot be read as text"]),
    ("secrets = [{ version = 1, value = \"env:NOPE\" }]", "1:35", &["`secrets[0].value` asks for"]),
    ("secrets = [{ version = 1, vale = \"x\" }]", "1:27", &["unknown key `secrets[0].vale`", "did you mean `value`?"]),
    ("mode = production", "1:8", &[]),
    ("[server\nlisten = 1", "1:8", &[]),
];

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, place, said) in WRONG {
        let shown = refused(text);
        assert!(shown.contains(&format!("--> kernia.toml:{place}\n")), "{text}\n{shown}");
        for said in *said {
            assert!(shown.contains(said), "{text}\n{shown}");
        }
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_in_order() {
    let shown = refused("sesion = 1\nmode = 3\n[server]\nlisten = 5\nwat = 1\n[session]\nupdate_age = true\n");
    let places: Vec<_> = shown.lines().filter_map(|line| line.split_once("--> kernia.toml:")).collect();
    let places: Vec<_> = places.iter().map(|(_, place)| *place).collect();
    assert_eq!(places, ["1:1", "2:8", "4:10", "5:1", "7:14"], "{shown}");
}

#[test]
fn a_variable_that_is_missing_is_the_only_complaint_about_its_value() {
    let shown = refused("[server]\nlisten = \"env:NOPE\"");
    assert_eq!(shown.matches("error:").count(), 1, "{shown}");
}

#[test]
fn what_would_be_unsafe_is_refused() {
    let said = |text: &str| {
        let list = check(&parse(text).unwrap());
        list.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("\n")
    };
    let safe = "secret = \"env:SECRET\"\n";
    assert_eq!(said(safe), "");
    assert_eq!(said(""), "secret is missing");
    assert!(said(&format!("{safe}[server]\nlisten = \"0.0.0.0:3000\"")).contains("base_url is missing"));
    assert_eq!(said(&format!("{safe}base_url = \"https://a.test\"\n[server]\nlisten = \"0.0.0.0:3000\"")), "");
    assert!(said(&format!("{safe}[rate_limit]\nstorage = \"secondary-storage\"")).contains("secondary storage"));
    let limited =
        format!("{safe}[rate_limit]\nstorage = \"secondary-storage\"\n[secondary_storage]\nurl = \"memory:\"");
    assert_eq!(said(&limited), "");
    let replica = |url: &str, stale: bool| {
        let session = format!("[session]\nstale_reads = {stale}\n");
        said(&format!("{safe}{session}[database]\nurl = \"{url}\"\nreplica_url = \"postgres://me:hunter2@b/auth\""))
    };
    assert_eq!(replica("postgres://a/auth", true), "");
    assert!(replica("postgres://a/auth", false).contains("nothing may be read from it"));
    assert!(replica("mysql://a/auth", true).contains("is not a server of the kind"));
    assert!(replica("sqlite:kernia.db", true).contains("is not a server of the kind"));
    let sends = format!("{safe}[email_verification]\nsend_verification_email = true\n");
    assert!(said(&sends).contains("email_verification.send_verification_email is on, but there is no [delivery]"));
    assert_eq!(said(&format!("{sends}[delivery]\nkind = \"log\"")), "");
    assert_eq!(said(&format!("mode = \"development\"\n{sends}")), "");
    let plugin = format!("{safe}[plugins.magic-link]\n");
    assert!(said(&plugin).contains("plugins.magic-link is on, but there is no [delivery]"));
    assert_eq!(said(&format!("{plugin}[delivery]\nkind = \"log\"")), "");
    let texts = format!("{safe}[plugins.phone-number]\n[delivery]\n");
    let smtp = format!("{texts}kind = \"smtp\"\nhost = \"smtp.example.com\"\nfrom = \"auth@example.com\"");
    assert!(said(&smtp).contains("plugins.phone-number sends texts, and [delivery] sends mail only"));
    assert_eq!(said(&format!("{texts}kind = \"webhook\"\nurl = \"https://texts.example.com/send\"")), "");
}

#[test]
fn the_fuzz_corpus_passes() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/configuration");
    let mut files = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        fuzz::run(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 0);
}
