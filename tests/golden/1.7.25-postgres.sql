-- A database of better-auth 1.7.25, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=NNbLQZxJeFvnP0CVn6wLgx6CfKwUU82D.LH2G23KF8zxgcE1%2BpMmEcALHZEMzKaQiAXeaNH69Wjk%3D
-- user: KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8
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
    "userId" text NOT NULL,
    verified boolean,
    "failedVerificationCount" integer,
    "lockedUntil" timestamp with time zone
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
    "twoFactorEnabled" boolean,
    lang text,
    plan text NOT NULL,
    logins integer
);

CREATE TABLE verification (
    id text NOT NULL,
    identifier text NOT NULL,
    value text NOT NULL,
    "expiresAt" timestamp with time zone NOT NULL,
    "createdAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

INSERT INTO account VALUES ('nhn0reVQKsO1PCoWoGWhjd759Bf41uAJ', 'KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8', 'credential', 'KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8', NULL, NULL, NULL, NULL, NULL, NULL, '9490586c6694a8788de3ee6fce0e8d90:cb0e19db9d529e2e451584033b630b4966553c1751bb27afcbc054c192c2d42c33118582ec3b44deb0fa79711942d32cc5f81dbd769f019e8d53ad8f9fa09f67', '2026-11-23 18:43:03.363+00', '2026-11-23 18:43:03.363+00');
INSERT INTO account VALUES ('fciVgep1kn9fYfZiEXXQqp6is6xizmY9', 'inR3M7SkKQc8ivsVV4dhJQNJMJIe3mxf', 'credential', 'inR3M7SkKQc8ivsVV4dhJQNJMJIe3mxf', NULL, NULL, NULL, NULL, NULL, NULL, '5d56057fba6be1376634ce1947dc0076:01c932df92abca40588f186f9f3e4b326d0b53859c0278f3af70110df534338840065c550a63a645d83a6384f022878118aaf9835c63a8e2f0d314e8c83b4838', '2026-11-23 18:43:04.143+00', '2026-11-23 18:43:04.143+00');
INSERT INTO account VALUES ('75sjBUIz4aNv1ihpPCsMv2ikcAbw5LQU', '7AczHdjFi90yTz2EBzyN7B1BlFCF40LY', 'credential', '7AczHdjFi90yTz2EBzyN7B1BlFCF40LY', NULL, NULL, NULL, NULL, NULL, NULL, '204a7c98fd9c9cf74737b86fbeed307c:a245e9507ee06c4866e81bcf671f4144e68bf92f9372582271cdce01f8833dfa56199200153dbf80e38bdac8b8df8897308b09ec613177f5a9a14350e40873f2', '2026-11-23 18:43:04.998+00', '2026-11-23 18:43:04.998+00');
INSERT INTO account VALUES ('F9dNiJr4zr6KuW63ShiLc7UXyRIzyAnf', 'A9nDS9FWjxuqCl6tpR3ULIwm6YQcAkQ6', 'credential', 'A9nDS9FWjxuqCl6tpR3ULIwm6YQcAkQ6', NULL, NULL, NULL, NULL, NULL, NULL, '53e3147ca5a36470e839c66d33e7e7e6:8b1a5d985c0d65bc34e33dc74547ed82bbbe8c4548ca9dda21c453bb966d9ca2d794b0624d5dfe0350e390d429439600d69e77a5c988c8086a275fbad608ae1e', '2026-11-23 18:43:05.844+00', '2026-11-23 18:43:05.844+00');

INSERT INTO member VALUES ('MFeR0zUtVBqyT7uKPhzC9LzE07xhNMTb', 'deUkGwAriZ7EOWusQi6p1GsI5PDTlg7d', 'KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8', 'owner', '2026-11-23 18:43:06.797+00');

INSERT INTO organization VALUES ('deUkGwAriZ7EOWusQi6p1GsI5PDTlg7d', 'Engines', 'engines', NULL, '2026-11-23 18:43:06.78+00', NULL);

INSERT INTO session VALUES ('9vBSmQ5IJfhTRWeE91fD07XNqfTAcHrV', '2026-11-30 18:43:04.149+00', 'aRAos5SLC5AL5yU7wdoAy6MlJvjXzYGp', '2026-11-23 18:43:04.149+00', '2026-11-23 18:43:04.149+00', '', '', 'inR3M7SkKQc8ivsVV4dhJQNJMJIe3mxf', NULL, NULL);
INSERT INTO session VALUES ('R3lBqOu7aQoexX8tQoEryoNR4lnmqHC8', '2026-11-30 18:43:07.578+00', 'VdhxrZmuRhmTdxUh6dRWpLTaaKMGvYGi', '2026-11-23 18:43:07.578+00', '2026-11-23 18:43:07.578+00', '', '', '7AczHdjFi90yTz2EBzyN7B1BlFCF40LY', NULL, NULL);
INSERT INTO session VALUES ('DKfoThPs6PHm20ViaZfUR5k5N6Q00Pr1', '2099-01-01 00:00:00+00', '3EvNOrWaR3E3PGuBZsAscq5cNcxf3w1U', '2026-11-23 18:43:03.392+00', '2026-11-23 18:43:07.807+00', '', '', 'KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8', NULL, NULL);
INSERT INTO session VALUES ('dcd3bkNRIY1kxpIgDEXWdIIIEJ9GWrSd', '2099-01-01 00:00:00+00', 'NNbLQZxJeFvnP0CVn6wLgx6CfKwUU82D', '2026-11-23 18:43:06.65+00', '2026-11-23 18:43:07.821+00', '', '', 'KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8', NULL, 'deUkGwAriZ7EOWusQi6p1GsI5PDTlg7d');

INSERT INTO "twoFactor" VALUES ('l7QueL2KJNyRk5FtrRJEoBwEwlLPrwUz', '436d0768aab6ad5a45d5acf15ca76b1f3083e4c9f27908107a4068f3786b2585bf2ea4ebfd966ecea292a9a7f5607f60d71ca164a64264b54b14bbcbff5a26eddd9d44ea088854b2', '56b7e4acbd0e622581b92fcda44b1edec3a1b494a02ccf2e9769d9af611592aeaefdff5e658a83664797ad2c48477783b2260d16725434c669d356f0a7b4fd230ff2cb92aeb36ac67e9245e6ce0cb990d0076c3044d873b284b4d42f70ed059e19b278e734d499c050b380c4159764b46db0d31ab232ae9063e995b28d3a39b86c44a8889f4125087b3e8f60fe38e9a326b400e8f5f890ded3f1e09cd16fbb87eacbacb6554e61dc258b43dd94cf968bd20dd00c0f', '7AczHdjFi90yTz2EBzyN7B1BlFCF40LY', true, 0, NULL);

INSERT INTO "user" VALUES ('inR3M7SkKQc8ivsVV4dhJQNJMJIe3mxf', 'bob', 'bob@example.com', false, NULL, '2026-11-23 18:43:04.141+00', '2026-11-23 18:43:04.141+00', 'bob_x', 'bob_x', 'user', false, NULL, NULL, false, 'en', 'free', NULL);
INSERT INTO "user" VALUES ('7AczHdjFi90yTz2EBzyN7B1BlFCF40LY', 'carol', 'carol@example.com', false, NULL, '2026-11-23 18:43:04.996+00', '2026-11-23 18:43:07.574+00', 'carol_x', 'carol_x', 'user', false, NULL, NULL, true, 'en', 'free', NULL);
INSERT INTO "user" VALUES ('KJdvdRF8sCTpRXDUPnNHzl0DsZWDPKz8', 'ada', 'ada@example.com', false, NULL, '2026-11-23 18:43:03.326+00', '2026-11-23 18:43:07.652+00', 'ada_x', 'ada_x', 'admin', false, NULL, NULL, false, 'en', 'free', NULL);
INSERT INTO "user" VALUES ('A9nDS9FWjxuqCl6tpR3ULIwm6YQcAkQ6', 'dave', 'dave@example.com', false, NULL, '2026-11-23 18:43:05.841+00', '2026-11-23 18:43:07.704+00', 'dave_x', 'dave_x', 'user', true, 'spam', NULL, false, 'en', 'free', NULL);

ALTER TABLE ONLY account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

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

CREATE INDEX invitation_email_idx ON invitation USING btree (email);

CREATE INDEX "invitation_organizationId_idx" ON invitation USING btree ("organizationId");

CREATE INDEX "member_organizationId_idx" ON member USING btree ("organizationId");

CREATE INDEX "member_userId_idx" ON member USING btree ("userId");

CREATE INDEX "session_userId_idx" ON session USING btree ("userId");

CREATE INDEX "twoFactor_secret_idx" ON "twoFactor" USING btree (secret);

CREATE INDEX "twoFactor_userId_idx" ON "twoFactor" USING btree ("userId");

CREATE INDEX verification_identifier_idx ON verification USING btree (identifier);

ALTER TABLE ONLY account
    ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"(id) ON DELETE CASCADE;

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
