//! The words of SQL text.

/// A word of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A quoted identifier.
    Name(String),
    /// A bare word, as it is written.
    Word(&'t str),
    /// A literal text.
    Text,
    /// Anything else.
    Symbol(char),
}

/// The words of `sql`, without comments. Text that ends inside quotes ends there.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '"' | '`' => {
                let (name, length) = quoted(rest, first);
                tokens.push(Token::Name(name));
                length
            }
            '\'' => {
                tokens.push(Token::Text);
                quoted(rest, first).1
            }
            _ if is_word(first) => {
                let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                tokens.push(Token::Word(&rest[..end]));
                end
            }
            _ => {
                if !first.is_whitespace() {
                    tokens.push(Token::Symbol(first));
                }
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// What is between quotes, and how long it is with them; a doubled quote is one.
fn quoted(text: &str, quote: char) -> (String, usize) {
    let mut content = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return (content, at + 1);
        }
        content.push(letter);
    }
    (content, text.len())
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The text of a type, as `varchar(255)`.
pub(super) fn text(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Word(word) => {
                if text.ends_with(is_word) {
                    text.push(' ');
                }
                text.push_str(word);
            }
            Token::Symbol(symbol) => text.push(*symbol),
            Token::Name(_) | Token::Text => {}
        }
    }
    text
}
