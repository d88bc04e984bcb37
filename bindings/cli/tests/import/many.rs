//! Many users, and what may happen on the way.

use std::{
    collections::HashSet,
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command},
    sync::Arc,
};

use kernia::crypto::{
    password::{PasswordKeys, VerifyJob},
    secret::Secret,
};
use serde_json::json;

use crate::{
    exports::{self, PEPPER, SIGNER_KEY},
    given::{folder, number, rows, sign_in_twice},
    server::{Folder, Server, run},
};

const MANY: usize = 10_000;

fn email(number: usize) -> String {
    format!("user.{number}@Example.com")
}

/// So many passwords there are, a hundred for each hasher: more would only cost the test time.
const PASSWORDS: usize = 900;

fn password(number: usize) -> String {
    format!("pässword of {}", number % PASSWORDS)
}

/// What Clerk's dashboard would export of many users, each hasher in turn.
fn clerk_csv() -> String {
    let mut csv = "id,first_name,last_name,username,primary_email_address,verified_email_addresses,password_digest,password_hasher\n"
        .to_owned();
    let digests: Vec<_> = (0..PASSWORDS).map(|at| exports::clerk(&password(at), at)).collect();
    for at in 0..MANY {
        let (digest, hasher) = &digests[at % PASSWORDS];
        let email = email(at);
        writeln!(csv, "user_{at},Given {at},\"van der, {at}\",name_{at},{email},{email},\"{digest}\",{hasher}")
            .unwrap();
    }
    csv
}

/// Runs an import until it says that it is so far, and then sends it a signal. Answers its exit code and what it said.
fn cut_short(folder: &Folder, arguments: &[&str], percent: u64, signal: &str) -> (Option<i32>, Vec<String>) {
    let mut child: Child = folder.command(arguments, &[]).spawn().unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        let so_far = line
            .strip_prefix("import: ")
            .and_then(|rest| rest.split_once('%'))
            .map(|(percent, _)| percent.parse::<u64>().unwrap());
        said.push(line);
        if so_far.is_some_and(|so_far| so_far >= percent) {
            assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
            break;
        }
    }
    (child.wait().unwrap().code(), said)
}

#[tokio::test]
async fn ten_thousand_users_survive_interruptions_and_sign_in_as_before() {
    let folder = folder("many");
    fs::write(folder.path("users.csv"), clerk_csv()).unwrap();
    let import = ["import", "--from", "clerk", "users.csv", "--key", "app", "--batch", "100", "--id-map", "ids.csv"];
    let resume = [&import[..], &["--resume"]].concat();

    let (code, said) = cut_short(&folder, &import, 20, "-KILL");
    assert_eq!(code, None);
    assert!(said.iter().any(|line| line.starts_with("import: 10%")), "{said:?}");
    let there = number(&folder, "select count(*) from user");
    assert!((1_900..MANY).contains(&there) && there.is_multiple_of(100), "{there}");
    assert_eq!(number(&folder, "select count(*) from account"), there);

    let (code, said) = cut_short(&folder, &resume, 60, "-INT");
    assert_eq!(code, Some(130), "{said:?}");
    assert!(said[0].starts_with("import: ") && said[0].ends_with("records are settled already"), "{said:?}");
    assert!(!said.iter().any(|line| line.starts_with("import: 10%")), "{said:?}");
    assert!((5_900..MANY).contains(&number(&folder, "select count(*) from user")));

    let (code, said) = run(&folder, &resume);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("10000 records") && said.contains("import: 100%"), "{said}");
    assert!(!folder.path("users.csv.kernia-import").exists());
    all_are_there_once(&folder);

    // Nobody comes twice, whether it goes on or begins again.
    for arguments in [&import[..], &resume] {
        let (code, said) = run(&folder, arguments);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("  0 users imported") && said.contains("  10000 were imported before"), "{said}");
    }
    all_are_there_once(&folder);

    let server = Server::start(&folder, &["serve"]);
    for at in 0..exports::CLERK_HASHERS.len() {
        sign_in_twice(&folder, &server, &email(at), &password(at)).await;
    }
    let by_name = json!({"username": "name_17", "password": password(17)}).to_string();
    assert_eq!(server.post("/sign-in/username", &by_name, &[]).await.status, 200);
    assert_eq!(server.stop().0, Some(0));
}

/// Every user once, with a hash that is that of the user's password.
fn all_are_there_once(folder: &Folder) {
    let query = "select u.email, u.name, u.emailVerified, a.password, u.id from user u join account a on a.userId = u.id \
                 where a.providerId = 'credential' and a.accountId = u.id";
    let query = query.replace("u.emailVerified", "cast(u.emailVerified as text)");
    let found = rows(folder, &query);
    assert_eq!((found.len(), number(folder, "select count(*) from user")), (MANY, MANY));
    assert_eq!(number(folder, "select count(*) from account"), MANY);
    let wanted: HashSet<_> = (0..MANY).map(|at| email(at).to_lowercase()).collect();
    assert_eq!(found.iter().map(|row| row[0].clone()).collect::<HashSet<_>>(), wanted);
    let ids = fs::read_to_string(folder.path("ids.csv")).unwrap();
    let ids: HashSet<_> = ids.lines().skip(1).collect();
    assert_eq!(ids.len(), MANY);
    let keys = Arc::new(PasswordKeys::new([("app", PEPPER)], [("app", SIGNER_KEY)]).unwrap());
    let mut verified_before = HashSet::new();
    for row in &found {
        let [email, name, verified, hash, id] = &row[..] else { panic!("{row:?}") };
        let at: usize = email.split(['.', '@']).nth(1).unwrap().parse().unwrap();
        assert_eq!((name.as_str(), verified.as_str()), (&*format!("Given {at} van der, {at}"), "1"));
        assert!(ids.contains(&*format!("user_{at},{id}")));
        // Each pair of a hash and a password is computed once.
        if verified_before.insert((hash, at % PASSWORDS)) {
            let job = VerifyJob { password: Secret::from(password(at)), hash: hash.clone(), keys: Arc::clone(&keys) };
            assert!(job.run().matches, "{email} {hash}");
        }
    }
    assert_eq!(verified_before.len(), PASSWORDS);
}
