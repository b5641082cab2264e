//! Content by language (`localeData`).

/// Content that exists once per language. Reading falls back as the format asks: the wanted language, the agent's
/// default language, the first one present.
#[derive(Debug, Clone, PartialEq)]
pub struct Localized<T> {
    entries: Vec<(String, T)>,
}

impl<T> Default for Localized<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

impl<T> Localized<T> {
    /// Content of the given `(language code, content)` pairs, in their order.
    pub fn new(entries: Vec<(String, T)>) -> Self {
        Self { entries }
    }
    /// Content in one language only.
    pub fn single(language: &str, content: T) -> Self {
        Self {
            entries: vec![(language.to_owned(), content)],
        }
    }
    /// Content in `language`, else in `default`, else in the first language present.
    pub fn get(&self, language: &str, default: &str) -> Option<&T> {
        self.exact(language)
            .or_else(|| self.exact(default))
            .or_else(|| self.first())
    }
    /// Content in exactly this language.
    pub fn exact(&self, language: &str) -> Option<&T> {
        self.entries
            .iter()
            .find(|(code, _)| code == language)
            .map(|(_, content)| content)
    }
    /// Content in the first language present.
    pub fn first(&self) -> Option<&T> {
        self.entries.first().map(|(_, content)| content)
    }
    /// True when there is no content in any language.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// All languages with their content.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries
            .iter()
            .map(|(code, content)| (code.as_str(), content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_falls_back_to_the_default_then_to_the_first_language() {
        let text = Localized::new(vec![("de".into(), "hallo"), ("en".into(), "hello")]);
        assert_eq!(text.get("de", "en"), Some(&"hallo"));
        assert_eq!(text.get("fr", "en"), Some(&"hello"));
        assert_eq!(text.get("fr", "es"), Some(&"hallo"));
        assert_eq!(Localized::<u8>::default().get("en", "en"), None);
    }
}
