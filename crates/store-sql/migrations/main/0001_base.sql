-- Times are milliseconds UTC. Documents are TEXT on both back ends: nothing inside them is queried, and their key order stays.
-- A column that ends in _key holds the lower-case form of another one.
CREATE TABLE generation (
    id BIGINT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO generation (id, value) VALUES (1, 1);

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value {blob} NOT NULL
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT accounts_name UNIQUE (name_key)
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    role TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT users_email UNIQUE (account, email_key),
    CONSTRAINT users_tenant UNIQUE (account, id)
);
CREATE INDEX users_by_email ON users (email_key);

CREATE TABLE logins (
    hash TEXT NOT NULL PRIMARY KEY,
    csrf TEXT NOT NULL,
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (account, user_id) REFERENCES users (account, id) ON DELETE CASCADE
);
CREATE INDEX logins_by_user ON logins (account, user_id);

CREATE TABLE apps (
    client_id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    enforce_jti BOOLEAN NOT NULL,
    secret {blob} NOT NULL,
    previous_secret {blob},
    previous_until BIGINT,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_used_at BIGINT,
    CONSTRAINT apps_name UNIQUE (account, name_key),
    CONSTRAINT apps_tenant UNIQUE (account, client_id)
);

CREATE TABLE agents (
    bot TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    languages TEXT NOT NULL,
    draft_digest TEXT NOT NULL,
    trained TEXT NOT NULL,
    published TEXT,
    dialogs BIGINT NOT NULL,
    intents BIGINT NOT NULL,
    faqs BIGINT NOT NULL,
    report TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT agents_tenant UNIQUE (account, bot)
);
CREATE INDEX agents_by_name ON agents (account, name_key, bot);

CREATE TABLE links (
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    bot TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT links_pk PRIMARY KEY (account, client_id, bot),
    FOREIGN KEY (account, client_id) REFERENCES apps (account, client_id) ON DELETE CASCADE,
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
CREATE INDEX links_by_bot ON links (account, bot);

CREATE TABLE mappings (
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    bot TEXT NOT NULL,
    draft TEXT,
    published TEXT,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT mappings_pk PRIMARY KEY (account, client_id, bot),
    FOREIGN KEY (account, client_id, bot) REFERENCES links (account, client_id, bot) ON DELETE CASCADE
);
CREATE INDEX mappings_by_bot ON mappings (account, bot);

CREATE TABLE definitions (
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    copy_of TEXT NOT NULL,
    digest TEXT NOT NULL,
    sealed {blob} NOT NULL,
    CONSTRAINT definitions_pk PRIMARY KEY (account, bot, copy_of),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE versions (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    comment_text TEXT NOT NULL,
    components TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT versions_number UNIQUE (account, bot, number),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE models (
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    language TEXT NOT NULL,
    copy_of TEXT NOT NULL,
    inputs TEXT NOT NULL,
    engine TEXT NOT NULL,
    report TEXT NOT NULL,
    bytes {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT models_pk PRIMARY KEY (account, bot, copy_of, language),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    bot TEXT,
    payload {blob} NOT NULL,
    created_by TEXT NOT NULL,
    state TEXT NOT NULL,
    percent BIGINT NOT NULL,
    message TEXT NOT NULL,
    result TEXT,
    error TEXT,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_by_account ON jobs (account, created_at);

CREATE TABLE files (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    sealed {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX files_expire ON files (expires_at);

CREATE TABLE conversations (
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    channel TEXT NOT NULL,
    identity TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT conversations_pk PRIMARY KEY (account, bot, channel, identity),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE turns (
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    channel TEXT NOT NULL,
    identity TEXT NOT NULL,
    owner TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    CONSTRAINT turns_pk PRIMARY KEY (account, bot, channel, identity),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    user_id TEXT NOT NULL,
    identity TEXT NOT NULL,
    channel TEXT NOT NULL,
    languages TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    active_at BIGINT NOT NULL,
    closes_at BIGINT NOT NULL,
    interactive BOOLEAN NOT NULL,
    developer BOOLEAN NOT NULL,
    containment TEXT,
    user_tags TEXT NOT NULL,
    session_tags TEXT NOT NULL,
    messages BIGINT NOT NULL,
    tasks BIGINT NOT NULL,
    CONSTRAINT sessions_tenant UNIQUE (account, id),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
CREATE INDEX sessions_by_start ON sessions (account, bot, started_at);
CREATE INDEX sessions_due ON sessions (closes_at) WHERE ended_at IS NULL;

CREATE TABLE messages (
    seq {serial},
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    identity TEXT NOT NULL,
    channel TEXT NOT NULL,
    direction TEXT NOT NULL,
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    components TEXT NOT NULL,
    channels TEXT NOT NULL,
    developer BOOLEAN NOT NULL,
    builder BOOLEAN NOT NULL,
    source BIGINT NOT NULL,
    tags TEXT NOT NULL,
    trace TEXT,
    latency TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT messages_id UNIQUE (id),
    FOREIGN KEY (account, session_id) REFERENCES sessions (account, id) ON DELETE CASCADE,
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
CREATE INDEX messages_by_time ON messages (account, bot, created_at, seq);
CREATE INDEX messages_by_session ON messages (account, session_id, created_at, seq);

CREATE TABLE tags (
    account TEXT NOT NULL,
    session_id TEXT NOT NULL,
    message_id TEXT,
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    FOREIGN KEY (account, session_id) REFERENCES sessions (account, id) ON DELETE CASCADE
);
CREATE INDEX tags_by_session ON tags (account, session_id, level, name);
CREATE INDEX tags_by_message ON tags (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE debug_logs (
    seq {serial},
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    session_id TEXT,
    level TEXT NOT NULL,
    line TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
CREATE INDEX debug_logs_by_bot ON debug_logs (account, bot, seq);

CREATE TABLE variables (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    bot TEXT,
    bot_key TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at BIGINT,
    CONSTRAINT variables_pk PRIMARY KEY (account, scope, bot_key, owner, name),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
CREATE INDEX variables_by_bot ON variables (account, bot);
CREATE INDEX variables_expire ON variables (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE audit (
    seq {serial},
    account TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    bot TEXT,
    address TEXT,
    digest_before TEXT,
    digest_after TEXT,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX audit_by_account ON audit (account, seq);
