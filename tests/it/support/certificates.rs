//! A certificate authority of the test's own, made by openssl, which comes with Mosquitto.

/// Makes a certificate authority and a certificate for `localhost` in `dir`: `ca.pem`, `cert.pem`, `key.pem`.
pub fn make_certificates(dir: &std::path::Path) {
    let openssl = |arguments: &str| {
        let made = std::process::Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output();
        assert!(made.expect("openssl is installed; tests/run.sh does that").status.success(), "{arguments}");
    };
    std::fs::write(dir.join("san"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca"));
    openssl(&format!("req {key} -keyout key.pem -out request.pem -subj /CN=localhost"));
    openssl("x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile san");
}
