-- A database of better-auth 1.7.25, made by make.mjs. Passwords, secrets and keys in it are of test data.
-- cookie: better-auth.session_token=PVCqsSjsS0YXbtvecZTfZaP1Te6HduCb.TRWeS7SAcXljm4kY7X5B%2FmaKUUgiHlzTP3YIClrlr2A%3D
-- user: LG60S8utlwamvLvUBqZdUKmKV3439Tqp
-- password: correct horse battery
-- secret: golden-kN3r-1a-S3cret/with+enough=entropy_0123456789

SET foreign_key_checks = 0;
SET time_zone = '+00:00';
CREATE TABLE `account` (
  `id` varchar(36) NOT NULL,
  `accountId` text NOT NULL,
  `providerId` text NOT NULL,
  `userId` varchar(36) NOT NULL,
  `accessToken` text DEFAULT NULL,
  `refreshToken` text DEFAULT NULL,
  `idToken` text DEFAULT NULL,
  `accessTokenExpiresAt` timestamp(3) NULL DEFAULT NULL,
  `refreshTokenExpiresAt` timestamp(3) NULL DEFAULT NULL,
  `scope` text DEFAULT NULL,
  `password` text DEFAULT NULL,
  `createdAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `updatedAt` timestamp(3) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `account_userId_idx` (`userId`),
  CONSTRAINT `account_ibfk_1` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `account` VALUES ('7y76QWoDP6am20BjW3SN3WwAVjtD6atE','LG60S8utlwamvLvUBqZdUKmKV3439Tqp','credential','LG60S8utlwamvLvUBqZdUKmKV3439Tqp',NULL,NULL,NULL,NULL,NULL,NULL,'24e1cc4114f71b5caea1d75461bfc44c:aa7a90e4b848335dfbf5598fa9ada896af7247c4a4b6a5423ff6bef7d2b1479f82da50fca53a907e329df5dddd80d1fa17c3f90b006ee4b720cc0472f28283fa','2026-11-23 19:44:38.065','2026-11-23 19:44:38.065');
INSERT INTO `account` VALUES ('EvI97zq4BnlMDqB1i44Mfl0Y9Hm69zNI','b71QhUuiHbwZDehoAuM23hizbwYvYd5P','credential','b71QhUuiHbwZDehoAuM23hizbwYvYd5P',NULL,NULL,NULL,NULL,NULL,NULL,'2e01a2a0c98cdb3016ede4f8fef3c5e5:fd31a22934c13f9d11c861dc9cae18929a34e020bb6f57189bb9c76700ef9934f6843e69a8775a3dfba7686b2b75ce1062de18f49407a01a1f1b16d414b6f8e4','2026-11-23 19:44:39.523','2026-11-23 19:44:39.523');
INSERT INTO `account` VALUES ('l6aGRxrnnqs98f5dJHPkVaakY44Mgmys','4qIejAfKc4sauLfZkIXuZGhNizMg18XY','credential','4qIejAfKc4sauLfZkIXuZGhNizMg18XY',NULL,NULL,NULL,NULL,NULL,NULL,'807572c3a37215d8c7195c0a2dabd99b:ad90111274f2982b725db7c3999d76d46f8d53250afdd5b39c4fc8a1c5735a99a718dfd853b10ce5a3e23834116bb69de33ab518a185e2306441b7491f5d0fe9','2026-11-23 19:44:40.041','2026-11-23 19:44:40.041');
INSERT INTO `account` VALUES ('qvrbwvTfst3MhfNXFhIjVDxLehiWyA6U','4OEi59b8nucofCHpfI7cq7H9v3rX8v7S','credential','4OEi59b8nucofCHpfI7cq7H9v3rX8v7S',NULL,NULL,NULL,NULL,NULL,NULL,'00dcc99d7b7c5d628e1d7ada13110cbd:1cf8d132062426582c728b83ee5fc5ca43c7d0bfa2e6056292e4d3ccf4b711206d519fd266b3e7cb9a7a76c83f4e13d0f1bdb781f694098692fdcd2cfd134a38','2026-11-23 19:44:38.905','2026-11-23 19:44:38.905');
CREATE TABLE `invitation` (
  `id` varchar(36) NOT NULL,
  `organizationId` varchar(36) NOT NULL,
  `email` varchar(255) NOT NULL,
  `role` varchar(255) DEFAULT NULL,
  `status` varchar(255) NOT NULL,
  `expiresAt` timestamp(3) NOT NULL,
  `createdAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `inviterId` varchar(36) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `inviterId` (`inviterId`),
  KEY `invitation_organizationId_idx` (`organizationId`),
  KEY `invitation_email_idx` (`email`),
  CONSTRAINT `invitation_ibfk_1` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE,
  CONSTRAINT `invitation_ibfk_2` FOREIGN KEY (`inviterId`) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `member` (
  `id` varchar(36) NOT NULL,
  `organizationId` varchar(36) NOT NULL,
  `userId` varchar(36) NOT NULL,
  `role` varchar(255) NOT NULL,
  `createdAt` timestamp(3) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `member_organizationId_idx` (`organizationId`),
  KEY `member_userId_idx` (`userId`),
  CONSTRAINT `member_ibfk_1` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE,
  CONSTRAINT `member_ibfk_2` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `member` VALUES ('HAIsXcD1c9sAk0IDYKkq5avQ8f2LHSJ1','XFs8mSmNuNJVCb4S9G6n9IHibZJDOm0L','LG60S8utlwamvLvUBqZdUKmKV3439Tqp','owner','2026-11-23 19:44:40.601');
CREATE TABLE `organization` (
  `id` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `slug` varchar(255) NOT NULL,
  `logo` text DEFAULT NULL,
  `createdAt` timestamp(3) NOT NULL,
  `metadata` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `slug` (`slug`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `organization` VALUES ('XFs8mSmNuNJVCb4S9G6n9IHibZJDOm0L','Engines','engines',NULL,'2026-11-23 19:44:40.582',NULL);
CREATE TABLE `rateLimit` (
  `id` varchar(36) NOT NULL,
  `key` varchar(255) NOT NULL,
  `count` int(11) NOT NULL,
  `lastRequest` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `key` (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `session` (
  `id` varchar(36) NOT NULL,
  `expiresAt` timestamp(3) NOT NULL,
  `token` varchar(255) NOT NULL,
  `createdAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `updatedAt` timestamp(3) NOT NULL,
  `ipAddress` text DEFAULT NULL,
  `userAgent` text DEFAULT NULL,
  `userId` varchar(36) NOT NULL,
  `impersonatedBy` text DEFAULT NULL,
  `activeOrganizationId` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `token` (`token`),
  KEY `session_userId_idx` (`userId`),
  CONSTRAINT `session_ibfk_1` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `session` VALUES ('270421Y6luXRa6KlK7Uj5wx7bU1e5be9','2026-11-30 19:44:38.917','UANzEfjqpn05KtXWDlGPlT3OoGNc1qaO','2026-11-23 19:44:38.917','2026-11-23 19:44:38.917','','','4OEi59b8nucofCHpfI7cq7H9v3rX8v7S',NULL,NULL);
INSERT INTO `session` VALUES ('5RsBkphyrvvEPvWXTUv8g37y0F0MJlI4','2026-11-30 19:44:41.158','B7bXD6qdcPuPQmMNNhXkuvV96emwJq2k','2026-11-23 19:44:41.158','2026-11-23 19:44:41.158','','','b71QhUuiHbwZDehoAuM23hizbwYvYd5P',NULL,NULL);
INSERT INTO `session` VALUES ('N1mM2aZYxJwbcXfMtJCKhgVPgNDZFAnI','2038-01-01 00:00:00.000','PVCqsSjsS0YXbtvecZTfZaP1Te6HduCb','2026-11-23 19:44:40.444','2026-11-23 19:44:41.199','','','LG60S8utlwamvLvUBqZdUKmKV3439Tqp',NULL,'XFs8mSmNuNJVCb4S9G6n9IHibZJDOm0L');
INSERT INTO `session` VALUES ('vknw7ogiFUv6y27yQIQ3q3tcWtRGayXH','2038-01-01 00:00:00.000','VgDgytzxT7UvHYFblJ9xWxqB8rMakFIf','2026-11-23 19:44:38.157','2026-11-23 19:44:41.201','','','LG60S8utlwamvLvUBqZdUKmKV3439Tqp',NULL,NULL);
CREATE TABLE `twoFactor` (
  `id` varchar(36) NOT NULL,
  `secret` varchar(255) NOT NULL,
  `backupCodes` text NOT NULL,
  `userId` varchar(36) NOT NULL,
  `verified` tinyint(1) DEFAULT NULL,
  `failedVerificationCount` int(11) DEFAULT NULL,
  `lockedUntil` timestamp(3) NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `twoFactor_secret_idx` (`secret`),
  KEY `twoFactor_userId_idx` (`userId`),
  CONSTRAINT `twoFactor_ibfk_1` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `twoFactor` VALUES ('rVmbYOcdMTFLj7y8MOd5M3RQHVuzohXi','64bc0d2e4a1cad32ac967272d952b4eb092242fc3073de7fbd38cf5cd04ec8ed09c28a9ed0ee2b45b2c5cc20c3e94a05cd1082212f607d4ad5ccb192e28ebd5f5729c4f89b22acdb','595de51f9514b629534eb70ffa0cc007111a452257d85597d26933a3ba25a0d8bc6b1c2cb07c81926296885bb5664cb53ddedfeefebf605711d6b2fe4541451fc837c85bd64bfdf9cf4c72d43b4b842894b822d3734615fcc2c9b3e8657593c1ad37fc5b1da0e54f9e04deefc039d576f69bf463d2d6cd88d5417072f8e1cc77a1301412625eacd9dbe48fbee829bbbde011af397e70f29558cb1efb6d2b85bba04590e8f6a569aab6ea1f64a44aaaf9021745402d','b71QhUuiHbwZDehoAuM23hizbwYvYd5P',1,0,NULL);
CREATE TABLE `user` (
  `id` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `email` varchar(255) NOT NULL,
  `emailVerified` tinyint(1) NOT NULL,
  `image` text DEFAULT NULL,
  `createdAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `updatedAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `username` varchar(255) DEFAULT NULL,
  `displayUsername` text DEFAULT NULL,
  `role` text DEFAULT NULL,
  `banned` tinyint(1) DEFAULT NULL,
  `banReason` text DEFAULT NULL,
  `banExpires` timestamp(3) NULL DEFAULT NULL,
  `twoFactorEnabled` tinyint(1) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `email` (`email`),
  UNIQUE KEY `username` (`username`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `user` VALUES ('4OEi59b8nucofCHpfI7cq7H9v3rX8v7S','bob','bob@example.com',0,NULL,'2026-11-23 19:44:38.881','2026-11-23 19:44:38.881','bob_x','bob_x','user',0,NULL,NULL,0);
INSERT INTO `user` VALUES ('4qIejAfKc4sauLfZkIXuZGhNizMg18XY','dave','dave@example.com',0,NULL,'2026-11-23 19:44:40.038','2026-11-23 19:44:41.190','dave_x','dave_x','user',1,'spam',NULL,0);
INSERT INTO `user` VALUES ('b71QhUuiHbwZDehoAuM23hizbwYvYd5P','carol','carol@example.com',0,NULL,'2026-11-23 19:44:39.497','2026-11-23 19:44:41.150','carol_x','carol_x','user',0,NULL,NULL,1);
INSERT INTO `user` VALUES ('LG60S8utlwamvLvUBqZdUKmKV3439Tqp','ada','ada@example.com',0,NULL,'2026-11-23 19:44:38.048','2026-11-23 19:44:41.179','ada_x','ada_x','admin',0,NULL,NULL,0);
CREATE TABLE `verification` (
  `id` varchar(36) NOT NULL,
  `identifier` varchar(255) NOT NULL,
  `value` text NOT NULL,
  `expiresAt` timestamp(3) NOT NULL,
  `createdAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `updatedAt` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  KEY `verification_identifier_idx` (`identifier`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
