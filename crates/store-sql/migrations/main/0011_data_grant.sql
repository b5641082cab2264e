-- What data apps may do with tables, views and their definitions. Names as people wrote them; name_key is without regard to case.
CREATE TABLE data_grants (
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    may_read BOOLEAN NOT NULL,
    may_write BOOLEAN NOT NULL,
    may_delete BOOLEAN NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT data_grants_pk PRIMARY KEY (account, client_id, kind, name_key),
    FOREIGN KEY (account, client_id) REFERENCES apps (account, client_id) ON DELETE CASCADE
);
