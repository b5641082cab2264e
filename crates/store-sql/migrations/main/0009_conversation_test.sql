-- Conversation test suites and their runs.
CREATE TABLE conversation_suites (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    language TEXT NOT NULL,
    steps BIGINT NOT NULL,
    sealed {blob} NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT conversation_suites_name_key UNIQUE (account, bot, name_key),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE conversation_runs (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    suite TEXT NOT NULL REFERENCES conversation_suites (id) ON DELETE CASCADE,
    published BOOLEAN NOT NULL,
    steps BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    passed BIGINT,
    report {blob}
);
CREATE INDEX conversation_runs_by_suite ON conversation_runs (suite, started_at);
