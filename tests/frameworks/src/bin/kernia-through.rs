//! `kernia serve --config FILE` behind the framework that KERNIA_FRAMEWORK names. `constant TEXT` serves a text instead, without Kernia,
//! at the address LISTEN.

use std::{env, path::PathBuf};

use kernia_frameworks::{Failure, Framework};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let framework: Framework = env::var("KERNIA_FRAMEWORK")?.parse()?;
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", "--config", file] => {
            let (auth, address) = kernia_cli::configured(&PathBuf::from(file)).await?;
            framework.serve(address, auth).await
        }
        ["constant", text] => framework.serve_constant(env::var("LISTEN")?.parse()?, text.to_owned().into()).await,
        _ => Err("usage: kernia-through serve --config FILE | constant TEXT".into()),
    }
}
