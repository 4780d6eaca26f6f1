//! `pixora user add|list|password|reset-link|email|end-two-step|keys|disable|enable|balance`

use std::{
    io::{BufRead, IsTerminal},
    sync::Arc,
};

use serde_json::json;

use super::{CliError, print_json};
use crate::{
    accounts::{Accounts, NewUser},
    app::{self, Parts},
    config::Settings,
    domain::{ApiKeyId, Email, PLACEMENT_CURRENCY, Phone, Role, StudioId},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an account
    Add(Add),
    /// List the accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give somebody another password: every device is signed out, and their API keys end
    Password(Password),
    /// Make a link that lets somebody choose another password, once and within half an hour
    ResetLink(Named),
    /// Give somebody another e-mail address; the old one is told
    Email {
        /// The e-mail address or telephone number that they sign in with
        login: String,
        /// The new address
        address: String,
    },
    /// Take somebody's second step of signing in away, who has lost app, passkeys and recovery codes
    EndTwoStep(Named),
    /// List somebody's API keys, or end them
    Keys(Keys),
    /// Keep somebody out, at once, on every device and with every API key
    Disable(Named),
    /// Let somebody in again; what they had signed in, and their API keys, have ended
    Enable(Named),
    /// Show a customer's balance, or change it
    Balance(Balance),
}

#[derive(Debug, clap::Args)]
pub(super) struct Balance {
    /// The e-mail address or telephone number that the customer signs in with
    #[arg(long, value_name = "LOGIN")]
    email: String,
    /// Minor units to add (500000 is 5,000 ₽); negative to take. The first opens the account: from then on
    /// an order needs it to cover the order
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    add: Option<i64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Password {
    /// The e-mail address or telephone number that they sign in with
    login: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Let their API keys go on working
    #[arg(long)]
    keep_keys: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Keys {
    /// The e-mail address or telephone number that they sign in with
    login: String,
    /// End all of them, or `--revoke=ID` one
    #[arg(long, value_name = "ID", num_args = 0..=1, require_equals = true, value_parser = |text: &str| text.parse::<ApiKeyId>())]
    revoke: Option<Option<ApiKeyId>>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// The e-mail address or telephone number that they sign in with
    login: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// E-mail address to sign in with
    #[arg(long, required_unless_present = "phone")]
    email: Option<String>,
    /// Telephone number to sign in with
    #[arg(long)]
    phone: Option<String>,
    /// `super_admin`, `admin`, `photographer`, `customer` or `operator`
    #[arg(long, value_parser = |text: &str| text.parse::<Role>())]
    role: Role,
    /// The person's name [default: the address or number]
    #[arg(long)]
    name: Option<String>,
    /// The studio they belong to [default: the oldest; customers and operators belong to none]
    #[arg(long, value_name = "ID", value_parser = |text: &str| text.parse::<StudioId>())]
    studio: Option<StudioId>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, settings: Settings) -> Result<(), CliError> {
    // Before anything is opened: somebody types meanwhile.
    let password = match &command {
        Command::Add(add) => Some(password(add.password_stdin)?),
        Command::Password(of) => Some(password(of.password_stdin)?),
        _ => None,
    };
    let parts = Parts::open(&settings).await?;
    let done = match command {
        Command::Add(added) => add(added, password.unwrap_or_default(), &settings, &parts).await,
        Command::List { json } => list(json, &parts).await,
        Command::Password(of) => set_password(&of, &password.unwrap_or_default(), &settings, &parts).await,
        Command::ResetLink(named) => reset_link(&named, &settings, &parts).await,
        Command::Email { login, address } => set_email(&login, &address, &settings, &parts).await,
        Command::EndTwoStep(named) => end_two_step(&named, &settings, &parts).await,
        Command::Keys(of) => keys(of, &settings, &parts).await,
        Command::Disable(named) => set_disabled(&named, true, &settings, &parts).await,
        Command::Enable(named) => set_disabled(&named, false, &settings, &parts).await,
        Command::Balance(of) => balance(of, &settings, &parts).await,
    };
    parts.store.close().await;
    done
}

/// Mails that a command causes lie in the outbox until a server sends them.
fn open(settings: &Settings, parts: &Parts) -> Result<Accounts, CliError> {
    Ok(app::accounts(settings, &parts.store, app::postbox(settings), Arc::clone(&parts.clock))?)
}

async fn reset_link(named: &Named, settings: &Settings, parts: &Parts) -> Result<(), CliError> {
    outln!("{}", open(settings, parts)?.reset_link(&named.login).await?);
    Ok(())
}

async fn set_email(login: &str, address: &str, settings: &Settings, parts: &Parts) -> Result<(), CliError> {
    open(settings, parts)?.set_email(login, address).await?;
    outln!("changed");
    Ok(())
}

async fn end_two_step(named: &Named, settings: &Settings, parts: &Parts) -> Result<(), CliError> {
    open(settings, parts)?.end_two_step(&named.login).await?;
    outln!("a password is enough now");
    Ok(())
}

async fn list(json: bool, parts: &Parts) -> Result<(), CliError> {
    let users = parts.store.users().list().await?;
    if json {
        let users: Vec<_> = users
            .iter()
            .map(|user| {
                json!({
                    "id": user.id, "name": user.name, "role": user.role.as_str(), "disabled": user.disabled,
                    "email": user.email.as_ref().map(Email::as_str), "phone": user.phone.as_ref().map(Phone::as_str),
                })
            })
            .collect();
        return print_json(&users);
    }
    for user in users {
        let login = user.email.as_ref().map(Email::as_str).or(user.phone.as_ref().map(Phone::as_str));
        let state = if user.disabled { "disabled" } else { "" };
        outln!("{} {:12} {} {state}", user.id, user.role, login.unwrap_or_default());
    }
    Ok(())
}

async fn set_disabled(
    named: &Named,
    disabled: bool,
    settings: &Settings,
    parts: &Parts,
) -> Result<(), CliError> {
    let accounts = open(settings, parts)?;
    accounts.set_disabled(&named.login, disabled).await?;
    outln!("{}", if disabled { "disabled" } else { "enabled" });
    Ok(())
}

async fn set_password(
    of: &Password,
    password: &str,
    settings: &Settings,
    parts: &Parts,
) -> Result<(), CliError> {
    let accounts = open(settings, parts)?;
    let keys = accounts.reset_password(&of.login, password, of.keep_keys).await?;
    outln!("changed; every device is signed out, and {keys} API keys have ended");
    Ok(())
}

async fn keys(of: Keys, settings: &Settings, parts: &Parts) -> Result<(), CliError> {
    let accounts = open(settings, parts)?;
    if let Some(one) = of.revoke {
        let revoked = accounts.revoke_keys_of(&of.login, one).await?;
        if of.json {
            return print_json(&json!({ "revoked": revoked }));
        }
        outln!("{revoked} API keys have ended");
        return Ok(());
    }
    let keys = accounts.keys_of(&of.login).await?;
    if of.json {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "id": key.id, "name": key.name, "prefix": key.prefix,
                    "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
                    "created_at": key.created_at, "last_used_at": key.last_used_at,
                })
            })
            .collect();
        return print_json(&keys);
    }
    for key in keys {
        let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        outln!("{} {}… {scopes} {}", key.id, key.prefix, key.name);
    }
    Ok(())
}

async fn balance(of: Balance, settings: &Settings, parts: &Parts) -> Result<(), CliError> {
    let accounts = open(settings, parts)?;
    let customer = accounts.find(&of.email).await?;
    if customer.role != Role::Customer {
        return Err(CliError::failed("customers_only", "only customers have a balance"));
    }
    let balances = parts.store.balances();
    let balance = match of.add {
        None => balances.get(customer.id).await?,
        Some(delta) => Some(balances.add(customer.id, delta, parts.now()).await?.ok_or_else(|| {
            CliError::failed("insufficient_balance", "what is reserved for orders has to stay")
        })?),
    };
    if of.json {
        return print_json(&json!({
            "user_id": customer.id, "currency": PLACEMENT_CURRENCY,
            "amount": balance.map(|it| it.amount), "reserved": balance.map(|it| it.reserved),
        }));
    }
    match balance {
        None => outln!("no balance: orders are not held to one"),
        Some(it) => {
            outln!("{} {PLACEMENT_CURRENCY}, {} reserved", units(it.amount), units(it.reserved));
        }
    }
    Ok(())
}

/// Minor units as a person writes them: `1234.50`.
fn units(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

async fn add(add: Add, password: String, settings: &Settings, parts: &Parts) -> Result<(), CliError> {
    let studios = match (add.studio, add.role) {
        (Some(studio), _) => vec![studio],
        (None, Role::Customer | Role::Operator) => Vec::new(),
        (None, _) => vec![parts.store.sessions().default_studio(parts.now()).await?],
    };
    let login = add.email.clone().or_else(|| add.phone.clone()).unwrap_or_default();
    let new = NewUser {
        name: add.name.unwrap_or(login),
        email: add.email,
        phone: add.phone,
        role: add.role,
        password,
        studios,
    };
    let accounts = open(settings, parts)?;
    let user = accounts.add_user(new).await?;
    if add.json {
        return print_json(&json!({ "id": user.id, "role": user.role.as_str() }));
    }
    outln!("{} {}", user.id, user.role);
    Ok(())
}

/// Never an argument: those stand in the shell's history and in the list of processes.
fn password(from_stdin: bool) -> Result<String, CliError> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err(CliError::Usage("say --password-stdin to read the password from a pipe".into()));
    }
    let password = rpassword::prompt_password("Password (at least 10 characters): ")?;
    if rpassword::prompt_password("Once more: ")? != password {
        return Err(CliError::Usage("the two passwords differ".into()));
    }
    Ok(password)
}
