//! Keys: which one signs, when a new one is made, and what is signed and verified with them.

use serde_json::{Map, Value, json};

use super::{
    errors,
    options::{
        ExpirationTime, JwtOptions, KeyAlgorithm, KeyPairConfig, KeyRecord, RemoteSign, StoredKey, TokenOptions,
    },
    schema::{ALG, CREATED_AT, EXPIRES_AT, JWKS, from_row, to_row},
};
use crate::{
    crypto::secret::Secret,
    domain::{Cx, commit, id, list, session::Session, view::View},
    engine::{Exit, Fault, SignFailure},
    schema::Value as Stored,
    store::{Batch, Direction, Expect, Filter, Op, Query},
    wire::{
        date::Timestamp,
        envelope,
        json::truthy,
        jwk::{Algorithm, Jwk, JwkSet},
        jws,
        jwt::Claims,
        kept_signatures::KeptSignatures,
        origin::origin_of,
        private_jwk::PrivateJwk,
        shape::JsonMap,
        signing::KeyJob,
    },
};

/// How many verified signatures are remembered: for each a hash of 32 bytes, twice as many at most.
const KEPT_SIGNATURES: usize = 8192;

/// The options, and what was verified lately.
#[derive(Debug)]
pub(super) struct Keys {
    options: JwtOptions,
    kept: KeptSignatures,
}

/// Which key is to sign.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) id: Option<String>,
    pub(super) algorithm: Option<KeyAlgorithm>,
}

/// A key that signs.
struct Signing {
    id: String,
    key: PrivateJwk,
}

impl Default for Keys {
    fn default() -> Self {
        Self::new(JwtOptions::default())
    }
}

impl Keys {
    pub(super) fn new(options: JwtOptions) -> Self {
        Self { options, kept: KeptSignatures::new(KEPT_SIGNATURES) }
    }

    pub(super) fn options(&self) -> &JwtOptions {
        &self.options
    }

    /// Whether the key's public half is still published.
    pub(super) fn is_published(&self, key: &StoredKey, now: Timestamp) -> bool {
        key.key.expires_at.is_none_or(|end| end.plus_secs(self.options.jwks.grace_period) > now)
    }

    /// What the key signs with: keys from before there was the field sign with what is configured.
    pub(super) fn algorithm_of<'a>(&self, key: &'a StoredKey) -> &'a str {
        key.key.alg.as_deref().unwrap_or_else(|| Algorithm::from(self.options.primary().alg).name())
    }

    /// The newest keys, the newest first.
    pub(super) async fn all(&self, cx: &mut Cx) -> Result<Vec<StoredKey>, Exit> {
        let mut keys = match &self.options.get_jwks {
            Some(get) => get.run(cx, ()).await?,
            None => {
                let newest_first = Query::all(JWKS).order_by(CREATED_AT, Direction::Descending);
                list::find_many(cx, newest_first).await?.iter().map(from_row).collect()
            }
        };
        keys.sort_by_key(|key| std::cmp::Reverse(key.key.created_at));
        Ok(keys)
    }

    /// All keys, of which there is one at least.
    pub(super) async fn all_or_first(&self, cx: &mut Cx) -> Result<Vec<StoredKey>, Exit> {
        let keys = self.all(cx).await?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        match self.make(cx, &self.options.primary(), Filter::All).await? {
            Some(made) => Ok(vec![made]),
            None => self.all(cx).await,
        }
    }

    /// Makes a key, unless somebody else has made one meanwhile that `instead` would find.
    async fn make(&self, cx: &mut Cx, config: &KeyPairConfig, instead: Filter) -> Result<Option<StoredKey>, Exit> {
        let mut seed = [0; 32];
        cx.entropy().fill(&mut seed);
        let algorithm = Algorithm::from(config.alg);
        let pair = cx.make_key(KeyJob { algorithm, rsa_bits: config.rsa_bits(), seed }).await?;
        let private_key = if self.options.jwks.disable_private_key_encryption {
            pair.private
        } else {
            let sealed = envelope::seal(&cx.app().keys, cx.entropy(), pair.private.expose());
            Secret::from(Value::from(sealed).to_string())
        };
        let lifetime = self.options.jwks.rotation_interval.filter(|secs| *secs != 0);
        let record = KeyRecord {
            crv: pair.public["crv"].as_str().map(str::to_owned),
            public_key: pair.public.to_string(),
            private_key,
            created_at: cx.now(),
            expires_at: lifetime.map(|secs| cx.now().plus_secs(secs)),
            alg: Some(algorithm.name().to_owned()),
        };
        if let Some(create) = &self.options.create_jwk {
            return create.run(cx, record).await.map(Some);
        }
        let row = to_row(&record).with("id", id::new(cx, &JWKS));
        let batch = Batch::new().check(JWKS, instead, Expect::Rows(0)).insert(JWKS, row);
        match commit::try_commit(cx, batch).await? {
            Ok(mut rows) => Ok(Some(from_row(&commit::inserted(&mut rows, 1)?))),
            Err(_) => Ok(None),
        }
    }

    /// The key that signs, made if there is none.
    async fn signing(&self, cx: &mut Cx, wanted: &Wanted) -> Result<Signing, Exit> {
        let known = self.all(cx).await?;
        if let Some(key) = self.pick(&known, wanted, cx.now())? {
            return self.open(cx, key);
        }
        let config = self.config_for(wanted.algorithm)?;
        let instead = self.live_filter(wanted.algorithm, cx.now());
        if let Some(made) = self.make(cx, &config, instead).await? {
            return self.open(cx, &made);
        }
        let known = self.all(cx).await?;
        let key = self.pick(&known, wanted, cx.now())?.ok_or(errors::SIGNING_KEY_NOT_FOUND)?;
        self.open(cx, key)
    }

    /// The key among `known` that is to sign; `None` when one has to be made.
    fn pick<'k>(&self, known: &'k [StoredKey], wanted: &Wanted, now: Timestamp) -> Result<Option<&'k StoredKey>, Exit> {
        let is_live = |key: &&StoredKey| key.key.expires_at.is_none_or(|end| end > now);
        let signs_with = |key: &&StoredKey, alg: KeyAlgorithm| self.algorithm_of(key) == Algorithm::from(alg).name();
        if let Some(id) = &wanted.id {
            let key = known.iter().find(|key| key.id == *id).ok_or(errors::SIGNING_KEY_NOT_FOUND)?;
            if wanted.algorithm.is_some_and(|alg| !signs_with(&key, alg)) {
                return Err(errors::SIGNING_KEY_MISMATCH.into());
            }
            return if is_live(&key) { Ok(Some(key)) } else { Err(errors::SIGNING_KEY_EXPIRED.into()) };
        }
        let mut live = known.iter().filter(is_live);
        Ok(match wanted.algorithm {
            Some(alg) => live.find(|key| signs_with(key, alg)),
            None => live.clone().find(|key| signs_with(key, self.options.primary().alg)).or_else(|| live.next()),
        })
    }

    fn config_for(&self, algorithm: Option<KeyAlgorithm>) -> Result<KeyPairConfig, Exit> {
        let primary = self.options.primary();
        let Some(algorithm) = algorithm else { return Ok(primary) };
        let mut all = self.options.jwks.key_pair_configs.iter().chain([&primary]);
        Ok(all.find(|config| config.alg == algorithm).cloned().ok_or(errors::SIGNING_KEY_NOT_FOUND)?)
    }

    /// Finds keys that sign now, with this algorithm if one is named.
    fn live_filter(&self, algorithm: Option<KeyAlgorithm>, now: Timestamp) -> Filter {
        let never_ends = Filter::eq(EXPIRES_AT, Stored::Null);
        let live = Filter::Or(vec![never_ends, Filter::compare(EXPIRES_AT, Op::Gt, now)]);
        match algorithm {
            Some(algorithm) => live.and(Filter::eq(ALG, Algorithm::from(algorithm).name())),
            None => live,
        }
    }

    fn open(&self, cx: &Cx, key: &StoredKey) -> Result<Signing, Exit> {
        const UNREADABLE: &str =
            "a private key cannot be read: was it made with another secret, or stored in another way?";
        let unreadable = || Fault::Sign(SignFailure::Failed(UNREADABLE.to_owned()));
        let algorithm = Algorithm::named(self.algorithm_of(key)).ok_or_else(unreadable)?;
        let stored = &key.key.private_key;
        let private = if self.options.jwks.disable_private_key_encryption {
            stored.clone()
        } else {
            let sealed: String = serde_json::from_str(stored.expose()).map_err(|_| unreadable())?;
            envelope::open(&cx.app().keys, &sealed).map_err(|_| unreadable())?
        };
        let opened = PrivateJwk::read(&private, algorithm).map_err(|_| unreadable())?;
        Ok(Signing { id: key.id.clone(), key: opened })
    }

    /// The token of a session.
    pub(super) async fn token_of(&self, cx: &mut Cx, session: Session) -> Result<String, Exit> {
        let mut payload = JsonMap::from_iter([("iat".to_owned(), cx.now().as_secs().into())]);
        payload.extend(match &self.options.define_payload {
            Some(define) => define.run(cx, session.clone()).await?,
            None => object(serde_json::to_value(View::user(cx, session.user.clone())).unwrap_or_default()),
        });
        let subject = match &self.options.get_subject {
            Some(subject) => subject.run(cx, session).await?,
            None => session.user_id().to_owned(),
        };
        payload.insert("sub".to_owned(), subject.into());
        self.sign(cx, payload, JsonMap::new(), &self.options.jwt, Wanted::default()).await
    }

    /// Completes `claims` and signs them, here or where the application says.
    pub(super) async fn sign(
        &self,
        cx: &mut Cx,
        claims: JsonMap,
        header: JsonMap,
        options: &TokenOptions,
        wanted: Wanted,
    ) -> Result<String, Exit> {
        let claims = complete(cx, claims, options)?;
        if let Some(sign) = &self.options.sign {
            let Wanted { id: signing_key_id, algorithm: signing_algorithm } = wanted;
            return sign.run(cx, RemoteSign { claims, header, signing_key_id, signing_algorithm }).await;
        }
        self.sign_here(cx, &claims, header, &wanted).await
    }

    /// Signs complete claims with a key of this server.
    pub(super) async fn sign_here(
        &self,
        cx: &mut Cx,
        claims: &JsonMap,
        mut header: JsonMap,
        wanted: &Wanted,
    ) -> Result<String, Exit> {
        let Signing { id, key } = self.signing(cx, wanted).await?;
        header.insert("alg".to_owned(), key.algorithm().name().into());
        header.insert("kid".to_owned(), id.into());
        let job = jws::sign_job(key, &Value::Object(header).to_string(), &json!(claims).to_string());
        let message = job.message.clone();
        Ok(jws::complete(&message, &cx.sign(job).await?))
    }

    /// The claims of a token that one of these keys has signed; `None` for any other. Who it is from and for is for the caller to
    /// check. A signature is computed once for each token, however often it comes.
    pub(super) async fn authentic(&self, cx: &mut Cx, token: &str, tolerance: u32) -> Result<Option<Claims>, Exit> {
        let Ok(header) = jws::read_header(token) else { return Ok(None) };
        let Some(id) = header.get("kid").and_then(Value::as_str) else { return Ok(None) };
        let now = cx.now();
        let known = self.all(cx).await?;
        let Some(key) = known.iter().find(|key| key.id == id && self.is_published(key, now)) else { return Ok(None) };
        let Some(algorithm) = Algorithm::named(self.algorithm_of(key)) else { return Ok(None) };
        let public = serde_json::from_str(&key.key.public_key).ok().and_then(|jwk| Jwk::read(&jwk));
        let Some(mut public) = public else { return Ok(None) };
        public.kid = Some(id.to_owned());
        let keys = JwkSet(vec![public]);
        Ok(jws::verify_again(&self.kept, token, &[algorithm], &keys, now, tolerance).ok())
    }

    /// The claims of a token of this server, from `issuer` if one is named.
    pub(super) async fn verify(&self, cx: &mut Cx, token: &str, issuer: Option<&str>) -> Result<Option<JsonMap>, Exit> {
        let Some(claims) = self.authentic(cx, token, 0).await? else { return Ok(None) };
        let Ok(claims) = claims.read::<JsonMap>() else { return Ok(None) };
        let own = origin(cx);
        let issuer = issuer.or(self.options.jwt.issuer.as_deref()).unwrap_or(&own);
        let audience = &self.options.jwt.audience.0;
        let for_us = |one: &Value| {
            one.as_str()
                .is_some_and(|one| if audience.is_empty() { one == own } else { audience.iter().any(|a| a == one) })
        };
        let ours = match claims.get("aud") {
            Some(Value::Array(several)) => several.iter().any(for_us),
            Some(one) => for_us(one),
            None => false,
        };
        let from_us = !issuer.is_empty() && claims.get("iss").and_then(Value::as_str) == Some(issuer);
        let about_somebody = claims.get("sub").is_some_and(truthy);
        Ok((ours && from_us && about_somebody).then_some(claims))
    }
}

/// The origin of this server, as this request sees it; empty when it is not known.
pub(super) fn origin(cx: &Cx) -> String {
    origin_of(&cx.local.base_url).unwrap_or_default()
}

/// The members of a JSON object.
pub(super) fn object(value: Value) -> JsonMap {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Fills in what a token must say and the payload does not.
fn complete(cx: &Cx, mut claims: JsonMap, options: &TokenOptions) -> Result<JsonMap, Exit> {
    claims.retain(|name, value| !(value.is_null() && ["iat", "exp", "nbf", "iss", "aud"].contains(&name.as_str())));
    for time in ["iat", "exp", "nbf"] {
        cx.ensure(claims.get(time).is_none_or(Value::is_number), errors::INVALID_JWT_PAYLOAD)?;
    }
    if !claims.contains_key("exp") {
        let exp = match options.expiration_time {
            ExpirationTime::At(secs) => json!(secs),
            ExpirationTime::After(secs) => after(claims.get("iat"), cx.now().as_secs(), secs),
        };
        claims.insert("exp".to_owned(), exp);
    }
    let own = origin(cx);
    let mut say = |name: &str, value: Value| {
        if !claims.contains_key(name) && truthy(&value) {
            claims.insert(name.to_owned(), value);
        }
    };
    say("iss", options.issuer.clone().unwrap_or_else(|| own.clone()).into());
    say("aud", if options.audience.0.is_empty() { own.into() } else { json!(options.audience) });
    Ok(claims)
}

/// So many seconds after `iat`, whole ones where that is whole.
fn after(iat: Option<&Value>, now: i64, secs: i64) -> Value {
    match iat {
        None => now.saturating_add(secs).into(),
        Some(iat) => match iat.as_i64() {
            Some(iat) => iat.saturating_add(secs).into(),
            #[allow(clippy::cast_precision_loss, reason = "JSON's numbers are doubles")]
            None => json!(iat.as_f64().unwrap_or_default() + secs as f64),
        },
    }
}
