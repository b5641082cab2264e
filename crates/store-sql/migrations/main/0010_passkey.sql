-- Passkeys of people, and the challenges that await an answer. A challenge without a person is one of a sign-in.
CREATE TABLE passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    party TEXT NOT NULL,
    public_key {blob} NOT NULL,
    counter BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    FOREIGN KEY (account, user_id) REFERENCES users (account, id) ON DELETE CASCADE
);
CREATE INDEX passkeys_by_user ON passkeys (account, user_id);

CREATE TABLE passkey_challenges (
    hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_expire ON passkey_challenges (expires_at);
