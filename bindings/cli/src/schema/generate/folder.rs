//! Folders of migrations, by the rules of the tool that runs them.
//!
//! - sqlx: files `<VERSION>_<DESCRIPTION>.sql`, where the version is a whole number above zero (`i64`); `.up.sql` and `.down.sql` where
//!   migrations are reversible. Subfolders are not looked at.
//! - refinery: files `[VU]<VERSION>__<NAME>.sql`, in subfolders too, where the name is of letters, digits and `_`; no version twice.
//! - diesel: folders `<VERSION>_<NAME>` with `up.sql` and `down.sql`; versions are compared as texts, without their `-`.
//!
//! Each runs what it has not run yet in the order of versions, and minds a new one below the latest; so a new version
//! is one above the latest that is there.

use std::{
    cmp::Ordering,
    fs, io,
    path::{Path, PathBuf},
};

use super::{Format, failed, text::is_ours};
use crate::schema::SchemaFailure;

/// A folder of migrations.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    format: Format,
    /// The highest version, as it is written.
    latest: Option<String>,
    /// Whether sqlx finds reversible migrations in it.
    reversible: bool,
    /// The text of migrations that this command wrote, in order.
    pub(super) ours: Vec<String>,
}

/// One migration: its version, and the file that makes it.
struct Migration {
    version: String,
    file: PathBuf,
}

impl Folder {
    /// Reads the folder at `path`; one that is not there is empty.
    pub(super) fn read(format: Format, path: &Path) -> Result<Self, SchemaFailure> {
        let mut found = Vec::new();
        collect(format, path, &mut found).map_err(|error| failed(path, error))?;
        found.sort_by(|a, b| order(format, &a.version, &b.version).then_with(|| a.file.cmp(&b.file)));
        let reversible = found.iter().any(|migration| migration.file.to_string_lossy().ends_with(".up.sql"));
        let mut ours = Vec::new();
        for Migration { file, .. } in &found {
            let text = fs::read(file).map_err(|error| failed(file, error))?;
            ours.extend(String::from_utf8(text).ok().filter(|text| is_ours(text)));
        }
        let latest = found.pop().map(|migration| migration.version);
        Ok(Self { path: path.to_owned(), format, latest, reversible, ours })
    }

    /// The files of a new migration, and their texts.
    pub(super) fn files(&self, name: &str, up: &str, down: &str) -> Result<Vec<(PathBuf, String)>, SchemaFailure> {
        let version = self.next()?;
        let file = |name: String, text: &str| (self.path.join(name), text.to_owned());
        Ok(match self.format {
            Format::Sqlx if self.reversible => {
                vec![file(format!("{version}_{name}.up.sql"), up), file(format!("{version}_{name}.down.sql"), down)]
            }
            Format::Refinery => vec![file(format!("V{version}__{name}.sql"), up)],
            Format::Diesel => {
                vec![file(format!("{version}_{name}/up.sql"), up), file(format!("{version}_{name}/down.sql"), down)]
            }
            _ => vec![file(format!("{version}_{name}.sql"), up)],
        })
    }

    fn next(&self) -> Result<String, SchemaFailure> {
        let Some(latest) = &self.latest else {
            return Ok(match self.format {
                Format::Refinery => "1",
                // As wide as the time stamps that diesel makes, because it compares texts.
                Format::Diesel => "00000000000001",
                _ => "0001",
            }
            .to_owned());
        };
        let most = if self.format == Format::Refinery { i32::MAX as u64 } else { i64::MAX as u64 };
        let next = latest.parse::<u64>().ok().and_then(|number| number.checked_add(1));
        // refinery keeps versions in 32 bits unless it was built for 64, as it must be when it has such already.
        let fits = |next: u64| {
            next <= most || latest.parse().is_ok_and(|latest: u64| latest > most && next <= i64::MAX as u64)
        };
        match next.filter(|next| fits(*next)) {
            Some(next) => {
                let text = format!("{next:0width$}", width = latest.len());
                // One digit more would be compared as less.
                let overflown = self.format == Format::Diesel && text.len() > latest.len();
                Ok(if overflown { format!("{latest}1") } else { text })
            }
            None => Err(SchemaFailure::Arguments(format!(
                "{}: no version is left above {latest}\n  = help: name another folder with --out",
                self.path.display()
            ))),
        }
    }
}

/// Versions are numbers, in which leading zeros do not count; diesel takes them as texts.
fn order(format: Format, a: &str, b: &str) -> Ordering {
    if format == Format::Diesel {
        return a.cmp(b);
    }
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn collect(format: Format, folder: &Path, found: &mut Vec<Migration>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let is_folder = path.is_dir();
        match format {
            Format::Refinery if is_folder => collect(format, &path, found)?,
            Format::Diesel if is_folder && path.join("up.sql").exists() => {
                let version = name.split('_').next().unwrap_or_default().replace('-', "");
                add(found, version, path.join("up.sql"));
            }
            Format::Refinery => {
                let Some((version, rest)) = name.strip_prefix(['V', 'U']).and_then(|name| name.split_once("__")) else {
                    continue;
                };
                if rest.ends_with(".sql") || rest.ends_with(".rs") {
                    // A version may have a fraction.
                    add(found, version.split('.').next().unwrap_or_default().to_owned(), path);
                }
            }
            Format::Sqlx if !is_folder && name.ends_with(".sql") && !name.ends_with(".down.sql") => {
                let version = name.split_once('_').map_or("", |(version, _)| version);
                add(found, version.to_owned(), path);
            }
            _ => {}
        }
    }
    Ok(())
}

fn add(found: &mut Vec<Migration>, version: String, file: PathBuf) {
    if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) {
        found.push(Migration { version, file });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str, files: &[&str]) -> Self {
            let path = std::env::temp_dir().join(format!("kernia-folder-{name}-{}", std::process::id()));
            for file in files {
                let file = path.join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, "select 1;").unwrap();
            }
            Self(path)
        }

        fn names(&self, format: Format) -> Result<Vec<String>, SchemaFailure> {
            let files = Folder::read(format, &self.0)?.files("kernia", "up", "down")?;
            let name = |(path, _): &(PathBuf, String)| path.strip_prefix(&self.0).unwrap().display().to_string();
            Ok(files.iter().map(name).collect())
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn versions_count_on_from_the_latest() {
        for (at, (format, there, wanted)) in [
            (Format::Sqlx, &[][..], "0001_kernia.sql"),
            (Format::Sqlx, &["0009_a.sql", "README.md", "x_y.sql"], "0010_kernia.sql"),
            (Format::Sqlx, &["9_a.sql", "10_b.sql"], "11_kernia.sql"),
            (Format::Sqlx, &["20260101120000_a.sql", "sub/20990101120000_b.sql"], "20260101120001_kernia.sql"),
            (Format::Sqlx, &["0001_a.up.sql", "0001_a.down.sql"], "0002_kernia.up.sql"),
            (Format::Refinery, &[], "V1__kernia.sql"),
            (
                Format::Refinery,
                &["V1__a.sql", "U7__b.rs", "sub/V12__c.sql", "V99_d.sql", "W99__e.sql"],
                "V13__kernia.sql",
            ),
            (Format::Refinery, &["V3.5__a.sql"], "V4__kernia.sql"),
            (Format::Refinery, &["V20260101120000__a.sql"], "V20260101120001__kernia.sql"),
            (Format::Diesel, &[], "00000000000001_kernia/up.sql"),
            (Format::Diesel, &["00000000000000_diesel_initial_setup/up.sql"], "00000000000001_kernia/up.sql"),
            (Format::Diesel, &["2026-01-01-120000_a/up.sql", "2027_empty/README"], "20260101120001_kernia/up.sql"),
            (Format::Diesel, &["9_a/up.sql", "10_b/up.sql"], "91_kernia/up.sql"),
        ]
        .into_iter()
        .enumerate()
        {
            let folder = Temporary::new(&format!("next-{at}"), there);
            let names = folder.names(format).unwrap();
            assert_eq!(names[0], wanted, "{there:?}");
        }
    }

    #[test]
    fn what_can_be_undone_gets_a_file_that_refuses() {
        let folder = Temporary::new("down", &["0001_a.up.sql", "1_b/up.sql"]);
        assert_eq!(folder.names(Format::Sqlx).unwrap(), ["0002_kernia.up.sql", "0002_kernia.down.sql"]);
        assert_eq!(folder.names(Format::Diesel).unwrap(), ["2_kernia/up.sql", "2_kernia/down.sql"]);
    }

    #[test]
    fn a_folder_that_is_full_is_refused() {
        for (format, name) in [
            (Format::Sqlx, format!("{}_a.sql", i64::MAX)),
            (Format::Refinery, format!("V{}__a.sql", i32::MAX)),
            (Format::Diesel, format!("{}0_a/up.sql", u64::MAX)),
        ] {
            let folder = Temporary::new(&format!("full-{format:?}"), &[&name]);
            assert!(matches!(folder.names(format), Err(SchemaFailure::Arguments(_))), "{name}");
        }
    }
}
