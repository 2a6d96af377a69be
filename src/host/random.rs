//! Passwords that nobody can guess.

use super::files::FileProblem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The system's own source.
const SOURCE: &str = "/dev/urandom";

/// 24 random bytes as 32 letters, digits, `-` and `_`.
///
/// # Errors
/// The system's refusal.
#[allow(clippy::disallowed_methods, reason = "the source of randomness is a file")]
pub fn password() -> Result<SecretString, FileProblem> {
    let mut bytes = [0; 24];
    let read = File::open(SOURCE).and_then(|mut source| source.read_exact(&mut bytes));
    read.map_err(|error| FileProblem::io(Path::new(SOURCE), "read", &error))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::password;
    use secrecy::ExposeSecret;

    #[test]
    fn each_password_is_another_one() {
        let (one, another) = (password().unwrap(), password().unwrap());
        assert_eq!((one.expose_secret().len(), another.expose_secret().len()), (32, 32));
        assert_ne!(one.expose_secret(), another.expose_secret());
    }
}
