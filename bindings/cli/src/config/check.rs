//! What cannot be right together.

use kernia::{
    domain::options::{Mode, Options, RateLimitStorage},
    engine::Channel,
};

use super::{Config, Database, DatabaseUrl, delivery::Delivery, problem::Problem};

/// What of the whole contradicts itself or would be unsafe.
pub(crate) fn check(config: &Config) -> Vec<Problem> {
    let Config { options, server, database, delivery, secondary_storage, .. } = config;
    let mut problems = Vec::new();
    let listen = server.listen.0;
    if !listen.ip().is_loopback() && options.base_url.is_none() {
        let problem = Problem::new(format!("{listen} can be reached by others, but base_url is missing"));
        problems.push(problem.help(
            "set base_url to the address that browsers use, such as \"https://auth.example.com\"; without it links and \
             origins would be taken from what each request claims. Behind a proxy on this machine, listen on 127.0.0.1",
        ));
    }
    if options.secret.is_none() && options.secrets.is_empty() {
        let problem = Problem::new("secret is missing");
        problems.push(problem.help(
            "write secret = \"env:BETTER_AUTH_SECRET\" and set that variable to what `kernia secret` prints, or to the \
             secret of the server whose database this is",
        ));
    }
    if options.rate_limit.storage == Some(RateLimitStorage::SecondaryStorage) && secondary_storage.is_none() {
        let problem = Problem::new("rate_limit.storage asks for secondary storage, and there is none");
        problems.push(problem.help(
            "add [secondary_storage] with url = \"redis://…\", or write \"memory\", or \"database\" when several servers share one",
        ));
    }
    let sender = config.plugins.iter().find(|plugin| !plugin.sends_by().is_empty()).map(|plugin| plugin.id());
    let sends = sends(options).map(str::to_owned).or(sender.map(|id| format!("plugins.{id}")));
    if let (None, Mode::Production, Some(sends)) = (delivery, options.mode, sends) {
        let problem = Problem::new(format!("{sends} is on, but there is no [delivery]"));
        problems.push(problem.help("add [delivery] with kind = \"smtp\", \"webhook\", \"file\" or \"log\""));
    }
    let texts = config.plugins.iter().find(|plugin| plugin.sends_by().contains(&Channel::Text));
    if let (Some(Delivery::Smtp(_)), Some(plugin)) = (delivery, texts) {
        let problem = Problem::new(format!("plugins.{} sends texts, and [delivery] sends mail only", plugin.id()));
        problems.push(problem.help("use kind = \"webhook\", and let what receives it send mail and texts"));
    }
    problems.extend(replica(options, database));
    problems
}

/// A replica that cannot be, or that nobody would read.
fn replica(options: &Options, database: &Database) -> Option<Problem> {
    let replica = database.replica_url.as_ref()?;
    let alike = match (&database.url, replica) {
        (DatabaseUrl::Sql(one), DatabaseUrl::Sql(other)) => one.dialect() == other.dialect() && one.is_server(),
        _ => false,
    };
    if !alike {
        let problem = Problem::new("database.replica_url is not a server of the kind that database.url is");
        return Some(problem.help("a replica is a copy that PostgreSQL or MySQL keeps; other databases have none"));
    }
    if !options.session.stale_reads {
        let problem = Problem::new("database.replica_url is set, but nothing may be read from it");
        return Some(problem.help("set session.stale_reads = true, or leave the replica out"));
    }
    None
}

/// An option that makes the engine send messages.
fn sends(options: &Options) -> Option<&'static str> {
    [
        (options.email_and_password.send_reset_password, "email_and_password.send_reset_password"),
        (options.email_and_password.notify_existing_user_sign_up, "email_and_password.notify_existing_user_sign_up"),
        (options.email_verification.send_verification_email, "email_verification.send_verification_email"),
        (options.user.change_email.send_change_email_confirmation, "user.change_email.send_change_email_confirmation"),
        (
            options.user.delete_user.send_delete_account_verification,
            "user.delete_user.send_delete_account_verification",
        ),
    ]
    .into_iter()
    .find_map(|(on, name)| on.then_some(name))
}
