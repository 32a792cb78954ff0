//! axum behind layers of tower-http, as published: concurrent requests, a body that is streamed, and a shutdown
//! that lets a slow answer finish; by hyper-util's client, over TCP and over a Unix socket.
#![forbid(unsafe_code)]

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::routing::{get, post};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

const CLIENTS: usize = 20;
const REQUESTS: usize = 20;
const CHUNKS: usize = 100;

#[tokio::main]
async fn main() {
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = axum::serve(listener, router()).with_graceful_shutdown(async { stopped.await.unwrap() });
    let server = tokio::spawn(async move { server.await.unwrap() });
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let url = move |path: &str| format!("http://{address}{path}");

    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                for request in 0..REQUESTS {
                    let text = format!("{number} {request} ").repeat(2_000);
                    let echo = Request::post(url("/echo")).body(Full::from(text.clone())).unwrap();
                    let response = client.request(echo).await.unwrap();
                    assert_eq!(response.headers()[header::SERVER], "rt");
                    assert_eq!(whole(response).await, text);
                    let double =
                        client.get(url(&format!("/double/{request}")).parse().unwrap()).await.unwrap();
                    assert_eq!(whole(double).await, (2 * request).to_string());
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }

    let mut stream =
        client.get(url("/stream").parse().unwrap()).await.unwrap().into_body().into_data_stream();
    let mut lines = 0;
    while let Some(chunk) = stream.next().await {
        lines += chunk.unwrap().iter().filter(|byte| **byte == b'\n').count();
    }
    assert_eq!(lines, CHUNKS);

    // What the layers do.
    let mut refusal = None;
    for _ in 0..100 {
        let large = Request::post(url("/echo")).body(Full::from(vec![0; 200_000])).unwrap();
        // The server answers and closes without having read the body; who still writes it then may miss the answer,
        // and so may the next request on that connection. Hence a client, and a connection, for this alone.
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        refusal = client.request(large).await.ok();
        if refusal.is_some() {
            break;
        }
    }
    assert_eq!(refusal.expect("an answer at last").status(), StatusCode::PAYLOAD_TOO_LARGE);
    let late = client.get(url("/never").parse().unwrap()).await.unwrap();
    assert_eq!(late.status(), StatusCode::GATEWAY_TIMEOUT);

    over_a_unix_socket().await;

    // One request is under way when the server is told to stop.
    let slow = tokio::spawn(client.get(url("/slow").parse().unwrap()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(client);
    stop.send(()).unwrap();
    assert_eq!(whole(slow.await.unwrap().unwrap()).await, "late");
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap();
    println!("OK: {} requests, a stream, layers, a Unix socket, a graceful end", 2 * CLIENTS * REQUESTS);
}

fn router() -> Router {
    Router::new()
        .route("/echo", post(async |body: Bytes| body))
        .route("/double/{number}", get(async |Path(number): Path<u64>| (2 * number).to_string()))
        .route("/stream", get(stream))
        .route("/slow", get(after::<300>))
        .route("/never", get(after::<60_000>))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(2)))
        .layer(RequestBodyLimitLayer::new(100_000))
        .layer(SetResponseHeaderLayer::overriding(header::SERVER, HeaderValue::from_static("rt")))
}

async fn stream() -> Body {
    let (sender, receiver) = mpsc::channel::<Result<String, std::io::Error>>(2);
    tokio::spawn(async move {
        for number in 0..CHUNKS {
            sender.send(Ok(format!("{number}\n"))).await.unwrap();
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

async fn after<const MILLIS: u64>() -> &'static str {
    tokio::time::sleep(Duration::from_millis(MILLIS)).await;
    "late"
}

async fn over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("compat-axum-{}", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router()).await });
    let socket = TokioIo::new(UnixStream::connect(&path).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(socket).await.unwrap();
    tokio::spawn(connection);
    let request =
        Request::get("/double/21").header(header::HOST, "unix").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(whole(sender.send_request(request).await.unwrap()).await, "42");
    server.abort();
    std::fs::remove_file(&path).unwrap();
}

async fn whole(response: Response<Incoming>) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
