//! Whether the database answers, has what is needed, and knows the time.

use std::{
    fmt::Display,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kernia::{Engine, domain::options::Mode, store::StorageError, wire::date::Timestamp};
use kernia_sql::DatabaseUrl as SqlUrl;

use super::Finding;
use crate::config::{Database, DatabaseUrl};

const CHECK: &str = "database";
/// Beyond this, two servers disagree about what has expired.
const FAR_APART: Duration = Duration::from_secs(5);

pub(super) async fn check(database: &Database, engine: &Engine) -> Vec<Finding> {
    let production = engine.installation().options.mode == Mode::Production;
    match &database.url {
        DatabaseUrl::Memory => forgetful(production),
        DatabaseUrl::Sql(url) if url.is_transient() => forgetful(production),
        DatabaseUrl::Sql(SqlUrl::Sqlite(path)) if !path.exists() => vec![missing_file(path, database.auto_migrate)],
        DatabaseUrl::Sql(url) => sql(url, database, engine).await,
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => mongo(url.expose(), database, engine).await,
    }
}

fn forgetful(production: bool) -> Vec<Finding> {
    let what = "the database is in memory";
    if !production {
        return vec![Finding::good(CHECK, what)];
    }
    vec![Finding::error(
        CHECK,
        what,
        "all users are gone when the server stops",
        "set database.url, for example to \"sqlite:kernia.db\"",
    )]
}

fn missing_file(path: &Path, made_at_start: bool) -> Finding {
    if made_at_start {
        return Finding::good(CHECK, format!("{} is made when the server starts", path.display()));
    }
    Finding::error(
        CHECK,
        format!("{} is not there", path.display()),
        "the server does not start without its tables",
        "run `kernia migrate`, or set database.auto_migrate = true",
    )
}

async fn sql(url: &SqlUrl, settings: &Database, engine: &Engine) -> Vec<Finding> {
    let unreachable = |error| vec![unreachable(url, &error)];
    let database = match url.open(engine.schema(), &settings.options()) {
        Ok(database) => database,
        Err(error) => return unreachable(error),
    };
    let plan = match database.plan().await {
        Ok(plan) => plan,
        Err(error) => return unreachable(error),
    };
    let mut findings = vec![Finding::good(CHECK, format!("{url} answers"))];
    for obstacle in plan.obstacles {
        findings.push(Finding::error("schema", obstacle, "the database cannot be migrated", "settle it by hand"));
    }
    for warning in plan.warnings {
        let fix = "change it when you can; Kernia changes nothing that is there";
        findings.push(Finding::warning("schema", warning, "it is not as the schema says", fix));
    }
    let missing = plan.statements.len();
    if missing > 0 && !settings.auto_migrate {
        findings.push(Finding::error(
            "schema",
            format!("the database lacks {missing} changes"),
            "the server does not start without them",
            "run `kernia migrate`",
        ));
    } else if missing > 0 {
        findings.push(Finding::good("schema", format!("{missing} changes are made when the server starts")));
    } else {
        findings.push(Finding::good("schema", "the database has all that is needed"));
    }
    findings.extend(clock(&database.clock().await));
    findings
}

fn unreachable(url: &dyn Display, error: &StorageError) -> Finding {
    Finding::error(
        CHECK,
        format!("{url}: {error}"),
        "nothing works without it",
        "see that the database runs, that its address, user and password are right, and that this machine may connect",
    )
}

#[cfg(feature = "mongodb")]
async fn mongo(url: &str, database: &Database, engine: &Engine) -> Vec<Finding> {
    use kernia_mongo::{Atomicity, MongoStore};

    let options = database.mongo_options(engine.installation().options.advanced.database.generate_id);
    let looked = async {
        let store = MongoStore::connect(url, &engine.schema(), options).await?;
        let prepared = store.plan().await?;
        Ok((store, prepared))
    };
    let (store, prepared) = match looked.await {
        Ok(looked) => looked,
        Err(error) => return vec![unreachable(&database.url, &error)],
    };
    let mut findings = vec![Finding::good(CHECK, format!("{} answers", database.url))];
    if store.atomicity() == Atomicity::Compensation {
        findings.push(Finding::warning(
            CHECK,
            "the server stands alone, and has no transactions",
            "a change of several documents that a crash interrupts stays half done",
            "make it a replica set of one member: start mongod with --replSet, and run rs.initiate() once",
        ));
    }
    for warning in prepared.warnings {
        let fix = "drop the index that is there, and start the server again";
        findings.push(Finding::warning("schema", warning, "it is not as the schema says", fix));
    }
    match (prepared.indexes.len(), database.auto_migrate) {
        (0, _) => findings.push(Finding::good("schema", "the database has all indexes that are needed")),
        (missing, true) => {
            findings.push(Finding::good("schema", format!("{missing} indexes are made when the server starts")));
        }
        (missing, false) => findings.push(Finding::error(
            "schema",
            format!("the database lacks {missing} indexes"),
            "the server does not start without them: they keep values unique",
            "set database.auto_migrate = true once",
        )),
    }
    findings.extend(clock(&store.clock().await));
    findings
}

/// Compares the database's clock with this machine's.
fn clock(theirs: &Result<Option<Timestamp>, StorageError>) -> Option<Finding> {
    let Ok(Some(theirs)) = theirs else { return None };
    let ours = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis();
    let apart = i64::try_from(ours).ok()?.abs_diff(theirs.as_millis());
    if Duration::from_millis(apart) <= FAR_APART {
        return Some(Finding::good("clock", "agrees with the database's"));
    }
    Some(Finding::warning(
        "clock",
        format!("this machine and the database's are {} seconds apart", apart / 1000),
        "one of them is wrong, and sessions and tokens expire too early or too late",
        "keep the time of both machines by NTP",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Severity;

    #[test]
    fn clocks_may_differ_a_little() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        let at = |seconds: i64| clock(&Ok(Some(Timestamp::from_millis(now + seconds * 1000)))).unwrap();
        assert_eq!(
            (at(1).severity, at(-600).severity, at(600).severity),
            (Severity::Good, Severity::Warning, Severity::Warning)
        );
        assert!(at(-600).what.contains("600 seconds") || at(-600).what.contains("601 seconds"));
        assert_eq!(clock(&Ok(None)), None);
    }
}
