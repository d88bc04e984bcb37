//! From a configuration to the engine.

use std::sync::Arc;

use kernia::{
    Engine, EngineBuilder,
    domain::{BuildError, Plugin, options::Options},
};
use kernia_runtime::{OsEntropy, SystemClock};

/// The engine with these options and plugins.
pub(crate) fn engine(options: Options, plugins: Vec<Box<dyn Plugin>>) -> Result<Engine, BuildError> {
    let builder = Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new()));
    plugins.into_iter().fold(builder, EngineBuilder::boxed_plugin).build()
}
