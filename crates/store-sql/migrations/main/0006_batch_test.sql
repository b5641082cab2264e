-- Batch test suites and their runs.
CREATE TABLE test_suites (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    language TEXT NOT NULL,
    cases BIGINT NOT NULL,
    sealed {blob} NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT test_suites_name_key UNIQUE (account, bot, name_key),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

CREATE TABLE test_runs (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    suite TEXT NOT NULL REFERENCES test_suites (id) ON DELETE CASCADE,
    published BOOLEAN NOT NULL,
    cases BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    counters TEXT,
    report {blob},
    file_id TEXT
);
CREATE INDEX test_runs_by_suite ON test_runs (suite, started_at);
