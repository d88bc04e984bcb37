//! The i18n plugin: errors in the reader's language. Their codes stay, and decide.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use http::header;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    domain::{
        Cx, Hooks, Plugin, RouteRequest, cookies,
        host::HostFn,
        locales::{self, Texts},
        options::Options,
        session,
    },
    engine::{AfterHook, Answer, ApiError, Body, Exit, PathMatch},
};

/// Errors in the reader's language.
#[derive(Clone, Debug, Default)]
pub struct I18n {
    options: Arc<I18nOptions>,
    texts: Arc<BTreeMap<String, Texts>>,
}

/// What an operator can decide about languages. What takes code is set by the method, the rest can be read from a configuration
/// file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct I18nOptions {
    /// The texts, by language. Languages are named as in `Accept-Language`, without a region.
    pub translations: BTreeMap<String, Texts>,
    /// The languages in which there are texts of [Kernia's](locales) too, for the usual errors; those of `translations` count more.
    pub locales: Vec<String>,
    /// The language of whoever asks for none of these.
    pub default_locale: String,
    /// Where the language is looked for, in this order.
    pub detection: Vec<Detection>,
    /// The name of the cookie that holds it.
    pub locale_cookie: String,
    /// The field of users that holds it.
    pub user_locale_field: String,
    #[serde(skip)]
    get_locale: Option<HostFn<RouteRequest, Option<String>>>,
}

/// Where a language is looked for.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Detection {
    /// `Accept-Language`, the most wanted first (RFC 9110 section 12.5.4).
    Header,
    /// A cookie.
    Cookie,
    /// A field of the signed-in user, where the route has looked for one.
    Session,
    /// The application's own code.
    Callback,
}

impl Default for I18nOptions {
    fn default() -> Self {
        Self {
            translations: BTreeMap::new(),
            locales: Vec::new(),
            default_locale: "en".to_owned(),
            detection: vec![Detection::Header],
            locale_cookie: "locale".to_owned(),
            user_locale_field: "locale".to_owned(),
            get_locale: None,
        }
    }
}

impl I18nOptions {
    /// The texts of one language, in the place of those that there were.
    #[must_use]
    pub fn translate<C: Into<String>, T: Into<String>>(
        mut self,
        locale: &str,
        texts: impl IntoIterator<Item = (C, T)>,
    ) -> Self {
        let texts = texts.into_iter().map(|(code, text)| (code.into(), text.into()));
        self.translations.insert(locale.to_owned(), texts.collect());
        self
    }

    /// What [`Detection::Callback`] asks. One of the languages, or another way is tried.
    #[must_use]
    pub fn get_locale<F>(mut self, get: impl Fn(RouteRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<String>, ApiError>> + Send + 'static,
    {
        self.get_locale = Some(HostFn::new(get));
        self
    }

    /// All texts, by language.
    fn texts(&self) -> BTreeMap<String, Texts> {
        let mut all = self.translations.clone();
        for locale in &self.locales {
            let own = all.entry(locale.clone()).or_default();
            for (code, text) in locales::texts(locale).unwrap_or_default() {
                own.entry(code).or_insert(text);
            }
        }
        all
    }

    /// The language of `texts` of whoever has made this request.
    async fn locale(&self, cx: &mut Cx, texts: &BTreeMap<String, Texts>) -> Result<String, Exit> {
        let known = |locale: &String| texts.contains_key(locale);
        for place in &self.detection {
            let found = match place {
                Detection::Header => {
                    let header = cx.request.header(header::ACCEPT_LANGUAGE).unwrap_or_default();
                    wanted(header).into_iter().map(str::to_owned).find(known)
                }
                Detection::Cookie => cookies::of_request(cx).get(&self.locale_cookie).map(|value| value.to_string()),
                Detection::Session => {
                    let user = session::known(cx).map(|session| &session.user);
                    user.map(|user| user.text(&self.user_locale_field).to_owned())
                }
                Detection::Callback => match &self.get_locale {
                    Some(get) => {
                        let request = RouteRequest::of(cx);
                        get.run(cx, request).await?
                    }
                    None => None,
                },
            };
            if let Some(locale) = found.filter(known) {
                return Ok(locale);
            }
        }
        Ok(self.default_locale.clone())
    }
}

impl I18n {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: I18nOptions) -> Self {
        Self { texts: Arc::new(options.texts()), options: Arc::new(options) }
    }
}

impl Plugin for I18n {
    fn id(&self) -> &'static str {
        "i18n"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn hooks(&self) -> Hooks {
        let plugin = self.clone();
        let after = AfterHook::new(PathMatch::Any, move |cx, answer| {
            let plugin = plugin.clone();
            Box::pin(async move { translate(cx, answer, &plugin).await })
        });
        Hooks { after: vec![after], ..Hooks::default() }
    }

    fn check(&self, _: &Options) -> Result<(), String> {
        if let Some(unknown) = self.options.locales.iter().find(|locale| locales::texts(locale).is_none()) {
            let known: Vec<_> = locales::languages().collect();
            return Err(format!("there are no texts in {unknown:?}; there are in {}", known.join(", ")));
        }
        if self.texts.is_empty() { Err("there are no translations".to_owned()) } else { Ok(()) }
    }
}

/// Puts the text of the reader's language into a refusal that has a code. The text that was there stays beside it.
async fn translate(cx: &mut Cx, answer: &mut Answer, plugin: &I18n) -> Result<(), Exit> {
    let Body::Json(body) = &answer.body else { return Ok(()) };
    if answer.status.as_u16() < 400 {
        return Ok(());
    }
    let Ok(refusal) = serde_json::from_slice::<Value>(body) else { return Ok(()) };
    let Some(code) = refusal["code"].as_str() else { return Ok(()) };
    let locale = plugin.options.locale(cx, &plugin.texts).await?;
    let text = plugin.texts.get(&locale).and_then(|texts| texts.get(code)).filter(|text| !text.is_empty());
    if let Some(text) = text {
        let translated = json!({ "code": code, "message": text, "originalMessage": refusal["message"] });
        answer.body = Answer::json(&translated)?.body;
    }
    Ok(())
}

/// The languages of an `Accept-Language` header without their regions, the most wanted first.
fn wanted(header: &str) -> Vec<&str> {
    let mut languages: Vec<(&str, f64)> = header.split(',').filter_map(language).collect();
    languages.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    languages.into_iter().map(|(language, _)| language).collect()
}

fn language(part: &str) -> Option<(&str, f64)> {
    let mut pieces = part.split(';');
    let language = pieces.next()?.trim().split('-').next().filter(|language| !language.is_empty())?;
    let weight = pieces.next().map_or(Some(1.0), |weight| weight.trim().strip_prefix("q=")?.parse().ok());
    Some((language, weight.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_wanted_language_comes_first() {
        assert_eq!(wanted("en;q=0.5, fr-CH, de;q=0.7"), ["fr", "de", "en"]);
        assert_eq!(wanted("de; q=0.9,fr"), ["fr", "de"]);
        assert_eq!(wanted("pt-BR,pt"), ["pt", "pt"]);
        assert_eq!(wanted("xx;q=nonsense, en;q=0.1"), ["en", "xx"]);
        assert!(wanted("").is_empty() && wanted(" , ;q=1").is_empty());
    }

    proptest! {
        #[test]
        fn takes_any_header(header: String) {
            let _ = wanted(&header);
        }
    }
}
