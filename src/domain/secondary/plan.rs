//! A batch taken apart: what goes to the database, and what to secondary storage.

use super::{
    matches::{held, matches, named_by_index, unfit},
    statements,
};
use crate::{
    domain::{Cx, Place},
    engine::Exit,
    schema::{IdKind, SESSION, USER, VERIFICATION},
    store::{Assigned, Batch, Conflict, ConflictKind, Expect, Filter, Op, Row, Rows, Statement},
};

/// What a batch comes to, once it was found that what it expects of secondary storage holds.
#[derive(Default)]
pub(super) struct Plan {
    /// What the database does.
    pub(super) database: Batch,
    /// Which statement of the whole each of the database's is.
    positions: Vec<Position>,
    /// The answers of the whole; those of the database come later.
    pub(super) answers: Vec<Rows>,
    /// One-time values that are spent.
    pub(super) spent: Vec<Spending>,
    /// One-time values that change.
    pub(super) rewritten: Vec<Rewriting>,
    /// Sessions that must be there: which statement says so, and their tokens. Where one of them ends too, ending it tells.
    pub(super) checked: Vec<(usize, String)>,
    /// Sessions that end.
    pub(super) ends: Vec<Ending>,
    /// Sessions that begin: which statement inserts them, and the rows.
    pub(super) issued: Vec<(usize, Row)>,
    /// Sessions that change: which statement changes them, their tokens, and what is set.
    pub(super) updates: Vec<(usize, String, Row)>,
    /// One-time values that are made.
    pub(super) values: Vec<Row>,
    /// Stored identifiers whose one-time values go.
    pub(super) dropped: Vec<String>,
    /// Users who change.
    pub(super) changed_users: Vec<String>,
    /// The statement that makes a user.
    pub(super) makes_user: Option<usize>,
    /// Statements that insert rows whose ids the database makes, and the placeholders for those.
    numbered: Vec<(usize, String)>,
}

/// What the database's part has to do with the whole.
struct Position {
    /// The statement.
    at: usize,
    /// Whether the database's answer is the answer to it.
    answers: bool,
}

/// One-time values to take.
pub(super) struct Spending {
    pub(super) at: usize,
    pub(super) identifiers: Vec<String>,
    pub(super) filter: Filter,
    pub(super) expect: Expect,
}

/// One-time values to change.
pub(super) struct Rewriting {
    pub(super) at: usize,
    pub(super) identifiers: Vec<String>,
    pub(super) filter: Filter,
    pub(super) set: Row,
    pub(super) expect: Expect,
}

/// Sessions to end.
pub(super) struct Ending {
    pub(super) at: usize,
    pub(super) who: Who,
    /// The tokens found so far, and whose they are.
    pub(super) found: Vec<(String, String)>,
    /// Whether the sessions are asked for.
    pub(super) answered: bool,
}

/// Which sessions.
pub(super) enum Who {
    /// Those with certain tokens.
    Named,
    /// Those of users that a filter accepts; new ones may come until the database has changed.
    OfUsers(Filter),
    /// All of one user.
    Whole(String),
}

impl Plan {
    /// Takes `batch` apart. A conflict says that secondary storage does not have what it expects.
    pub(super) async fn make(cx: &mut Cx, batch: Batch) -> Result<Result<Self, Conflict>, Exit> {
        let mut plan = Self { answers: vec![Rows::default(); batch.statements.len()], ..Self::default() };
        for (at, statement) in batch.statements.into_iter().enumerate() {
            let table = statement.table().clone();
            let places = cx.app().places;
            let planned = if table == SESSION && places.sessions.in_secondary() {
                plan.session(cx, at, statement, places.sessions).await?
            } else if table == VERIFICATION && places.verifications.in_secondary() {
                plan.verification(cx, at, statement, places.verifications).await?
            } else {
                if table == USER && places.sessions.in_secondary() {
                    plan.user(cx, at, &statement).await?;
                }
                plan.send(cx, at, statement);
                Ok(())
            };
            if let Err(found) = planned {
                return Ok(Err(Conflict { statement: at, kind: ConflictKind::Expectation { found } }));
            }
        }
        Ok(Ok(plan))
    }

    /// The database's conflict, said of the whole.
    pub(super) fn conflict(&self, conflict: Conflict) -> Conflict {
        Conflict { statement: self.positions.get(conflict.statement).map_or(0, |position| position.at), ..conflict }
    }

    /// Puts the database's answers in their places, and the ids that it has made where secondary storage is to have them.
    pub(super) fn answer(&mut self, rows: Vec<Rows>) {
        for (position, rows) in self.positions.iter().zip(rows).filter(|(position, _)| position.answers) {
            self.answers[position.at] = rows;
        }
        let mut assigned = Assigned::default();
        for (at, placeholder) in std::mem::take(&mut self.numbered) {
            if let Some(row) = self.answers[at].rows.first() {
                assigned.note(placeholder, row.id());
            }
        }
        let issued = self.issued.iter_mut().map(|(_, row)| row);
        let answered = self.answers.iter_mut().flat_map(|answer| &mut answer.rows);
        issued.chain(&mut self.values).chain(answered).for_each(|row| assigned.settle_elsewhere(row));
    }

    /// Whether `user_id` stands for an id that the database is yet to make.
    pub(super) fn is_pending(&self, user_id: &str) -> bool {
        self.numbered.iter().any(|(_, placeholder)| placeholder == user_id)
    }

    fn send(&mut self, cx: &Cx, at: usize, statement: Statement) {
        if let Statement::Insert { table, row } = &statement
            && cx.app().schema.table(table).is_some_and(|table| table.ids == IdKind::Serial)
        {
            self.numbered.push((at, row.id().to_owned()));
        }
        self.positions.push(Position { at, answers: true });
        self.database.push(statement);
    }

    async fn user(&mut self, cx: &mut Cx, at: usize, statement: &Statement) -> Result<(), Exit> {
        if matches!(statement, Statement::Insert { .. }) {
            self.makes_user = Some(at);
        }
        let Some(filter) = statements::filter(statement).filter(|_| statements::changes(statement)) else {
            return Ok(());
        };
        let ids = statements::named(filter, "id").ok_or_else(|| unfit(statement, "an id"))?;
        if !statements::removes(statement) {
            self.changed_users.extend(ids);
            return Ok(());
        }
        // As the database does with the sessions that refer to a user.
        for id in ids {
            if !self.ends.iter().any(|ending| matches!(&ending.who, Who::Whole(known) if *known == id)) {
                let found = named_by_index(cx, &id).await?;
                self.ends.push(Ending { at, who: Who::Whole(id), found, answered: false });
            }
        }
        Ok(())
    }

    /// Plans a statement about sessions. The inner error is how many were found where others were expected.
    async fn session(
        &mut self,
        cx: &mut Cx,
        at: usize,
        statement: Statement,
        place: Place,
    ) -> Result<Result<(), u64>, Exit> {
        if let Statement::Insert { row, .. } = &statement {
            self.issued.push((at, row.clone()));
            self.answers[at] = Rows::found(vec![row.clone()]);
            if place.in_database() {
                self.send(cx, at, statement);
            }
            return Ok(Ok(()));
        }
        let whole = statements::filter(&statement).and_then(|filter| statements::only(filter, "userId"));
        if let (Some(user_id), true) = (whole, statements::removes(&statement)) {
            let found = named_by_index(cx, &user_id).await?;
            let answered = matches!(statement, Statement::Consume { .. });
            self.ends.push(Ending { at, who: Who::Whole(user_id), found, answered });
            self.also_in_database(cx, at, statement, place);
            return Ok(Ok(()));
        }
        let found = matches(cx, &statement).await?;
        let sessions = found.iter().filter(|found| found.session.is_some()).count() as u64;
        if !place.database_decides() && !statement.expect().holds(sessions) {
            return Ok(Err(sessions));
        }
        self.answers[at] = Rows::counted(sessions);
        let tokens = || found.iter().map(|found| (found.token.clone(), found.user_id.clone())).collect::<Vec<_>>();
        match &statement {
            Statement::Update { set, .. } => {
                let sessions = found.iter().filter(|found| found.session.is_some());
                self.updates.extend(sessions.map(|found| (at, found.token.clone(), set.clone())));
            }
            Statement::Delete { filter, .. } | Statement::Consume { filter, .. } => {
                let named = statements::named(filter, "token").is_some();
                let who = if named { Who::Named } else { Who::OfUsers(filter.clone()) };
                let answered = matches!(statement, Statement::Consume { .. });
                self.ends.push(Ending { at, who, found: tokens(), answered });
            }
            Statement::Check { .. } if !place.database_decides() && sessions > 0 => {
                self.checked.extend(found.iter().map(|found| (at, found.token.clone())));
            }
            Statement::Check { .. } => {}
            _ => return Err(unfit(&statement, "another kind of change")),
        }
        // What secondary storage has, the database may lack: it was made before the database held sessions too.
        let statement = match statement {
            Statement::Update { table, filter, set, .. } if sessions > 0 => {
                Statement::Update { table, filter, set, expect: Expect::Any }
            }
            other => other,
        };
        self.also_in_database(cx, at, statement, place);
        Ok(Ok(()))
    }

    /// Passes a statement about sessions on to the database, as far as that has them.
    fn also_in_database(&mut self, cx: &Cx, at: usize, statement: Statement, place: Place) {
        match (place, statement) {
            (Place::Recorded, Statement::Delete { filter, .. } | Statement::Consume { filter, .. }) => {
                self.database.push(record_end(cx, filter));
                self.positions.push(Position { at, answers: false });
            }
            (Place::Recorded, Statement::Update { table, filter, set, .. }) => {
                self.send(cx, at, Statement::Update { table, filter, set, expect: Expect::Any });
            }
            (Place::Both, statement) => self.send(cx, at, statement),
            _ => {}
        }
    }

    /// Plans a statement about one-time values. The inner error is how many were found where others were expected.
    async fn verification(
        &mut self,
        cx: &mut Cx,
        at: usize,
        statement: Statement,
        place: Place,
    ) -> Result<Result<(), u64>, Exit> {
        if let Statement::Insert { row, .. } = &statement {
            // It takes the place of what goes before it.
            self.dropped.retain(|identifier| identifier != row.text("identifier"));
            self.values.push(row.clone());
            self.answers[at] = Rows::found(vec![row.clone()]);
        } else {
            let named = statements::filter(&statement).and_then(|filter| statements::named(filter, "identifier"));
            let identifiers = named.ok_or_else(|| unfit(&statement, "an identifier"))?;
            match &statement {
                Statement::Consume { filter, expect, .. } if place == Place::Secondary => {
                    let found = held(cx, &identifiers, filter).await?;
                    if !expect.holds(found.len() as u64) {
                        return Ok(Err(found.len() as u64));
                    }
                    let identifiers = found.iter().map(|row| row.text("identifier").to_owned()).collect();
                    self.spent.push(Spending { at, identifiers, filter: filter.clone(), expect: *expect });
                }
                Statement::Update { filter, set, expect, .. } if place == Place::Secondary => {
                    let found = held(cx, &identifiers, filter).await?;
                    if !expect.holds(found.len() as u64) {
                        return Ok(Err(found.len() as u64));
                    }
                    let identifiers = found.iter().map(|row| row.text("identifier").to_owned()).collect();
                    let (filter, set, expect) = (filter.clone(), set.clone(), *expect);
                    self.rewritten.push(Rewriting { at, identifiers, filter, set, expect });
                }
                Statement::Check { filter, expect, .. } if place == Place::Secondary => {
                    let found = held(cx, &identifiers, filter).await?.len() as u64;
                    if !expect.holds(found) {
                        return Ok(Err(found));
                    }
                    self.answers[at] = Rows::counted(found);
                }
                // A copy that says something else than the database is worth less than none.
                Statement::Update { .. } => self.dropped.extend(identifiers),
                Statement::Delete { expect: Expect::Any, .. } | Statement::Consume { .. } => {
                    let spent = |identifier: &String| self.spent.iter().any(|one| one.identifiers.contains(identifier));
                    let dropped: Vec<_> = identifiers.into_iter().filter(|identifier| !spent(identifier)).collect();
                    self.dropped.extend(dropped);
                }
                Statement::Check { .. } => {}
                _ => return Err(unfit(&statement, "another kind of change")),
            }
        }
        if place.in_database() {
            self.send(cx, at, statement);
        }
        Ok(Ok(()))
    }
}

/// That the sessions that `filter` accepts ended now, in a database that keeps them for the record.
pub(super) fn record_end(cx: &Cx, filter: Filter) -> Statement {
    let now = cx.now();
    let mut set = Row::new().with("expiresAt", now);
    if let Some(table) = cx.app().schema.table(&SESSION) {
        table.touch(&mut set, now, cx.entropy());
    }
    let live = filter.and(Filter::compare("expiresAt", Op::Gt, now));
    Statement::Update { table: SESSION, filter: live, set, expect: Expect::Any }
}
