//! Making and keeping the server's secret.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernia::crypto::entropy::Entropy as _;
use kernia_runtime::OsEntropy;

/// 256 random bits in base64url: 43 characters that no shell and no file format minds.
pub(crate) fn generate() -> String {
    let mut bytes = [0; 32];
    OsEntropy::new().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The secret kept in the file at `path`, which is made, for its owner only, when it is not there. Its folder is made
/// too, and kept out of git.
pub(crate) fn keep(path: &Path) -> io::Result<String> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let secret = generate();
    match private().create_new(true).write(true).open(path) {
        Ok(mut file) => {
            writeln!(file, "{secret}")?;
            file.sync_all()?;
            Ok(secret)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut text = String::new();
            OpenOptions::new().read(true).open(path)?.read_to_string(&mut text)?;
            match text.trim() {
                "" => Err(io::Error::other("the secret is empty; remove the file to get a new one")),
                secret => Ok(secret.to_owned()),
            }
        }
        Err(error) => Err(error),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    fs::write(folder.join(".gitignore"), "*\n")
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use kernia::crypto::secret::{Secret, weakness};

    use super::*;

    #[test]
    fn a_secret_is_strong_and_never_the_same() {
        let secret = generate();
        assert_eq!(secret.len(), 43);
        assert_eq!(weakness(&Secret::from(secret.clone())), None);
        assert_ne!(secret, generate());
    }

    #[test]
    fn a_secret_is_made_once_and_for_its_owner() {
        let folder = std::env::temp_dir().join(format!("kernia-secret-{}", std::process::id()));
        let path = folder.join(".kernia/secret");
        let made = keep(&path).unwrap();
        assert_eq!(keep(&path).unwrap(), made);
        assert_eq!(fs::read_to_string(folder.join(".kernia/.gitignore")).unwrap(), "*\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
        fs::write(&path, "\n").unwrap();
        assert!(keep(&path).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
