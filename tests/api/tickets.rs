//! Tickets: who sees which, how they move, what their readers are told.

use std::{collections::BTreeSet, time::Duration};

use chrono::Utc;
use futures::future::join_all;
use pixora::{
    domain::{Mail, Role, StudioId, TicketStatus},
    http::rights::{TABLE, Who},
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, start},
};

/// Opens a ticket.
pub async fn ticket(app: &TestApp, author: &TestUser) -> String {
    let body = json!({ "subject": "Lost photos", "message": "Where are they?" });
    let made = app.send_as(author, Method::POST, "/api/ticket", body).await;
    assert_eq!(made.status(), 201);
    made.json::<Value>().await.unwrap()["id"].as_str().expect("has an id").to_owned()
}

async fn say(app: &TestApp, user: &TestUser, ticket: &str, body: Value) -> reqwest::Response {
    app.send_as(user, Method::POST, &format!("/api/ticket/{ticket}/response"), body).await
}

async fn set(app: &TestApp, user: &TestUser, ticket: &str, status: &str) -> reqwest::Response {
    let body = json!({ "ticket_id": ticket, "status": status });
    app.send_as(user, Method::POST, "/api/ticket/status", body).await
}

async fn assign(app: &TestApp, by: &TestUser, ticket: &str, to: Value) -> reqwest::Response {
    let body = json!({ "ticket_id": ticket, "assigned_to": to });
    app.send_as(by, Method::POST, "/api/ticket/assign", body).await
}

async fn show(app: &TestApp, user: &TestUser, ticket: &str) -> Value {
    app.get_as(user, &format!("/api/ticket/{ticket}")).await
}

async fn listed(app: &TestApp, user: &TestUser, query: &str) -> Vec<String> {
    let page = app.get_as(user, &format!("/api/ticket{query}")).await;
    let id = |ticket: &Value| ticket["id"].as_str().expect("has an id").to_owned();
    page["tickets"].as_array().expect("a list").iter().map(id).collect()
}

/// What lies in the outbox; taken out.
async fn mails(app: &TestApp) -> Vec<Mail> {
    let due = app.app.store.mails().lease_due(100, Duration::from_secs(3600), Utc::now()).await.unwrap();
    due.into_iter().map(|queued| queued.mail).collect()
}

fn to(mails: &[Mail]) -> BTreeSet<String> {
    mails.iter().map(|mail| mail.to.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_ticket_has_every_field_and_refuses_what_it_cannot_be() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let new = json!({
        "subject": " Не вижу фото ", "message": "Где они?\nСпасибо", "priority": "urgent", "category": "technical",
    });
    let made = app.send_as(&author, Method::POST, "/api/ticket", new).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    let person = json!({ "id": author.id, "name": "Test customer" });
    let expected = json!({
        "id": made["id"], "subject": "Не вижу фото", "message": "Где они?\nСпасибо", "priority": "urgent",
        "category": "technical", "status": "open", "assigned_to": null, "author": person, "closed_at": null,
        "created_at": made["created_at"], "updated_at": made["created_at"], "reply_count": 0, "attachments": [],
    });
    assert_eq!(made, expected);
    assert_eq!(
        app.get_as(&author, "/api/ticket").await,
        json!({ "tickets": [expected], "next_cursor": null })
    );

    for (field, value) in [
        ("subject", json!("")),
        ("subject", json!("x".repeat(201))),
        ("subject", json!("two\nlines")),
        ("message", json!(" \n ")),
        ("message", json!("ж".repeat(10_001))),
        ("message", json!("a\u{0}b")),
        ("priority", json!("soon")),
        ("category", json!("")),
    ] {
        let mut body = json!({ "subject": "S", "message": "M" });
        body[field] = value;
        let refused = app.send_as(&author, Method::POST, "/api/ticket", body).await;
        assert_eq!(assert_problem(refused, 422, "invalid_ticket").await["field"], field);
    }
    let missing = app.send_as(&author, Method::POST, "/api/ticket", json!({ "subject": "S" })).await;
    assert_eq!(assert_problem(missing, 422, "invalid_ticket").await["field"], "message");
    for query in ["?status=lost", "?assigned=anna", "?priority=1", "?category=x"] {
        let refused =
            app.request(Method::GET, &format!("/api/ticket{query}")).bearer_auth(&author.access_token);
        assert_problem(refused.send().await.unwrap(), 422, "malformed_query").await;
    }
    assert_eq!(listed(&app, &author, "").await.len(), 1);
}

#[tokio::test]
async fn the_same_request_twice_makes_one_ticket() {
    let app = start().await;
    let author = app.user(Role::Photographer, &[]).await;
    let send = async |subject: &str| {
        let form = Form::new().text("subject", subject.to_owned()).text("message", "M");
        let form = form.part("attachment", Part::text("a note").file_name("a.txt"));
        let request = app.request(Method::POST, "/api/ticket").bearer_auth(&author.access_token);
        request.header("idempotency-key", "k").multipart(form).send().await.unwrap()
    };
    let first: Value = send("S").await.json().await.unwrap();
    // A form's boundary is another each time.
    assert_eq!(send("S").await.json::<Value>().await.unwrap(), first);
    assert_problem(send("T").await, 422, "idempotency_key_reused").await;
    assert_eq!(listed(&app, &author, "").await.len(), 1);
    assert_eq!(app.app.blobs.attachments().await.unwrap().len(), 1, "files that came for nothing are gone");
}

#[tokio::test]
async fn a_reply_is_said_once_and_in_one_ticket() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let (here, there) = (ticket(&app, &author).await, ticket(&app, &author).await);
    let say = async |ticket: &str| {
        let path = format!("/api/ticket/{ticket}/response");
        let request = app.request(Method::POST, &path).bearer_auth(&author.access_token);
        request.header("idempotency-key", "k").json(&json!({ "message": "Hello?" })).send().await.unwrap()
    };
    let first: Value = say(&here).await.json().await.unwrap();
    assert_eq!(say(&here).await.json::<Value>().await.unwrap(), first);
    assert_problem(say(&there).await, 422, "idempotency_key_reused").await;
    assert_eq!(show(&app, &author, &here).await["replies"], json!([first]));
    assert_eq!(show(&app, &author, &there).await["reply_count"], 0);
}

/// Every status to every status, by both sides, over HTTP; the rules' own test says why.
#[tokio::test]
async fn the_matrix_of_statuses() {
    let app = start().await;
    let (author, operator) = (app.user(Role::Customer, &[]).await, app.user(Role::Operator, &[]).await);
    let matrix = [
        (&operator, [".yyyy", "y.yyy", "ny.yy", "nyn.y", "nynn."]),
        (&author, [".dddy", "n.ddy", "nd.dy", "ydd.y", "yddd."]),
    ];
    for (who, rows) in matrix {
        for (from, row) in TicketStatus::ALL.iter().zip(rows) {
            let mut next = BTreeSet::new();
            for (to, expected) in TicketStatus::ALL.iter().zip(row.chars()) {
                let id = ticket(&app, &author).await;
                assert_eq!(set(&app, &operator, &id, from.as_str()).await.status(), 200, "{from}");
                let told = show(&app, who, &id).await;
                let answer = set(&app, who, &id, to.as_str()).await;
                match expected {
                    'n' => {
                        let problem = assert_problem(answer, 409, "ticket_status_refused").await;
                        assert_eq!(
                            (&problem["from"], &problem["to"]),
                            (&json!(from.as_str()), &json!(to.as_str()))
                        );
                    }
                    'd' => drop(assert_problem(answer, 403, "forbidden").await),
                    _ => {
                        let after: Value = answer.json().await.unwrap();
                        assert_eq!(after["status"], to.as_str(), "{from} to {to}");
                        assert_eq!(
                            after["closed_at"].is_null(),
                            *to != TicketStatus::Closed,
                            "{from} to {to}"
                        );
                    }
                }
                if expected == 'y' {
                    next.insert(to.as_str().to_owned());
                }
                let told = told["next_statuses"].as_array().expect("a list").iter();
                let told: BTreeSet<_> = told.map(|each| each.as_str().expect("a word").to_owned()).collect();
                assert_eq!(told.contains(to.as_str()), expected == 'y', "{from} to {to}: {told:?}");
            }
        }
    }
    let unknown = set(&app, &operator, &ticket(&app, &author).await, "lost").await;
    assert_eq!(assert_problem(unknown, 422, "invalid_ticket").await["field"], "status");
}

#[tokio::test]
async fn replies_move_a_ticket_and_a_closed_one_takes_none() {
    let app = start().await;
    let (author, operator) = (app.user(Role::Customer, &[]).await, app.user(Role::Operator, &[]).await);
    let id = ticket(&app, &author).await;
    let answer = say(&app, &operator, &id, json!({ "message": " Look again " })).await;
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["author"], json!({ "id": operator.id, "name": "Test operator", "role": "operator" }));
    assert_eq!((&answer["message"], &answer["is_internal"]), (&json!("Look again"), &json!(false)));
    let seen = show(&app, &author, &id).await;
    assert_eq!((&seen["status"], &seen["reply_count"]), (&json!("awaiting_reply"), &json!(1)));
    assert_eq!(seen["replies"], json!([answer]));

    say(&app, &author, &id, json!({ "message": "Nothing" })).await;
    assert_eq!(show(&app, &author, &id).await["status"], "open", "nobody has it");
    let taken: Value = assign(&app, &operator, &id, json!(operator.id)).await.json().await.unwrap();
    assert_eq!(taken["status"], "in_progress");
    assert_eq!(taken["assigned_to"], json!({ "id": operator.id, "name": "Test operator" }));
    set(&app, &operator, &id, "resolved").await;
    say(&app, &operator, &id, json!({ "message": "Good luck" })).await;
    assert_eq!(show(&app, &author, &id).await["status"], "resolved");
    say(&app, &author, &id, json!({ "message": "Still nothing" })).await;
    assert_eq!(show(&app, &author, &id).await["status"], "in_progress", "who had it has it again");

    assert_eq!(set(&app, &author, &id, "closed").await.status(), 200);
    for who in [&author, &operator] {
        assert_problem(say(&app, who, &id, json!({ "message": "More" })).await, 409, "ticket_closed").await;
    }
    assert_problem(assign(&app, &operator, &id, json!(null)).await, 409, "ticket_closed").await;
    assert_eq!(
        say(&app, &operator, &id, json!({ "message": "Odd", "is_internal": true })).await.status(),
        201
    );
    let reopened: Value = set(&app, &author, &id, "open").await.json().await.unwrap();
    assert_eq!((&reopened["status"], &reopened["closed_at"]), (&json!("open"), &json!(null)));
    let silent = say(&app, &author, &id, json!({ "message": "" })).await;
    assert_eq!(assert_problem(silent, 422, "invalid_ticket").await["field"], "message");
}

#[tokio::test]
async fn ten_at_once_are_ten_replies() {
    let app = start().await;
    let (author, operator) = (app.user(Role::Customer, &[]).await, app.user(Role::Operator, &[]).await);
    let id = ticket(&app, &author).await;
    let all = join_all((0..10).map(|n| {
        let who = if n % 2 == 0 { &author } else { &operator };
        say(&app, who, &id, json!({ "message": format!("{n}") }))
    }));
    assert!(all.await.iter().all(|answer| answer.status() == 201));
    assert_eq!(show(&app, &author, &id).await["reply_count"], 10);
}

#[tokio::test]
async fn an_admin_answers_for_their_studio_and_its_clients() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let boss = app.user(Role::Admin, &[here]).await;
    let stranger = app.user(Role::Admin, &[there]).await;
    let nobody = app.user(Role::Admin, &[]).await;
    let (root, operator) = (app.user(Role::SuperAdmin, &[]).await, app.user(Role::Operator, &[]).await);
    let photographer = app.user(Role::Photographer, &[here]).await;
    let (client, passer_by) = (app.user(Role::Customer, &[]).await, app.user(Role::Customer, &[]).await);
    let session = json!({ "name": "Anna & Ivan", "client_id": client.id });
    let made = app.send_as(&photographer, Method::POST, "/api/photo-sessions", session).await;
    assert_eq!(made.status(), 201);

    let (member, client_s, other) =
        (ticket(&app, &photographer).await, ticket(&app, &client).await, ticket(&app, &passer_by).await);
    let seen = async |who: &TestUser| listed(&app, who, "").await.into_iter().collect::<BTreeSet<_>>();
    let all: BTreeSet<_> = [&member, &client_s, &other].into_iter().cloned().collect();
    assert_eq!(seen(&operator).await, all);
    assert_eq!(seen(&root).await, all);
    assert_eq!(seen(&boss).await, [&member, &client_s].into_iter().cloned().collect());
    assert_eq!(seen(&stranger).await, BTreeSet::new());
    assert_eq!(seen(&nobody).await, BTreeSet::new());
    assert_eq!(seen(&photographer).await, BTreeSet::from([member.clone()]));
    assert_problem(say(&app, &stranger, &member, json!({ "message": "Hi" })).await, 404, "ticket_not_found")
        .await;

    let people = async |who: &TestUser| {
        let answer = app.get_as(who, "/api/ticket/assignees").await;
        let list = answer["assignees"].as_array().expect("a list").clone();
        list.iter().map(|each| each["id"].as_str().expect("an id").to_owned()).collect::<BTreeSet<_>>()
    };
    let ids = |users: &[&TestUser]| users.iter().map(|user| user.id.to_string()).collect::<BTreeSet<_>>();
    assert_eq!(people(&boss).await, ids(&[&boss, &root, &operator]));
    assert_eq!(people(&operator).await, ids(&[&boss, &stranger, &nobody, &root, &operator]));
    let refused = assign(&app, &boss, &member, json!(stranger.id)).await;
    assert_problem(refused, 422, "invalid_assignee").await;
    for wrong in [&photographer, &client] {
        assert_problem(assign(&app, &operator, &member, json!(wrong.id)).await, 422, "invalid_assignee")
            .await;
    }
    // What is given to them is theirs to see, wherever it comes from.
    assert_eq!(assign(&app, &operator, &other, json!(stranger.id)).await.status(), 200);
    assert_eq!(seen(&stranger).await, BTreeSet::from([other.clone()]));
    assert_eq!(listed(&app, &stranger, "?assigned=me").await, std::slice::from_ref(&other));
    assert_eq!(listed(&app, &operator, "?assigned=none&status=open").await.len(), 2);
    assert_eq!(
        listed(&app, &operator, &format!("?assigned={}&status=in_progress", stranger.id)).await,
        [other]
    );
}

#[tokio::test]
async fn where_there_is_one_studio_its_admin_sees_every_ticket() {
    let app = start().await;
    let boss = app.user(Role::Admin, &[app.studio().await]).await;
    let outside = app.user(Role::Admin, &[]).await;
    let id = ticket(&app, &app.user(Role::Customer, &[]).await).await;
    assert_eq!(listed(&app, &boss, "").await, [id]);
    assert_eq!(listed(&app, &outside, "").await, [] as [String; 0]);
    app.other_studio().await;
    assert_eq!(listed(&app, &boss, "").await, [] as [String; 0]);
}

#[tokio::test]
async fn pages_follow_the_last_change() {
    let app = start().await;
    let (author, operator) = (app.user(Role::Customer, &[]).await, app.user(Role::Operator, &[]).await);
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(ticket(&app, &author).await);
    }
    say(&app, &operator, &ids[1], json!({ "message": "Hello" })).await;
    let expected = [1, 4, 3, 2, 0].map(|at: usize| ids[at].clone());
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get_as(&author, &format!("/api/ticket?limit=2{cursor}")).await;
        walked.extend(
            page["tickets"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, expected);
    for bad in ["x", "1.", "zz.0192f0c17a3b7c4d8e5f001122334455"] {
        let path = format!("/api/ticket?cursor={bad}");
        let refused = app.request(Method::GET, &path).bearer_auth(&author.access_token).send().await.unwrap();
        assert_problem(refused, 422, "invalid_cursor").await;
    }
}

/// Whatever an author can ask, see, hear or be sent is the same before and after the desk's note.
#[tokio::test]
async fn an_internal_note_leaves_no_trace_for_the_author() {
    let app = start().await;
    let (author, operator) = (app.user(Role::Customer, &[]).await, app.user(Role::Operator, &[]).await);
    let (id, later) = (ticket(&app, &author).await, ticket(&app, &author).await);
    let note = Form::new().text("message", "SECRET words").text("is_internal", "true");
    let note = note.part("attachment", Part::text("SECRET file").file_name("SECRET.txt"));
    mails(&app).await;

    let look = async || {
        let mut seen = Vec::new();
        let texts = TABLE.iter().filter(|row| {
            row.method == "GET" && row.path.starts_with("/api/ticket") && !row.path.ends_with("/events")
        });
        for row in texts.filter(|row| matches!(row.who, Who::Roles(roles) if roles.contains(&Role::Customer)))
        {
            if row.path.contains("{attachment_id}") {
                continue;
            }
            let path = row.path.replace("{ticket_id}", &id);
            seen.push((path.clone(), app.get_as(&author, &path).await));
        }
        for query in ["?assigned=none", "?status=open", "?limit=1"] {
            seen.push((query.to_owned(), app.get_as(&author, &format!("/api/ticket{query}")).await));
        }
        seen
    };
    let open =
        async |who: &TestUser, path: &str| Stream::of(app.send_as(who, Method::GET, path, json!({})).await);
    let one = format!("/api/ticket/{id}/events");
    let mut theirs = [open(&author, &one).await, open(&author, "/api/ticket/events").await];
    let mut desk = [open(&operator, &one).await, open(&operator, "/api/ticket/events").await];
    for stream in theirs.iter_mut().chain(&mut desk) {
        assert_eq!(stream.block().await.as_deref(), Some("retry: 3000"));
    }

    let before = look().await;
    let path = format!("/api/ticket/{id}/response");
    let sent =
        app.request(Method::POST, &path).bearer_auth(&operator.access_token).multipart(note).send().await;
    let sent = sent.unwrap();
    assert_eq!(sent.status(), 201);
    let sent: Value = sent.json().await.unwrap();
    assert_eq!(look().await, before);
    let file = sent["attachments"][0]["url"].as_str().expect("has a file").to_owned();
    let stolen = app.request(Method::GET, &file).bearer_auth(&author.access_token).send().await.unwrap();
    assert_problem(stolen, 404, "attachment_not_found").await;
    assert_eq!(mails(&app).await, []);
    assert_eq!(
        listed(&app, &operator, "").await,
        [later.clone(), id.clone()],
        "nor does the desk's order tell"
    );
    let told = json!({ "ticket_id": id });
    for stream in &mut desk {
        assert_eq!(stream.event().await, Some(("ticket".into(), told.clone())));
    }
    for stream in &mut theirs {
        let silence = tokio::time::timeout(Duration::from_secs(2), stream.block()).await;
        assert!(silence.is_err(), "{silence:?}");
    }

    // The desk has it all; what its author does and is answered still says nothing of it.
    let whole = show(&app, &operator, &id).await;
    assert_eq!((&whole["reply_count"], &whole["replies"]), (&json!(1), &json!([sent])));
    let mine = say(&app, &author, &id, json!({ "message": "Hello?" })).await.text().await.unwrap();
    let closed = set(&app, &author, &id, "closed").await.text().await.unwrap();
    for stream in &mut theirs {
        assert_eq!(stream.event().await, Some(("ticket".into(), told.clone())), "what is theirs, they hear");
    }
    let mailed = format!("{:?}", mails(&app).await);
    for text in [mine, closed, mailed, show(&app, &author, &id).await.to_string()] {
        for trace in ["SECRET", sent["id"].as_str().unwrap(), "is_internal\":true"] {
            assert!(!text.contains(trace), "{trace} in {text}");
        }
    }
    let forged = say(&app, &author, &later, json!({ "message": "Mine", "is_internal": true })).await;
    assert_problem(forged, 403, "forbidden").await;
}

#[tokio::test]
async fn mails_go_to_the_other_side_and_say_only_where_to_read() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let root = app.user(Role::SuperAdmin, &[]).await;
    let id = ticket(&app, &author).await;
    assert_eq!(to(&mails(&app).await), BTreeSet::from([root.email.clone()]), "there is no operator yet");

    let (anna, boris) = (app.user(Role::Operator, &[]).await, app.user(Role::Operator, &[]).await);
    say(&app, &author, &id, json!({ "message": "SECRET" })).await;
    let told = mails(&app).await;
    assert_eq!(to(&told), BTreeSet::from([anna.email.clone(), boris.email.clone()]));
    assign(&app, &anna, &id, json!(anna.id)).await;
    say(&app, &author, &id, json!({ "message": "SECRET" })).await;
    assert_eq!(to(&mails(&app).await), BTreeSet::from([anna.email.clone()]), "who has it");
    say(&app, &boris, &id, json!({ "message": "SECRET" })).await;
    let answered = mails(&app).await;
    assert_eq!(to(&answered), BTreeSet::from([author.email.clone()]));
    assert_eq!(answered[0].subject, "Your ticket was answered: Lost photos");
    let link = format!("https://photos.example/dashboard/tickets/{id}");
    assert_eq!(
        answered[0].body,
        format!("Your ticket was answered: Lost photos\n\nRead and answer: {link}\n")
    );
    assert!(!format!("{told:?}{answered:?}").contains("SECRET"));

    // An operator who asks something is not told of it.
    let own = ticket(&app, &boris).await;
    assert_eq!(to(&mails(&app).await), BTreeSet::from([anna.email.clone()]));
    say(&app, &boris, &own, json!({ "message": "Besides" })).await;
    assert_eq!(show(&app, &boris, &own).await["status"], "open", "who asks does not answer");

    let request = app.request(Method::POST, "/api/ticket").bearer_auth(&author.access_token);
    let request =
        request.header("accept-language", "ru").json(&json!({ "subject": "Фото", "message": "Где?" }));
    let made: Value = request.send().await.unwrap().json().await.unwrap();
    mails(&app).await;
    say(&app, &boris, made["id"].as_str().unwrap(), json!({ "message": "Здесь" })).await;
    assert_eq!(mails(&app).await[0].subject, "Ответ на ваше обращение: Фото");
}

#[tokio::test]
async fn streams_end_with_the_sign_in_and_their_places_are_counted() {
    let app = start().await;
    let author = app.user(Role::Customer, &[]).await;
    let id = ticket(&app, &author).await;
    let path = format!("/api/ticket/{id}/events");
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(Stream::of(app.send_as(&author, Method::GET, &path, json!({})).await));
    }
    let full = app.send_as(&author, Method::GET, &path, json!({})).await;
    assert_problem(full, 503, "too_many_streams").await;
    let stranger = app.user(Role::Customer, &[]).await;
    let other = app.send_as(&stranger, Method::GET, &path, json!({})).await;
    assert_problem(other, 404, "ticket_not_found").await;

    let began = std::time::Instant::now();
    assert_eq!(app.send_as(&author, Method::POST, "/api/auth/logout", json!({})).await.status(), 204);
    for stream in &mut open {
        while stream.block().await.is_some() {}
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_admin_hears_of_their_studios_tickets_only() {
    let app = start().await;
    let (here, there): (StudioId, StudioId) = (app.studio().await, app.other_studio().await);
    let boss = app.user(Role::Admin, &[here]).await;
    let ours = app.user(Role::Photographer, &[here]).await;
    let theirs = app.user(Role::Photographer, &[there]).await;
    let mut stream = Stream::of(app.send_as(&boss, Method::GET, "/api/ticket/events", json!({})).await);
    stream.block().await;
    ticket(&app, &theirs).await;
    let id = ticket(&app, &ours).await;
    assert_eq!(stream.event().await, Some(("ticket".into(), json!({ "ticket_id": id }))));
}

#[tokio::test]
async fn a_deleted_ticket_leaves_nothing() {
    let app = start().await;
    let (author, root) = (app.user(Role::Customer, &[]).await, app.user(Role::SuperAdmin, &[]).await);
    let form = Form::new().text("subject", "S").text("message", "M");
    let form = form.part("attachment", Part::text("a note").file_name("a.txt"));
    let made = app.request(Method::POST, "/api/ticket").bearer_auth(&author.access_token).multipart(form);
    let made: Value = made.send().await.unwrap().json().await.unwrap();
    let path = format!("/api/ticket/{}", made["id"].as_str().unwrap());
    assert_problem(app.send_as(&author, Method::DELETE, &path, json!({})).await, 403, "forbidden").await;
    assert_eq!(app.send_as(&root, Method::DELETE, &path, json!({})).await.status(), 204);
    for who in [&author, &root] {
        assert_problem(app.send_as(who, Method::GET, &path, json!({})).await, 404, "ticket_not_found").await;
    }
    assert_problem(app.send_as(&root, Method::DELETE, &path, json!({})).await, 404, "ticket_not_found").await;
    assert_eq!(app.app.blobs.attachments().await.unwrap(), []);
}
