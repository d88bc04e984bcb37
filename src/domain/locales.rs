//! Texts of the usual errors in other languages. `locales/LANGUAGE.txt` has a code and its text on each line.

use std::collections::BTreeMap;

/// Texts by the codes of errors.
pub type Texts = BTreeMap<String, String>;

/// English is what errors are in anyway.
const TABLE: [(&str, &str); 22] = [
    ("ar", include_str!("locales/ar.txt")),
    ("bn", include_str!("locales/bn.txt")),
    ("de", include_str!("locales/de.txt")),
    ("en", ""),
    ("es", include_str!("locales/es.txt")),
    ("fa", include_str!("locales/fa.txt")),
    ("fr", include_str!("locales/fr.txt")),
    ("hi", include_str!("locales/hi.txt")),
    ("id", include_str!("locales/id.txt")),
    ("it", include_str!("locales/it.txt")),
    ("ja", include_str!("locales/ja.txt")),
    ("ko", include_str!("locales/ko.txt")),
    ("nl", include_str!("locales/nl.txt")),
    ("pl", include_str!("locales/pl.txt")),
    ("pt", include_str!("locales/pt.txt")),
    ("ru", include_str!("locales/ru.txt")),
    ("sv", include_str!("locales/sv.txt")),
    ("th", include_str!("locales/th.txt")),
    ("tr", include_str!("locales/tr.txt")),
    ("uk", include_str!("locales/uk.txt")),
    ("vi", include_str!("locales/vi.txt")),
    ("zh", include_str!("locales/zh.txt")),
];

/// The languages that there are texts in, as `Accept-Language` names them, without regions.
pub fn languages() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(language, _)| *language)
}

/// The texts in `language`; `None` when there are none.
#[must_use]
pub fn texts(language: &str) -> Option<Texts> {
    let (_, lines) = TABLE.iter().find(|(known, _)| *known == language)?;
    let told = lines.lines().filter_map(|line| line.split_once(' '));
    Some(told.map(|(code, text)| (code.to_owned(), text.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_language_says_the_same() {
        let codes = |language: &str| texts(language).unwrap().into_keys().collect::<BTreeSet<_>>();
        let usual = codes("de");
        assert_eq!(usual.len(), 34);
        for language in languages().filter(|language| *language != "en") {
            assert_eq!(codes(language), usual, "{language}");
            assert!(texts(language).unwrap().values().all(|text| !text.trim().is_empty()), "{language}");
        }
        assert_eq!((texts("en"), texts("tlh")), (Some(Texts::new()), None));
        assert!(TABLE.is_sorted_by_key(|(language, _)| *language));
    }
}
