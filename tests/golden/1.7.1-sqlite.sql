-- A database of better-auth 1.7.1, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=8Ia78CPgjesFzB3pdNwV0L7gZ8UvIKiW.P%2BAMTGdTUpDLq4XoTUsLMcsLBq5hvR9p4UQPL5KjY08%3D
-- user: 0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR
-- password: correct horse battery
-- secret: golden-kN3r-1a-S3cret/with+enough=entropy_0123456789

CREATE TABLE "user" ("id" text not null primary key, "name" text not null, "email" text not null unique, "emailVerified" integer not null, "image" text, "createdAt" date not null, "updatedAt" date not null, "username" text unique, "displayUsername" text, "role" text, "banned" integer, "banReason" text, "banExpires" date, "twoFactorEnabled" integer);
insert into "user" values ('0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', 'ada', 'ada@example.com', 0, null, '2026-11-23T18:42:50.157Z', '2026-11-23T18:42:51.451Z', 'ada_x', 'ada_x', 'admin', 0, null, null, 0);
insert into "user" values ('MdO7dJMRrhhUgW5NN11W3fjDy1b704BP', 'bob', 'bob@example.com', 0, null, '2026-11-23T18:42:50.374Z', '2026-11-23T18:42:50.374Z', 'bob_x', 'bob_x', 'user', 0, null, null, 0);
insert into "user" values ('RNXNI8CLV9XmChk3I49WFx9KigzCS2Fb', 'carol', 'carol@example.com', 0, null, '2026-11-23T18:42:50.612Z', '2026-11-23T18:42:51.378Z', 'carol_x', 'carol_x', 'user', 0, null, null, 1);
insert into "user" values ('AiUvdLt6N1fTUu3TXxrsvWOtsM6DKrvu', 'dave', 'dave@example.com', 0, null, '2026-11-23T18:42:50.870Z', '2026-11-23T18:42:51.476Z', 'dave_x', 'dave_x', 'user', 1, 'spam', null, 0);
CREATE TABLE "session" ("id" text not null primary key, "expiresAt" date not null, "token" text not null unique, "createdAt" date not null, "updatedAt" date not null, "ipAddress" text, "userAgent" text, "userId" text not null references "user" ("id") on delete cascade, "impersonatedBy" text, "activeOrganizationId" text);
insert into "session" values ('oSVj2JdRhxIrxsrJhtangUlfe1PrRnQk', '2099-01-01T00:00:00.000Z', 'PKc5Sh96d8j9N30wb12YOrid2hysEDTq', '2026-11-23T18:42:50.162Z', '2026-11-23T18:42:51.519Z', '', '', '0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', null, null);
insert into "session" values ('l73xOxf3GNn9Co0B6ToscLH69mMB39fW', '2026-11-30T18:42:50.377Z', 'NhwMeIZnLggvwbEV4FbFP5Td033rukoN', '2026-11-23T18:42:50.377Z', '2026-11-23T18:42:50.377Z', '', '', 'MdO7dJMRrhhUgW5NN11W3fjDy1b704BP', null, null);
insert into "session" values ('m5HcgXPfott0Oj8JQPjo2bKLAOvyaD1F', '2099-01-01T00:00:00.000Z', '8Ia78CPgjesFzB3pdNwV0L7gZ8UvIKiW', '2026-11-23T18:42:51.074Z', '2026-11-23T18:42:51.521Z', '', '', '0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', null, 'cmzTqoLuqirbdv18ZuktvhqiQUdXfnyZ');
insert into "session" values ('tx1dBjvr6P0FxayfdISoeCvWiwsX8ADo', '2026-11-30T18:42:51.397Z', 'fzGuvYMQhrZO5M1pfdoBSwEe5plyB174', '2026-11-23T18:42:51.397Z', '2026-11-23T18:42:51.397Z', '', '', 'RNXNI8CLV9XmChk3I49WFx9KigzCS2Fb', null, null);
CREATE TABLE "account" ("id" text not null primary key, "issuer" text not null, "accountId" text not null, "providerId" text not null, "userId" text not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date, "refreshTokenExpiresAt" date, "scope" text, "password" text, "createdAt" date not null, "updatedAt" date not null);
insert into "account" values ('14tw9LszvJ8vHJ8RfMHuYdTviZcIGCo2', 'local:credential', '0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', 'credential', '0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', null, null, null, null, null, null, '910361319ee019ee1b8bccac978c92e2:8f7eb7b460fe0233f1d5d221bd7a1c020caf9cb5cc6d67857ef6d7d6cf91fe581bb7ba5d0f3ffbc23fee08aa7680e6923a44c6a397deee571dbb1121288bc0da', '2026-11-23T18:42:50.161Z', '2026-11-23T18:42:50.161Z');
insert into "account" values ('HB4tUazSdb9Tbn7UTjZhT9NEleIEqCUW', 'local:credential', 'MdO7dJMRrhhUgW5NN11W3fjDy1b704BP', 'credential', 'MdO7dJMRrhhUgW5NN11W3fjDy1b704BP', null, null, null, null, null, null, '1198c246f8dc144baa756f6acf3f92d5:62ee49faaf4310a1c573ffc4326ece6f18c50ab969e41a261b025715b4092ae6c58e92b52c32fed5fdd9ee87cb7f816289136299a529e709d13d2b882ce339a2', '2026-11-23T18:42:50.376Z', '2026-11-23T18:42:50.376Z');
insert into "account" values ('XMa5ho5LhNbLcpXv1R3gdFf2qOj7uMiX', 'local:credential', 'RNXNI8CLV9XmChk3I49WFx9KigzCS2Fb', 'credential', 'RNXNI8CLV9XmChk3I49WFx9KigzCS2Fb', null, null, null, null, null, null, 'e3fbfb05fa832a46f3f348cbff864556:680aa790d5f6425c0fb312b770f0d79c652df4a249095a0063e8c37cf6271bbc310796c1232f4d5ed06e8f1f2b17609abd0640a5283455778e4daa00cd45aa74', '2026-11-23T18:42:50.614Z', '2026-11-23T18:42:50.614Z');
insert into "account" values ('hW9aAChAThH7iBu92QwbaoQNMLasEPCt', 'local:credential', 'AiUvdLt6N1fTUu3TXxrsvWOtsM6DKrvu', 'credential', 'AiUvdLt6N1fTUu3TXxrsvWOtsM6DKrvu', null, null, null, null, null, null, '6e356a161243eaf432e2b2c913c6f7a7:e9521a43e0718a83982266e8fc23400bcecc1f2e764c8ddaf1055d5330b6c273a97404c30eb4afd438c31fa4fecae6d64cc1af812d6728f411b83dc36994296c', '2026-11-23T18:42:50.876Z', '2026-11-23T18:42:50.876Z');
CREATE TABLE "verification" ("id" text not null primary key, "identifier" text not null, "value" text not null, "expiresAt" date not null, "createdAt" date not null, "updatedAt" date not null);
CREATE TABLE "organization" ("id" text not null primary key, "name" text not null, "slug" text not null unique, "logo" text, "createdAt" date not null, "metadata" text);
insert into "organization" values ('cmzTqoLuqirbdv18ZuktvhqiQUdXfnyZ', 'Engines', 'engines', null, '2026-11-23T18:42:51.107Z', null);
CREATE TABLE "member" ("id" text not null primary key, "organizationId" text not null references "organization" ("id") on delete cascade, "userId" text not null references "user" ("id") on delete cascade, "role" text not null, "createdAt" date not null);
insert into "member" values ('uSt8YBRZzJ56BJfGRZYVf6nTLpMu8K0j', 'cmzTqoLuqirbdv18ZuktvhqiQUdXfnyZ', '0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', 'owner', '2026-11-23T18:42:51.124Z');
CREATE TABLE "invitation" ("id" text not null primary key, "organizationId" text not null references "organization" ("id") on delete cascade, "email" text not null, "role" text, "status" text not null, "expiresAt" date not null, "createdAt" date not null, "inviterId" text not null references "user" ("id") on delete cascade);
CREATE TABLE "twoFactor" ("id" text not null primary key, "secret" text not null, "backupCodes" text not null, "userId" text not null references "user" ("id") on delete cascade, "verified" integer, "failedVerificationCount" integer, "lockedUntil" date);
insert into "twoFactor" values ('6IvOJ0KziQtNLbIiwctbBNQ1ekBsBIrK', '0dacbcda0e129c44764103e13e58124dcf41c0ceb981599a897cf6e16dccab8c648472d699b5ced98876290750150c6411f58a675bf39424e9aecb5bc627cd117fc3ec4bff1106f8', '5a13e0d471b63cd8bfa3852ead95f016d5913a729ca88a914e385ed0abad88cf3e5ceac8871e24d624528329ef83ea2f15a393a8eaadbbeafb952e88d88c21b4bed0abd1462dc9a54c1c27a370edab98fabb0e7cc5b14f6dd7463df37d5e73398898a72f92d7102ccf083056107ee659828038ce7099cc037d7cf816ad647fc61c6ac68532e568fc352e28fa26c2451cb3e2ace7310f34ac5fe3c8a2c136887bec6ff28f52b97d5e59934f875376a14e825e945a2c', 'RNXNI8CLV9XmChk3I49WFx9KigzCS2Fb', 1, 0, null);
CREATE TABLE "apikey" ("id" text not null primary key, "configId" text not null, "name" text, "start" text, "referenceId" text not null, "prefix" text, "key" text not null, "refillInterval" integer, "refillAmount" integer, "lastRefillAt" date, "enabled" integer, "rateLimitEnabled" integer, "rateLimitTimeWindow" integer, "rateLimitMax" integer, "requestCount" integer, "remaining" integer, "lastRequest" date, "expiresAt" date, "createdAt" date not null, "updatedAt" date not null, "permissions" text, "metadata" text);
insert into "apikey" values ('jhryGF9YCn05er4ewwxdGEKbXCHsm9cj', 'default', 'mine', 'YvKlvi', '0S2EwvurKAtCIlzqHJYWrCtWaA2VRZuR', null, '-hfzoqKY_8dB4ket_altExJlB6vWgmaqqxYW_KVRnQE', null, null, null, 1, 1, 86400000, 10, 0, null, null, null, '2026-11-23T18:42:51.168Z', '2026-11-23T18:42:51.168Z', null, 'null');
CREATE TABLE "rateLimit" ("id" text not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null);
CREATE INDEX "session_userId_idx" on "session" ("userId");
CREATE INDEX "account_userId_idx" on "account" ("userId");
CREATE INDEX "verification_identifier_idx" on "verification" ("identifier");
CREATE INDEX "member_organizationId_idx" on "member" ("organizationId");
CREATE INDEX "member_userId_idx" on "member" ("userId");
CREATE INDEX "invitation_organizationId_idx" on "invitation" ("organizationId");
CREATE INDEX "invitation_email_idx" on "invitation" ("email");
CREATE INDEX "twoFactor_secret_idx" on "twoFactor" ("secret");
CREATE INDEX "twoFactor_userId_idx" on "twoFactor" ("userId");
CREATE INDEX "apikey_configId_idx" on "apikey" ("configId");
CREATE INDEX "apikey_referenceId_idx" on "apikey" ("referenceId");
CREATE INDEX "apikey_key_idx" on "apikey" ("key");
CREATE UNIQUE INDEX "account_issuer_accountId_uidx" on "account" ("issuer", "accountId");
