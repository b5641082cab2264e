-- Questions and answers that were taken out of files and pages.
CREATE TABLE extractions (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    found BIGINT NOT NULL,
    added BIGINT NOT NULL,
    head {blob} NOT NULL,
    pairs {blob},
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
CREATE INDEX extractions_by_agent ON extractions (account, bot, created_at);
