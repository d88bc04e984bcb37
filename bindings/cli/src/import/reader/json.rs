//! JSON: a list of objects, one object a line, or an object that holds the list.

use std::{
    io::{self, Read as _},
    path::Path,
};

use serde::{Deserialize as _, de::IgnoredAny};
use serde_json::{Deserializer, Map, Value as Json};

use super::{MAX_RECORD, Next, input::Input};
use crate::import::record::Record;

/// The objects of a file.
#[derive(Debug)]
pub(super) struct JsonRecords {
    input: Input,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    /// One object a line, so that a bad one spoils no other.
    Lines,
    /// Objects behind each other, in a list or not.
    Stream,
    Over,
}

impl JsonRecords {
    /// Opens a file, and says whether it is one object that holds one of `lists`.
    pub(super) fn open(path: &Path, lists: &[&str]) -> io::Result<(Self, bool)> {
        let mut input = Input::open(path)?;
        if input.peek_past(is_space)? == Some(b'[') {
            input.skip();
            return Ok((Self { input, mode: Mode::Stream }, false));
        }
        let first_line = line(&mut input).unwrap_or_default();
        let first: Option<Map<String, Json>> = serde_json::from_slice(&first_line).ok();
        // An object that holds the list may fit a line too.
        let one = |object: &Map<String, Json>| lists.iter().any(|list| object.get(*list).is_some_and(Json::is_array));
        let opened = |mode| Ok::<_, io::Error>(Self { input: Input::open(path)?, mode });
        if first.as_ref().is_some_and(|first| !one(first)) {
            return Ok((opened(Mode::Lines)?, false));
        }
        let mut records = opened(Mode::Stream)?;
        match records.enter(lists) {
            Ok(true) => Ok((records, true)),
            Ok(false) => Ok((opened(Mode::Stream)?, false)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok((opened(Mode::Stream)?, false)),
            Err(error) => Err(error),
        }
    }

    pub(super) fn next(&mut self) -> Next {
        match self.mode {
            Mode::Lines => self.next_line(),
            Mode::Stream => self.next_object(),
            Mode::Over => Next::End,
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.input.position()
    }

    fn next_line(&mut self) -> Next {
        let at = match self.input.peek_past(is_space) {
            Ok(Some(_)) => self.input.line(),
            Ok(None) => return Next::End,
            Err(error) => return self.lost(&error),
        };
        match line(&mut self.input) {
            Ok(text) => match serde_json::from_slice(&text) {
                Ok(members) => Next::Record(Record { line: Some(at), members, ..Record::default() }),
                Err(error) => Next::Bad(Some(at), wording(&error)),
            },
            Err(error) => self.lost(&error),
        }
    }

    fn next_object(&mut self) -> Next {
        match self.input.peek_past(|byte| is_space(byte) || byte == b',') {
            Ok(Some(b'{')) => {}
            Ok(None | Some(b']')) => {
                self.mode = Mode::Over;
                return Next::End;
            }
            Ok(Some(_)) => return self.lost(&io::Error::other("an object was expected here")),
            Err(error) => return self.lost(&error),
        }
        let at = self.input.line();
        match self.value() {
            Ok(members) => Next::Record(Record { line: Some(at), members, ..Record::default() }),
            Err(error) => {
                self.mode = Mode::Over;
                Next::Lost(at, wording(&error))
            }
        }
    }

    fn lost(&mut self, error: &io::Error) -> Next {
        self.mode = Mode::Over;
        Next::Lost(self.input.line(), error.to_string())
    }

    /// Reads one value. An object, a list and a text end with a letter of theirs, so nothing behind it is read.
    fn value<'de, T: serde::Deserialize<'de>>(&mut self) -> Result<T, serde_json::Error> {
        self.input.allow(MAX_RECORD);
        let value = T::deserialize(&mut Deserializer::from_reader(&mut self.input));
        self.input.allow(u64::MAX);
        value
    }

    /// Goes into the first of `lists` that the object at the top holds; false when it holds none.
    fn enter(&mut self, lists: &[&str]) -> io::Result<bool> {
        let invalid = |error: serde_json::Error| io::Error::new(io::ErrorKind::InvalidData, error);
        self.expect(b'{')?;
        loop {
            match self.input.peek_past(|byte| is_space(byte) || byte == b',')? {
                Some(b'"') => {}
                Some(b'}') => return Ok(false),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
            let name: String = self.value().map_err(invalid)?;
            self.expect(b':')?;
            match self.input.peek_past(is_space)? {
                Some(b'[') if lists.contains(&name.as_str()) => {
                    self.input.skip();
                    return Ok(true);
                }
                Some(b'{' | b'[' | b'"') => {
                    // What is passed over is not kept, so it may be long.
                    IgnoredAny::deserialize(&mut Deserializer::from_reader(&mut self.input)).map_err(invalid)?;
                }
                _ => {
                    self.input.peek_past(|byte| !b",}".contains(&byte))?;
                }
            }
        }
    }

    fn expect(&mut self, wanted: u8) -> io::Result<()> {
        if self.input.peek_past(is_space)? != Some(wanted) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.input.skip();
        Ok(())
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// The rest of a line.
fn line(input: &mut Input) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    input.allow(MAX_RECORD);
    while let Some(byte) = input.peek()? {
        if byte == b'\n' {
            break;
        }
        let mut next = [0];
        input.read_exact(&mut next)?;
        text.push(byte);
    }
    input.allow(u64::MAX);
    Ok(text)
}

/// What is wrong, without the place, which is that of the record, and without content.
fn wording(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Io => error.to_string(),
        serde_json::error::Category::Data => "not a JSON object".to_owned(),
        serde_json::error::Category::Eof => "the JSON ends too early".to_owned(),
        serde_json::error::Category::Syntax => "not JSON".to_owned(),
    }
}
