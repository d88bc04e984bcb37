//! From a configuration to the engine.

use std::sync::Arc;

use kernia::{
    Engine, EngineBuilder,
    domain::{BuildError, Plugin, options::Options},
};
use kernia_runtime::{OsEntropy, SystemClock};

/// The engine with these options and plugins, and with or without secondary storage.
pub(crate) fn engine(
    options: Options,
    plugins: Vec<Box<dyn Plugin>>,
    secondary_storage: bool,
) -> Result<Engine, BuildError> {
    let mut builder = Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new()));
    if secondary_storage {
        builder = builder.secondary_storage();
    }
    plugins.into_iter().fold(builder, EngineBuilder::boxed_plugin).build()
}
