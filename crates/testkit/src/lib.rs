//! What tests need from outside: a real PostgreSQL, started once per run and shared by all test processes, and a real Redis of each
//! test. A dev-dependency only.

mod redis;

pub use redis::{Redis, redis, redis_with};

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

/// The address of a fresh, empty database, or none (with a message) when PostgreSQL is not installed.
///
/// # Panics
/// When the server does not start, and when it is not installed though the variable `CI` is `true`.
pub fn postgres() -> Option<String> {
    let Some(bin) = programs() else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "PostgreSQL is not installed"
        );
        eprintln!("skipped: PostgreSQL is not installed");
        return None;
    };
    let dir = std::env::temp_dir().join(format!("ombud-testkit-pg-{}", user()));
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_nanos();
    let name = format!("t{}_{nanos}", std::process::id());
    std::fs::create_dir_all(&dir).expect("a directory for the server");
    let lock = std::fs::File::create(dir.join("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    std::fs::write(dir.join("used"), b"").expect("the mark of use");
    if !run(
        &bin,
        "psql",
        &[
            "-h",
            path(&dir),
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-qc",
            "SELECT 1",
        ],
    ) {
        start(&bin, &dir);
    }
    let made = run(
        &bin,
        "createdb",
        &["-h", path(&dir), "-U", "postgres", &name],
    );
    assert!(made, "the test database could not be made");
    Some(format!(
        "postgres:///{name}?host={}&user=postgres",
        path(&dir)
    ))
}

fn path(path: &Path) -> &str {
    path.to_str()
        .expect("a temporary directory with a UTF-8 name")
}

fn user() -> String {
    std::env::var("USER").unwrap_or_else(|_| "test".to_owned())
}

/// The newest installed version's programs: from the search path, else from where Debian puts them.
fn programs() -> Option<PathBuf> {
    let searched = std::env::var_os("PATH")
        .map(|all| std::env::split_paths(&all).collect::<Vec<_>>())
        .unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    debian.sort();
    searched
        .into_iter()
        .chain(debian.into_iter().rev())
        .find(|dir| {
            ["initdb", "pg_ctl", "psql", "createdb"]
                .iter()
                .all(|program| dir.join(program).exists())
        })
}

/// PostgreSQL refuses to run as root: then everything runs as the user `postgres`.
fn command(program: &Path) -> Command {
    let root = std::fs::metadata("/proc/self")
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn run(bin: &Path, program: &str, args: &[&str]) -> bool {
    let mut command = command(&bin.join(program));
    command
        .args(args)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Makes a cluster and starts it on a socket in `dir` only; a watchdog stops it when no test has asked for a minute.
fn start(bin: &Path, dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o777))
        .expect("others may use the directory");
    let data = dir.join("data");
    if !data.join("PG_VERSION").exists() {
        let made = run(
            bin,
            "initdb",
            &[
                "-D",
                path(&data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
        );
        assert!(made, "initdb failed");
    }
    let options = format!(
        "-c listen_addresses='' -c unix_socket_directories={} -c fsync=off -c max_connections=300",
        path(dir)
    );
    let log = dir.join("data/server.log");
    let started = run(
        bin,
        "pg_ctl",
        &[
            "-D",
            path(&data),
            "-w",
            "-o",
            &options,
            "-l",
            path(&log),
            "start",
        ],
    );
    assert!(started, "PostgreSQL did not start; see {}", log.display());
    // it takes the same lock as the tests before it stops anything; the outer shell ends at once and leaves it behind
    let script = "(exec 9<\"$1/lock\"; while :; do sleep 5; flock 9; \
                  if [ -z \"$(find \"$1/used\" -newermt '-60 seconds' 2>/dev/null)\" ]; then \
                  \"$2/pg_ctl\" -D \"$1/data\" -m immediate stop; rm -rf \"$1/data\"; exit; fi; flock -u 9; done) &";
    let mut watchdog = command(Path::new("/bin/sh"));
    watchdog.args(["-c", script, "watchdog", path(dir), path(bin)]);
    watchdog
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let left = watchdog.status().expect("a shell");
    assert!(left.success(), "the watchdog did not start");
}
