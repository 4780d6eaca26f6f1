//! The table of rights: the one place that says who may call which operation.
//!
//! Every operation has a row, found by its method and the router's own template of its path. What has
//! no row is closed. The row says which roles may call the operation at all; whether one thing (this
//! session, that key) is theirs, the operation's service says, and answers "not found" if not.

use crate::domain::{
    Role::{self, Admin, Customer, Operator, Photographer, SuperAdmin},
    Scope,
};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody; a link or a code in the request may be what opens it.
    Anyone,
    /// These roles. Others get 403.
    Roles(&'static [Role]),
    /// The same for a page: signed-out browsers are sent to the sign-in.
    Page(&'static [Role]),
}

impl Who {
    #[must_use]
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Anyone => true,
            Self::Roles(roles) | Self::Page(roles) => roles.contains(&role),
        }
    }
}

/// One operation's row.
#[derive(Debug)]
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    /// The scope that an API key needs; without one, keys are refused. Where anyone may come, a key without the
    /// scope is nobody's.
    pub scope: Option<Scope>,
}

const EVERYONE: &[Role] = &[SuperAdmin, Admin, Photographer, Customer, Operator];

/// Operations for those who make and keep sessions.
const MANAGERS: &[Role] = &[SuperAdmin, Admin, Photographer];
const ADMINS: &[Role] = &[SuperAdmin, Admin];

const fn anyone(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Anyone, scope: None }
}

/// Anyone may come, and a key with this scope counts for more than a stranger.
const fn anyone_or(method: &'static str, path: &'static str, scope: Scope) -> Row {
    Row { method, path, who: Who::Anyone, scope: Some(scope) }
}

const fn signed_in(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Roles(EVERYONE), scope: None }
}

const fn admins(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Roles(&[SuperAdmin, Admin]), scope: None }
}

/// Operations for those who look after photobooths, and for the booths themselves.
const fn booths(method: &'static str, path: &'static str) -> Row {
    let who = Who::Roles(&[SuperAdmin, Admin, Operator]);
    Row { method, path, who, scope: Some(Scope::Handoff) }
}

const fn page(path: &'static str, roles: &'static [Role]) -> Row {
    Row { method: "GET", path, who: Who::Page(roles), scope: None }
}

const fn sends(method: &'static str, path: &'static str) -> Row {
    let who = Who::Roles(&[SuperAdmin, Admin, Photographer, Customer]);
    Row { method, path, who, scope: Some(Scope::PhotosWrite) }
}

/// A row for managers of sessions; `Caller::may_manage` decides which sessions are theirs.
const fn managers(method: &'static str, path: &'static str, scope: Scope) -> Row {
    Row { method, path, who: Who::Roles(MANAGERS), scope: Some(scope) }
}

/// Operations for those who answer tickets; `support` decides which tickets they may see.
const fn desk(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Roles(&[SuperAdmin, Admin, Operator]), scope: None }
}

/// Operations for those who manage sessions, signed in on a device: a key for scripts may not read buyers' data or
/// passwords.
const fn sellers(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Roles(MANAGERS), scope: None }
}

/// A customer's own, and an admin's to look after.
const fn orders(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Roles(&[SuperAdmin, Admin, Customer]), scope: None }
}

const fn customers(method: &'static str, path: &'static str) -> Row {
    Row { method, path, who: Who::Roles(&[Customer]), scope: None }
}

pub static TABLE: &[Row] = &[
    // For those who run the service
    anyone("GET", "/healthz"),
    anyone("GET", "/readyz"),
    anyone("GET", "/ca.crt"),
    // Hosts of studios: the token in DNS is the key of the first, and the second answers proxies of ours only.
    anyone("GET", "/.well-known/pixora-host/{token}"),
    anyone("GET", "/tls/allowed"),
    // How busy a studio is, is its own affair; Prometheus sends a key.
    Row { method: "GET", path: "/metrics", who: Who::Roles(&[SuperAdmin]), scope: Some(Scope::MetricsRead) },
    anyone("GET", "/api/openapi.json"),
    // Guests: the session's id is the key
    anyone("GET", "/"),
    anyone("GET", "/static/{version}/{*path}"),
    anyone("GET", "/session/{session_id}"),
    // The search in a frame of another site.
    anyone("GET", "/embed.js"),
    anyone("GET", "/embed/{session_id}"),
    anyone("GET", "/session/{session_id}/show"),
    anyone("GET", "/session/{session_id}/photo/{photo_id}"),
    anyone("GET", "/brand/{studio_id}/{file}"),
    // The code is the key.
    anyone("GET", "/g/{code}"),
    anyone("GET", "/G/{code}"),
    anyone("GET", "/api/v1/sessions/{session_id}/interface"),
    anyone("GET", "/api/v1/sessions/validate/{session_id}"),
    anyone("POST", "/api/v1/sessions/validate"),
    anyone("GET", "/api/v1/sessions/{session_id}"),
    anyone("GET", "/api/v1/sessions/{session_id}/facepass-status"),
    anyone("GET", "/api/v1/sessions/{session_id}/photos"),
    anyone("GET", "/api/v1/sessions/{session_id}/photos/ids"),
    anyone("GET", "/api/v1/sessions/{session_id}/photos/hours"),
    anyone("GET", "/api/v1/sessions/{session_id}/chapters"),
    anyone("GET", "/api/v1/sessions/{session_id}/gallery/{photo_id}"),
    anyone("POST", "/api/v1/sessions/{session_id}/gallery/{photo_id}/reports"),
    // Where the session takes them. The cookie of the first upload is the key to the others.
    anyone("POST", "/api/v1/sessions/{session_id}/guest-uploads"),
    anyone("HEAD", "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}"),
    anyone("PATCH", "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}"),
    anyone("GET", "/api/v1/sessions/{session_id}/guest-photos"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/guest-photos/{photo_id}"),
    // Where the session takes them. The cookie of the first comment, or the couple's, is the key to removing one.
    anyone("GET", "/api/v1/sessions/{session_id}/comments"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/comments/{comment_id}"),
    anyone("POST", "/api/v1/sessions/{session_id}/comments/{comment_id}/reports"),
    anyone("GET", "/api/v1/sessions/{session_id}/gallery/{photo_id}/comments"),
    anyone("POST", "/api/v1/sessions/{session_id}/gallery/{photo_id}/comments"),
    // The cookie of a guest's search is the key, then the code that the guest keeps.
    anyone("POST", "/api/v1/sessions/{session_id}/hide-requests"),
    anyone("GET", "/api/hide-requests/{code}"),
    anyone("DELETE", "/api/hide-requests/{code}"),
    // The cookie of a guest's search is the key, then the one in the link.
    anyone("GET", "/api/v1/sessions/{session_id}/news"),
    anyone("POST", "/api/v1/sessions/{session_id}/news"),
    anyone("GET", "/api/news/{news_id}"),
    anyone("POST", "/api/news/{news_id}/confirm"),
    anyone("POST", "/api/news/{news_id}/stop"),
    anyone("GET", "/api/news/{news_id}/photos/{photo_id}"),
    anyone("GET", "/news/{news_id}"),
    anyone("GET", "/session/{session_id}/manifest.webmanifest"),
    anyone("GET", "/news-worker.js"),
    // The cookie of whoever chose is the key; the couple's link and a shared list carry theirs.
    anyone("GET", "/api/v1/sessions/{session_id}/hearts"),
    anyone("PATCH", "/api/v1/sessions/{session_id}/hearts"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/hearts"),
    anyone("PUT", "/api/v1/sessions/{session_id}/hearts/{photo_id}"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/hearts/{photo_id}"),
    anyone("GET", "/api/v1/sessions/{session_id}/hearts/photos"),
    anyone("POST", "/api/v1/sessions/{session_id}/hearts/open"),
    anyone("GET", "/api/v1/sessions/{session_id}/lists/{list_key}"),
    // The couple's cookie is the key, where the photographer lets it hide photos.
    anyone("GET", "/api/v1/sessions/{session_id}/hidden"),
    anyone("POST", "/api/v1/sessions/{session_id}/hidden"),
    // Where the photographer shows people to guests.
    anyone("GET", "/api/v1/sessions/{session_id}/people"),
    // Face search for programs that keep their photos themselves.
    managers("PUT", "/api/v1/sessions/{session_id}/photos/{external_id}", Scope::Faces),
    managers("DELETE", "/api/v1/sessions/{session_id}/photos/{external_id}", Scope::Faces),
    managers("PUT", "/api/v1/sessions/{session_id}/photos/ids", Scope::Faces),
    managers("DELETE", "/api/v1/sessions/{session_id}/photos/ids", Scope::Faces),
    managers("DELETE", "/api/v1/sessions/{session_id}/photos", Scope::Faces),
    managers("POST", "/api/v1/sessions/{session_id}/photos:batch", Scope::Faces),
    managers("GET", "/api/v1/sessions/{session_id}/photo-batches/{batch_id}", Scope::Faces),
    managers("GET", "/api/v1/sessions/{session_id}/index-status", Scope::Faces),
    anyone("GET", "/api/v1/sessions/{session_id}/qr.svg"),
    anyone("POST", "/api/v1/sessions/{session_id}/search"),
    anyone("POST", "/api/v1/sessions/{session_id}/pin"),
    anyone("GET", "/api/v1/sessions/{session_id}/consent-texts"),
    anyone("POST", "/api/v1/sessions/{session_id}/consents"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/consents/{consent_id}"),
    // The code that the guest keeps is the key.
    anyone("GET", "/api/consents/{code}"),
    // The cookie of a guest's search is the key.
    anyone("GET", "/api/v1/sessions/{session_id}/visit"),
    anyone("DELETE", "/api/v1/sessions/{session_id}/visit"),
    anyone_or("GET", "/media/{session_id}/{photo_id}/{file}", Scope::SessionsRead),
    anyone("GET", "/api/v1/sessions/{session_id}/events"),
    anyone_or("GET", "/api/photo-sessions/{session_id}", Scope::SessionsRead),
    // Telegram knows a secret
    anyone("POST", "/api/telegram/webhook"),
    // The link's signature is the key
    anyone("POST", "/api/v1/sessions/{session_id}/archives"),
    anyone("GET", "/archives/{file}"),
    // The key in the link opens an order.
    anyone("GET", "/order/{order_id}"),
    // The studio
    managers("GET", "/api/photo-sessions", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions", Scope::SessionsWrite),
    managers("PATCH", "/api/photo-sessions/{session_id}", Scope::SessionsWrite),
    managers("GET", "/api/photo-sessions/{session_id}/qr.png", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/qr.svg", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/card.pdf", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/cards.pdf", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/guest-photos", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions/{session_id}/guest-photos", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/comments", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions/{session_id}/comments", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/comments/export", Scope::SessionsRead),
    managers("PUT", "/api/photo-sessions/{session_id}/comments/{comment_id}/answer", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/links", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions/{session_id}/links", Scope::SessionsWrite),
    managers("DELETE", "/api/photo-sessions/{session_id}/links/{code}", Scope::SessionsWrite),
    managers("GET", "/api/photo-sessions/{session_id}/photos", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions/{session_id}/photos/batch", Scope::PhotosWrite),
    managers("POST", "/api/photo-sessions/{session_id}/photos/marks", Scope::PhotosWrite),
    managers("DELETE", "/api/photo-sessions/{session_id}/bin", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/chapters", Scope::SessionsRead),
    managers("PUT", "/api/photo-sessions/{session_id}/chapters", Scope::PhotosWrite),
    managers("POST", "/api/photo-sessions/{session_id}/photos/retry", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/photos/ids", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/photos/hours", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions/{session_id}/archives", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/clocks", Scope::SessionsRead),
    managers("PATCH", "/api/photo-sessions/{session_id}/clocks", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/choices", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/choices/export", Scope::SessionsRead),
    // Names that guests gave, and the couple's link.
    sellers("GET", "/api/photo-sessions/{session_id}/choice-lists"),
    sellers("DELETE", "/api/photo-sessions/{session_id}/choice-lists/{list_id}"),
    sellers("PUT", "/api/photo-sessions/{session_id}/selection"),
    sellers("GET", "/api/photo-sessions/{session_id}/ftp"),
    sellers("POST", "/api/photo-sessions/{session_id}/ftp"),
    sellers("DELETE", "/api/photo-sessions/{session_id}/ftp"),
    managers("GET", "/api/photo-sessions/{session_id}/library", Scope::SessionsRead),
    managers("POST", "/api/photo-sessions/{session_id}/sync", Scope::PhotosWrite),
    // A folder below the allowed ones may hold the photos of every studio.
    admins("PUT", "/api/photo-sessions/{session_id}/library"),
    // Originals are what the studio sells; a script that only looks gets none.
    managers("GET", "/api/photos/{photo_id}/original", Scope::PhotosWrite),
    managers("GET", "/api/photos/{photo_id}/raw", Scope::PhotosWrite),
    managers("PATCH", "/api/photos/{photo_id}", Scope::PhotosWrite),
    managers("DELETE", "/api/photos/{photo_id}", Scope::PhotosWrite),
    managers("GET", "/api/photo-sessions/{session_id}/events", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/analytics", Scope::SessionsRead),
    managers("GET", "/api/photo-sessions/{session_id}/analytics.csv", Scope::SessionsRead),
    // Who is in photos is for people to look at: keys of scripts are refused.
    admins("GET", "/api/studios/{studio_id}/people"),
    admins("PUT", "/api/studios/{studio_id}/people"),
    sellers("GET", "/api/photo-sessions/{session_id}/hide-requests"),
    sellers("PATCH", "/api/photo-sessions/{session_id}/hide-requests"),
    sellers("POST", "/api/photo-sessions/{session_id}/hide-requests/{hide_request_id}"),
    sellers("GET", "/api/photo-sessions/{session_id}/people/switches"),
    sellers("PUT", "/api/photo-sessions/{session_id}/people/switches"),
    sellers("GET", "/api/photo-sessions/{session_id}/people"),
    sellers("DELETE", "/api/photo-sessions/{session_id}/people"),
    sellers("POST", "/api/photo-sessions/{session_id}/people/regroup"),
    sellers("PATCH", "/api/photo-sessions/{session_id}/people/{person_id}"),
    sellers("GET", "/api/photo-sessions/{session_id}/people/{person_id}/faces"),
    sellers("POST", "/api/photo-sessions/{session_id}/people/{person_id}/merge"),
    sellers("POST", "/api/photo-sessions/{session_id}/people/{person_id}/split"),
    // What people are told of their sessions: for people.
    sellers("GET", "/api/notices"),
    sellers("POST", "/api/notices/seen"),
    sellers("GET", "/api/notices/settings"),
    sellers("PUT", "/api/notices/settings"),
    page("/dashboard/settings/notices", MANAGERS),
    // Erasing for good. Whose thing it is the operation says; buyers, guests and people are not for keys of scripts.
    managers("POST", "/api/photo-sessions/{session_id}/erasure", Scope::SessionsWrite),
    managers("POST", "/api/photos/{photo_id}/erasure", Scope::PhotosWrite),
    sellers("POST", "/api/photo-sessions/{session_id}/people/{person_id}/erasure"),
    sellers("POST", "/api/photo-sessions/{session_id}/consents/{consent_id}/erasure"),
    signed_in("POST", "/api/users/{user_id}/erasure"),
    sellers("GET", "/api/photo-sessions/{session_id}/consents"),
    admins("GET", "/api/studios/{studio_id}/consents"),
    admins("GET", "/api/studios/{studio_id}/consent-texts"),
    admins("GET", "/api/studios/{studio_id}/consent-texts/{purpose}"),
    admins("PUT", "/api/studios/{studio_id}/consent-texts/{purpose}"),
    admins("DELETE", "/api/studios/{studio_id}/consent-texts/{purpose}"),
    sellers("POST", "/api/shop/orders/{order_id}/erasure"),
    managers("GET", "/api/erasures", Scope::SessionsRead),
    managers("GET", "/api/erasures/{erasure_id}", Scope::SessionsRead),
    Row { method: "GET", path: "/api/studios/{studio_id}/branding", who: Who::Roles(ADMINS), scope: None },
    Row { method: "GET", path: "/api/studios/{studio_id}/credits", who: Who::Roles(ADMINS), scope: None },
    Row { method: "PUT", path: "/api/studios/{studio_id}/branding", who: Who::Roles(ADMINS), scope: None },
    Row { method: "PUT", path: "/api/studios/{studio_id}/credits", who: Who::Roles(ADMINS), scope: None },
    // Whom an admin may change, `accounts` says.
    admins("GET", "/api/studios/{studio_id}/team"),
    admins("PATCH", "/api/studios/{studio_id}/team/{member_id}"),
    admins("POST", "/api/studios/{studio_id}/team/{member_id}/removal"),
    admins("POST", "/api/studios/{studio_id}/team/{member_id}/reset-link"),
    admins("DELETE", "/api/studios/{studio_id}/team/{member_id}/two-step"),
    admins("POST", "/api/studios/{studio_id}/team/invitations"),
    admins("DELETE", "/api/studios/{studio_id}/team/invitations/{invitation_id}"),
    sellers("GET", "/api/photo-sessions/{session_id}/photographers"),
    sellers("PUT", "/api/photo-sessions/{session_id}/photographers"),
    admins("GET", "/api/studios/{studio_id}/return-url"),
    admins("PUT", "/api/studios/{studio_id}/return-url"),
    admins("GET", "/api/studios/{studio_id}/web-origins"),
    admins("PUT", "/api/studios/{studio_id}/web-origins"),
    // A host changes every link of the studio.
    admins("GET", "/api/studios/{studio_id}/host"),
    admins("PUT", "/api/studios/{studio_id}/host"),
    admins("DELETE", "/api/studios/{studio_id}/host"),
    admins("POST", "/api/studios/{studio_id}/host/check"),
    admins("GET", "/api/studios/{studio_id}/watermark"),
    admins("PUT", "/api/studios/{studio_id}/watermark"),
    admins("GET", "/api/studios/{studio_id}/watermark/preview.jpg"),
    // Selling. A cart's token and the key in an order's link open them; keys of the API do not sell.
    anyone("GET", "/api/v1/sessions/{session_id}/prices"),
    anyone("POST", "/api/v1/sessions/{session_id}/carts"),
    anyone("GET", "/api/carts/{cart_token}"),
    anyone("PATCH", "/api/carts/{cart_token}"),
    anyone("PUT", "/api/carts/{cart_token}/items"),
    anyone("POST", "/api/carts/{cart_token}/checkout"),
    anyone("GET", "/api/payments"),
    anyone("GET", "/api/shop/orders/{order_id}"),
    anyone("POST", "/api/shop/orders/{order_id}/pay"),
    anyone("POST", "/api/shop/orders/{order_id}/cancel"),
    anyone("GET", "/api/shop/orders/{order_id}/receipt.pdf"),
    anyone("GET", "/api/shop/orders/{order_id}/archive.zip"),
    anyone("GET", "/api/shop/orders/{order_id}/photos/{photo_id}"),
    anyone("POST", "/api/payments/{method}/webhook"),
    sellers("GET", "/api/shop/orders"),
    sellers("GET", "/api/shop/orders.csv"),
    sellers("POST", "/api/shop/orders/{order_id}/transitions"),
    sellers("GET", "/api/shop/orders/{order_id}/events"),
    sellers("GET", "/api/shop/orders/{order_id}/prints.zip"),
    admins("GET", "/api/embedding-models"),
    admins("GET", "/api/studios/{studio_id}/prices"),
    admins("PUT", "/api/studios/{studio_id}/prices"),
    admins("GET", "/api/studios/{studio_id}/shop-settings"),
    admins("PUT", "/api/studios/{studio_id}/shop-settings"),
    admins("GET", "/api/studios/{studio_id}/promo-codes"),
    admins("POST", "/api/studios/{studio_id}/promo-codes"),
    admins("PUT", "/api/studios/{studio_id}/promo-codes/{promo_id}"),
    admins("DELETE", "/api/studios/{studio_id}/promo-codes/{promo_id}"),
    // Accounts: signing in
    anyone("GET", "/login"),
    anyone("GET", "/setup"),
    // The token in the link is the key.
    anyone("GET", "/reset"),
    anyone("POST", "/api/auth/reset"),
    anyone("POST", "/api/auth/reset/confirm"),
    // The right password, or a passkey, is the key.
    anyone("POST", "/api/auth/login/code"),
    anyone("POST", "/api/auth/login/passkey/options"),
    anyone("POST", "/api/auth/login/passkey"),
    anyone("GET", "/confirm-email"),
    anyone("GET", "/join"),
    anyone("POST", "/api/invitations/open"),
    anyone("POST", "/api/invitations/accept"),
    anyone("POST", "/api/auth/email/confirm"),
    anyone("POST", "/api/auth/login"),
    anyone("POST", "/api/auth/refresh"),
    anyone("POST", "/api/auth/setup"),
    anyone("POST", "/api/auth/logout"),
    anyone("POST", "/api/qr-auth/generate"),
    anyone("POST", "/api/qr-auth/status"),
    anyone("GET", "/api/qr-auth/status/{code}"),
    // Accounts: one's own
    page("/qr-login", EVERYONE),
    page("/dashboard", EVERYONE),
    page("/dashboard/settings/sessions", EVERYONE),
    page("/dashboard/settings/keys", EVERYONE),
    page("/dashboard/settings/account", EVERYONE),
    page("/dashboard/photo-sessions", MANAGERS),
    page("/dashboard/photo-sessions/{session_id}", MANAGERS),
    page("/dashboard/settings/webhooks", ADMINS),
    page("/dashboard/settings/studio", ADMINS),
    page("/dashboard/settings/team", ADMINS),
    page("/dashboard/settings/privacy", MANAGERS),
    page("/dashboard/orders", MANAGERS),
    page("/dashboard/placements", ADMINS),
    page("/dashboard/orders/{order_id}", MANAGERS),
    page("/dashboard/settings/prices", ADMINS),
    page("/dashboard/settings/selling", ADMINS),
    page("/dashboard/settings/watermark", ADMINS),
    signed_in("GET", "/api/auth/me"),
    signed_in("POST", "/api/auth/password"),
    signed_in("GET", "/api/auth/account"),
    signed_in("GET", "/api/auth/two-step"),
    signed_in("POST", "/api/auth/two-step/app"),
    signed_in("POST", "/api/auth/two-step/app/confirm"),
    signed_in("POST", "/api/auth/two-step/app/removal"),
    signed_in("POST", "/api/auth/two-step/recovery-codes"),
    signed_in("POST", "/api/auth/passkeys/options"),
    signed_in("POST", "/api/auth/passkeys"),
    signed_in("POST", "/api/auth/passkeys/{passkey_id}/removal"),
    signed_in("POST", "/api/auth/email"),
    signed_in("DELETE", "/api/auth/email"),
    signed_in("GET", "/api/sessions"),
    signed_in("GET", "/api/sessions/history"),
    signed_in("DELETE", "/api/sessions/{id}"),
    signed_in("DELETE", "/api/sessions/others/all"),
    signed_in("GET", "/api/keys"),
    signed_in("POST", "/api/keys"),
    signed_in("DELETE", "/api/keys/{id}"),
    signed_in("GET", "/api/qr-auth/request/{code}"),
    signed_in("POST", "/api/qr-auth/confirm"),
    signed_in("POST", "/api/qr-auth/reject"),
    // Placement orders. Who may create one is said by the operation, in words of its own.
    anyone("GET", "/auth/signin"),
    page("/dashboard/customer", &[Customer]),
    page("/dashboard/customer/create-order", &[Customer]),
    signed_in("POST", "/api/orders"),
    orders("GET", "/api/orders"),
    orders("GET", "/api/orders/{placement_id}"),
    orders("PATCH", "/api/orders/{placement_id}"),
    customers("DELETE", "/api/orders/{placement_id}"),
    customers("POST", "/api/images"),
    customers("POST", "/api/images/process"),
    orders("GET", "/api/images/{image_id}"),
    // Webhooks: a studio's own
    admins("GET", "/api/webhooks"),
    admins("POST", "/api/webhooks"),
    admins("PATCH", "/api/webhooks/{webhook_id}"),
    admins("DELETE", "/api/webhooks/{webhook_id}"),
    admins("GET", "/api/webhooks/deliveries"),
    admins("POST", "/api/webhooks/deliveries/{delivery_id}/replay"),
    // Tickets: everybody's own; the desk's are more
    signed_in("GET", "/api/ticket"),
    signed_in("POST", "/api/ticket"),
    signed_in("GET", "/api/ticket/events"),
    signed_in("POST", "/api/ticket/status"),
    desk("POST", "/api/ticket/assign"),
    desk("GET", "/api/ticket/assignees"),
    signed_in("GET", "/api/ticket/{ticket_id}"),
    Row { method: "DELETE", path: "/api/ticket/{ticket_id}", who: Who::Roles(&[SuperAdmin]), scope: None },
    signed_in("POST", "/api/ticket/{ticket_id}/response"),
    signed_in("GET", "/api/ticket/{ticket_id}/events"),
    signed_in("GET", "/api/ticket/{ticket_id}/attachments/{attachment_id}"),
    page("/dashboard/tickets", EVERYONE),
    page("/dashboard/tickets/new", EVERYONE),
    page("/dashboard/tickets-new", EVERYONE),
    page("/dashboard/tickets-new/{ticket_id}", EVERYONE),
    page("/dashboard/tickets/{ticket_id}", EVERYONE),
    // Photos on their way in. The client of a session is a customer.
    anyone("OPTIONS", "/api/uploads"),
    anyone("OPTIONS", "/api/uploads/{upload_id}"),
    sends("POST", "/api/uploads"),
    sends("HEAD", "/api/uploads/{upload_id}"),
    sends("PATCH", "/api/uploads/{upload_id}"),
    sends("DELETE", "/api/uploads/{upload_id}"),
    sends("POST", "/api/photo-sessions/{session_id}/photos"),
    sends("POST", "/api/photo-sessions/{session_id}/ledger"),
    sends("GET", "/api/photo-sessions/{session_id}/rejections"),
    sends("DELETE", "/api/photo-sessions/{session_id}/rejections/{rejection_id}"),
    // A photobooth's hand-off: its id is the key
    anyone("GET", "/handoff/{handoff_id}"),
    anyone_or("POST", "/api/session/create", Scope::Handoff),
    anyone("GET", "/api/session/{handoff_id}"),
    anyone("PUT", "/api/session/{handoff_id}"),
    anyone("DELETE", "/api/session/{handoff_id}"),
    anyone("POST", "/api/session/{handoff_id}/photos"),
    anyone("GET", "/api/session/{handoff_id}/photos"),
    anyone("GET", "/api/session/{handoff_id}/photos/{handoff_photo_id}"),
    anyone("POST", "/api/session/{handoff_id}/result"),
    anyone("GET", "/api/session/{handoff_id}/result"),
    anyone("GET", "/api/session/{handoff_id}/events"),
    booths("GET", "/api/sessions/list"),
    booths("POST", "/api/sessions/cleanup"),
];

/// The operation's row. A `HEAD` without one is a `GET` without its body.
#[must_use]
pub fn row(method: &str, path: &str) -> Option<&'static Row> {
    let exact = |method: &str| TABLE.iter().find(|row| row.path == path && row.method == method);
    exact(method).or_else(|| exact("GET").filter(|_| method == "HEAD"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_operation_has_one_row() {
        let rows: BTreeSet<_> = TABLE.iter().map(|row| (row.method, row.path)).collect();
        assert_eq!(rows.len(), TABLE.len());
    }

    #[test]
    fn a_scope_is_offered_to_the_roles_that_have_use_for_it() {
        let scoped = |scope: Scope| TABLE.iter().filter(move |row| row.scope == Some(scope));
        for scope in Scope::ALL {
            for role in Role::ALL {
                let named =
                    scoped(*scope).any(|row| matches!(row.who, Who::Roles(roles) if roles.contains(role)));
                let counts_for_more = scoped(*scope).any(|row| row.who == Who::Anyone);
                assert!(scope.is_for(*role) || !named, "{scope} is needed by {role}");
                assert!(!scope.is_for(*role) || named || counts_for_more, "{scope} is of no use to {role}");
            }
        }
        assert_eq!(Scope::offered_to(Customer), [Scope::PhotosWrite]);
        assert_eq!(Scope::offered_to(Operator), [Scope::Handoff]);
    }
}
