-- A database of better-auth 1.7.25, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=rOoYbqvk75cWS55sgu3cQ8dcgeghZJRV.XU9PjKENY4rfgfDrv14oaHI26jiP5pAaQLaKK%2Bnopck%3D
-- user: 1
-- password: correct horse battery
-- secret: golden-kN3r-1a-S3cret/with+enough=entropy_0123456789

CREATE TABLE "user" ("id" integer not null primary key, "name" text not null, "email" text not null unique, "emailVerified" integer not null, "image" text, "createdAt" date not null, "updatedAt" date not null, "username" text unique, "displayUsername" text, "role" text, "banned" integer, "banReason" text, "banExpires" date, "twoFactorEnabled" integer);
insert into "user" values (1, 'ada', 'ada@example.com', 0, null, '2026-11-23T18:42:57.430Z', '2026-11-23T18:42:58.834Z', 'ada_x', 'ada_x', 'admin', 0, null, null, 0);
insert into "user" values (2, 'bob', 'bob@example.com', 0, null, '2026-11-23T18:42:57.655Z', '2026-11-23T18:42:57.655Z', 'bob_x', 'bob_x', 'user', 0, null, null, 0);
insert into "user" values (3, 'carol', 'carol@example.com', 0, null, '2026-11-23T18:42:57.892Z', '2026-11-23T18:42:58.777Z', 'carol_x', 'carol_x', 'user', 0, null, null, 1);
insert into "user" values (4, 'dave', 'dave@example.com', 0, null, '2026-11-23T18:42:58.108Z', '2026-11-23T18:42:58.848Z', 'dave_x', 'dave_x', 'user', 1, 'spam', null, 0);
CREATE TABLE "session" ("id" integer not null primary key, "expiresAt" date not null, "token" text not null unique, "createdAt" date not null, "updatedAt" date not null, "ipAddress" text, "userAgent" text, "userId" integer not null references "user" ("id") on delete cascade, "impersonatedBy" text, "activeOrganizationId" text);
insert into "session" values (1, '2099-01-01T00:00:00.000Z', 'pQsVBhfCuxBrqbzOmDy6sdPBzIy16L5G', '2026-11-23T18:42:57.437Z', '2026-11-23T18:42:58.853Z', '', '', 1, null, null);
insert into "session" values (2, '2026-11-30T18:42:57.658Z', 'FWhBFsW2dJkGMfscXjRCoMYqZa2rZ3ZE', '2026-11-23T18:42:57.658Z', '2026-11-23T18:42:57.658Z', '', '', 2, null, null);
insert into "session" values (5, '2099-01-01T00:00:00.000Z', 'rOoYbqvk75cWS55sgu3cQ8dcgeghZJRV', '2026-11-23T18:42:58.403Z', '2026-11-23T18:42:58.872Z', '', '', 1, null, '1');
insert into "session" values (6, '2026-11-30T18:42:58.801Z', '05ipOI3VAYbcQjjvvaC8eEH7QGeFtmwv', '2026-11-23T18:42:58.801Z', '2026-11-23T18:42:58.801Z', '', '', 3, null, null);
CREATE TABLE "account" ("id" integer not null primary key, "accountId" text not null, "providerId" text not null, "userId" integer not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date, "refreshTokenExpiresAt" date, "scope" text, "password" text, "createdAt" date not null, "updatedAt" date not null);
insert into "account" values (1, '1', 'credential', 1, null, null, null, null, null, null, 'd994e99115d1dbd8ccf19c7257a9e701:304b9e3d67b585dc0f7fb56197c3e9b35e6bf5dfc965eedabe3100106c578fc7af66a4cb0d79c4425c4752eed45d7b052172ada51244252a288bd8a6231e0fb0', '2026-11-23T18:42:57.434Z', '2026-11-23T18:42:57.434Z');
insert into "account" values (2, '2', 'credential', 2, null, null, null, null, null, null, 'c75f148ce1d97b2b9ed9a41e5cf6ec41:e129908e86611575ca888519a3518c0a043a0d344b3db47bc727442751eaa1aecc159161824684e224010bdb48e93d2aa7f75d9e5980d5e8fe3c0fd45ddb7044', '2026-11-23T18:42:57.657Z', '2026-11-23T18:42:57.657Z');
insert into "account" values (3, '3', 'credential', 3, null, null, null, null, null, null, '1fb23ed955a5f95c063b9d14ad5604c8:d687fdf6c35fc1ee976a044b17715f899dfa19f8648be2c15a9dcaf101fd3578761f1ebab0ade4921dba835488ec4294daac9369b88cf8b215e7e9e484b2b4e8', '2026-11-23T18:42:57.894Z', '2026-11-23T18:42:57.894Z');
insert into "account" values (4, '4', 'credential', 4, null, null, null, null, null, null, '81dc9ee53bf19cce956255d4d03f849e:1d309ec9db33ddf0add3c1db4a97f86c25e6ed49790b6e5cd458a88a9e77c8e1b27841da2cd85e0c0d560c23c1d76ceec9f51b72751f89548afa264b820fea9b', '2026-11-23T18:42:58.110Z', '2026-11-23T18:42:58.110Z');
CREATE TABLE "verification" ("id" integer not null primary key, "identifier" text not null, "value" text not null, "expiresAt" date not null, "createdAt" date not null, "updatedAt" date not null);
CREATE TABLE "organization" ("id" integer not null primary key, "name" text not null, "slug" text not null unique, "logo" text, "createdAt" date not null, "metadata" text);
insert into "organization" values (1, 'Engines', 'engines', null, '2026-11-23T18:42:58.444Z', null);
CREATE TABLE "member" ("id" integer not null primary key, "organizationId" integer not null references "organization" ("id") on delete cascade, "userId" integer not null references "user" ("id") on delete cascade, "role" text not null, "createdAt" date not null);
insert into "member" values (1, 1, 1, 'owner', '2026-11-23T18:42:58.446Z');
CREATE TABLE "invitation" ("id" integer not null primary key, "organizationId" integer not null references "organization" ("id") on delete cascade, "email" text not null, "role" text, "status" text not null, "expiresAt" date not null, "createdAt" date not null, "inviterId" integer not null references "user" ("id") on delete cascade);
CREATE TABLE "twoFactor" ("id" integer not null primary key, "secret" text not null, "backupCodes" text not null, "userId" integer not null references "user" ("id") on delete cascade, "verified" integer, "failedVerificationCount" integer, "lockedUntil" date);
insert into "twoFactor" values (1, '423cd3d0f02a306fe1cccf193b4f68ad505406ff3b4e124c7e35406a897f13e1d6e9a3e13c1078cb0e56ffd82c754c5d23c41193674ca56921041162649164c5d1526dbf736e8d3d', 'a76438e0cb73a67ae828c1447aee646a2ca71e4887de52340b81ec66f472477f44146f531ddd5253c019ce9f61074ac8c5c68668d15d84c84b8aae5066dd034cf98e5da24c761fbd3c11e4a103e27121c8a6eb097a406af7c5b5348bba279a069ae448e3b93494647b8f7a60eada0d537093c5efe2f8c8c05de87e53f658a6fe57ebf0b4b4fc99ffcb2b57023b1c3bbe3b1fc92dbc49f6d322b3ad3af8fc5f891241e9a5f7b889429155196e7db2c066d9d6584e5a', 3, 1, 0, null);
CREATE TABLE "rateLimit" ("id" integer not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null);
CREATE INDEX "session_userId_idx" on "session" ("userId");
CREATE INDEX "account_userId_idx" on "account" ("userId");
CREATE INDEX "verification_identifier_idx" on "verification" ("identifier");
CREATE INDEX "member_organizationId_idx" on "member" ("organizationId");
CREATE INDEX "member_userId_idx" on "member" ("userId");
CREATE INDEX "invitation_organizationId_idx" on "invitation" ("organizationId");
CREATE INDEX "invitation_email_idx" on "invitation" ("email");
CREATE INDEX "twoFactor_secret_idx" on "twoFactor" ("secret");
CREATE INDEX "twoFactor_userId_idx" on "twoFactor" ("userId");
