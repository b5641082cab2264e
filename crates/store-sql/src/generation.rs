//! How the gate learns of changes without asking the database.
//!
//! A commit that changes something the gate depends on raises a counter in the database and, after the commit, writes it to the file
//! `generation` in the data directory (8 bytes, little end first). Reading it is one small read of a file that the system holds in memory.
//! A look at the database now and then covers other nodes, and a process that died between commit and file.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::Notify;
use types::{Error, Result};

/// What is called when this process has changed something.
type Teller = Box<dyn Fn() + Send + Sync>;

/// The counter as this process knows it.
pub(crate) struct Generation {
    file: Option<File>,
    latest: AtomicU64,
    teller: OnceLock<Teller>,
    look: Notify,
}

impl Generation {
    /// Shared through a file in `dir`, or known to this process only.
    pub fn open(dir: Option<&Path>) -> Result<Self> {
        let file = dir
            .map(|dir| {
                std::fs::create_dir_all(dir)?;
                OpenOptions::new()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(dir.join("generation"))
            })
            .transpose()
            .map_err(Error::internal)?;
        Ok(Self {
            file,
            latest: AtomicU64::new(0),
            teller: OnceLock::new(),
            look: Notify::new(),
        })
    }

    /// Sets what is called after each change of this process; only the first call counts.
    pub fn tell_with(&self, teller: impl Fn() + Send + Sync + 'static) {
        let _ = self.teller.set(Box::new(teller));
    }

    /// Makes a change of this process known, to other nodes as well.
    pub fn tell(&self, value: u64) {
        self.publish(value);
        if let Some(teller) = self.teller.get() {
            teller();
        }
    }

    /// Asks for a look at the database soon.
    pub fn ask_look(&self) {
        self.look.notify_one();
    }

    /// Ends when somebody has asked for a look.
    pub async fn look_asked(&self) {
        self.look.notified().await;
    }

    /// The highest number known. No query, no lock.
    pub fn get(&self) -> u64 {
        let latest = self.latest.load(Ordering::Acquire);
        self.file
            .as_ref()
            .map_or(latest, |file| read(file).max(latest))
    }

    /// Makes a number known, unless a higher one is.
    pub fn publish(&self, value: u64) {
        self.latest.fetch_max(value, Ordering::AcqRel);
        let Some(file) = &self.file else { return };
        if read(file) >= value {
            return;
        }
        let written = file.lock().and_then(|()| {
            let result = if read(file) < value {
                file.write_all_at(&value.to_le_bytes(), 0)
            } else {
                Ok(())
            };
            file.unlock().and(result)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "generation file not written; other processes learn of the change within a second");
        }
    }
}

fn read(file: &File) -> u64 {
    let mut bytes = [0u8; 8];
    match file.read_at(&mut bytes, 0) {
        Ok(8) => u64::from_le_bytes(bytes),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_on_one_directory_see_each_other_and_never_go_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let a = Generation::open(Some(dir.path())).expect("opened");
        let b = Generation::open(Some(dir.path())).expect("opened");
        assert_eq!(b.get(), 0);
        a.publish(7);
        assert_eq!(b.get(), 7);
        b.publish(5);
        assert_eq!((a.get(), b.get()), (7, 7));
    }

    #[test]
    fn without_a_directory_it_is_known_here_only() {
        let a = Generation::open(None).expect("opened");
        a.publish(3);
        assert_eq!(a.get(), 3);
    }
}
