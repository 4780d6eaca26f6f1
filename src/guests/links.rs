//! Short links: a code leads to its session, and who tries codes is held up.

use std::{net::IpAddr, time::Duration};

use super::{GuestError, Guests};
use crate::{
    domain::{LinkCode, PhotoSessionId},
    throttle::network,
};

/// Wrong codes of one network at once, then one more each time this has passed. There are 2^49 codes.
pub(super) const WRONG: (u32, Duration) = (60, Duration::from_secs(10));

impl Guests {
    /// The session that a code leads to, for somebody at this address.
    ///
    /// # Errors
    /// [`GuestError::LinkNotFound`], [`GuestError::TooManyLinks`], [`GuestError::Store`].
    pub async fn follow(
        &self,
        code: &str,
        address: IpAddr,
    ) -> Result<(LinkCode, PhotoSessionId), GuestError> {
        let from = network(address);
        self.links.check(&from).map_err(GuestError::TooManyLinks)?;
        let code: LinkCode = code.parse().map_err(|_| GuestError::LinkNotFound)?;
        let session = self.store.links().session_of(code).await?.ok_or(GuestError::LinkNotFound)?;
        // Only wrong ones count.
        self.links.give_back(&from);
        Ok((code, session))
    }
}
