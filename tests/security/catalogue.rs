//! The list of cases, held against the tests of the source tree. `KERNIA_WRITE_PAGES=1` rewrites the page.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const CASES: &str = include_str!("cases.txt");
const PAGE: &str = "docs/security-cases.md";
/// Where tests are.
const FOLDERS: [&str; 3] = ["bindings", "src", "tests"];

struct Case {
    number: u32,
    severity: &'static str,
    title: &'static str,
    tested: bool,
    waiting: Option<&'static str>,
    not_applicable: Option<&'static str>,
}

fn cases() -> Vec<Case> {
    CASES.lines().filter(|line| !line.starts_with('#')).map(case).collect()
}

fn case(line: &'static str) -> Case {
    let parts: Vec<_> = line.split(" | ").collect();
    let [number, severity, status, title] = parts[..] else { panic!("{line:?} is no case") };
    let after = |word: &str| {
        let part = status.split("; ").find(|part| part.starts_with(word))?;
        part.strip_prefix(word)?.strip_prefix(": ")
    };
    let case = Case {
        number: number.parse().unwrap(),
        severity,
        title,
        tested: status.split("; ").any(|part| part == "tested"),
        waiting: after("waiting"),
        not_applicable: after("not applicable"),
    };
    let known =
        usize::from(case.tested) + usize::from(case.waiting.is_some()) + usize::from(case.not_applicable.is_some());
    assert_eq!(known, status.split("; ").count(), "{status:?} is no status");
    assert!(known > 0 && ["C", "H", "M", "L"].contains(&severity), "{line}");
    case
}

/// The names of tests by the number of their case, each with its file.
fn tests() -> BTreeMap<u32, Vec<(String, String)>> {
    let mut found = BTreeMap::new();
    for folder in FOLDERS {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    found.values_mut().for_each(|tests| tests.sort());
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<u32, Vec<(String, String)>>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_string_lossy().into_owned();
            for name in names(&fs::read_to_string(&path).unwrap()) {
                let digits: String = name["case_".len()..].chars().take_while(char::is_ascii_digit).collect();
                let number = digits.parse().unwrap_or_else(|_| panic!("{name} in {file} names no case"));
                assert_eq!(digits.len(), 3, "{name} in {file}");
                found.entry(number).or_default().push((name, file.clone()));
            }
        }
    }
}

/// The tests of a file that are named after a case.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn ")) {
            let name = rest.split('(').next().unwrap_or_default();
            if is_test
                && name
                    .strip_prefix("case_")
                    .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
            {
                names.push(name.to_owned());
            }
            is_test = false;
        }
    }
    names
}

fn page(cases: &[Case], tests: &BTreeMap<u32, Vec<(String, String)>>) -> String {
    let count = |which: fn(&Case) -> bool| cases.iter().filter(|case| which(case)).count();
    let (tested, partly) =
        (count(|case| case.tested && case.waiting.is_none()), count(|case| case.tested && case.waiting.is_some()));
    let (waiting, foreign) =
        (count(|case| !case.tested && case.waiting.is_some()), count(|case| case.not_applicable.is_some()));
    let mut page = format!(
        "<!-- Made by `KERNIA_WRITE_PAGES=1 cargo test --all-features --test security catalogue`. -->\n\n\
         # Security cases\n\n\
         What an auth server has to withstand, by number, and the tests that show that this one does. Severity is C (critical), H \
         (high), M (medium) or L (low). A case that waits is about something that is not there yet.\n\n\
         {} cases: {tested} tested, {partly} tested as far as what is there goes, {waiting} waiting, {foreign} not applicable.\n\n\
         | | | case | |\n| --- | --- | --- | --- |\n",
        cases.len()
    );
    for case in cases {
        let mut parts: Vec<String> =
            tests.get(&case.number).into_iter().flatten().map(|(name, file)| format!("`{name}` ({file})")).collect();
        parts.extend(case.waiting.map(|feature| format!("waiting for {feature}")));
        parts.extend(case.not_applicable.map(|reason| format!("not applicable: {reason}")));
        let _ = writeln!(page, "| {} | {} | {} | {} |", case.number, case.severity, case.title, parts.join("<br>"));
    }
    page
}

#[test]
fn every_case_is_there_once_and_in_order() {
    let numbers: Vec<_> = cases().iter().map(|case| case.number).collect();
    assert_eq!(numbers, (1..=240).collect::<Vec<_>>());
}

#[test]
fn tested_cases_have_tests_and_tests_have_cases() {
    let tests = tests();
    let with_test: BTreeSet<_> = tests.keys().copied().collect();
    let tested: BTreeSet<_> = cases().iter().filter(|case| case.tested).map(|case| case.number).collect();
    assert_eq!(
        tested.difference(&with_test).collect::<Vec<_>>(),
        Vec::<&u32>::new(),
        "marked as tested, without a test"
    );
    assert_eq!(
        with_test.difference(&tested).collect::<Vec<_>>(),
        Vec::<&u32>::new(),
        "tests of cases that are not marked as tested"
    );
}

#[test]
fn the_page_is_what_the_cases_say() {
    let page = page(&cases(), &tests());
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("KERNIA_WRITE_PAGES").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{PAGE} is stale: run the tests of `security` with KERNIA_WRITE_PAGES=1");
}

#[test]
fn the_reader_of_tests_sees_tests_only() {
    let text = "#[test]\nfn case_001_a() {}\nfn case_002_b() {}\n    #[tokio::test(flavor = \"x\")]\n    async fn case_003_c() {}\n#[test]\nfn other() {}\n";
    assert_eq!(names(text), ["case_001_a", "case_003_c"]);
}
