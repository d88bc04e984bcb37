-- A database of better-auth 1.6.33, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=48rz97Wcanhxve1iJZ9O4df4Cbz24T7W.RFZ4YOs5MMcc2RhFSKYNVSINdEDMfuUJuyCIXHUn%2BMY%3D
-- user: 7b3d7015-316a-4357-b65d-5597bc1a1b25
-- password: correct horse battery
-- secret: golden-kN3r-1a-S3cret/with+enough=entropy_0123456789

CREATE TABLE account (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id text NOT NULL,
    provider_id text NOT NULL,
    user_id uuid NOT NULL,
    access_token text,
    refresh_token text,
    id_token text,
    access_token_expires_at timestamp with time zone,
    refresh_token_expires_at timestamp with time zone,
    scope text,
    password text,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE apikey (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    config_id text NOT NULL,
    name text,
    start text,
    reference_id text NOT NULL,
    prefix text,
    key text NOT NULL,
    refill_interval integer,
    refill_amount integer,
    last_refill_at timestamp with time zone,
    enabled boolean,
    rate_limit_enabled boolean,
    rate_limit_time_window integer,
    rate_limit_max integer,
    request_count integer,
    remaining integer,
    last_request timestamp with time zone,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    permissions text,
    metadata text
);

CREATE TABLE invitation (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    email text NOT NULL,
    role text,
    status text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    inviter_id uuid NOT NULL
);

CREATE TABLE member (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE organization (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    logo text,
    created_at timestamp with time zone NOT NULL,
    metadata text
);

CREATE TABLE rate_limit (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    key text NOT NULL,
    count integer NOT NULL,
    last_request bigint NOT NULL
);

CREATE TABLE session (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    token text NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    ip_address text,
    user_agent text,
    user_id uuid NOT NULL,
    impersonated_by text,
    active_organization_id text
);

CREATE TABLE two_factor (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    secret text NOT NULL,
    backup_codes text NOT NULL,
    user_id uuid NOT NULL,
    verified boolean,
    failed_verification_count integer,
    locked_until timestamp with time zone
);

CREATE TABLE "user" (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    email_verified boolean NOT NULL,
    image text,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    username text,
    display_username text,
    role text,
    banned boolean,
    ban_reason text,
    ban_expires timestamp with time zone,
    two_factor_enabled boolean
);

CREATE TABLE verification (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    identifier text NOT NULL,
    value text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

INSERT INTO account VALUES ('2a57f25b-6620-42ee-be43-f2e8f5be43ac', '7b3d7015-316a-4357-b65d-5597bc1a1b25', 'credential', '7b3d7015-316a-4357-b65d-5597bc1a1b25', NULL, NULL, NULL, NULL, NULL, NULL, 'c865852890b76373f6837bdb00b2ff8a:4149f6330ca86e014dc18acb686fe2fb58ca0441cfbf272d8c80c5d156672b1402eb63da8ec90c1605dec2151f61fa0f83d2a83334c84e1f30ac0064e1c60df8', '2026-11-23 18:42:46.071+00', '2026-11-23 18:42:46.071+00');
INSERT INTO account VALUES ('323e94c5-c987-4d78-81ab-58db9ea4f6ea', '966682a9-f09f-497d-8a31-45a9e360521e', 'credential', '966682a9-f09f-497d-8a31-45a9e360521e', NULL, NULL, NULL, NULL, NULL, NULL, 'bae6238c56770bc51f3717e9c4fd98c4:db250e581e8de8bb2ccb45c4e1a8886b4eadff6b27cb33701a5cf1844c2248373664c9a8c47797fc6ebd77e0ea2e3dcc86d008335d71e02d4f10de23c24566f9', '2026-11-23 18:42:46.457+00', '2026-11-23 18:42:46.457+00');
INSERT INTO account VALUES ('4af0d867-e85a-4b26-942b-c793ab17d819', 'ae35bc02-5dd9-4d3f-b9d3-110ff7f1eb26', 'credential', 'ae35bc02-5dd9-4d3f-b9d3-110ff7f1eb26', NULL, NULL, NULL, NULL, NULL, NULL, 'd3622d1d2299a5c09a2816baf802b72d:c50638c1d93218fe79f52ebf1caa1dc85b64bd803ce3ac61eb7034997d18e9661c82041c232aec53ff6968de015eaaea9dc5711c3bb92202b7606d1ac648681c', '2026-11-23 18:42:46.813+00', '2026-11-23 18:42:46.813+00');
INSERT INTO account VALUES ('197f8363-a3b4-44af-b401-7297fddfd0bf', '283e9966-5745-47b7-b63a-5c73b850d039', 'credential', '283e9966-5745-47b7-b63a-5c73b850d039', NULL, NULL, NULL, NULL, NULL, NULL, 'f685b973a184b7c62c514c6d402477f2:6feea01c8084ba20b944291653d8f3463b01a7fe1dcdb124076ad83ce886e591d3de1e707bd08498d24da69bf3207ff7fe2cbd1612f0a41ca5aa1674686ec26e', '2026-11-23 18:42:47.177+00', '2026-11-23 18:42:47.177+00');

INSERT INTO apikey VALUES ('b34a433e-a264-4017-8d26-d26a19a83d34', 'default', 'mine', 'zukVfM', '7b3d7015-316a-4357-b65d-5597bc1a1b25', NULL, 'YP_7A9LNlo15wC6Kye-48GZJZF2Fob294MK0vVFHsag', NULL, NULL, NULL, true, true, 86400000, 10, 0, NULL, NULL, NULL, '2026-11-23 18:42:47.565+00', '2026-11-23 18:42:47.565+00', NULL, 'null');

INSERT INTO member VALUES ('c5995015-34f1-44a6-a286-1aec04d0940c', '0e057d61-e2dc-4d48-b520-baf2e374381c', '7b3d7015-316a-4357-b65d-5597bc1a1b25', 'owner', '2026-11-23 18:42:47.507+00');

INSERT INTO organization VALUES ('0e057d61-e2dc-4d48-b520-baf2e374381c', 'Engines', 'engines', NULL, '2026-11-23 18:42:47.505+00', NULL);

INSERT INTO session VALUES ('8a40b4e8-be2c-47cc-a59a-0b7edd733603', '2026-11-30 18:42:46.469+00', 'J1SaqNq6Sud5yV2DwMiNS1pXwL6UBUmU', '2026-11-23 18:42:46.469+00', '2026-11-23 18:42:46.469+00', '', '', '966682a9-f09f-497d-8a31-45a9e360521e', NULL, NULL);
INSERT INTO session VALUES ('3d77becc-80f1-4184-941d-185264dc0c4c', '2026-11-30 18:42:47.897+00', 'kjh45vo206S9k9La0gBKURxckzCH5HYB', '2026-11-23 18:42:47.897+00', '2026-11-23 18:42:47.897+00', '', '', 'ae35bc02-5dd9-4d3f-b9d3-110ff7f1eb26', NULL, NULL);
INSERT INTO session VALUES ('d65ae8d1-82af-4012-a874-339233890b52', '2099-01-01 00:00:00+00', '1otfpZBtppSmNC3OHsiA4dzFG7QfvgxW', '2026-11-23 18:42:46.082+00', '2026-11-23 18:42:47.995+00', '', '', '7b3d7015-316a-4357-b65d-5597bc1a1b25', NULL, NULL);
INSERT INTO session VALUES ('fe7b6a3c-b00e-4c0e-b751-cc97c8d55c04', '2099-01-01 00:00:00+00', '48rz97Wcanhxve1iJZ9O4df4Cbz24T7W', '2026-11-23 18:42:47.465+00', '2026-11-23 18:42:48.005+00', '', '', '7b3d7015-316a-4357-b65d-5597bc1a1b25', NULL, '0e057d61-e2dc-4d48-b520-baf2e374381c');

INSERT INTO two_factor VALUES ('c30fc0c1-1988-4991-9d19-96c7281ef93d', '980146c884518529e56becd76aa49836e881463b8f175da1c1fe0a94beb9867b21c28dc3727edd000c9ea13675517fe1b789f195bea0ecc3004e5de9bde66f2a26704c1f7e7b2fd5', '278c9fdf5ec8bbc95cb1508d5026760020fab15a9179717e941843a124fce19158fc892c0a5f8d44548c62518f2ef390f348819417571cdf772fc90a2d183bee8ff995c54c8f2a49db3fe37861e521b23fcf081cd6127b6fe5706cda3e7f0a827397fd3a722f10e183977de891aa75d655be2c507e669def88291a11af6ed4c85250c02e3beec4bd573d0c10a075b9d9c620e7fac31cbedfa47a82d0992651ee2721d531c78e48717727134103142ea5310ccc9272', 'ae35bc02-5dd9-4d3f-b9d3-110ff7f1eb26', true, 0, NULL);

INSERT INTO "user" VALUES ('966682a9-f09f-497d-8a31-45a9e360521e', 'bob', 'bob@example.com', false, NULL, '2026-11-23 18:42:46.451+00', '2026-11-23 18:42:46.451+00', 'bob_x', 'bob_x', 'user', false, NULL, NULL, false);
INSERT INTO "user" VALUES ('ae35bc02-5dd9-4d3f-b9d3-110ff7f1eb26', 'carol', 'carol@example.com', false, NULL, '2026-11-23 18:42:46.8+00', '2026-11-23 18:42:47.889+00', 'carol_x', 'carol_x', 'user', false, NULL, NULL, true);
INSERT INTO "user" VALUES ('7b3d7015-316a-4357-b65d-5597bc1a1b25', 'ada', 'ada@example.com', false, NULL, '2026-11-23 18:42:46.05+00', '2026-11-23 18:42:47.942+00', 'ada_x', 'ada_x', 'admin', false, NULL, NULL, false);
INSERT INTO "user" VALUES ('283e9966-5745-47b7-b63a-5c73b850d039', 'dave', 'dave@example.com', false, NULL, '2026-11-23 18:42:47.172+00', '2026-11-23 18:42:47.978+00', 'dave_x', 'dave_x', 'user', true, 'spam', NULL, false);

ALTER TABLE ONLY account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY apikey
    ADD CONSTRAINT apikey_pkey PRIMARY KEY (id);

ALTER TABLE ONLY invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organization
    ADD CONSTRAINT organization_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organization
    ADD CONSTRAINT organization_slug_key UNIQUE (slug);

ALTER TABLE ONLY rate_limit
    ADD CONSTRAINT rate_limit_key_key UNIQUE (key);

ALTER TABLE ONLY rate_limit
    ADD CONSTRAINT rate_limit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY session
    ADD CONSTRAINT session_token_key UNIQUE (token);

ALTER TABLE ONLY two_factor
    ADD CONSTRAINT two_factor_pkey PRIMARY KEY (id);

ALTER TABLE ONLY "user"
    ADD CONSTRAINT user_email_key UNIQUE (email);

ALTER TABLE ONLY "user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY "user"
    ADD CONSTRAINT user_username_key UNIQUE (username);

ALTER TABLE ONLY verification
    ADD CONSTRAINT verification_pkey PRIMARY KEY (id);

CREATE INDEX account_user_id_idx ON account USING btree (user_id);

CREATE INDEX apikey_config_id_idx ON apikey USING btree (config_id);

CREATE INDEX apikey_key_idx ON apikey USING btree (key);

CREATE INDEX apikey_reference_id_idx ON apikey USING btree (reference_id);

CREATE INDEX invitation_email_idx ON invitation USING btree (email);

CREATE INDEX invitation_organization_id_idx ON invitation USING btree (organization_id);

CREATE INDEX member_organization_id_idx ON member USING btree (organization_id);

CREATE INDEX member_user_id_idx ON member USING btree (user_id);

CREATE INDEX session_user_id_idx ON session USING btree (user_id);

CREATE INDEX two_factor_secret_idx ON two_factor USING btree (secret);

CREATE INDEX two_factor_user_id_idx ON two_factor USING btree (user_id);

CREATE INDEX verification_identifier_idx ON verification USING btree (identifier);

ALTER TABLE ONLY account
    ADD CONSTRAINT account_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY invitation
    ADD CONSTRAINT invitation_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY invitation
    ADD CONSTRAINT invitation_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE CASCADE;

ALTER TABLE ONLY member
    ADD CONSTRAINT member_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organization(id) ON DELETE CASCADE;

ALTER TABLE ONLY member
    ADD CONSTRAINT member_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY session
    ADD CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY two_factor
    ADD CONSTRAINT two_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
