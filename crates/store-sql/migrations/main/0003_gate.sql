-- Apps of three kinds with their keys, scopes of admin apps, the platform's keys, access tokens of chat clients.
ALTER TABLE apps ADD COLUMN enforce_jwe BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE apps ADD COLUMN sdk_tokens BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE apps ADD COLUMN anonymous BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE apps ADD COLUMN public_key TEXT;
ALTER TABLE apps ADD COLUMN previous_public_key TEXT;
ALTER TABLE apps ADD COLUMN payload_mode TEXT;
ALTER TABLE apps ADD COLUMN payload_key {blob};
ALTER TABLE apps ADD COLUMN payload_print TEXT;
ALTER TABLE apps ADD COLUMN payload_set_at BIGINT;
ALTER TABLE apps ADD COLUMN enforce_payload BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE grants (
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT grants_pk PRIMARY KEY (account, client_id),
    FOREIGN KEY (account, client_id) REFERENCES apps (account, client_id) ON DELETE CASCADE
);

CREATE TABLE platform_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    generation BIGINT NOT NULL,
    state TEXT NOT NULL,
    public_half TEXT NOT NULL,
    private_half {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    CONSTRAINT platform_keys_generation UNIQUE (generation, kind)
);

CREATE TABLE accesses (
    hash TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    bot TEXT NOT NULL,
    user_id TEXT NOT NULL,
    identity TEXT NOT NULL,
    anonymous BOOLEAN NOT NULL,
    data {blob} NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (account, client_id, bot) REFERENCES links (account, client_id, bot) ON DELETE CASCADE
);
CREATE INDEX accesses_by_app ON accesses (account, client_id, identity);
CREATE INDEX accesses_expire ON accesses (expires_at);
