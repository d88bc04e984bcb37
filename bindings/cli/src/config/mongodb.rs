//! The address of a MongoDB database.

use std::{fmt, str::FromStr};

/// `mongodb://…`, as MongoDB's drivers take it. Shows the hosts and the database only.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MongoUrl(String);

impl MongoUrl {
    /// All of it, with the password.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for MongoUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("mongodb", rest)) if !rest.is_empty() => Ok(Self(text.to_owned())),
            Some(("mongodb+srv", _)) if !cfg!(feature = "mongodb-srv") => {
                Err("this kernia was built without mongodb+srv; name the servers with mongodb://, or build it with --features mongodb-srv"
                    .to_owned())
            }
            Some(("mongodb+srv", rest)) if !rest.is_empty() => Ok(Self(text.to_owned())),
            // The rest of such a URL may hold a password.
            _ => Err("not a MongoDB URL; write mongodb://host:27017/database".to_owned()),
        }
    }
}

impl fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("mongodb", ""));
        let rest = rest.split('?').next().unwrap_or_default();
        // A password may hold anything, an at sign included.
        let shown = rest.rsplit_once('@').map_or(rest, |(_, shown)| shown);
        write!(f, "{scheme}://{shown}")
    }
}

impl fmt::Debug for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_shows_where_and_not_who() {
        let url: MongoUrl = "mongodb://me:hunt@er2@a.test:1,b.test/auth?replicaSet=rs0&tls=true".parse().unwrap();
        assert_eq!(
            (url.to_string().as_str(), format!("{url:?}").as_str()),
            ("mongodb://a.test:1,b.test/auth", "mongodb://a.test:1,b.test/auth")
        );
        assert!(url.expose().contains("hunt@er2"));
        for text in ["", "mongodb:", "mongodb://", "http://me:hunter2@a.test"] {
            assert!(!text.parse::<MongoUrl>().unwrap_err().contains("hunter2"), "{text}");
        }
    }
}
