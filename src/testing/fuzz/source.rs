//! Decisions out of bytes.

/// Where a structured input comes from: each decision takes bytes, and where none are left it is the first of its kind, so that every
/// input is an end.
#[derive(Debug)]
pub(super) struct Source<'d> {
    data: &'d [u8],
}

/// Texts that parsers and databases treat in a way of their own.
const REMARKABLE: &[&str] = &[
    "",
    " ",
    "\0",
    "'",
    "\"",
    "`",
    "--",
    "%",
    "_",
    "\\",
    "$ne",
    "$where",
    "a.b",
    "__proto__",
    "constructor",
    "null",
    "true",
    "0",
    "-1",
    "1e309",
    "é",
    "🦀",
    "\u{202e}",
    "\r\n",
    "ada@example.com",
    "//evil.test",
    "https://evil.test",
    "/in",
];

impl<'d> Source<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self { data }
    }

    /// Whether nothing is left to decide by.
    pub(super) fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.data.split_first() else { return 0 };
        self.data = rest;
        *first
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let drawn =
            if bound > 256 { usize::from(self.byte()) << 8 | usize::from(self.byte()) } else { self.byte().into() };
        drawn % bound.max(1)
    }

    /// True in one of `of` cases.
    pub(super) fn rarely(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }

    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    pub(super) fn number(&mut self) -> i64 {
        let step = i64::from(self.byte());
        match self.below(8) {
            0..4 => step - 8,
            4 => i64::MAX - step,
            5 => i64::MIN + step,
            6 => step << 31,
            _ => step.wrapping_mul(0x0101_0101_0101_0101),
        }
    }

    /// Text: a remarkable one, one of a few letters, or as the bytes have it.
    pub(super) fn text(&mut self) -> String {
        match self.below(4) {
            0 => (*self.pick(REMARKABLE)).to_owned(),
            1 => {
                let length = self.below(5);
                (0..length).map(|_| char::from(b'a' + self.byte() % 26)).collect()
            }
            2 => [*self.pick(REMARKABLE), *self.pick(REMARKABLE)].concat(),
            _ => {
                let length = self.below(64).min(self.data.len());
                let (taken, rest) = self.data.split_at(length);
                self.data = rest;
                String::from_utf8_lossy(taken).into_owned()
            }
        }
    }

    /// `genuine` with some of its bytes changed, removed, repeated or swapped; often as it is.
    pub(super) fn forge(&mut self, genuine: &str) -> String {
        let mut bytes = genuine.as_bytes().to_vec();
        while !self.is_empty() {
            let at = self.below(bytes.len().max(1)).min(bytes.len());
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] = self.byte(),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.insert(at, self.byte()),
                3 => bytes.truncate(at),
                4 => {
                    let piece = bytes[at..].to_vec();
                    bytes.extend(piece.into_iter().take(64));
                }
                _ => bytes.splice(at..at, self.text().into_bytes()).for_each(drop),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
