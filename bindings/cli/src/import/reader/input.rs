//! A file with a count of its lines and a limit on how much of it one record may take.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read},
    path::Path,
};

/// What some programs put before UTF-8.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// A file being read.
#[derive(Debug)]
pub(super) struct Input {
    file: BufReader<File>,
    line: u64,
    position: u64,
    /// How many more bytes may be read.
    budget: u64,
}

impl Input {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut input = Self { file: BufReader::new(File::open(path)?), line: 1, position: 0, budget: u64::MAX };
        if input.file.fill_buf()?.starts_with(BOM) {
            input.advance(BOM.len());
        }
        Ok(input)
    }

    /// The line that is being read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Sets how many more bytes may be read.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.budget = bytes;
    }

    /// The next byte, which stays.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.file.fill_buf()?.first().copied())
    }

    /// Passes over the byte that was [peeked](Self::peek) at.
    pub(super) fn skip(&mut self) {
        if self.file.buffer().first() == Some(&b'\n') {
            self.line += 1;
        }
        self.advance(1);
    }

    /// The next byte that `unwanted` does not name, which stays.
    pub(super) fn peek_past(&mut self, unwanted: impl Fn(u8) -> bool) -> io::Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(byte) if unwanted(byte) => self.skip(),
                other => return Ok(other),
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.file.consume(bytes);
        self.position += bytes as u64;
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 && !buffer.is_empty() {
            return Err(too_long());
        }
        let allowed = usize::try_from(self.budget).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..allowed])?;
        self.line += buffer[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.position += read as u64;
        self.budget -= read as u64;
        Ok(read)
    }
}

/// What reading beyond the budget fails with.
fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("a record is longer than {} MiB", super::MAX_RECORD >> 20))
}
