//! Values that have names, the same wherever they are written and read.

/// The value of this name.
pub(crate) fn by_name<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// Gives the values of a type their names. A value without a name does not compile.
macro_rules! names {
    ($type:ident { $($name:literal => $value:ident),* $(,)? }) => {
        impl $type {
            /// The names that settings have for it.
            pub(crate) const NAMES: &'static [(&'static str, Self)] =
                &[$(($name, Self::$value)),*];

            /// The name of this one.
            #[cfg(feature = "vault")]
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $name),*
                }
            }
        }
    };
}
pub(crate) use names;
