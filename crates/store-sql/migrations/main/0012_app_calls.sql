-- Accepted calls of apps by day (days since 1970 UTC).
CREATE TABLE app_calls (
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    CONSTRAINT app_calls_pk PRIMARY KEY (account, client_id, day),
    FOREIGN KEY (account, client_id) REFERENCES apps (account, client_id) ON DELETE CASCADE
);
