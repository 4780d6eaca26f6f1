//! People with an account: who they are, and what a key of theirs may be used for.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::{StudioId, UserId};

/// The newest of a user's devices that stay signed in.
pub const MOST_DEVICES: i64 = 10;

/// Text that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct Invalid(pub &'static str);

/// A fixed set of words that stand in rows, in JSON and in the description of the interface.
pub trait Words: Copy + fmt::Display + 'static {
    /// The set's own name, as types are named.
    const NAME: &'static str;
    const ALL: &'static [Self];
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $what:literal { $($(#[$variant_doc:meta])* $variant:ident $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl $crate::Words for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = Self::ALL;
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::ALL.iter().find(|it| it.as_str() == text).copied().ok_or(Invalid($what))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// The role of an account; each account has exactly one.
    Role "role" {
        /// Runs the installation: every studio.
        SuperAdmin "super_admin",
        /// Runs a studio: all of its sessions.
        Admin "admin",
        /// Makes photo sessions and uploads; sees their own.
        Photographer "photographer",
        /// Places orders.
        Customer "customer",
        /// Answers tickets.
        Operator "operator",
    }
}

words! {
    /// The permissions of an API key.
    Scope "scope" {
        SessionsRead "sessions:read",
        SessionsWrite "sessions:write",
        PhotosWrite "photos:write",
        MetricsRead "metrics:read",
        /// A photobooth's: hand-offs without the throttle of strangers, their list, their cleaning up.
        Handoff "handoff",
        /// Face search for programs that keep their photos themselves.
        Faces "faces",
    }
}

impl Scope {
    /// Whether somebody with this role may do what the scope is for. No key does more than its user.
    #[must_use]
    pub fn is_for(self, role: Role) -> bool {
        match self {
            Self::SessionsRead | Self::SessionsWrite | Self::Faces => {
                matches!(role, Role::SuperAdmin | Role::Admin | Role::Photographer)
            }
            // The client of a session, who may send photos into it, is a customer.
            Self::PhotosWrite => role != Role::Operator,
            Self::MetricsRead => role == Role::SuperAdmin,
            // A studio's booth; which hand-offs there are, is for fewer.
            Self::Handoff => role != Role::Customer,
        }
    }

    /// The scopes that a user with this role may give to a key.
    #[must_use]
    pub fn offered_to(role: Role) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|scope| scope.is_for(role)).collect()
    }
}

/// An e-mail address in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Invalid;

    /// Checks the shape only; whether mail arrives, only mail can tell.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_lowercase();
        let (name, host) = text.rsplit_once('@').ok_or(Invalid("e-mail address"))?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c);
        let labels_are_sound = host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        let sound = !name.is_empty()
            && name.len() <= 64
            && text.len() <= 254
            && name.chars().all(|c| plain(c) && c != '@')
            && host.contains('.')
            && labels_are_sound;
        if sound { Ok(Self(text)) } else { Err(Invalid("e-mail address")) }
    }
}

/// A telephone number in E.164 form: `+` and 8 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = Invalid;

    /// Takes the usual separators, and the Russian national form (`8 9xx …`) for `+7`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let known = text.chars().all(|c| c.is_ascii_digit() || " -().+".contains(c));
        let international = text.starts_with('+') && text.matches('+').count() == 1;
        let russian = !text.contains('+') && digits.len() == 11 && digits.starts_with('8');
        match digits.len() {
            8..=15 if known && international && !digits.starts_with('0') => Ok(Self(format!("+{digits}"))),
            _ if known && russian => Ok(Self(format!("+7{}", &digits[1..]))),
            _ => Err(Invalid("telephone number")),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub name: String,
    pub role: Role,
    /// May not sign in, and what is signed in stops.
    pub disabled: bool,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Studio {
    pub id: StudioId,
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_kept_in_lower_case_and_must_have_its_shape() {
        assert_eq!("  Anna@Example.COM ".parse::<Email>().expect("is one").as_str(), "anna@example.com");
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in ["", "anna", "@example.com", "anna@", "anna@host", "a b@example.com", "a@b@c.com,", &long]
        {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_phone_is_kept_as_e164() {
        for (text, kept) in [("+49 (30) 123-456", "+4930123456"), ("8 900 000-00-00", "+79000000000")] {
            assert_eq!(text.parse::<Phone>().expect("is one").as_str(), kept);
        }
        for bad in ["", "123", "+1", "900 000 00 00", "+0 900 000 00 00", "+7900+0000000", "+7 900 abc 00 00"]
        {
            assert!(bad.parse::<Phone>().is_err(), "{bad}");
        }
    }
}
