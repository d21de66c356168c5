//! Settings from nothing, from a file, and from the environment.

use std::io::Write as _;

use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let file = file(text);
    let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(file.path()), pairs)
        .map_err(|error| error.to_string().replace(&file.path().display().to_string(), "FILE"))
}

#[test]
fn nothing_at_all_gives_the_defaults() {
    assert_eq!(Config::load(None, []).unwrap(), Config::default());
    let config = Config::default();
    assert_eq!(config.database.url.expose(), "sqlite://data/phanloai.db");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.warnings(), Vec::<String>::new());
}

#[test]
fn the_default_file_holds_every_key_and_gives_the_defaults() {
    let text = Config::default_file();
    assert_eq!(load(&text, &[]).unwrap(), Config::default());
    let written: toml::Table = text.parse().unwrap();
    assert_eq!(written, toml::Table::try_from(Config::default()).unwrap(), "{text}");
}

#[test]
fn the_environment_is_over_the_file_and_the_file_over_the_defaults() {
    let text = "[http]\nlisten = \"0.0.0.0:80\"\npublic_url = \"https://a\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n[mqtt]\nroot = \"x/y\"\n";
    let environment = [
        ("PHANLOAI_HTTP__LISTEN", "0.0.0.0:81"),
        ("PHANLOAI_HTTP__TRUSTED_PROXIES", "127.0.0.1, ::1"),
        ("PHANLOAI_MQTT__CLIENT_ID", "12345"),
        ("PHANLOAI_MQTT__URL", "mqtt://u:12345@b"),
        ("PHANLOAI_QUARANTINE__MAX_BYTES", "7"),
        ("PHANLOAI_HTTP__PUBLIC_URL", ""),
        ("PHANLOAI_LOG__FORMAT", "json"),
        ("PHANLOAI_MQTT__PLAIN_ANYWHERE", "true"),
        ("PHANLOAI_TEST_POSTGRES", "/usr/lib"),
        ("HOME", "/root"),
    ];
    let config = load(text, &environment).unwrap();
    assert_eq!(config.http.listen.port(), 81);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.http.public_url, None);
    assert_eq!((config.mqtt.root.as_str(), config.mqtt.client_id.as_str()), ("x/y", "12345"));
    assert_eq!((config.quarantine.max_bytes, config.log.format), (7, LogFormat::Json));
    assert!(config.mqtt.plain_anywhere && !config.mqtt.allow_anonymous);
    assert!(!format!("{config:?}").contains("u:12345"));
    let warnings = config.warnings();
    assert_eq!((warnings.len(), warnings[0].as_str()), (2, "`mqtt.url` reaches b without TLS; use mqtts://"));
    assert!(
        warnings[1].starts_with("`http.trusted_proxies` is set and `http.public_url` is not https"),
        "{warnings:?}"
    );
}

#[test]
fn what_crosses_a_network_in_the_open_is_warned_of() {
    let warnings = |http: &str| load(&format!("[http]\n{http}"), &[]).unwrap().warnings();
    let none: [&str; 0] = [];
    assert_eq!(warnings(""), none, "loopback");
    assert_eq!(warnings("listen = \"0.0.0.0:443\"\ntls_cert = \"a\"\ntls_key = \"b\""), none);
    assert_eq!(warnings("public_url = \"https://a\"\ntrusted_proxies = [\"127.0.0.1\"]"), none);
    let open = warnings("listen = \"0.0.0.0:80\"");
    assert!(
        open[0].starts_with("`http.listen` 0.0.0.0:80 takes passwords without TLS; set `http.tls_cert`"),
        "{open:?}"
    );
    let unnamed = warnings("public_url = \"https://a\"");
    assert!(unnamed[0].ends_with("one limit of sign-in attempts"), "{unnamed:?}");
}

#[test]
fn the_public_address_is_scheme_and_host_and_the_one_that_is_served() {
    for (url, told) in [
        ("rac.example.vn", "it has no scheme; write https://rac.example.vn"),
        ("ftp://rac.example.vn", "its scheme is neither http nor https; write https://rac.example.vn"),
        ("https://rac.example.vn/trang", "it is more or less than scheme, host and port; write https://rac.example.vn"),
        ("https://", "it is more or less than scheme, host and port; write https://rac.example.vn"),
    ] {
        let refused = load(&format!("[http]\npublic_url = \"{url}\""), &[]).unwrap_err();
        assert_eq!(refused, format!("`http.public_url` `{url}`: {told}"));
    }
    let refused = load("[http]\npublic_url = \"http://a\"\ntls_cert = \"a\"\ntls_key = \"b\"", &[]).unwrap_err();
    assert_eq!(refused, "`http.public_url` `http://a`: `http.tls_cert` serves https; write https:// here too");
    assert!(load("[http]\npublic_url = \"https://rac.example.vn:8443/\"", &[]).unwrap().http.reached_by_tls());
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let unknown = |text: &str| load(text, &[]).unwrap_err();
    assert_eq!(
        unknown("[http]\ntls_kay = \"a\""),
        "unknown key `http.tls_kay` in `FILE`, did you mean `http.tls_key`?"
    );
    assert_eq!(unknown("[https]\nlisten = \"a\""), "unknown key `https.listen` in `FILE`, did you mean `http.listen`?");
    assert_eq!(
        unknown("[mqtt]\ntrusted_proxy = \"a\""),
        "unknown key `mqtt.trusted_proxy` in `FILE`, did you mean `http.trusted_proxies`?"
    );
    assert!(unknown("zzz = 1").starts_with("unknown key `zzz` in `FILE`; known keys are database.url, mqtt.url,"));
    let variable = |name: &str| load("", &[(name, "x")]).unwrap_err();
    assert_eq!(
        variable("PHANLOAI_HTTP__LISTENS"),
        "unknown key `PHANLOAI_HTTP__LISTENS` in the environment, did you mean `PHANLOAI_HTTP__LISTEN`?"
    );
    assert_eq!(
        variable("PHANLOAI_HTTP_LISTEN"),
        "unknown key `PHANLOAI_HTTP_LISTEN` in the environment, did you mean `PHANLOAI_HTTP__LISTEN`?"
    );
}

#[test]
fn a_wrong_value_names_key_and_origin_and_no_secret() {
    assert_eq!(
        load("[http]\nlisten = 80", &[]).unwrap_err(),
        "`http.listen` in `FILE`: invalid type: found signed int `80`, expected socket address"
    );
    assert_eq!(
        load("", &[("PHANLOAI_HTTP__LISTEN", "here")]).unwrap_err(),
        "`http.listen` in the environment: invalid socket address syntax"
    );
    assert_eq!(
        load("", &[("PHANLOAI_QUARANTINE__MAX_BYTES", "1 GB")]).unwrap_err(),
        "`PHANLOAI_QUARANTINE__MAX_BYTES` in the environment: `1 GB` is not a whole number of 0 or more"
    );
    assert_eq!(
        load("", &[("PHANLOAI_MQTT__ALLOW_ANONYMOUS", "yes")]).unwrap_err(),
        "`PHANLOAI_MQTT__ALLOW_ANONYMOUS` in the environment: `yes` is not true or false"
    );
    let secret = load("[database]\nurl = \"mysql://u:s3cret@h\"", &[]).unwrap_err();
    assert_eq!(secret, "`database.url` in `FILE`: write sqlite://path or postgres://user:password@host:5432/name");
    assert!(
        load("[log]\nformat = \"xml\"", &[])
            .unwrap_err()
            .starts_with("`log.format` in `FILE`: unknown variant: found `xml`")
    );
    assert_eq!(
        load("[http]\ntls_cert = \"a\"", &[]).unwrap_err(),
        "`http.tls_cert` is set but `http.tls_key` is not; set both or neither"
    );
    assert!(load("= 1", &[]).unwrap_err().starts_with("config file `FILE` is not TOML: "));
    let absent = Config::load(Some(Path::new("/nowhere/phanloai.toml")), []).unwrap_err().to_string();
    assert!(absent.starts_with("cannot read config file `/nowhere/phanloai.toml`: "));
}
