-- Spent token ids. On SQLite in a file of its own, on PostgreSQL beside the other tables.
CREATE TABLE jti (
    client_id TEXT NOT NULL,
    jti TEXT NOT NULL,
    surface TEXT NOT NULL,
    bound TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT jti_pk PRIMARY KEY (client_id, jti)
);
CREATE INDEX jti_expires ON jti (expires_at);
