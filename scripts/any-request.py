#!/usr/bin/env python3
"""Sends invented requests to every operation of the API document and fails when one is answered with a 5xx.

Four callers take turns: nobody, a platform app, an admin app (both with every scope), and a person in the console.
The server is started on a store of its own and ends with the script.

    OMBUD_BIN=target/debug/ombud scripts/any-request.py [REQUESTS_PER_OPERATION]
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = os.environ.get("OMBUD_BIN", str(ROOT / "target/debug/ombud"))
# the folder of the interpreter, not of what it links to: that is where the virtual environment keeps its commands
TOOL = pathlib.Path(sys.executable).with_name("schemathesis")
EXAMPLES = sys.argv[1] if len(sys.argv) > 1 else "20"
PASSWORD = "correct horse battery staple"
# they would end the session or take the caller's own means away
LEFT_OUT = ["consoleSignOut", "consoleSignOutEverywhere", "consoleEndSession", "consoleChangePassword", "consoleRemoveAgent"]


def command(data: str, *words: str) -> dict:
    """What a command on the server's store prints."""
    done = subprocess.run([BIN, *words, "--json"], env=environment(data), input=PASSWORD, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)


def environment(data: str) -> dict:
    """Limits would answer most of the requests otherwise; nothing leaves this machine."""
    return {**os.environ, "OMBUD_DATA_DIR": data, "OMBUD_RATE_LIMIT_FACTOR": "0", "OMBUD_OUTBOUND": "off"}


def serve(data: str, log: pathlib.Path) -> tuple[subprocess.Popen, str]:
    """A server on a free port, once it listens."""
    server = subprocess.Popen(
        [BIN, "serve", "--listen", "127.0.0.1:0"],
        env=environment(data), stdout=subprocess.PIPE, stderr=log.open("w"), text=True,
    )
    for line in server.stdout:
        found = re.search(r"listening on (http://\S+)", line)
        if found:
            return server, found[1]
    sys.exit(f"the server did not start: {log.read_text()}")


def sign_in(url: str) -> list[str]:
    """Headers of a person in the console."""
    body = json.dumps({"email": "owner@example.org", "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{url}/api/console/v1/session", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        cookie = answer.headers["set-cookie"].split(";")[0]
        return [f"cookie: {cookie}", f"x-csrf-token: {json.load(answer)['csrfToken']}"]


def attack(who: str, url: str, document: dict, known: dict, headers: list[str], more: list[str]) -> bool:
    """Sends the requests of one caller; says whether all were answered without a 5xx."""
    print(f"--- as {who}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        spec = pathlib.Path(folder, "openapi.json")
        spec.write_text(json.dumps(document))
        settings = pathlib.Path(folder, "schemathesis.toml")
        lines = [f'"path.{name}" = {json.dumps(value)}' for name, value in known.items()]
        # 501 is the documented answer to what is left out on purpose
        fine = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", "501"]\n'
        settings.write_text(fine + "[parameters]\n" + "\n".join(lines) + "\n")
        words = [
            str(TOOL), "--config-file", str(settings), "run", str(spec), "--url", url,
            "--phases", "examples,coverage,fuzzing", "--checks", "not_a_server_error", "--max-examples", EXAMPLES,
            "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--warnings", "off", "--seed", "1", "--workers", "2",
        ]
        for header in headers:
            words += ["--header", header]
        return subprocess.run([*words, *more], cwd=folder, check=False).returncode == 0


def main() -> None:
    document = json.loads((ROOT / "spec/openapi.json").read_text())
    public = ["--exclude-path-regex", "^/api/console/"]
    with tempfile.TemporaryDirectory(prefix="ombud-requests-") as data:
        command(data, "setup", "--account", "Acme", "--email", "owner@example.org", "--password-stdin")
        bot = command(data, "agent", "import", str(ROOT / "samples/parcel-desk"))["botId"]
        command(data, "agent", "publish", bot)
        app = command(data, "app", "create", "--kind", "platform", "--name", "Platform", "--bot", bot)["clientId"]
        admin = command(data, "app", "create", "--kind", "admin", "--name", "Admin")["clientId"]
        spare = command(data, "app", "create", "--kind", "platform", "--name", "Spare", "--bot", bot)["clientId"]
        for kind, words in (("platform", ["--app", app, "--bot", bot]), ("admin", ["--app", admin])):
            names = [scope["id"] for scope in command(data, "scope", "list", "--kind", kind)["scopes"]]
            command(data, "scope", "grant", *words, *names)
        command(data, "agent", "publish", bot)
        tokens = {who: command(data, "token", "--app", who, "--ttl", "86400")["token"] for who in (app, admin)}
        log = pathlib.Path(data, "server.log")
        server, url = serve(data, log)
        try:
            known = {"botId": bot, "clientId": spare}
            whole = attack("nobody", url, document, {}, [], [])
            whole &= attack("a platform app", url, document, known, [f"auth: {tokens[app]}"], public)
            whole &= attack("an admin app", url, document, known, [f"auth: {tokens[admin]}"], public)
            whole &= attack("an admin app with invented ids", url, document, {}, [f"auth: {tokens[admin]}"], public)
            private = ["--include-path-regex", "^/api/console/"]
            for name in LEFT_OUT:
                private += ["--exclude-operation-id", name]
            whole &= attack("a person", url, document, known, sign_in(url), private)
            if server.poll() is not None:
                sys.exit(f"the server ended: {log.read_text()[-2000:]}")
        finally:
            server.terminate()
            server.wait(30)
    if not whole:
        sys.exit("some requests were answered with a 5xx, see above")


if __name__ == "__main__":
    main()
