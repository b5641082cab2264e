-- The sealed second factor of a person: secret of the authenticator app, last code used, digests of recovery codes.
ALTER TABLE users ADD COLUMN second_factor {blob};
