//! A customer's order: their picture, with a code leading to their link, placed on social platforms.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::{CustomerImageId, Invalid, PlacementId, UserId};

words! {
    /// Where an order stands.
    PlacementStatus "placement status" {
        /// Being written; may be incomplete.
        Draft "draft",
        Placed "placed",
        InProgress "in_progress",
        Completed "completed",
        Cancelled "cancelled",
    }
}

/// The currency of every order and balance (ISO 4217).
pub const PLACEMENT_CURRENCY: &str = "RUB";

/// An order. What a draft does not say yet is empty or `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub id: PlacementId,
    pub customer: UserId,
    pub status: PlacementStatus,
    pub title: String,
    pub description: String,
    /// Where the code leads, as the customer wrote it.
    pub target_url: String,
    /// In minor units.
    pub total_amount: Option<i64>,
    pub geo: Geo,
    pub deadline: Option<DateTime<Utc>>,
    /// Each once.
    pub platforms: Vec<String>,
    pub image: Option<CustomerImageId>,
    /// Where the customer's client keeps a picture of the code alone, in its own words: kept and given back, never
    /// followed. The code on the picture is drawn here.
    pub qr_code_url: String,
    /// Of the customer's balance, in minor units; 0 where they have none.
    pub reserved: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Where the picture is to be seen. Only the country is a must.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Geo {
    pub country: String,
    pub region: String,
    pub city: String,
}

/// A customer's picture: upright, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerImage {
    pub id: CustomerImageId,
    pub customer: UserId,
    /// Of one with a code on it.
    pub code: Option<ImageCode>,
    /// In pixels.
    pub width: u32,
    pub height: u32,
    pub created_at: DateTime<Utc>,
}

/// The QR code that was drawn on a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageCode {
    /// The picture below.
    pub source: CustomerImageId,
    pub target_url: String,
}

/// A customer's account of money, in minor units. `0 <= reserved <= amount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub amount: i64,
    /// The amount reserved for orders that are placed and not settled.
    pub reserved: i64,
}

impl Balance {
    /// The largest amount of a new order.
    #[must_use]
    pub fn available(self) -> i64 {
        self.amount - self.reserved
    }
}
