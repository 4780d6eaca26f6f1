//! Invitations: made and taken back by the studio, looked at and accepted by whoever has the link.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::end;
use crate::{
    accounts::{Guestbook, Invitation, NewInvitation},
    app::AppState,
    domain::{Email, InvitationId, StudioId},
    http::{
        client::Client,
        extract::{self, PathId, PathIds},
        guard::Caller,
        language,
        messages::Code,
        problem::Problem,
        shared::time,
        studio::check_studio,
        words,
    },
};

#[derive(Serialize, ToSchema)]
pub struct InvitationJson {
    id: Uuid,
    /// Where it was mailed, if it was.
    email: Option<String>,
    role: words::Role,
    /// When whoever accepts it leaves the studio again.
    #[schema(format = DateTime)]
    member_until: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<Invitation> for InvitationJson {
    fn from(from: Invitation) -> Self {
        Self {
            id: from.id.0,
            email: from.email.as_ref().map(Email::as_str).map(ToOwned::to_owned),
            role: from.role.into(),
            member_until: from.member_until.map(time),
            created_at: time(from.created_at),
            expires_at: time(from.expires_at),
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct InvitationInput {
    #[schema(value_type = words::Role)]
    role: String,
    /// Where the link is mailed. Without an address it is handed over.
    email: Option<String>,
    /// In the future; without a time there is no end.
    #[schema(format = DateTime)]
    #[serde(alias = "memberUntil")]
    member_until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedInvitation {
    #[serde(flatten)]
    about: InvitationJson,
    /// Shown this once. Good once and for a week, for whoever has it.
    url: String,
}

/// Invite somebody into a studio's team, by mail or by a link
#[utoipa::path(
    post,
    path = "/api/studios/{studio_id}/team/invitations",
    operation_id = "invite",
    tag = "team",
    params(("studio_id" = Uuid, Path)),
    request_body = InvitationInput,
    responses((status = 201, body = CreatedInvitation))
)]
pub async fn invite(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(studio): PathId<StudioId>,
    headers: HeaderMap,
    given: Result<extract::Json<InvitationInput>, Problem>,
) -> Result<(StatusCode, Json<CreatedInvitation>), Problem> {
    check_studio(&caller, studio)?;
    let extract::Json(given) = given?;
    let new = NewInvitation {
        email: given.email.filter(|email| !email.trim().is_empty()),
        role: given.role.parse().map_err(|_| Code::InvalidRole)?,
        member_until: end(given.member_until)?,
        language: language::of(&headers),
    };
    let (about, url) = app.accounts.invite(&caller, studio, new).await?;
    Ok((StatusCode::CREATED, Json(CreatedInvitation { about: about.into(), url })))
}

/// Take an invitation back
#[utoipa::path(
    delete,
    path = "/api/studios/{studio_id}/team/invitations/{invitation_id}",
    operation_id = "withdraw_invitation",
    tag = "team",
    params(("studio_id" = Uuid, Path), ("invitation_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn withdraw(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(studio, id): PathIds<StudioId, InvitationId>,
) -> Result<StatusCode, Problem> {
    app.accounts.withdraw_invitation(&caller, studio, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct InvitationToken {
    /// From the link.
    token: String,
}

#[derive(Serialize, ToSchema)]
pub struct OpenedInvitation {
    studio_name: String,
    #[serde(flatten)]
    about: InvitationJson,
}

/// Get the invitation behind a link
#[utoipa::path(
    post,
    path = "/api/invitations/open",
    operation_id = "open_invitation",
    tag = "team",
    request_body = InvitationToken,
    responses((status = 200, body = OpenedInvitation))
)]
pub async fn show(
    State(app): State<AppState>,
    Client(client): Client,
    extract::Json(InvitationToken { token }): extract::Json<InvitationToken>,
) -> Result<Json<OpenedInvitation>, Problem> {
    let (about, studio_name) = app.accounts.invitation(&token, &client).await?;
    Ok(Json(OpenedInvitation { studio_name, about: about.into() }))
}

#[derive(Deserialize, ToSchema)]
pub struct Acceptance {
    /// From the link.
    token: String,
    email: String,
    /// Of a new account.
    #[serde(default)]
    name: String,
    /// Of a new account: 10 to 200 characters, and not easy to guess. For an address with an account, its password.
    #[schema(format = Password)]
    password: String,
}

/// Accept an invitation
///
/// Makes an account, or adds the studio to the one that the address has. Nobody is signed in by it.
#[utoipa::path(
    post,
    path = "/api/invitations/accept",
    operation_id = "accept_invitation",
    tag = "team",
    request_body = Acceptance,
    responses((status = 204))
)]
pub async fn accept(
    State(app): State<AppState>,
    Client(client): Client,
    extract::Json(given): extract::Json<Acceptance>,
) -> Result<StatusCode, Problem> {
    let Acceptance { token, email, name, password } = given;
    app.accounts.accept_invitation(&token, Guestbook { email, name, password }, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
