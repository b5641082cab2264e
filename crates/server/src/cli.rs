//! The arguments of every command.

use crate::command;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Self-hosted platform for service AI agents.
#[derive(Debug, Parser)]
#[command(name = "ombud", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Settings file (default: ombud.toml in the working folder, when there is one)
    #[arg(long, global = true, value_name = "FILE", env = "OMBUD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print one JSON object on standard output and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// Account to work in, by name (default: the first)
    #[arg(long, global = true, value_name = "NAME")]
    pub account: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an account with its owner (the account's name comes from --account)
    Setup(command::setup::Arguments),
    /// Serve API, channels and console, and work on jobs
    Serve(command::serve::Arguments),
    /// Work on jobs beside a server
    Worker,
    /// Import, train, publish and export agents
    #[command(subcommand)]
    Agent(command::agent::Command),
    /// Make and manage client apps
    #[command(subcommand)]
    App(command::app::Command),
    /// Give scopes to client apps
    #[command(subcommand)]
    Scope(command::scope::Command),
    /// See and change the rules of security of the account
    #[command(subcommand)]
    Account(command::account::Command),
    /// See, rotate and retire the platform's encryption keys
    #[command(subcommand)]
    Keys(command::keys::Command),
    /// Print a signed token of a client app
    Token(command::token::Arguments),
    /// Help people who cannot sign in
    #[command(subcommand)]
    User(command::user::Command),
    /// See what was done, and check that the record of it is whole
    #[command(subcommand)]
    Audit(command::audit::Command),
    /// Write a copy of the whole store to a file, while servers run; the master key is not in it
    Backup(command::backup::Arguments),
    /// Ask the server on this machine whether it is ready, for health checks
    Health(command::health::Arguments),
    /// Install, show or remove the sentence encoder
    #[command(subcommand)]
    Model(command::model::Command),
    /// Bring the database to the form that this version needs
    Migrate,
    /// Print the API document (OpenAPI 3.1, JSON)
    Openapi,
    /// Print the settings in force, secrets masked
    Config,
    /// Print the licences of what is built in
    Licenses,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// One clear line for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<()> {
        let global = self.global;
        match self.command {
            Command::Setup(arguments) => command::setup::run(&global, arguments).await,
            Command::Serve(arguments) => command::serve::run(&global, arguments).await,
            Command::Worker => command::worker::run(&global).await,
            Command::Agent(command) => command::agent::run(&global, command).await,
            Command::App(command) => command::app::run(&global, command).await,
            Command::Scope(command) => command::scope::run(&global, command).await,
            Command::Account(command) => command::account::run(&global, command).await,
            Command::Keys(command) => command::keys::run(&global, command).await,
            Command::Token(arguments) => command::token::run(&global, arguments).await,
            Command::User(command) => command::user::run(&global, command).await,
            Command::Audit(command) => command::audit::run(&global, command).await,
            Command::Backup(arguments) => command::backup::run(&global, arguments).await,
            Command::Health(arguments) => command::health::run(&global, arguments),
            Command::Model(command) => command::model::run(&global, command).await,
            Command::Migrate => command::migrate::run(&global).await,
            Command::Openapi => command::openapi::run(),
            Command::Config => command::config::run(&global),
            Command::Licenses => command::licenses::run(&global),
        }
    }
}
