//! Clients of the systems that Pixora took over from: their spellings, and that nothing of what they say is passed over.

use pixora::domain::{PhotoSessionId, Role, UserId};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    helpers::{PASSWORD, TestApp, TestUser, assert_problem, start},
    uploads::jpeg,
};

async fn answer(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status, "{}", response.url());
    response.json().await.expect("JSON")
}

async fn photographer(app: &TestApp) -> TestUser {
    app.user(Role::Photographer, &[app.studio().await]).await
}

fn order() -> Value {
    json!({
        "title": "Autumn", "description": "The poster", "targetUrl": "https://example.com/autumn",
        "totalAmount": "150000", "geo": { "country": "Россия" }, "deadline": "2099-12-31", "platform": "Telegram",
    })
}

#[tokio::test]
async fn a_session_asked_for_in_the_old_spelling_is_as_it_was_asked_for() {
    let app = start().await;
    let user = photographer(&app).await;
    let client = app.user(Role::Customer, &[]).await.id;
    let old = json!({ "name": "Wedding", "scheduledAt": "2026-06-20", "facepassEnabled": false, "clientId": client });
    let session = answer(app.send_as(&user, Method::POST, "/api/photo-sessions", old).await, 201).await;
    assert_eq!(
        (&session["facepass_enabled"], &session["client_id"], &session["scheduled_at"]),
        (&json!(false), &json!(client), &json!("2026-06-20T00:00:00.000000+00:00"))
    );
    let path = format!("/api/photo-sessions/{}", session["id"].as_str().unwrap());
    let change = json!({ "facepassEnabled": true, "scheduledAt": "2026-06-20T17:30", "clientId": null });
    let changed = answer(app.send_as(&user, Method::PATCH, &path, change).await, 200).await;
    assert_eq!(
        (&changed["facepass_enabled"], &changed["client_id"], &changed["scheduled_at"]),
        (&json!(true), &Value::Null, &json!("2026-06-20T17:30:00.000000+00:00"))
    );
}

#[tokio::test]
async fn a_client_can_be_changed_and_cannot_be_invented() {
    let app = start().await;
    let user = photographer(&app).await;
    let session =
        answer(app.send_as(&user, Method::POST, "/api/photo-sessions", json!({ "name": "A" })).await, 201);
    let path = format!("/api/photo-sessions/{}", session.await["id"].as_str().unwrap());
    let (client, colleague) = (app.user(Role::Customer, &[]).await.id, photographer(&app).await.id);
    let patch = async |id: UserId| app.send_as(&user, Method::PATCH, &path, json!({ "client_id": id })).await;
    assert_eq!(answer(patch(client).await, 200).await["client_id"], json!(client));
    for nobody in [UserId::generate(), colleague] {
        assert_problem(patch(nobody).await, 422, "unknown_client").await;
        let new = json!({ "name": "B", "client_id": nobody });
        assert_problem(
            app.send_as(&user, Method::POST, "/api/photo-sessions", new).await,
            422,
            "unknown_client",
        )
        .await;
    }
    assert_eq!(
        app.get_as(&user, &path).await["client_id"],
        json!(client),
        "what was refused changed nothing"
    );
}

#[tokio::test]
async fn an_order_in_the_old_spelling_loses_nothing() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let send = async |body: Value| app.send_as(&customer, Method::POST, "/api/orders", body).await;
    let image = async || {
        let form = Form::new().part("image", Part::bytes(jpeg(1)).file_name("a.jpg"));
        let request = app.request(Method::POST, "/api/images").bearer_auth(&customer.access_token);
        answer(request.multipart(form).send().await.unwrap(), 201).await["image_url"].clone()
    };
    let (plain, with_code) = (image().await, image().await);
    let mut old = order();
    old["imageUrl"] = plain.clone();
    old["processedImageUrl"] = with_code.clone();
    old["qrCodeUrl"] = json!("data:image/png;base64,AAAA");
    old["customerId"] = json!(UserId::generate());
    let placed = answer(send(old).await, 201).await;
    assert_eq!(placed["total_amount"], 150_000);
    assert_eq!(placed["deadline"], "2099-12-31T23:59:59.000000+00:00", "the whole day");
    assert_eq!(placed["platforms"], json!(["Telegram"]));
    assert_eq!(placed["image_url"], with_code);
    assert_eq!(placed["qr_code_url"], "data:image/png;base64,AAAA");
    assert_eq!(placed["customer_id"], json!(customer.id));
    let shown = app.get_as(&customer, &format!("/api/orders/{}", placed["id"].as_str().unwrap())).await;
    assert_eq!(shown["qr_code_url"], placed["qr_code_url"]);

    let mut foreign = order();
    foreign["processedImageUrl"] = json!("https://elsewhere.example/a.jpg");
    assert_problem(send(foreign).await, 422, "foreign_image_url").await;
    let mut empty = order();
    empty["totalAmount"] = json!(" ");
    empty["platform"] = json!(null);
    let problem = assert_problem(send(empty).await, 400, "placement_incomplete").await;
    assert_eq!(problem["fields"], json!(["total_amount", "platforms"]));
}

#[tokio::test]
async fn a_picture_to_process_that_is_missing_is_an_incomplete_form() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let request = || {
        let request = app.request(Method::POST, "/api/images/process").bearer_auth(&customer.access_token);
        request.header("accept-language", "ru")
    };
    let form = |form: Form| request().multipart(form).send();
    for (response, fields) in [
        (request().json(&json!({})).send().await, json!(["image", "target_url"])),
        (request().json(&json!({ "targetUrl": "https://example.com" })).send().await, json!(["image"])),
        (form(Form::new().text("targetUrl", "https://example.com")).await, json!(["image"])),
        (form(Form::new().part("image", Part::bytes(jpeg(1)))).await, json!(["target_url"])),
    ] {
        let problem = assert_problem(response.unwrap(), 400, "placement_incomplete").await;
        assert_eq!((&problem["error"], &problem["fields"]), (&json!("Не все поля заполнены"), &fields));
    }
}

#[tokio::test]
async fn what_an_address_does_not_know_is_refused_by_its_name() {
    let app = start().await;
    let session = app.session().await;
    let user = app.user(Role::SuperAdmin, &[app.studio().await]).await;
    let customer = app.user(Role::Customer, &[]).await;
    let handoff = app.request(Method::POST, "/api/session/create").json(&json!({ "type": "upload" }));
    let handoff = answer(handoff.send().await.unwrap(), 201).await["id"].as_str().unwrap().to_owned();
    for (user, method, path, body, field) in [
        (
            &user,
            Method::POST,
            "/api/photo-sessions".to_owned(),
            json!({ "name": "A", "facepas": 1 }),
            "facepas",
        ),
        (&user, Method::PATCH, format!("/api/photo-sessions/{session}"), json!({ "nmae": "A" }), "nmae"),
        (
            &user,
            Method::POST,
            format!("/api/photo-sessions/{session}/ledger"),
            json!({ "files": [{ "name": "a" }] }),
            "files.0.name",
        ),
        (
            &user,
            Method::POST,
            "/api/auth/login".into(),
            json!({ "login": "a", "password": "b", "remember": true }),
            "remember",
        ),
        (
            &user,
            Method::POST,
            "/api/ticket".into(),
            json!({ "subject": "a", "message": "b", "is_internal": true }),
            "is_internal",
        ),
        (
            &user,
            Method::PUT,
            format!("/api/session/{handoff}"),
            json!({ "somethingElse": 1 }),
            "somethingElse",
        ),
        (
            &user,
            Method::POST,
            format!("/api/session/{handoff}/photos"),
            json!({ "photo_data": "", "caption": 1 }),
            "caption",
        ),
        (
            &user,
            Method::POST,
            format!("/api/v1/sessions/{session}/consents"),
            json!({ "version": "1", "language": "en", "name": 1 }),
            "name",
        ),
        (&customer, Method::POST, "/api/orders".into(), json!({ "draft": true, "coupon": "x" }), "coupon"),
        (&customer, Method::POST, "/api/images/process".into(), json!({ "picture": "x" }), "picture"),
    ] {
        let problem =
            assert_problem(app.send_as(user, method, &path, body).await, 422, "unknown_field").await;
        assert_eq!(problem["field"], field, "{path}");
    }
    let form = Form::new().text("subject", "a").text("message", "b").text("isInternal", "true");
    let form = app.request(Method::POST, "/api/ticket").bearer_auth(&user.access_token).multipart(form);
    let problem = assert_problem(form.send().await.unwrap(), 422, "unknown_field").await;
    assert_eq!(problem["field"], "is_internal", "a reply's, not a ticket's");
}

#[tokio::test]
async fn a_parameter_that_an_address_does_not_know_is_refused_by_its_name() {
    let app = start().await;
    let session = app.session().await;
    let user = app.user(Role::SuperAdmin, &[app.studio().await]).await;
    let get = async |path: &str| app.send_as(&user, Method::GET, path, json!({})).await;
    for path in [
        "/api/photo-sessions?state=active",
        "/api/shop/orders?limit=1&status=paid&buyer=Anna",
        "/api/auth/me?verbose=1",
        &format!("/api/v1/sessions/{session}/photos?page=2"),
    ] {
        let problem = assert_problem(get(path).await, 422, "unknown_parameter").await;
        assert!(
            ["state", "buyer", "verbose", "page"].contains(&problem["parameter"].as_str().unwrap()),
            "{path}"
        );
    }
    for path in [
        "/api/photo-sessions?status=active&limit=1",
        &format!("/api/shop/orders?limit=1&sessionId={session}"),
        &format!("/session/{session}?utm_source=a"),
        &format!("/api/v1/sessions/{session}/interface?utm_source=a"),
    ] {
        assert_eq!(get(path).await.status(), 200, "{path}");
    }
}

/// The old systems wrote camel case, and every field of two words is taken so: a field without an alias is one that
/// an old client would be refused.
#[test]
fn every_field_of_two_words_is_taken_in_camel_case_too() {
    let mut checked = 0;
    for file in walkdir::WalkDir::new("src/http").into_iter().flatten().filter(|f| f.file_type().is_file()) {
        let text = std::fs::read_to_string(file.path()).expect("is readable");
        for shape in text.split("#[derive(").skip(1) {
            let Some((derived, rest)) = shape.split_once(")]") else { continue };
            let Some((head, fields)) = rest.split_once('{') else { continue };
            if !derived.split(", ").any(|it| it == "Deserialize") || !head.contains("struct ") {
                continue;
            }
            let mut attributes = String::new();
            for line in fields.lines().take_while(|line| !line.starts_with('}')) {
                let line = line.trim();
                let name = line.trim_start_matches("pub ").split(':').next().unwrap_or_default();
                let is_field = !line.starts_with(['#', '/']) && line.ends_with(',') && line.contains(": ");
                if !is_field {
                    attributes.push_str(line);
                    continue;
                }
                if name.contains('_') && !name.contains(' ') {
                    let mut camel = String::new();
                    for (number, word) in name.split('_').enumerate() {
                        let (first, rest) = word.split_at(1);
                        camel += &if number == 0 { word.to_owned() } else { first.to_uppercase() + rest };
                    }
                    let alias = format!("alias = \"{camel}\"");
                    assert!(attributes.contains(&alias), "{}: {name} lacks {alias}", file.path().display());
                    checked += 1;
                }
                attributes.clear();
            }
        }
    }
    assert!(checked > 30, "the shapes are found: {checked}");
}

#[tokio::test]
async fn a_packed_body_is_refused_and_not_misread() {
    let app = start().await;
    let user = photographer(&app).await;
    let send = |encoding: &'static str| {
        let request = app.request(Method::POST, "/api/photo-sessions").bearer_auth(&user.access_token);
        request.json(&json!({ "name": "A" })).header("content-encoding", encoding).send()
    };
    for encoding in ["gzip", "br", "zstd", "identity, gzip"] {
        let refused = send(encoding).await.unwrap();
        assert_eq!(refused.headers()["accept-encoding"], "identity");
        assert_problem(refused, 415, "unsupported_encoding").await;
    }
    assert_eq!(send("identity").await.unwrap().status(), 201);
}

#[tokio::test]
async fn the_old_addresses_of_tickets_lead_to_todays() {
    let app = start().await;
    let user = app.user(Role::Customer, &[]).await;
    let id = PhotoSessionId::generate();
    for (old, today) in [
        ("/dashboard/tickets-new".to_owned(), "/dashboard/tickets/new".to_owned()),
        (format!("/dashboard/tickets-new/{id}"), format!("/dashboard/tickets/{id}")),
    ] {
        let answer = app.send_as(&user, Method::GET, &old, json!({})).await;
        assert_eq!(answer.status(), 308, "{old}");
        assert_eq!(answer.headers()["location"], today.as_str());
    }
}

#[tokio::test]
async fn the_page_of_a_new_order_says_who_may_create_one() {
    let app = start().await;
    let user = photographer(&app).await;
    let page = app.request(Method::GET, "/dashboard/customer/create-order").bearer_auth(&user.access_token);
    let page = page.header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 403);
    assert!(page.text().await.unwrap().contains("data-code=\"customers_only\""));
    let words = std::fs::read_to_string("locales/ru/pages/guest_error.json").expect("is readable");
    assert!(words.contains("\"error.customers_only.title\": \"Только заказчики могут создавать задания\""));
    let words = std::fs::read_to_string("locales/ru/pages/dashboard_placements.json").expect("is readable");
    assert!(words.contains("\"Заказ успешно создан!\""));
}

#[tokio::test]
async fn a_form_says_of_its_photos_what_a_resumable_upload_says() {
    let app = start().await;
    let session = app.session().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    let path = format!("/api/photo-sessions/{session}/photos");
    let send = async |form: Form| {
        let request = app.request(Method::POST, &path).bearer_auth(&user.access_token);
        request.multipart(form).send().await.unwrap()
    };
    let photo = |number| Part::bytes(jpeg(number)).file_name("a.jpg");
    let before = Form::new().text("guest_id", "table 7").text("is_selected", "false").part("photo", photo(1));
    let behind = Form::new().part("photo", photo(2)).text("isSelected", "0").text("guestId", "table 8");
    for (form, guest) in [(before, "table 7"), (behind, "table 8")] {
        let sent = answer(send(form).await, 200).await;
        let id = sent["results"][0]["photo_id"].clone();
        let photos = app.get_as(&user, &path).await["photos"].clone();
        let photo =
            photos.as_array().unwrap().iter().find(|photo| photo["photo_id"] == id).expect("is there");
        assert_eq!(
            (&photo["guest_id"], &photo["is_selected"], &photo["photo_session_id"]),
            (&json!(guest), &json!(false), &json!(session))
        );
    }
    for (field, value) in [("is_selected", "perhaps"), ("guest_id", &*"x".repeat(201))] {
        let refused = send(Form::new().text(field, value.to_owned()).part("photo", photo(3))).await;
        assert_eq!(assert_problem(refused, 422, "malformed_body").await["field"], field);
    }
}

#[tokio::test]
async fn a_login_of_digits_alone_finds_its_account() {
    let app = start().await;
    let new = pixora::accounts::NewUser {
        email: None,
        phone: Some("+49 30 1234567".into()),
        name: "Anna".into(),
        role: Role::Customer,
        password: PASSWORD.into(),
        studios: Vec::new(),
    };
    app.app.accounts.add_user(new).await.expect("is made");
    for login in ["49301234567", " 49 30 1234567 ", "+49 30 1234567"] {
        let body = json!({ "login": login, "password": PASSWORD });
        let signed_in = app.request(Method::POST, "/api/auth/login").json(&body).send().await.unwrap();
        assert_eq!(signed_in.status(), 200, "{login}");
    }
}
