//! `ombud serve --quickstart`: on an empty store, a sample agent that works, with an account, an owner and an app.

use anyhow::Context;
use service::{
    Caller, Ctx,
    admin::{accounts, apps, scopes},
    console::setup,
    definition as agents,
};
use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use types::{Secret, id::BotId};

/// Address of the owner that is made.
const OWNER: &str = "owner@example.com";
/// Characters of the first password.
const PASSWORD: usize = 20;
/// Scopes of the app that is made.
const SCOPES: &[&str] = &[
    "Intent and Entity Detection",
    "Chat History",
    "Bot Sessions",
];
/// The sample agent, file by file.
const SAMPLE: &[(&str, &[u8])] = &[
    (
        "botDefinition.json",
        include_bytes!("../../../../../samples/parcel-desk/botDefinition.json"),
    ),
    (
        "config.json",
        include_bytes!("../../../../../samples/parcel-desk/config.json"),
    ),
    (
        "parcel_desk_botfunctions.js",
        include_bytes!("../../../../../samples/parcel-desk/parcel_desk_botfunctions.js"),
    ),
];

/// Makes everything when the store is empty and prints the card; otherwise does nothing.
///
/// # Errors
/// The address is not a loopback one; the store cannot be written.
pub async fn run(ctx: &Ctx, data_dir: &Path, address: SocketAddr) -> anyhow::Result<()> {
    anyhow::ensure!(
        address.ip().is_loopback(),
        "--quickstart serves on a loopback address only"
    );
    if !setup::needed(ctx).await? {
        return Ok(());
    }
    let password = crypt::random::readable(PASSWORD);
    let file = data_dir.join("first-sign-in");
    write_private(&file, &format!("{OWNER}\n{}\n", password.expose()))?;
    let owner = accounts::NewAccount {
        name: "Quickstart".to_owned(),
        email: OWNER.to_owned(),
        owner_name: "Owner".to_owned(),
        password: password.clone(),
        must_change_password: true,
    };
    let (account, _) = accounts::create(ctx, owner).await?;
    let caller = Caller::cli(account.id);
    let files = SAMPLE
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    let package = definition::from_files(files).context("the sample agent cannot be read")?;
    let bot = agents::import(ctx, &caller, package, None).await?.bot;
    let app = apps::NewApp {
        name: "Quickstart".to_owned(),
        kind: "platform".to_owned(),
        algorithm: "HS256".to_owned(),
        enforce_jti: false,
        bots: vec![bot.clone()],
        ..apps::NewApp::default()
    };
    let (app, _) = apps::create(ctx, &caller, app).await?;
    let client = app.app.client_id;
    let names: Vec<String> = SCOPES.iter().map(|name| (*name).to_owned()).collect();
    scopes::change(ctx, &caller, &bot, &client, &names, true).await?;
    agents::publish(ctx, &caller, &bot, &agents::Publish::default()).await?;
    card(address, &bot, client.as_str(), &file, &password)
}

/// The card: where things are, and three lines to paste.
fn card(
    address: SocketAddr,
    bot: &BotId,
    client: &str,
    file: &Path,
    password: &Secret,
) -> anyhow::Result<()> {
    let binary = std::env::current_exe().context("the path of the binary is not known")?;
    let data = file.parent().unwrap_or(Path::new("."));
    let data = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let url = format!("http://{address}");
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\nThe sample agent Parcel Desk is trained and published as {bot}."
    )?;
    writeln!(out, "The console is at {url}/")?;
    writeln!(
        out,
        "Sign in as {OWNER}; the first password is in {}",
        file.display()
    )?;
    if out.is_terminal() {
        writeln!(out, "(shown once: {})", password.expose())?;
    }
    writeln!(out, "\nPaste these into another terminal:\n")?;
    writeln!(
        out,
        "TOKEN=$(OMBUD_DATA_DIR='{}' '{}' token --app {client})",
        data.display(),
        binary.display()
    )?;
    writeln!(
        out,
        "curl -s -H \"auth: $TOKEN\" -H 'content-type: application/json' -d '{{\"input\":\"where is my parcel\",\"streamName\":\"Parcel Desk\"}}' {url}/api/v1.1/rest/bot/{bot}/findIntent"
    )?;
    writeln!(
        out,
        "curl -s -H \"authorization: bearer $TOKEN\" -H 'content-type: application/json' -d '{{\"session\":{{\"new\":true}},\"message\":{{\"text\":\"where is my parcel\"}},\"from\":{{\"id\":\"ann\"}},\"to\":{{\"id\":\"Parcel Desk\"}}}}' {url}/chatbot/hooks/{bot}"
    )?;
    writeln!(out)?;
    out.flush().context("standard output is closed")
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))
}
