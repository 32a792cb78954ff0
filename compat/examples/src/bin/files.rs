//! Files over HTTP, by crates as published: reqwest sends them from the disk as multipart forms, axum writes what comes, chunk
//! by chunk, and tower-http's `ServeDir` reads it for reqwest to stream back: whole, in part, and not when nothing changed.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::routing::post;
use reqwest::multipart::Form;
use reqwest::{Client, StatusCode, header};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_stream::StreamExt;
use tower_http::services::ServeDir;

const FILES: usize = 10;

/// Many chunks for each of those that pass it on, and no whole number of them.
const SIZE: usize = 3_000_001;

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("compat-files-{}", std::process::id()));
    let (outbox, inbox) = (folder.join("outbox"), folder.join("inbox"));
    fs::create_dir_all(&outbox).await.unwrap();
    fs::create_dir_all(&inbox).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/files", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router(inbox)).await });
    let client = Client::builder().no_proxy().build().unwrap();

    let there_and_back = (0..FILES).map(|number| {
        tokio::spawn(send_and_fetch(
            client.clone(),
            url.clone(),
            outbox.join(format!("{number}.bin")),
            number,
        ))
    });
    for one in there_and_back.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let missing = client.get(format!("{url}/missing.bin")).send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    server.abort();
    fs::remove_dir_all(folder).await.unwrap();
    println!("OK: {FILES} files of {SIZE} bytes, sent as forms and streamed back");
}

fn router(inbox: PathBuf) -> Router {
    Router::new()
        .route("/files", post(receive))
        .layer(DefaultBodyLimit::disable())
        .nest_service("/files/", ServeDir::new(&inbox))
        .with_state(inbox)
}

/// Writes each file of a form as it comes in; answers with what the form says, and how many bytes came.
async fn receive(State(inbox): State<PathBuf>, mut form: Multipart) -> String {
    let (mut note, mut received) = (String::new(), 0);
    while let Some(mut field) = form.next_field().await.unwrap() {
        let Some(name) = field.file_name() else {
            note = field.text().await.unwrap();
            continue;
        };
        let mut file = File::create(inbox.join(name)).await.unwrap();
        while let Some(chunk) = field.chunk().await.unwrap() {
            file.write_all(&chunk).await.unwrap();
            received += chunk.len();
        }
        file.flush().await.unwrap();
    }
    format!("{note}: {received}")
}

async fn send_and_fetch(client: Client, url: String, path: PathBuf, number: usize) {
    // Files that are mixed up would show, and chunks that are.
    let bytes: Vec<u8> = (0..SIZE).map(|at| (at / 251 + at * (number + 1)) as u8).collect();
    fs::write(&path, &bytes).await.unwrap();
    let form = Form::new().text("note", format!("file {number}")).file("content", &path).await.unwrap();
    let answer = client.post(&url).multipart(form).send().await.unwrap().error_for_status().unwrap();
    assert_eq!(answer.text().await.unwrap(), format!("file {number}: {SIZE}"));

    let url = format!("{url}/{}", name_of(&path));
    let whole = client.get(&url).send().await.unwrap().error_for_status().unwrap();
    assert_eq!(whole.content_length(), Some(SIZE as u64));
    let modified = whole.headers()[header::LAST_MODIFIED].clone();
    let mut chunks = whole.bytes_stream();
    let mut back = Vec::new();
    while let Some(chunk) = chunks.next().await {
        back.extend_from_slice(&chunk.unwrap());
    }
    assert!(back == bytes, "file {number} came back with other bytes");

    let part = client.get(&url).header(header::RANGE, "bytes=1000000-1999999").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert!(part.bytes().await.unwrap() == bytes[1_000_000..2_000_000], "another part of file {number}");
    let again = client.get(&url).header(header::IF_MODIFIED_SINCE, modified).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap()
}
