//! `/api/studios/{studio_id}/team`: the members of a studio.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{end, invitations::InvitationJson};
use crate::{
    accounts::{self, MemberChange, TeamMember},
    app::AppState,
    domain::{StudioId, UserId},
    http::{
        extract::{self, PathId, PathIds, given},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::time,
        words,
    },
};

/// Somebody who works in a studio.
#[derive(Serialize, ToSchema)]
pub struct MemberJson {
    id: Uuid,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    role: words::Role,
    disabled: bool,
    /// From then on they do not belong to the studio any more.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// The last use of a device that is signed in.
    #[schema(format = DateTime)]
    last_activity_at: Option<String>,
    /// Sessions of this studio whose photographer they are.
    sessions: u64,
    /// Whether this is the caller.
    is_me: bool,
    /// Whether the caller may end their time and take them out.
    is_managed: bool,
    /// Whether the caller may change their role, keep them out and make them a link for another password.
    is_managed_whole: bool,
}

impl MemberJson {
    fn new(of: TeamMember, caller: &accounts::Caller) -> Self {
        let TeamMember { member, is_managed, is_managed_whole } = of;
        let user = member.user;
        Self {
            is_me: user.id == caller.user,
            id: user.id.0,
            name: user.name,
            email: user.email.map(|email| email.as_str().to_owned()),
            phone: user.phone.map(|phone| phone.as_str().to_owned()),
            role: user.role.into(),
            disabled: user.disabled,
            ends_at: member.ends_at.map(time),
            last_activity_at: member.last_activity_at.map(time),
            sessions: member.sessions,
            is_managed,
            is_managed_whole,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct TeamJson {
    /// By name.
    members: Vec<MemberJson>,
    /// Those that wait to be accepted, newest first.
    invitations: Vec<InvitationJson>,
    /// The roles that the caller may give.
    roles: Vec<words::Role>,
    /// Whether invitations can be mailed.
    mail: bool,
}

/// List a studio's team, and who is invited
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/team",
    operation_id = "get_team",
    tag = "team",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = TeamJson))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(studio): PathId<StudioId>,
) -> Result<Json<TeamJson>, Problem> {
    let members = app.accounts.team(&caller, studio).await?;
    let invitations = app.accounts.invitations(&caller, studio).await?;
    Ok(Json(TeamJson {
        members: members.into_iter().map(|each| MemberJson::new(each, &caller)).collect(),
        invitations: invitations.into_iter().map(Into::into).collect(),
        roles: accounts::roles_given_by(caller.role).into_iter().map(Into::into).collect(),
        mail: app.postbox.enabled(),
    }))
}

/// Members that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
pub struct MemberInput {
    #[schema(value_type = Option<words::Role>)]
    role: Option<String>,
    /// Whether they are kept out. Either way their devices are signed out and their keys end.
    disabled: Option<bool>,
    /// In the future; `null` for no end.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(alias = "endsAt")]
    ends_at: Option<Option<String>>,
}

/// Change a member's role, keep them out, or end their time
#[utoipa::path(
    patch,
    path = "/api/studios/{studio_id}/team/{member_id}",
    operation_id = "change_member",
    tag = "team",
    params(("studio_id" = Uuid, Path), ("member_id" = Uuid, Path)),
    request_body = MemberInput,
    responses((status = 204))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(studio, member): PathIds<StudioId, UserId>,
    extract::Json(given): extract::Json<MemberInput>,
) -> Result<StatusCode, Problem> {
    let role = given.role.map(|role| role.parse()).transpose();
    let change = MemberChange {
        role: role.map_err(|_| Code::InvalidRole)?,
        disabled: given.disabled,
        ends_at: given.ends_at.map(end).transpose()?,
    };
    app.accounts.change_member(&caller, studio, member, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct RemovalInput {
    /// The member who gets their sessions of this studio; without one the studio's admins keep them.
    #[serde(alias = "heirId")]
    heir_id: Option<Uuid>,
}

/// Take a member out of the studio
///
/// Their devices are signed out. Sessions, photos and orders stay.
#[utoipa::path(
    post,
    path = "/api/studios/{studio_id}/team/{member_id}/removal",
    operation_id = "remove_member",
    tag = "team",
    params(("studio_id" = Uuid, Path), ("member_id" = Uuid, Path)),
    request_body = RemovalInput,
    responses((status = 204))
)]
pub async fn remove(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(studio, member): PathIds<StudioId, UserId>,
    extract::Json(given): extract::Json<RemovalInput>,
) -> Result<StatusCode, Problem> {
    app.accounts.remove_member(&caller, studio, member, given.heir_id.map(UserId)).await?;
    // Who manages a session is read from the remembered ones.
    app.sessions.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct MemberLink {
    /// Good once and for half an hour, for whoever has it.
    url: String,
}

/// Take a member's second step of signing in away
///
/// For somebody who has lost app, passkeys and recovery codes. A mail tells them.
#[utoipa::path(
    delete,
    path = "/api/studios/{studio_id}/team/{member_id}/two-step",
    operation_id = "end_two_step",
    tag = "team",
    params(("studio_id" = Uuid, Path), ("member_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn end_two_step(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(studio, member): PathIds<StudioId, UserId>,
) -> Result<StatusCode, Problem> {
    app.accounts.end_two_step_of_member(&caller, studio, member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a link that lets a member choose another password, to hand it over
#[utoipa::path(
    post,
    path = "/api/studios/{studio_id}/team/{member_id}/reset-link",
    operation_id = "make_password_reset_link",
    tag = "team",
    params(("studio_id" = Uuid, Path), ("member_id" = Uuid, Path)),
    responses((status = 201, body = MemberLink))
)]
pub async fn reset_link(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(studio, member): PathIds<StudioId, UserId>,
) -> Result<(StatusCode, Json<MemberLink>), Problem> {
    let url = app.accounts.reset_link_of_member(&caller, studio, member).await?;
    Ok((StatusCode::CREATED, Json(MemberLink { url })))
}
