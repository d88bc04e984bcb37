//! The reader, fed with files of every form.

use std::{fs, path::PathBuf};

use proptest::prelude::*;

use super::*;

const LISTS: Layout = Layout { lists: &["users", "user"], only_lists: false, columns: None };
const ONLY_LISTS: Layout = Layout { lists: &["account"], only_lists: true, columns: None };
const HEADERLESS: Layout = Layout { lists: &[], only_lists: false, columns: Some((&["id", "email"], &["UID"])) };

struct Temporary(PathBuf);

impl Temporary {
    fn with(content: impl AsRef<[u8]>) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("kernia-reader-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Each record as `line:id`, and what cannot be read as `line!`.
fn read(content: impl AsRef<[u8]>, layout: Layout) -> Option<Vec<String>> {
    let file = Temporary::with(content);
    let mut reader = match Reader::open(&file.0, layout) {
        Ok(reader) => reader?,
        Err(failure) => return Some(vec![format!("!! {failure}")]),
    };
    let mut found = Vec::new();
    while let Some(next) = reader.next() {
        let number = found.len() as u64 + 1;
        found.push(match next {
            Ok(record) => {
                assert_eq!(record.number, number);
                format!("{}:{}", record.line.unwrap(), record.text("id").unwrap_or_default())
            }
            Err(Unread::Record { line, why, number: at }) => {
                assert_eq!(at, number);
                format!("{}! {why}", line.unwrap())
            }
            Err(Unread::Rest(ImportFailure::Unreadable { line, why, .. })) => format!("{line}!! {why}"),
            Err(other) => panic!("{other:?}"),
        });
    }
    assert!(reader.position() <= reader.length());
    Some(found)
}

#[test]
fn every_form_gives_the_same_records() {
    let wanted = ["1", "2", "3"];
    for content in [
        "{\"id\":1}\n{\"id\":2}\n\n  {\"id\":3}",
        "[{\"id\":1},{\"id\":2}\n,{\"id\":3}]",
        "\u{feff}[{\"id\":1},{\"id\":2},{\"id\":3}]",
        "{\"id\":\n1}{\"id\":2},{\"id\":3}",
        "{\"users\":[{\"id\":1},{\"id\":2},{\"id\":3}]}",
        "{\n \"n\": 3.5e1, \"x\": {\"users\": []}, \"s\": \"a\\\"[b\", \"user\": [\n{\"id\":1},\n{\"id\":2},{\"id\":3}],\n\"more\":1}",
        "id,x\n1,a\n2,b\r\n3,\"c\nd\"\n",
        "\u{feff}id\n1\n2\n3",
    ] {
        let found = read(content, LISTS).unwrap();
        let ids: Vec<_> = found.iter().map(|found| found.split_once(':').unwrap().1).collect();
        assert_eq!(ids, wanted, "{content}");
    }
    assert_eq!(read("{\"id\":1}\n\n{\"id\":2}", LISTS).unwrap(), ["1:1", "3:2"]);
    assert_eq!(read("[\n{\"id\":1,\n\"a\":2},\n{\"id\":2}]", LISTS).unwrap(), ["2:1", "4:2"]);
    assert_eq!(read("id\n\"a\nb\"\nc", LISTS).unwrap()[1], "4:c");
}

#[test]
fn columns_without_names_are_those_of_the_source() {
    for content in ["1,a@x.de,,\n2,b@x.de\n", "UID,email\n", "UID,id,email\nx,1,a@x.de\ny,2,b@x.de\n"] {
        let found = read(content, HEADERLESS).unwrap();
        let rest: Vec<_> = found.iter().map(|found| found.split_once(':').unwrap().1).collect();
        assert!(rest.is_empty() || rest == ["1", "2"], "{content} {rest:?}");
    }
    assert!(read("", HEADERLESS).unwrap().is_empty());
}

#[test]
fn a_bad_line_spoils_no_other_and_a_broken_list_is_lost_with_its_place() {
    let lines = read("{\"id\":1}\n{\"id\":\n[5]\nnonsense\n{\"id\":5}", LISTS).unwrap();
    assert_eq!(lines, ["1:1", "2! the JSON ends too early", "3! not a JSON object", "4! not JSON", "5:5"]);
    assert_eq!(read("[{\"id\":1},\n{\"id\" 2}, {\"id\":3}]", LISTS).unwrap(), ["1:1", "2!! not JSON"]);
    assert_eq!(read("[{\"id\":1},\n\n5]", LISTS).unwrap()[1], "3!! an object was expected here");
    assert_eq!(read(b"id\n1\n\xff\n3".as_slice(), LISTS).unwrap(), ["2:1", "3! not UTF-8", "4:3"]);
}

#[test]
fn a_second_list_is_found_behind_the_first() {
    let both = "{\"user\":[{\"id\":1}],\n\"account\":[{\"id\":8},{\"id\":9}]}";
    assert_eq!(read(both, ONLY_LISTS).unwrap(), ["2:8", "2:9"]);
    for other in ["{\"user\":[{\"id\":1}]}", "[{\"id\":1}]", "{\"id\":1}\n{\"id\":2}", "id\n1", ""] {
        assert_eq!(read(other, ONLY_LISTS), None, "{other}");
    }
}

#[test]
fn a_record_without_an_end_takes_no_more_than_its_share() {
    let long = "x".repeat(MAX_RECORD as usize + (1 << 20));
    for content in
        [format!("[{{\"id\":\"{long}\"}}]"), format!("id\n\"{long}"), format!("{{\"id\":1}}\n{{\"id\":\"{long}\"}}")]
    {
        let found = read(&content, LISTS).unwrap();
        let last = found.last().unwrap();
        assert!(last.contains("!!") && last.contains("longer than 4 MiB"), "{last}");
    }
}

#[test]
fn depth_is_limited() {
    let deep = format!("[{{\"id\":{}1{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(deep, LISTS).unwrap(), ["1!! not JSON"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_an_end(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(content, LISTS);
    }

    #[test]
    fn anything_like_json_is_read_to_an_end(content in "[\\[\\]{}\",:a1 \\n\\\\]{0,60}") {
        let _ = read(&content, LISTS);
        let _ = read(format!("{{\"users\":[{content}"), LISTS);
    }
}
