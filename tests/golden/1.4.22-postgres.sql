-- A database of better-auth 1.4.22, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=wOknMRwJWnmopxLj0CvTe9gyVmGmBCBo.ICip2S2P3R%2Fq221vt30JY2Dtly%2BeqvBfj93iRqANy6o%3D
-- user: UUuI4dBDy4FPd204ig7yixdFaRx5xF8F
-- password: correct horse battery
-- secret: golden-kN3r-1a-S3cret/with+enough=entropy_0123456789

CREATE TABLE account (
    id text NOT NULL,
    "accountId" text NOT NULL,
    "providerId" text NOT NULL,
    "userId" text NOT NULL,
    "accessToken" text,
    "refreshToken" text,
    "idToken" text,
    "accessTokenExpiresAt" timestamp with time zone,
    "refreshTokenExpiresAt" timestamp with time zone,
    scope text,
    password text,
    "createdAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamp with time zone NOT NULL
);

CREATE TABLE apikey (
    id text NOT NULL,
    name text,
    start text,
    prefix text,
    key text NOT NULL,
    "userId" text NOT NULL,
    "refillInterval" integer,
    "refillAmount" integer,
    "lastRefillAt" timestamp with time zone,
    enabled boolean,
    "rateLimitEnabled" boolean,
    "rateLimitTimeWindow" integer,
    "rateLimitMax" integer,
    "requestCount" integer,
    remaining integer,
    "lastRequest" timestamp with time zone,
    "expiresAt" timestamp with time zone,
    "createdAt" timestamp with time zone NOT NULL,
    "updatedAt" timestamp with time zone NOT NULL,
    permissions text,
    metadata text
);

CREATE TABLE invitation (
    id text NOT NULL,
    "organizationId" text NOT NULL,
    email text NOT NULL,
    role text,
    status text NOT NULL,
    "expiresAt" timestamp with time zone NOT NULL,
    "createdAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "inviterId" text NOT NULL
);

CREATE TABLE member (
    id text NOT NULL,
    "organizationId" text NOT NULL,
    "userId" text NOT NULL,
    role text NOT NULL,
    "createdAt" timestamp with time zone NOT NULL
);

CREATE TABLE organization (
    id text NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    logo text,
    "createdAt" timestamp with time zone NOT NULL,
    metadata text
);

CREATE TABLE "rateLimit" (
    id text NOT NULL,
    key text NOT NULL,
    count integer NOT NULL,
    "lastRequest" bigint NOT NULL
);

CREATE TABLE session (
    id text NOT NULL,
    "expiresAt" timestamp with time zone NOT NULL,
    token text NOT NULL,
    "createdAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamp with time zone NOT NULL,
    "ipAddress" text,
    "userAgent" text,
    "userId" text NOT NULL,
    "impersonatedBy" text,
    "activeOrganizationId" text
);

CREATE TABLE "twoFactor" (
    id text NOT NULL,
    secret text NOT NULL,
    "backupCodes" text NOT NULL,
    "userId" text NOT NULL
);

CREATE TABLE "user" (
    id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    "emailVerified" boolean NOT NULL,
    image text,
    "createdAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    username text,
    "displayUsername" text,
    role text,
    banned boolean,
    "banReason" text,
    "banExpires" timestamp with time zone,
    "twoFactorEnabled" boolean
);

CREATE TABLE verification (
    id text NOT NULL,
    identifier text NOT NULL,
    value text NOT NULL,
    "expiresAt" timestamp with time zone NOT NULL,
    "createdAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

INSERT INTO account VALUES ('3gcVEtQOkNPczX0ZVZj9khUiWMtyWVbK', 'UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', 'credential', 'UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', NULL, NULL, NULL, NULL, NULL, NULL, 'fefbee1a4c710ec93e78c64dc9342739:658bb8be1505c0ff0cf8367656487c9bed34658af647265b4264dcbe168f658e9c6a0b264e6437c37835264ff226fda619f863ca242fdeaeb509f5a16330bc25', '2026-11-23 18:42:34.409+00', '2026-11-23 18:42:34.409+00');
INSERT INTO account VALUES ('89wxO5eqaqqS6k5Jyj2Opx3cWEE8GD7W', 'rNsxOt1xYsvJ8gJUaELxJaMY4qTgOZid', 'credential', 'rNsxOt1xYsvJ8gJUaELxJaMY4qTgOZid', NULL, NULL, NULL, NULL, NULL, NULL, 'b53275d4739943e3888d3be4bee848ae:a4b660c0e56bf2682bc87fec9e4a24070dd2aff2117ea158b14bc55732784e7ae77c7ff218a96c80bc9ff88bc432311c729e97f12ca05a33ba229c3d5625900b', '2026-11-23 18:42:34.889+00', '2026-11-23 18:42:34.889+00');
INSERT INTO account VALUES ('pGurZdDMyZFxQodpenjGJqKnQafjj8x1', 'kp5cGq3odfmUiH8jfP3v6qYXzO3XHR0J', 'credential', 'kp5cGq3odfmUiH8jfP3v6qYXzO3XHR0J', NULL, NULL, NULL, NULL, NULL, NULL, 'f7d1bded72e0f7ae7d9a2b2467f65411:17ed55f38f5572a8badd1e9d7688f81334f64eaae591c8c35117683adfd9d4f8ffe09a2b867d71cfa77508f1d6ecaa6881c3a2ddb8ec394a95743ddb35b19ce8', '2026-11-23 18:42:35.569+00', '2026-11-23 18:42:35.569+00');
INSERT INTO account VALUES ('V4rJmb8jIE5FImtCXRF3OHxvzPVpkAnH', 'Ixxw96cx6zpDZIdrzMzBrp7uZmI1GDFX', 'credential', 'Ixxw96cx6zpDZIdrzMzBrp7uZmI1GDFX', NULL, NULL, NULL, NULL, NULL, NULL, '9d63cf2d5876a1dafebb21c07c99546b:54e0666d43143b7f4012076acc882daa17fa0f9d7f28134031c92f397f906238ab07822d1bd0c7cb7c1fe9befcf384baa764b94dbedc3eea11e892b277c15869', '2026-11-23 18:42:36.117+00', '2026-11-23 18:42:36.117+00');

INSERT INTO apikey VALUES ('UIhQcmJ1w4cTMcOeCgpUbWn9ubNQIRz0', 'mine', 'SzNBUD', NULL, '_98I2GNBfECqYGHMazXouVEu_iSfrif4GD_3dIPHe4w', 'UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', NULL, NULL, NULL, true, true, 86400000, 10, 0, NULL, NULL, NULL, '2026-11-23 18:42:37.06+00', '2026-11-23 18:42:37.06+00', NULL, 'null');

INSERT INTO member VALUES ('Fnp7tXkLaaUWlL1TwMnBdgzk8NFvprHa', 'VUATdGOFpbVxiYwFva69uNwEop3rnZIt', 'UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', 'owner', '2026-11-23 18:42:37.017+00');

INSERT INTO organization VALUES ('VUATdGOFpbVxiYwFva69uNwEop3rnZIt', 'Engines', 'engines', NULL, '2026-11-23 18:42:37.001+00', NULL);

INSERT INTO session VALUES ('XYcpOib8uTVxWODcicSXpFEqgRsQGoT2', '2026-11-30 18:42:34.896+00', 'ZJDnXreuW9PbRdk6f9IFoNk67wQ9qqIU', '2026-11-23 18:42:34.897+00', '2026-11-23 18:42:34.897+00', '', '', 'rNsxOt1xYsvJ8gJUaELxJaMY4qTgOZid', NULL, NULL);
INSERT INTO session VALUES ('juuYjDLdgdNzrqUOhMz1Mg872MiI9ZUk', '2026-11-30 18:42:37.607+00', 'DhIqyCzVTsnWywsY5ZyXzjDAdJmToKF2', '2026-11-23 18:42:37.607+00', '2026-11-23 18:42:37.607+00', '', '', 'kp5cGq3odfmUiH8jfP3v6qYXzO3XHR0J', NULL, NULL);
INSERT INTO session VALUES ('LbN019xp1FekrF8g2Zi8RqTAyHFKm21h', '2099-01-01 00:00:00+00', 'xp8YJfU7ykPkOO7J0H3dQlkTzVp8hLZZ', '2026-11-23 18:42:34.425+00', '2026-11-23 18:42:37.68+00', '', '', 'UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', NULL, NULL);
INSERT INTO session VALUES ('9mDUj9jfMRDnkg5nSt5ZuQwNgMojYWXC', '2099-01-01 00:00:00+00', 'wOknMRwJWnmopxLj0CvTe9gyVmGmBCBo', '2026-11-23 18:42:36.922+00', '2026-11-23 18:42:37.682+00', '', '', 'UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', NULL, 'VUATdGOFpbVxiYwFva69uNwEop3rnZIt');

INSERT INTO "twoFactor" VALUES ('OTCBPgl0QF9bm1CnmzT4xUA4J7CZuHDK', 'bf8ecb3de892f20581c3a8c0e1863bc010a3adbb38420fa9ca0a7f6927dea8ecb533ce37d04aa6f159c3858bcf25b4bec7dd0dd3464790a4f5ac59f29c19a4d72142b1bfdac20073', '109b1024e1448f74ac92f6f47bfad81d8a2e48f14dbf0ffdd390023034a2c119c743efa92cb10701e1aa2c487e58dca084e4a2de7e9db158d85081c8e906f7dd179ed51229093765183d845b8e45ccc2a12bee231b36418f053e2c9d3198207946c08307b3d140217f011ee2e9f7dfdb08ac4f104bdb6d3cadc1de86264c9f05107fad7d24f9e22a75e5df4af56256cb2f4e170e669f66536d39b5aff83c9dd29e65d4c6cc184cbbdc37d5fe480fddc811d22215d4', 'kp5cGq3odfmUiH8jfP3v6qYXzO3XHR0J');

INSERT INTO "user" VALUES ('rNsxOt1xYsvJ8gJUaELxJaMY4qTgOZid', 'bob', 'bob@example.com', false, NULL, '2026-11-23 18:42:34.874+00', '2026-11-23 18:42:34.874+00', 'bob_x', 'bob_x', 'user', false, NULL, NULL, false);
INSERT INTO "user" VALUES ('kp5cGq3odfmUiH8jfP3v6qYXzO3XHR0J', 'carol', 'carol@example.com', false, NULL, '2026-11-23 18:42:35.557+00', '2026-11-23 18:42:37.604+00', 'carol_x', 'carol_x', 'user', false, NULL, NULL, true);
INSERT INTO "user" VALUES ('UUuI4dBDy4FPd204ig7yixdFaRx5xF8F', 'ada', 'ada@example.com', false, NULL, '2026-11-23 18:42:34.391+00', '2026-11-23 18:42:37.631+00', 'ada_x', 'ada_x', 'admin', false, NULL, NULL, false);
INSERT INTO "user" VALUES ('Ixxw96cx6zpDZIdrzMzBrp7uZmI1GDFX', 'dave', 'dave@example.com', false, NULL, '2026-11-23 18:42:36.11+00', '2026-11-23 18:42:37.665+00', 'dave_x', 'dave_x', 'user', true, 'spam', NULL, false);

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

ALTER TABLE ONLY "rateLimit"
    ADD CONSTRAINT "rateLimit_key_key" UNIQUE (key);

ALTER TABLE ONLY "rateLimit"
    ADD CONSTRAINT "rateLimit_pkey" PRIMARY KEY (id);

ALTER TABLE ONLY session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY session
    ADD CONSTRAINT session_token_key UNIQUE (token);

ALTER TABLE ONLY "twoFactor"
    ADD CONSTRAINT "twoFactor_pkey" PRIMARY KEY (id);

ALTER TABLE ONLY "user"
    ADD CONSTRAINT user_email_key UNIQUE (email);

ALTER TABLE ONLY "user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY "user"
    ADD CONSTRAINT user_username_key UNIQUE (username);

ALTER TABLE ONLY verification
    ADD CONSTRAINT verification_pkey PRIMARY KEY (id);

CREATE INDEX "account_userId_idx" ON account USING btree ("userId");

CREATE INDEX apikey_key_idx ON apikey USING btree (key);

CREATE INDEX "apikey_userId_idx" ON apikey USING btree ("userId");

CREATE INDEX invitation_email_idx ON invitation USING btree (email);

CREATE INDEX "invitation_organizationId_idx" ON invitation USING btree ("organizationId");

CREATE INDEX "member_organizationId_idx" ON member USING btree ("organizationId");

CREATE INDEX "member_userId_idx" ON member USING btree ("userId");

CREATE UNIQUE INDEX organization_slug_uidx ON organization USING btree (slug);

CREATE INDEX "session_userId_idx" ON session USING btree ("userId");

CREATE INDEX "twoFactor_secret_idx" ON "twoFactor" USING btree (secret);

CREATE INDEX "twoFactor_userId_idx" ON "twoFactor" USING btree ("userId");

CREATE INDEX verification_identifier_idx ON verification USING btree (identifier);

ALTER TABLE ONLY account
    ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY apikey
    ADD CONSTRAINT "apikey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY invitation
    ADD CONSTRAINT "invitation_inviterId_fkey" FOREIGN KEY ("inviterId") REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY invitation
    ADD CONSTRAINT "invitation_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES organization(id) ON DELETE CASCADE;

ALTER TABLE ONLY member
    ADD CONSTRAINT "member_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES organization(id) ON DELETE CASCADE;

ALTER TABLE ONLY member
    ADD CONSTRAINT "member_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY session
    ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY "twoFactor"
    ADD CONSTRAINT "twoFactor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE;
