//! `[delivery]`: how messages reach people.

use std::{path::PathBuf, sync::Arc};

use kernia_mail::{
    FileDelivery, LogDelivery, SetupError, SmtpDelivery, SmtpSettings, WebhookDelivery, WebhookSettings,
};
use kernia_runtime::{Deliver, DeliverySettings};
use serde::Deserialize;
use toml::de::DeValue;

use super::{
    document::{Document, Section},
    problem::Problem,
};

/// One way to deliver.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    /// Into the log.
    Log,
    /// Into a file.
    File(FileSettings),
    /// By mail.
    Smtp(Box<SmtpSettings>),
    /// By HTTP.
    Webhook(WebhookSettings),
}

/// A file to deliver into.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSettings {
    path: PathBuf,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoSettings {}

const KINDS: &str = "write kind = \"log\", \"file\", \"smtp\" or \"webhook\"";

impl Delivery {
    /// Reads the section. Its `kind` decides what else it may have.
    pub(crate) fn read(document: &mut Document<'_>, mut section: Section<'_>) -> Option<Self> {
        let parents = ["delivery"];
        let Some(kind) = section.table.remove("kind") else {
            document.problem(Problem::new("`delivery.kind` is missing").at(Some(section.span)).label(KINDS));
            return None;
        };
        match kind.get_ref().as_str() {
            Some("log") => document.read::<NoSettings>(section, &parents).map(|_| Self::Log),
            Some("file") => document.read(section, &parents).map(Self::File),
            Some("smtp") => document.read(section, &parents).map(|settings| Self::Smtp(Box::new(settings))),
            Some("webhook") => document.read(section, &parents).map(Self::Webhook),
            _ => {
                let problem = Problem::new("`delivery.kind` is none of its possible values");
                let problem = problem.at(Some(kind.span())).label(KINDS);
                document.problem(match kind.get_ref() {
                    DeValue::String(_) => problem,
                    other => problem.help(format!("it is of type {}", other.type_str())),
                });
                None
            }
        }
    }

    /// Its kind, in the words of the file.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::File(_) => "file",
            Self::Smtp(_) => "smtp",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Sets the delivery up.
    pub(crate) fn build(&self, app_name: &str) -> Result<(Arc<dyn Deliver>, DeliverySettings), SetupError> {
        let settings = DeliverySettings::default();
        // What people or tests read one after the other stays in order.
        let in_order = DeliverySettings { concurrency: 1, ..settings };
        Ok(match self {
            Self::Log => (Arc::new(LogDelivery), in_order),
            Self::File(file) => (Arc::new(FileDelivery::new(&file.path)?), in_order),
            Self::Smtp(smtp) => (Arc::new(SmtpDelivery::new(smtp, app_name)?), settings),
            Self::Webhook(webhook) => (Arc::new(WebhookDelivery::new(webhook)?), settings),
        })
    }
}
