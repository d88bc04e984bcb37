//! Who may do what: resources with their actions, roles that allow some of them, and whether a role allows what is asked. The
//! semantics are the reference's `plugins/access`: nothing is allowed that no statement names, and asking for nothing is refused.
//!
//! ```
//! use kernia::domain::access::{AccessControl, Asked, Connector, Request};
//!
//! let control = AccessControl::new([("project", ["create", "share"].as_slice()), ("invoice", &["read"])]);
//! let editor = control.role([("project", ["share"].as_slice())])?;
//! let asked = Request::new().resource("project", Asked::all(["share"])).resource("invoice", Asked::all(["read"]));
//! assert!(editor.authorize(&asked, Connector::And).is_err());
//! assert!(editor.authorize(&asked, Connector::Or).is_ok());
//! # Ok::<(), kernia::domain::access::UnknownStatement>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Resources, and the actions that there are on each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Statements(BTreeMap<String, Vec<String>>);

impl Statements {
    /// The actions on `resource`.
    #[must_use]
    pub fn actions(&self, resource: &str) -> Option<&[String]> {
        self.0.get(resource).map(Vec::as_slice)
    }

    /// The resources, with their actions.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(resource, actions)| (resource.as_str(), actions.as_slice()))
    }
}

impl<R: Into<String>, A: IntoIterator<Item: Into<String>>> FromIterator<(R, A)> for Statements {
    fn from_iter<I: IntoIterator<Item = (R, A)>>(statements: I) -> Self {
        let named = |(resource, actions): (R, A)| (resource.into(), actions.into_iter().map(Into::into).collect());
        Self(statements.into_iter().map(named).collect())
    }
}

/// All that can be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessControl {
    statements: Statements,
}

/// A role states what there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no action {action} on {resource}")]
pub struct UnknownStatement {
    /// The resource.
    pub resource: String,
    /// The action.
    pub action: String,
}

impl AccessControl {
    /// The actions that there are on each resource.
    #[must_use]
    pub fn new<'a>(statements: impl IntoIterator<Item = (&'a str, &'a [&'a str])>) -> Self {
        Self { statements: stated(statements) }
    }

    /// What there is.
    #[must_use]
    pub fn statements(&self) -> &Statements {
        &self.statements
    }

    /// A role that allows these.
    ///
    /// # Errors
    /// [`UnknownStatement`] for what there is not. In the reference the compiler says it.
    pub fn role<'a>(
        &self,
        statements: impl IntoIterator<Item = (&'a str, &'a [&'a str])>,
    ) -> Result<Role, UnknownStatement> {
        let role = Role::new(stated(statements));
        for (resource, actions) in role.statements.iter() {
            let known = self.statements.actions(resource).unwrap_or_default();
            if let Some(action) = actions.iter().find(|action| !known.contains(action)) {
                return Err(UnknownStatement { resource: resource.to_owned(), action: action.clone() });
            }
        }
        Ok(role)
    }
}

fn stated<'a>(statements: impl IntoIterator<Item = (&'a str, &'a [&'a str])>) -> Statements {
    statements.into_iter().map(|(resource, actions)| (resource, actions.iter().copied())).collect()
}

/// What somebody in a role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    statements: Statements,
}

/// How several wishes are joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Connector {
    /// All must be allowed.
    #[default]
    And,
    /// One must be.
    Or,
}

impl Connector {
    /// Whatever is not `OR` is [`And`](Self::And), as in the reference.
    fn read(value: Option<&Value>) -> Self {
        if value.and_then(Value::as_str) == Some("OR") { Self::Or } else { Self::And }
    }
}

/// What is asked of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The actions; `None` for what is no name of one, which nobody is allowed.
    actions: Vec<Option<String>>,
    connector: Connector,
}

impl Asked {
    /// All of these actions.
    #[must_use]
    pub fn all<A: Into<String>>(actions: impl IntoIterator<Item = A>) -> Self {
        Self { actions: actions.into_iter().map(|action| Some(action.into())).collect(), connector: Connector::And }
    }

    /// One of these actions.
    #[must_use]
    pub fn any<A: Into<String>>(actions: impl IntoIterator<Item = A>) -> Self {
        Self { connector: Connector::Or, ..Self::all(actions) }
    }

    fn is_allowed(&self, allowed: &[String]) -> bool {
        let mut each = self.actions.iter().map(|action| action.as_ref().is_some_and(|action| allowed.contains(action)));
        match self.connector {
            _ if self.actions.is_empty() => false,
            Connector::And => each.all(|is| is),
            Connector::Or => each.any(|is| is),
        }
    }
}

/// What is asked, resource by resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request(Vec<(String, Asked)>);

/// A request is no object of lists of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid access control request")]
pub struct InvalidRequest;

impl Request {
    /// A request for nothing, which is refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is asked of `resource`.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>, asked: Asked) -> Self {
        self.0.push((resource.into(), asked));
        self
    }

    /// Reads `{"project": ["share"], "invoice": {"actions": ["read"], "connector": "OR"}}`.
    ///
    /// # Errors
    /// [`InvalidRequest`].
    pub fn from_json(request: &Value) -> Result<Self, InvalidRequest> {
        let mut read = Self::new();
        for (resource, asked) in request.as_object().ok_or(InvalidRequest)? {
            let (actions, connector) = match asked {
                Value::Array(actions) => (Some(actions), Connector::And),
                Value::Object(asked) => {
                    (asked.get("actions").and_then(Value::as_array), Connector::read(asked.get("connector")))
                }
                _ => return Err(InvalidRequest),
            };
            let named = |action: &Value| action.as_str().map(str::to_owned);
            let actions = actions.into_iter().flatten().map(named).collect();
            read.0.push((resource.clone(), Asked { actions, connector }));
        }
        Ok(read)
    }
}

/// Why a request is refused. The texts are the reference's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role states nothing of this resource.
    #[error("You are not allowed to access resource: {0}")]
    Resource(String),
    /// The role does not allow what is asked of this resource.
    #[error("unauthorized to access resource \"{0}\"")]
    Actions(String),
    /// The role allows nothing of what is asked.
    #[error("Not authorized")]
    Nothing,
}

impl Role {
    /// A role that allows these.
    #[must_use]
    pub fn new(statements: Statements) -> Self {
        Self { statements }
    }

    /// What it allows.
    #[must_use]
    pub fn statements(&self) -> &Statements {
        &self.statements
    }

    /// Whether the role allows what is asked: of all resources, or of one.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn authorize(&self, request: &Request, connector: Connector) -> Result<(), Refusal> {
        let mut any = false;
        for (resource, asked) in &request.0 {
            let allowed = self.statements.actions(resource);
            match (allowed.is_some_and(|allowed| asked.is_allowed(allowed)), connector) {
                (true, Connector::Or) => return Ok(()),
                (true, Connector::And) => any = true,
                (false, Connector::Or) => {}
                (false, Connector::And) if allowed.is_none() => return Err(Refusal::Resource(resource.clone())),
                (false, Connector::And) => return Err(Refusal::Actions(resource.clone())),
            }
        }
        if any { Ok(()) } else { Err(Refusal::Nothing) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn control() -> AccessControl {
        AccessControl::new([("project", ["create", "update", "delete"].as_slice()), ("sale", &["create", "read"])])
    }

    fn role() -> Role {
        control().role([("project", ["create", "update"].as_slice()), ("sale", &["read"])]).unwrap()
    }

    fn told(request: Value, connector: Connector) -> String {
        let request = Request::from_json(&request).unwrap();
        role().authorize(&request, connector).map_or_else(|refusal| refusal.to_string(), |()| "ok".to_owned())
    }

    #[test]
    fn everything_asked_must_be_allowed() {
        let and = |request| told(request, Connector::And);
        assert_eq!(and(json!({"project": ["create"]})), "ok");
        assert_eq!(and(json!({"project": ["create", "update"], "sale": ["read"]})), "ok");
        let refused = "unauthorized to access resource \"project\"";
        assert_eq!(and(json!({"project": ["create", "delete"]})), refused);
        assert_eq!(and(json!({"project": ["create"], "sale": ["create"]})), "unauthorized to access resource \"sale\"");
        assert_eq!(and(json!({"nothing": ["create"]})), "You are not allowed to access resource: nothing");
    }

    #[test]
    fn one_of_several_is_enough_where_that_is_said() {
        let or = |request| told(request, Connector::Or);
        assert_eq!(or(json!({"project": ["delete"], "sale": ["read"]})), "ok");
        assert_eq!(or(json!({"nothing": ["x"], "sale": ["read"]})), "ok");
        assert_eq!(or(json!({"project": ["delete"], "sale": ["create"]})), "Not authorized");
        let within = json!({"project": {"actions": ["delete", "create"], "connector": "OR"}});
        assert_eq!(told(within, Connector::And), "ok");
        let all = json!({"project": {"actions": ["delete", "create"], "connector": "or"}});
        assert_eq!(told(all, Connector::And), "unauthorized to access resource \"project\"");
    }

    #[test]
    fn asking_for_nothing_or_nonsense_is_refused() {
        for connector in [Connector::And, Connector::Or] {
            assert_eq!(told(json!({}), connector), "Not authorized");
            for asked in [json!([]), json!({}), json!({"actions": "create"}), json!([5]), json!(["create", null])] {
                assert_ne!(told(json!({"project": asked}), connector), "ok", "{asked}");
            }
            assert_ne!(told(json!({"constructor": ["name"], "__proto__": ["x"]}), connector), "ok");
        }
        for wrong in [json!(null), json!([]), json!("project"), json!({"project": 5}), json!({"project": null})] {
            assert_eq!(Request::from_json(&wrong), Err(InvalidRequest), "{wrong}");
        }
    }

    #[test]
    fn a_role_states_only_what_there_is() {
        let error = control().role([("project", ["create", "burn"].as_slice())]).unwrap_err();
        assert_eq!(error.to_string(), "there is no action burn on project");
        assert!(control().role([("moon", ["land"].as_slice())]).is_err());
    }

    proptest! {
        #[test]
        fn what_all_allow_one_allows(names in proptest::collection::vec(("[ps]", "[a-c]"), 0..6)) {
            let mut request = Request::new();
            for (resource, action) in names {
                request = request.resource(resource, Asked::all([action]));
            }
            let role = Role::new(stated([("p", ["a", "b"].as_slice()), ("s", &["c"])]));
            let (all, one) = (role.authorize(&request, Connector::And), role.authorize(&request, Connector::Or));
            prop_assert!(all.is_err() || one.is_ok());
        }
    }
}
