//! Any bytes as the file of an identity, and as a certificate and a key in one: whole, or refused in one line.
#![no_main]

use std::path::Path;

use data_encoding::BASE64;
use libfuzzer_sys::fuzz_target;
use maquis::server::certificate::bundle::Bundle;

/// What stands between a certificate and a key in the corpus; both are DER, so that a changed byte changes a field.
const BETWEEN: &[u8] = b"KEY:";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        look(text);
    }
    let Some(middle) = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN) else { return };
    let pem = |label: &str, der: &[u8]| {
        format!("'''\n-----BEGIN {label}-----\n{}\n-----END {label}-----\n'''", BASE64.encode(der))
    };
    let certificate = pem("CERTIFICATE", &bytes[..middle]);
    let key = pem("PRIVATE KEY", &bytes[middle + BETWEEN.len()..]);
    look(&format!("maquis_identity = 1\n[files]\n'localhost.crt' = {certificate}\n'localhost.key' = {key}\n"));
});

fn look(text: &str) {
    match Bundle::parse(Path::new("identity.toml"), text) {
        Ok(bundle) => {
            let again = Bundle::parse(Path::new("identity.toml"), &bundle.to_text()).map(|again| again.hosts);
            assert!(again.is_ok_and(|hosts| hosts == bundle.hosts), "what is written cannot be read");
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
}
