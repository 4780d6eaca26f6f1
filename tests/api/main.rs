//! The real application on a port of its own for each test. Modules mirror the addresses.
//!
//! The face search behind the door is [`helpers::FakeSearch`], so that every answer it can give is
//! covered without models; [`real_search`] has the real one.

#![expect(clippy::disallowed_methods, reason = "a test may look at the clock")]

mod account_erasure;
mod accounts;
mod analytics;
mod archives;
mod bin;
mod branding;
#[path = "../support/bucket.rs"]
mod bucket;
mod budgets;
#[path = "../support/ftp.rs"]
mod camera;
mod cards;
mod choices;
mod clocks;
mod closed_galleries;
mod comments;
mod consents;
#[path = "../../crates/vision/tests/pictures/damaged_files.rs"]
mod damaged_files;
mod damaged_selfies;
mod dashboard;
#[path = "../support/database.rs"]
mod database;
mod doors;
mod downloads;
mod email_changes;
mod embedding_models;
mod embeds;
mod erasing;
mod erasures;
mod events;
mod external;
mod external_photos;
mod facepass_status;
mod ftp;
mod guardians;
mod guest_photos;
mod handoff;
mod handoff_end;
mod handoff_pictures;
mod helpers;
mod hidden_by_couple;
mod lightroom;
mod mail;
mod marks;
mod media;
mod narrowing;
mod news;
mod nodes;
mod notices;
mod old_clients;
mod openapi;
mod ops;
mod originals;
mod own_hosts;
mod packages;
mod pages;
mod panel;
mod payments;
mod people;
mod photo_sessions;
mod photos;
mod placements;
#[path = "../support/postgres.rs"]
mod postgres;
mod problems;
mod pushes;
mod real_overload;
mod real_search;
mod resets;
mod rights;
mod search;
mod session;
mod set_aside;
mod sharing;
mod shop;
mod shop_carts;
mod shop_checkout;
mod shop_desk;
mod shop_extras;
mod shop_payments;
#[path = "../support/stripe.rs"]
mod stripe_stand_in;
mod studio_photos;
mod switches;
mod team;
mod telegram;
mod ticket_files;
mod tickets;
mod tls;
mod tus;
mod two_step;
mod uploads;
mod validate;
mod visits;
mod watermark;
mod webhooks;
mod wishes;
mod yookassa;
#[path = "../support/yookassa.rs"]
mod yookassa_stand_in;
