//! Writing the files, all of them or none.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::files::{Care, File};
use crate::failure::Failure;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Written,
    Kept,
    Extended,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Written => "written",
            Self::Kept => "kept",
            Self::Extended => "extended",
        })
    }
}

/// Writes `files` into `folder`, and answers what became of each. When one is in the way, none is written.
pub(super) fn write(folder: &Path, files: &[File], force: bool) -> Result<Vec<(PathBuf, Done)>, Failure> {
    let ordinary = files.iter().filter(|file| file.care == Care::Ordinary);
    let in_the_way: Vec<_> = ordinary.map(|file| folder.join(file.path)).filter(|path| path.exists()).collect();
    if !force && !in_the_way.is_empty() {
        return Err(Failure::InTheWay(in_the_way));
    }
    let mut written = Vec::with_capacity(files.len());
    for file in files {
        let path = folder.join(file.path);
        let done = place(&path, file, force);
        let done = done.map_err(|error| Failure::File { path: path.display().to_string(), error })?;
        written.push((path, done));
    }
    Ok(written)
}

fn place(path: &Path, file: &File, force: bool) -> io::Result<Done> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match file.care {
        Care::Ordinary if force => fs::write(path, &file.text).map(|()| Done::Written),
        Care::Ordinary => create(OpenOptions::new(), path, &file.text).map(|()| Done::Written),
        Care::Secret => match create(private(), path, &file.text) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Done::Kept),
            done => done.map(|()| Done::Written),
        },
        Care::Lines => extend(path, &file.text),
    }
}

fn create(mut options: OpenOptions, path: &Path, text: &str) -> io::Result<()> {
    options.write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn extend(path: &Path, lines: &str) -> io::Result<Done> {
    let known = match fs::read_to_string(path) {
        Ok(known) => known,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return fs::write(path, lines).map(|()| Done::Written);
        }
        Err(error) => return Err(error),
    };
    let missing: Vec<_> = lines.lines().filter(|line| !known.lines().any(|known| known.trim() == *line)).collect();
    if missing.is_empty() {
        return Ok(Done::Kept);
    }
    let gap = if known.is_empty() || known.ends_with('\n') { "" } else { "\n" };
    fs::write(path, format!("{known}{gap}{}\n", missing.join("\n"))).map(|()| Done::Extended)
}
