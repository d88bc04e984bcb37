-- A database of better-auth 1.6.33, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=UQkBMqxLUg8JJB2WbzaHNdY8gzXZrXTc.QEuO2tzpT1XfyV3SR1bUaLvWJKbQ08FjVNGwzN8njqU%3D
-- user: rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3
-- password: correct horse battery
-- secret: golden-kN3r-1a-S3cret/with+enough=entropy_0123456789

CREATE TABLE "people" ("id" text not null primary key, "full_name" text not null, "mail" text not null unique, "mail_verified" integer not null, "image" text, "created_at" date not null, "updated_at" date not null, "username" text unique, "displayUsername" text, "role" text, "banned" integer, "banReason" text, "banExpires" date, "twoFactorEnabled" integer);
insert into "people" values ('rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', 'ada', 'ada@example.com', 0, null, '2026-11-23T18:42:41.418Z', '2026-11-23T18:42:43.191Z', 'ada_x', 'ada_x', 'admin', 0, null, null, 0);
insert into "people" values ('810GMr6EChOws9KK2SAHRisTH8nintMU', 'bob', 'bob@example.com', 0, null, '2026-11-23T18:42:41.724Z', '2026-11-23T18:42:41.724Z', 'bob_x', 'bob_x', 'user', 0, null, null, 0);
insert into "people" values ('ASo2cjHMw5CiTMmIrNRGgbgsUGg0dZ2c', 'carol', 'carol@example.com', 0, null, '2026-11-23T18:42:42.020Z', '2026-11-23T18:42:43.161Z', 'carol_x', 'carol_x', 'user', 0, null, null, 1);
insert into "people" values ('8nrFaPtlg60WUaGG9JhnBmZQNwpK22dU', 'dave', 'dave@example.com', 0, null, '2026-11-23T18:42:42.327Z', '2026-11-23T18:42:43.215Z', 'dave_x', 'dave_x', 'user', 1, 'spam', null, 0);
CREATE TABLE "logins" ("id" text not null primary key, "expires_at" date not null, "token" text not null unique, "created_at" date not null, "updated_at" date not null, "ip_address" text, "user_agent" text, "user_id" text not null references "people" ("id") on delete cascade, "impersonatedBy" text, "activeOrganizationId" text);
insert into "logins" values ('SM6TcCCKsfA97GScHyF2HAHW6NkTFbeG', '2099-01-01T00:00:00.000Z', 'CBS4GUm53LRn8yIdAOGWUWi62mGn9Rbp', '2026-11-23T18:42:41.459Z', '2026-11-23T18:42:43.243Z', '', '', 'rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', null, null);
insert into "logins" values ('jouP4QtmFnndi2g98ttMOcZnopxWnzAA', '2026-11-30T18:42:41.767Z', 'i6ODW4nYyIlTUto2uhQbfTBwyp3pacrc', '2026-11-23T18:42:41.767Z', '2026-11-23T18:42:41.767Z', '', '', '810GMr6EChOws9KK2SAHRisTH8nintMU', null, null);
insert into "logins" values ('41m0qCQ2IAAzaZTuxTY9vT39KQTuvUuB', '2099-01-01T00:00:00.000Z', 'UQkBMqxLUg8JJB2WbzaHNdY8gzXZrXTc', '2026-11-23T18:42:42.725Z', '2026-11-23T18:42:43.245Z', '', '', 'rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', null, '23qZIderwh1iWAdtabpVZWWFrTNBUppW');
insert into "logins" values ('ZJNPcdczGABGFcy9UOAvRVAEwHDQS8aW', '2026-11-30T18:42:43.169Z', 'gZfuFw1GLndNGy3NvH3QCU6X2E3gMl2t', '2026-11-23T18:42:43.169Z', '2026-11-23T18:42:43.169Z', '', '', 'ASo2cjHMw5CiTMmIrNRGgbgsUGg0dZ2c', null, null);
CREATE TABLE "account" ("id" text not null primary key, "accountId" text not null, "providerId" text not null, "userId" text not null references "people" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date, "refreshTokenExpiresAt" date, "scope" text, "password" text, "createdAt" date not null, "updatedAt" date not null);
insert into "account" values ('hw9Sx6L189diYqyMfi0OjrgAlbJWzMAp', 'rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', 'credential', 'rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', null, null, null, null, null, null, '20def73f3a0e09a9720c1f00cccff453:0a6e18e52a6d004a53f60285f6cceaa4672e783b62d43fce8e32a7d03fee89da059b109886166fef83afa0472e75f26c73fc4c6eca72846b1f63e6f4f707e9b4', '2026-11-23T18:42:41.438Z', '2026-11-23T18:42:41.438Z');
insert into "account" values ('7s37EbDXjIFDNkhdNMU9jvyRVHHlZxjL', '810GMr6EChOws9KK2SAHRisTH8nintMU', 'credential', '810GMr6EChOws9KK2SAHRisTH8nintMU', null, null, null, null, null, null, '96027ace31749440b9438235d61be28a:51f5b9e18e59cccb0cf9c89f7d56c7bbc0f2a49a858356dcac2f9483001dc9d9cb2717f341da51ce07bf84cb6daa8bebbd1cf532ccaf061d3207a7cdd8d7fcbe', '2026-11-23T18:42:41.744Z', '2026-11-23T18:42:41.744Z');
insert into "account" values ('L79WalyDc0Fwx9AsUdiN4Vm1sKrL02zM', 'ASo2cjHMw5CiTMmIrNRGgbgsUGg0dZ2c', 'credential', 'ASo2cjHMw5CiTMmIrNRGgbgsUGg0dZ2c', null, null, null, null, null, null, '4d5b2cc37c5c44d819ef8a7ad96de814:4f5c66fcc68e663668635d7c5de010a102635b35bb65beffcb0675764b94cd94cbab5e6a192a802f37886bfd76ddb4c910460eb9983b152b380cd5461d9ecc55', '2026-11-23T18:42:42.041Z', '2026-11-23T18:42:42.041Z');
insert into "account" values ('ONwg02FwBAU3NPvUoqV0v6NgeXjEoVS6', '8nrFaPtlg60WUaGG9JhnBmZQNwpK22dU', 'credential', '8nrFaPtlg60WUaGG9JhnBmZQNwpK22dU', null, null, null, null, null, null, 'f41845086389e144a3103e3e4137b70c:d106fd310d92b84262375e4109ee714552842f26f0fa68575f0b046a995bb67484b33046d2e8995a18bd7a457261c9b8df1980d9a890718b30aff5ba422c38de', '2026-11-23T18:42:42.344Z', '2026-11-23T18:42:42.344Z');
CREATE TABLE "verification" ("id" text not null primary key, "identifier" text not null, "value" text not null, "expiresAt" date not null, "createdAt" date not null, "updatedAt" date not null);
CREATE TABLE "organization" ("id" text not null primary key, "name" text not null, "slug" text not null unique, "logo" text, "createdAt" date not null, "metadata" text);
insert into "organization" values ('23qZIderwh1iWAdtabpVZWWFrTNBUppW', 'Engines', 'engines', null, '2026-11-23T18:42:42.767Z', null);
CREATE TABLE "member" ("id" text not null primary key, "organizationId" text not null references "organization" ("id") on delete cascade, "userId" text not null references "people" ("id") on delete cascade, "role" text not null, "createdAt" date not null);
insert into "member" values ('SJZaZ4XOEW5fXwkKXo6nHpFZpZ1cdVA6', '23qZIderwh1iWAdtabpVZWWFrTNBUppW', 'rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', 'owner', '2026-11-23T18:42:42.787Z');
CREATE TABLE "invitation" ("id" text not null primary key, "organizationId" text not null references "organization" ("id") on delete cascade, "email" text not null, "role" text, "status" text not null, "expiresAt" date not null, "createdAt" date not null, "inviterId" text not null references "people" ("id") on delete cascade);
CREATE TABLE "twoFactor" ("id" text not null primary key, "secret" text not null, "backupCodes" text not null, "userId" text not null references "people" ("id") on delete cascade, "verified" integer, "failedVerificationCount" integer, "lockedUntil" date);
insert into "twoFactor" values ('svpAEXAaxAuPlWPCQOX6lg2Bl8Fl3KUi', '9d136c25b50185c02e0cc1e9b0339c0616903daed5f172d53cf179335af6d0805a72ea729a8e3188e564cf7891d55317b831c4cb381a19718ae2d0e91654b59b895592ed1963b929', '2037413974103a91130f209169b6f3faff98b75effd6957fdc30dfe28f05fc878f5301f3652e257fa4d39b7ada5a14ae60e725ce056561ec7bee5a4dbc1202603497a271d2c17c99935acbebf7721d57d6b515bb549c240f1da77e390698cb92e2a8c314733317ce73b6aea9074a8841ea76314e4939a3fd450f34d460167858d23f70dec0f14836f2289f99a3a6dcc904b0176218f5175726b4c1c02d393f4622b3e6886b74a976df1082d994e29755d61a65db5e', 'ASo2cjHMw5CiTMmIrNRGgbgsUGg0dZ2c', 1, 0, null);
CREATE TABLE "apikey" ("id" text not null primary key, "configId" text not null, "name" text, "start" text, "referenceId" text not null, "prefix" text, "key" text not null, "refillInterval" integer, "refillAmount" integer, "lastRefillAt" date, "enabled" integer, "rateLimitEnabled" integer, "rateLimitTimeWindow" integer, "rateLimitMax" integer, "requestCount" integer, "remaining" integer, "lastRequest" date, "expiresAt" date, "createdAt" date not null, "updatedAt" date not null, "permissions" text, "metadata" text);
insert into "apikey" values ('b6UEf0WoIhmKtO4sb2xNCEzHcYyU444G', 'default', 'mine', 'zeFYib', 'rGmry0F3HAJVTp8SQXP58o1KWDKgjkf3', null, 'xHxosp8nCX3YCHaPd075urWtBGGQhSlB4YXAZuwlKIo', null, null, null, 1, 1, 86400000, 10, 0, null, null, null, '2026-11-23T18:42:42.841Z', '2026-11-23T18:42:42.841Z', null, 'null');
CREATE TABLE "rateLimit" ("id" text not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null);
CREATE INDEX "logins_user_id_idx" on "logins" ("user_id");
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
