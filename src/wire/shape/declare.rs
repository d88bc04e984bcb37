//! Macros that declare an input type and its shape in one place.

/// Declares the input of a route: a struct with public fields, and its [`Shape`](crate::wire::shape::Shape).
///
/// A field is `name: Type`, `name "wireName": Type` when the key is spelled differently, and
/// `name: Type = Literal::…` for a default. After the struct's name, `(strict)` refuses other keys and
/// `(passthrough rest)` collects them into a field of that name; without either they are dropped. A doc comment on a
/// field becomes its description in the API document.
///
/// Inputs carry secrets, so `Debug` prints the struct's name and no field. `Default` is an input with nothing in it, for the
/// server's own code to fill: what is required and stays empty is refused by the route.
///
/// ```
/// use kernia::wire::shape::{EmailText, NonEmptyText, Root, input, read};
/// use serde_json::json;
///
/// input! {
///     /// What a new user sends.
///     pub struct SignUp (passthrough rest) {
///         email: EmailText,
///         password: NonEmptyText,
///         /// Where the mail's link leads.
///         callback_url "callbackURL": Option<String>,
///     }
/// }
///
/// let sign_up: SignUp = read(Some(&json!({ "email": "a@b.co", "password": "x", "plan": 1 }))).unwrap();
/// assert_eq!(&*sign_up.email, "a@b.co");
/// assert_eq!(sign_up.rest["plan"], 1);
///
/// let issues = read::<SignUp>(Some(&json!({ "password": "" }))).unwrap_err();
/// assert_eq!(
///     issues.message(Root::Body),
///     "[body.email] Invalid input: expected string, received undefined; \
///      [body.password] Too small: expected string to have >=1 characters"
/// );
/// ```
#[macro_export]
macro_rules! input {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(( $($mode:ident)+ ))? {
            $(
                $(#[doc = $about:literal])*
                $field:ident $($wire:literal)? : $type:ty $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $crate::input!(@struct [$(#[$meta])*] [$vis] $name [$($($mode)+)?]
            [$( [$(#[doc = $about])*] $field $type; )*]);

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl $crate::wire::shape::Shaped for $name {
            const SHAPE: $crate::wire::shape::Shape = {
                const FIELDS: &[$crate::wire::shape::Field] = &[$(
                    $crate::wire::shape::Field {
                        name: $crate::input!(@wire $field $($wire)?),
                        shape: $crate::input!(@shape $type $(, $default)?),
                        about: concat!("", $($about),*),
                    },
                )*];
                $crate::input!(@object FIELDS $($($mode)+)?)
            };

            fn from_parsed(
                value: ::core::option::Option<$crate::wire::shape::JsonValue>,
            ) -> ::core::result::Result<Self, $crate::wire::shape::Mismatch> {
                #[allow(unused_mut, unused_variables)]
                let mut fields = $crate::wire::shape::fields_of(value)?;
                $(
                    let $field = <$type as $crate::wire::shape::Shaped>::from_parsed(
                        fields.remove($crate::input!(@wire $field $($wire)?)),
                    )?;
                )*
                ::core::result::Result::Ok($crate::input!(@build fields [$($($mode)+)?] [$($field)*]))
            }

            fn to_json(&self) -> ::core::option::Option<$crate::wire::shape::JsonValue> {
                #[allow(unused_mut)]
                let mut fields = $crate::input!(@rest self $($($mode)+)?);
                $(
                    if let ::core::option::Option::Some(value) = $crate::wire::shape::Shaped::to_json(&self.$field) {
                        fields.insert($crate::input!(@wire $field $($wire)?).to_owned(), value);
                    }
                )*
                ::core::option::Option::Some($crate::wire::shape::JsonValue::Object(fields))
            }
        }
    };

    (@struct [$($meta:tt)*] [$vis:vis] $name:ident [passthrough $rest:ident]
        [$( [$($about:tt)*] $field:ident $type:ty; )*]) => {
        $($meta)*
        #[derive(Clone, Default)]
        $vis struct $name {
            $(
                $($about)*
                #[doc = concat!("The input's `", stringify!($field), "`.")]
                pub $field: $type,
            )*
            /// The keys that the input does not name.
            pub $rest: $crate::wire::shape::JsonMap,
        }
    };
    (@struct [$($meta:tt)*] [$vis:vis] $name:ident [$($mode:ident)?]
        [$( [$($about:tt)*] $field:ident $type:ty; )*]) => {
        $($meta)*
        #[derive(Clone, Default)]
        $vis struct $name {
            $(
                $($about)*
                #[doc = concat!("The input's `", stringify!($field), "`.")]
                pub $field: $type,
            )*
        }
    };

    (@build $fields:ident [passthrough $rest:ident] [$($field:ident)*]) => { Self { $($field,)* $rest: $fields } };
    (@build $fields:ident [$($mode:ident)?] [$($field:ident)*]) => { Self { $($field),* } };

    (@rest $self:ident passthrough $rest:ident) => { $self.$rest.clone() };
    (@rest $self:ident $($mode:ident)?) => { $crate::wire::shape::JsonMap::new() };

    (@object $fields:ident) => { $crate::input!(@object $fields strip) };
    (@object $fields:ident strip) => {
        $crate::wire::shape::Shape::Object($crate::wire::shape::ObjectShape {
            fields: $fields,
            unknown: $crate::wire::shape::Unknown::Strip,
        })
    };
    (@object $fields:ident strict) => {
        $crate::wire::shape::Shape::Object($crate::wire::shape::ObjectShape {
            fields: $fields,
            unknown: $crate::wire::shape::Unknown::Strict,
        })
    };
    (@object $fields:ident passthrough $rest:ident) => {{
        const NAMED: $crate::wire::shape::Shape = $crate::input!(@object $fields strip);
        $crate::wire::shape::Shape::Both(
            &NAMED,
            &$crate::wire::shape::Shape::Record(&$crate::wire::shape::Shape::Any),
        )
    }};

    (@wire $field:ident) => { stringify!($field) };
    (@wire $field:ident $wire:literal) => { $wire };

    (@shape $type:ty) => { <$type as $crate::wire::shape::Shaped>::SHAPE };
    (@shape $type:ty, $default:expr) => {
        $crate::wire::shape::Shape::Default(&<$type as $crate::wire::shape::Shaped>::SHAPE, $default)
    };
}

/// Declares a string that is one of a fixed list: `pub enum Order { Ascending = "asc", Descending = "desc" }`.
#[macro_export]
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$about:meta])* $variant:ident = $wire:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name {
            $( $(#[$about])* #[doc = concat!("`", $wire, "` on the wire.")] $variant ),+
        }

        impl $name {
            /// The text on the wire.
            #[must_use]
            #[allow(dead_code)]
            $vis const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $wire ),+ }
            }
        }

        impl ::core::default::Default for $name {
            /// The first.
            fn default() -> Self {
                [$( Self::$variant ),+][0]
            }
        }

        impl $crate::wire::shape::Shaped for $name {
            const SHAPE: $crate::wire::shape::Shape = $crate::wire::shape::Shape::Enum(&[$($wire),+]);

            fn from_parsed(
                value: ::core::option::Option<$crate::wire::shape::JsonValue>,
            ) -> ::core::result::Result<Self, $crate::wire::shape::Mismatch> {
                match value.as_ref().and_then($crate::wire::shape::JsonValue::as_str) {
                    $( ::core::option::Option::Some($wire) => ::core::result::Result::Ok(Self::$variant), )+
                    _ => ::core::result::Result::Err($crate::wire::shape::Mismatch),
                }
            }

            fn to_json(&self) -> ::core::option::Option<$crate::wire::shape::JsonValue> {
                ::core::option::Option::Some($crate::wire::shape::JsonValue::from(self.as_str()))
            }
        }
    };
}

/// Declares a value of several types, the first that fits: `pub enum Roles { One(String), Many(Vec<String>) }`. With
/// `(exactly one)` after the name, a value that fits more than one is refused. `Debug` shows the variant only.
#[macro_export]
macro_rules! one_of {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident $(( $($mode:ident)+ ))? {
            $( $(#[$about:meta])* $variant:ident ( $type:ty ) ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone)]
        $vis enum $name {
            $( $(#[$about])* #[doc = concat!("A `", stringify!($type), "`.")] $variant($type) ),+
        }

        impl ::core::default::Default for $name {
            /// The first, with nothing in it.
            fn default() -> Self {
                $crate::one_of!(@first $( $variant )+)(::core::default::Default::default())
            }
        }

        $(
            impl ::core::convert::From<$type> for $name {
                fn from(value: $type) -> Self {
                    Self::$variant(value)
                }
            }
        )+

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(match self {
                    $( Self::$variant(_) => concat!(stringify!($name), "::", stringify!($variant), "(..)") ),+
                })
            }
        }

        impl $crate::wire::shape::Shaped for $name {
            const SHAPE: $crate::wire::shape::Shape = $crate::one_of!(@shape [$($type),+] $($($mode)+)?);

            fn from_parsed(
                value: ::core::option::Option<$crate::wire::shape::JsonValue>,
            ) -> ::core::result::Result<Self, $crate::wire::shape::Mismatch> {
                $(
                    if <$type as $crate::wire::shape::Shaped>::SHAPE.check(value.as_ref()).is_ok() {
                        return <$type as $crate::wire::shape::Shaped>::from_parsed(value).map(Self::$variant);
                    }
                )+
                ::core::result::Result::Err($crate::wire::shape::Mismatch)
            }

            fn to_json(&self) -> ::core::option::Option<$crate::wire::shape::JsonValue> {
                match self {
                    $( Self::$variant(value) => $crate::wire::shape::Shaped::to_json(value) ),+
                }
            }
        }
    };

    (@first $first:ident $($rest:ident)*) => { Self::$first };

    (@shape [$($type:ty),+]) => {
        $crate::wire::shape::Shape::Union(&[$(<$type as $crate::wire::shape::Shaped>::SHAPE),+])
    };
    (@shape [$($type:ty),+] exactly one) => {
        $crate::wire::shape::Shape::ExactlyOne(&[$(<$type as $crate::wire::shape::Shaped>::SHAPE),+])
    };
}

/// Declares a string with rules: `pub struct Slug = [TextRule::Min(1)];`. `Debug` does not show the text.
#[macro_export]
macro_rules! text {
    ($(#[$meta:meta])* $vis:vis struct $name:ident = [$($rule:expr),* $(,)?];) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq)]
        $vis struct $name(pub ::std::string::String);

        impl<T: ::core::convert::Into<::std::string::String>> ::core::convert::From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl ::core::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl $crate::wire::shape::Shaped for $name {
            const SHAPE: $crate::wire::shape::Shape = $crate::wire::shape::Shape::String(&[$($rule),*]);

            fn from_parsed(
                value: ::core::option::Option<$crate::wire::shape::JsonValue>,
            ) -> ::core::result::Result<Self, $crate::wire::shape::Mismatch> {
                <::std::string::String as $crate::wire::shape::Shaped>::from_parsed(value).map(Self)
            }

            fn to_json(&self) -> ::core::option::Option<$crate::wire::shape::JsonValue> {
                $crate::wire::shape::Shaped::to_json(&self.0)
            }
        }
    };
}
