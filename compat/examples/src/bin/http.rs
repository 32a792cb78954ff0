//! HTTP by hyper, as published: a server behind layers of tower, concurrent and streaming requests, and a graceful
//! shutdown that lets a slow answer finish.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body_util::{BodyExt, BodyStream, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tower::{ServiceBuilder, service_fn};

const CONNECTIONS: usize = 20;
const REQUESTS: usize = 10;
const CHUNKS: usize = 50;

type Body = BoxBody<Bytes, Infallible>;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(serve(listener, stopped));

    let clients: Vec<_> = (0..CONNECTIONS).map(|number| tokio::spawn(load(address, number))).collect();
    for client in clients {
        client.await.unwrap();
    }
    let mut sender = connect(address).await;
    let response = sender.send_request(get("/stream")).await.unwrap();
    let mut chunks = BodyStream::new(response.into_body());
    let mut lines = 0;
    while let Some(frame) = chunks.next().await {
        let data = frame.unwrap().into_data().unwrap();
        lines += data.iter().filter(|byte| **byte == b'\n').count();
    }
    assert_eq!(lines, CHUNKS);

    // One request is under way when the server is told to stop.
    let mut sender = connect(address).await;
    let slow = tokio::spawn(async move { sender.send_request(get("/slow")).await.unwrap().status() });
    sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    assert_eq!(slow.await.unwrap(), StatusCode::OK);
    timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap();
    TcpStream::connect(address).await.unwrap_err();
    println!("OK");
}

async fn serve(listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            _ = &mut stopped => break,
        };
        let service = ServiceBuilder::new().timeout(Duration::from_secs(20)).service(service_fn(answer));
        let connection =
            server::Builder::new().serve_connection(TokioIo::new(socket), TowerToHyperService::new(service));
        let watched = graceful.watch(connection);
        tokio::spawn(async move { watched.await.unwrap() });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = match path.as_str() {
        "/stream" => {
            let (sender, receiver) = mpsc::channel(2);
            tokio::spawn(async move {
                for number in 0..CHUNKS {
                    sender.send(Ok(Frame::data(Bytes::from(format!("{number}\n"))))).await.unwrap();
                }
            });
            BodyExt::boxed(StreamBody::new(ReceiverStream::new(receiver)))
        }
        "/slow" => {
            sleep(Duration::from_millis(300)).await;
            Full::from("late").boxed()
        }
        "/echo" => Full::from(request.into_body().collect().await.unwrap().to_bytes()).boxed(),
        _ => {
            let missing = Response::builder().status(StatusCode::NOT_FOUND);
            return Ok(missing.body(Full::default().boxed()).unwrap());
        }
    };
    Ok(Response::new(body))
}

async fn connect(address: SocketAddr) -> client::SendRequest<Full<Bytes>> {
    let socket = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = client::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).header("host", "localhost").body(Full::default()).unwrap()
}

/// Sends one request after another, and checks what comes back.
async fn load(address: SocketAddr, number: usize) {
    let mut sender = connect(address).await;
    for request in 0..REQUESTS {
        let text = format!("{number} {request} ").repeat(5_000);
        let echo = Request::post("/echo").header("host", "localhost").body(Full::from(text.clone())).unwrap();
        let response = sender.send_request(echo).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), text);
    }
    sender.ready().await.unwrap();
    assert_eq!(sender.send_request(get("/nowhere")).await.unwrap().status(), StatusCode::NOT_FOUND);
}
